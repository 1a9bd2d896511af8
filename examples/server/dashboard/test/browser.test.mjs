// The pages in a real browser, against a running demo: LOGISTICS_SERVER_BIN is the server to start,
// CHROMIUM the browser, LOGISTICS_ARTIFACTS the folder for screenshots.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { bundle } from "./bundle.mjs";
import { startBrowser, startServer } from "./harness.mjs";

let server;
let browser;
before(async () => {
  server = await startServer();
  browser = await startBrowser();
}, { timeout: 120_000 });
after(async () => {
  await browser?.stop();
  await server?.stop();
  if (browser) console.log(`screenshots: ${browser.artifacts}`);
});

const look = (page, name) => page.evaluate((member) => window.__logistics[member](), name);
const alive = (page, partners = 50) =>
  page.waitForFunction((wanted) => {
    const seen = window.__logistics;
    return seen?.connection() === "live" && seen.partners() >= wanted && seen.zones() > 0 && seen.frames() > 2 && document.querySelector("#list-shipments .row");
  }, partners, { timeout: 60_000 });
const clean = (opened) => {
  assert.deepEqual(opened.said, [], "the console is free of errors and warnings");
  assert.deepEqual(opened.elsewhere(), [], "nothing is requested from another host");
};

/** How many different colours a part of the page shows: a blank map has one or two. */
async function colours(page, clip) {
  const png = (await page.screenshot({ clip })).toString("base64");
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
    return new Set(pixels).size;
  }, png);
}

describe("list", () => {
  it("keeps a row and its focus while others come, go and change", async () => {
    const opened = await browser.open("about:blank");
    const seen = await opened.page.evaluate(async (url) => {
      const { List } = await import(url);
      const list = new List(document.body, {
        label: "letters", empty: "none", key: (text) => text[0], href: (text) => `#${text}`, stamp: (text) => text, draw: (text) => [new Text(text)],
      });
      const rows = () => [...document.querySelectorAll("a.row")];
      list.set(["a", "b", "c", "d"]);
      const row = rows()[2];
      row.focus();
      const steps = [["a", "c", "d"], ["c", "d"], ["e", "f", "c2", "d"], ["e", "c2"], ["c2", "e", "g", "g"]];
      return steps.map((values) => {
        list.set(values);
        return [rows().map((each) => each.textContent), document.activeElement === row];
      });
    }, await bundle("list.ts"));
    assert.deepEqual(seen, [
      [["a", "c", "d"], true], [["c", "d"], true], [["e", "f", "c2", "d"], true], [["e", "c2"], true], [["c2", "e", "g"], true],
    ]);
    clean(opened);
    await opened.close();
  });
});

describe("dashboard", () => {
  it("shows zones, partners that move, figures and shipments", async () => {
    const opened = await browser.open(server.dashboard);
    const { page } = opened;
    await alive(page);
    assert.ok(await colours(page, { x: 420, y: 60, width: 900, height: 780 }) > 40, "the map is drawn");
    const first = new Map((await look(page, "positions")).map(([id, lon, lat]) => [id, [lon, lat]]));
    await page.waitForTimeout(8000);
    const second = await look(page, "positions");
    const moved = second.filter(([id, lon, lat]) => first.has(id) && Math.hypot(lon - first.get(id)[0], lat - first.get(id)[1]) > 1e-5);
    assert.ok(moved.length >= 10, `${moved.length} of ${second.length} markers moved in 8 s`);
    assert.match(await page.locator(".card strong").first().innerText(), /^(\d+%|–)$/);
    await browser.shot(page, "desktop-light");
    clean(opened);
    await opened.close();
  });

  it("opens a shipment's timeline, travels in time, and follows deep links", async () => {
    const opened = await browser.open(server.dashboard);
    const { page } = opened;
    await alive(page);
    const rows = page.locator("#list-shipments .row");
    // The older a row the longer its story; but the oldest leave the list as orders arrive.
    const id = await rows.nth(Math.floor(await rows.count() / 2)).getAttribute("data-key");
    const row = page.locator(`#list-shipments .row[data-key="${id}"]`);
    await row.focus();
    await page.waitForTimeout(4000);
    assert.ok(await row.evaluate((link) => link === document.activeElement), "the list changes, the focus stays");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".drawer .event");
    assert.equal(new URL(page.url()).hash, `#/shipments/${encodeURIComponent(id)}`);
    const events = await page.locator(".drawer .event").count();
    assert.ok(events >= 1);
    assert.equal(await page.locator(".drawer .event").last().getAttribute("data-type"), "ShipmentCreated");
    const slider = page.locator(".travel input");
    if (await slider.isVisible()) {
      await slider.focus();
      await page.keyboard.press("Home");
      await page.waitForSelector(".past-note");
      assert.match(await page.locator(".travel-label").innerText(), /^Version 1 of \d+$/);
      await browser.shot(page, "time-travel");
    }
    await page.keyboard.press("Escape");
    await page.waitForSelector("#drawer", { state: "hidden" });
    assert.equal(new URL(page.url()).hash, "");
    clean(opened);
    await opened.close();

    const linked = await browser.open(`${server.dashboard}#/shipments/${encodeURIComponent(id)}`);
    await linked.page.waitForSelector(".drawer .event");
    await browser.shot(linked.page, "shipment");
    clean(linked);
    await linked.close();
  });

  it("shows a partner's trail and stops, and lists alerts", async () => {
    const opened = await browser.open(server.dashboard);
    const { page } = opened;
    await alive(page);
    await page.locator("#tab-partners").click();
    await page.locator("#list-partners .row").first().waitFor();
    await page.locator("#list-partners .chip", { hasText: "On route" }).click();
    await page.locator("#list-partners .row").first().click();
    await page.waitForSelector(".drawer .facts");
    await page.waitForTimeout(2500);
    await browser.shot(page, "partner");
    await page.keyboard.press("Escape");
    await page.locator("#tab-partners").focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.locator("#tab-alerts").getAttribute("aria-selected"), "true");
    await browser.shot(page, "alerts");
    clean(opened);
    await opened.close();
  });

  it("says that the connection is lost, comes back, and asks for what it missed", async () => {
    const joined = [];
    const prepare = (page) => page.routeWebSocket("**/v1/live", (socket) => {
      const upstream = socket.connectToServer();
      socket.onMessage((text) => {
        joined.push({ message: JSON.parse(text), cut: async () => { await upstream.close(); await socket.close({ code: 1013 }); } });
        upstream.send(text);
      });
    });
    const opened = await browser.open(server.dashboard, { prepare });
    const { page } = opened;
    await alive(page);
    const state = () => page.locator("#connection").getAttribute("data-state");
    assert.equal(await state(), "live");
    assert.equal(joined[0].message.from_rev, undefined);
    const rev = await look(page, "rev");
    await page.evaluate(() => {
      window.statesSeen = [];
      const button = document.querySelector("#connection");
      new MutationObserver(() => window.statesSeen.push(button.dataset.state)).observe(button, { attributes: true });
    });
    await joined[0].cut();
    await page.waitForFunction(() => window.statesSeen.includes("waiting") && window.statesSeen.at(-1) === "live", null, { timeout: 20_000 });
    assert.ok(joined[1].message.from_rev >= rev);
    clean(opened);
    await opened.close();
  });

  it("is dark when the system is, and by its toggle", async () => {
    const opened = await browser.open(server.dashboard, { colorScheme: "dark" });
    const { page } = opened;
    await alive(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.querySelector("#panel")).backgroundColor);
    const dark = await ground();
    await page.waitForTimeout(1500);
    await browser.shot(page, "desktop-dark");
    await page.locator("#theme").click();
    assert.notEqual(await ground(), dark);
    await page.reload();
    await alive(page);
    assert.notEqual(await ground(), dark, "the choice is kept");
    clean(opened);
    await opened.close();
  });

  it("fits a phone", async () => {
    const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
    for (const colorScheme of ["light", "dark"]) {
      const opened = await browser.open(server.dashboard, { ...phone, colorScheme });
      const { page } = opened;
      await alive(page);
      await page.waitForTimeout(1000);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing overflows sideways");
      await browser.shot(page, `phone-${colorScheme}`);
      await page.locator("#list-shipments .row").first().tap();
      await page.waitForSelector(".drawer .event");
      await page.waitForTimeout(900);
      await browser.shot(page, `phone-shipment-${colorScheme}`);
      clean(opened);
      await opened.close();
    }
  });
});

describe("tracking page", () => {
  it("tells the customer where the delivery stands", async () => {
    const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
    for (const [name, options] of [["desktop", {}], ["phone-dark", { ...phone, colorScheme: "dark" }]]) {
      const opened = await browser.open(server.tracking, options);
      const { page } = opened;
      await page.waitForSelector('#main[aria-busy="false"]');
      assert.ok((await page.locator("#headline").innerText()).length > 5);
      await page.locator("#history .event").first().waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      await page.waitForTimeout(2500);
      await browser.shot(page, `tracking-${name}`);
      clean(opened);
      await opened.close();
    }
  });

  it("is kind about a link that it does not know", async () => {
    const opened = await browser.open(new URL("/t/no-such-token", server.tracking).href);
    await opened.page.waitForSelector('#main[aria-busy="false"]');
    assert.match(await opened.page.locator("#headline").innerText(), /do not know this link/);
    await browser.shot(opened.page, "tracking-unknown");
    assert.deepEqual(opened.elsewhere(), []);
    await opened.close();
  });
});
