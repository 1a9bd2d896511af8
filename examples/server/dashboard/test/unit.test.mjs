// The parts that need no browser, bundled on the fly: geometry, motion, words and times.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bundle } from "./bundle.mjs";

const load = async (name) => import(await bundle(name));
const geometry = await load("geometry.ts");
const { Motion, at } = await load("motion.ts");
const words = await load("words.ts");
const time = await load("time.ts");

describe("geometry", () => {
  it("comes back from Mercator", () => {
    for (const [lon, lat] of [[73.8567, 18.5204], [-179.9, -60], [0, 0], [12.5, 80]]) {
      assert.ok(Math.abs(geometry.lonOf(geometry.mercatorX(lon)) - lon) < 1e-9);
      assert.ok(Math.abs(geometry.latOf(geometry.mercatorY(lat)) - lat) < 1e-9);
    }
  });
  it("puts a label inside a zone whose middle is outside", () => {
    const u = [[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [1, 1], [1, 3], [0, 3], [0, 0]];
    const { lon, lat } = geometry.labelPoint({ type: "Polygon", coordinates: [u] });
    assert.ok(lat < 1 || lon < 1 || lon > 2, `${lon}, ${lat}`);
    assert.ok(lon > 0 && lon < 3 && lat > 0 && lat < 3);
  });
});

describe("motion", () => {
  const fix = (lon, ts, more = {}) => ({ lon, lat: 18.5, ts, speed_mps: 8, bearing_deg: 90, ...more });
  const lonNow = (motion, now) => geometry.lonOf(at(motion.tracks.get("DP-1"), now)[0]);
  it("glides to the newest fix and stops there", () => {
    const motion = new Motion();
    motion.place("DP-1", "green", fix(73.8, 0), 0);
    motion.place("DP-1", "green", fix(73.801, 4000), 1000);
    let last = 73.8;
    for (let now = 1000; now < 9000; now += 250) {
      const lon = lonNow(motion, now);
      assert.ok(lon >= last - 1e-9 && lon <= 73.801 + 1e-9);
      last = lon;
    }
    assert.ok(Math.abs(last - 73.801) < 1e-9);
  });
  it("never jumps when a fix comes in the middle of a glide", () => {
    const motion = new Motion();
    motion.place("DP-1", "green", fix(73.8, 0), 0);
    motion.place("DP-1", "green", fix(73.801, 4000), 0);
    const before = lonNow(motion, 2000);
    motion.place("DP-1", "green", fix(73.802, 6000), 2000);
    assert.ok(Math.abs(lonNow(motion, 2000) - before) < 1e-9);
  });
  it("leaves the marker alone for a fix from the past, and jumps for one from far away", () => {
    const motion = new Motion();
    motion.place("DP-1", "green", fix(73.8, 5000), 0);
    motion.place("DP-1", "green", fix(73.7, 1000), 10);
    assert.ok(Math.abs(lonNow(motion, 20_000) - 73.8) < 1e-9);
    motion.place("DP-1", "green", fix(74.5, 9000), 20);
    assert.ok(Math.abs(lonNow(motion, 20) - 74.5) < 1e-9);
  });
});

describe("words", () => {
  const event = (type, data = {}) => ({ type, data });
  it("knows the events of the log, and makes do with others", () => {
    assert.equal(words.eventWords(event("DeliveryConfirmed")).status, "delivered");
    assert.equal(words.eventWords(event("HubDeparted")).status, "in_transit");
    assert.equal(words.eventWords(event("BagSealedAgain")).text, "Bag sealed again");
    assert.equal(words.eventWords(event("BagSealedAgain")).status, undefined);
  });
  it("names an actor whatever its shape", () => {
    assert.equal(words.actorWords("partner:DP-7"), "partner DP-7");
    assert.equal(words.actorWords({ kind: "partner", id: "DP-7" }), "partner DP-7");
    assert.equal(words.actorWords({ partner: "DP-7" }), "partner DP-7");
    assert.equal(words.actorWords(null), "unknown");
  });
});

describe("times", () => {
  it("says a promise in the zone it was made in", () => {
    const noon = new Date(Date.UTC(2026, 10, 23, 6, 30));
    assert.equal(time.timeIn(noon, "Asia/Kolkata"), "12:00");
    assert.equal(time.dayInWords(noon, "Asia/Kolkata", noon), "Today");
    assert.equal(time.dayInWords(noon, "Asia/Kolkata", new Date(noon.getTime() - 86_400_000)), "Tomorrow");
  });
  it("falls back to the reader's zone for an unknown one", () => {
    assert.equal(time.validZone("Mars/Olympus"), time.localZone());
    assert.equal(time.validZone("Asia/Kolkata"), "Asia/Kolkata");
  });
  it("counts backwards in plain steps", () => {
    assert.deepEqual([0, 30, 90, 7200, 200_000].map((s) => time.ago(0, s * 1000)), ["now", "30 s", "1 min", "2 h", "2 d"]);
  });
});
