/** The public tracking page: what a customer asks, in the customer's words and the promise's time zone. */
import "maplibre-gl/dist/maplibre-gl.css";
import "./style/base.css";
import "./style/detail.css";
import "./style/track.css";
import * as api from "./api";
import type { Position, ShipmentStatus, Tracking } from "./contract";
import { byId, h, setText } from "./dom";
import * as theme from "./theme";
import { ago, dayInWords, timeIn, validZone, windowInWords, zoneInWords } from "./time";
import type { TrackMap } from "./trackmap";

const EVERY_MS = 10_000;
const STEPS = ["Ordered", "Picked up", "On its way", "Out for delivery", "Delivered"];
const WORDS: Record<ShipmentStatus, { headline: string; step: number }> = {
  created: { headline: "We have your order", step: 0 },
  picked_up: { headline: "Your parcel is with us", step: 1 },
  in_transit: { headline: "Your parcel is on its way", step: 2 },
  at_hub: { headline: "Your parcel is near you", step: 2 },
  assigned: { headline: "A courier will bring it", step: 2 },
  out_for_delivery: { headline: "Out for delivery", step: 3 },
  attempt_failed: { headline: "We missed you", step: 3 },
  with_carrier: { headline: "Another carrier brings it", step: 2 },
  rto_pending: { headline: "It goes back to the sender", step: -1 },
  rto_in_transit: { headline: "On its way back to the sender", step: -1 },
  delivered: { headline: "Delivered", step: 4 },
  cancelled: { headline: "This delivery was cancelled", step: -1 },
  rto_delivered: { headline: "Back with the sender", step: -1 },
  lost: { headline: "We cannot find your parcel", step: -1 },
  damaged: { headline: "Your parcel was damaged", step: -1 },
};

theme.start(byId("theme"));
const token = decodeURIComponent(location.pathname.split("/")[2] ?? "");
let map: TrackMap | null = null;
let mapAsked = false;
let readAt = 0;
let timer: number | undefined;
let finished = false;

async function poll(): Promise<void> {
  window.clearTimeout(timer);
  try {
    const tracking = await api.tracking(token);
    readAt = Date.now();
    draw(tracking);
  } catch (failure) {
    if (failure instanceof api.Failure && [400, 404, 410].includes(failure.status)) return unknown();
    if (readAt === 0) {
      setText(byId("headline"), "We cannot reach our server");
      setText(byId("lead"), "We keep trying. There is nothing you need to do.");
    }
  }
  fresh();
  if (!finished && !document.hidden) timer = window.setTimeout(() => void poll(), EVERY_MS);
}

function draw(tracking: Tracking): void {
  const { status, promise } = tracking;
  const zone = validZone(promise?.time_zone);
  const words = WORDS[status] ?? { headline: "Your delivery", step: 0 };
  finished = ["delivered", "cancelled", "rto_delivered"].includes(status);
  setText(byId("headline"), words.headline);
  document.title = `${words.headline} – your delivery`;
  byId("lead").replaceChildren(...lead(tracking, zone));
  const hero = byId("headline").parentElement as HTMLElement;
  hero.dataset["tone"] = status === "delivered" ? "good" : status === "attempt_failed" ? "bad" : "busy";
  drawSteps(words.step);
  drawHistory(tracking, zone);
  drawMap(tracking.position);
  byId("main").setAttribute("aria-busy", "false");
}

function lead({ status, promise, eta, delivered_at }: Tracking, zone: string): (Node | string)[] {
  const elsewhere = zoneInWords(promise?.end ?? delivered_at ?? Date.now(), zone);
  const abroad = elsewhere ? ` (${elsewhere})` : "";
  if (status === "delivered" && delivered_at) {
    return [h("b", null, `${dayInWords(delivered_at, zone)}, ${timeIn(delivered_at, zone)}`), `${abroad}. Thank you.`];
  }
  if (WORDS[status]?.step === -1 && status !== "cancelled") return ["It will not be delivered as planned. The sender can tell you more."];
  if (status === "cancelled") return ["Nothing more will happen with it. The sender can tell you why."];
  const parts: (Node | string)[] = [];
  if (status === "attempt_failed") parts.push("Nobody could take the parcel. We will try again. ");
  if (eta && ["assigned", "out_for_delivery"].includes(status)) {
    parts.push("Expected ", h("b", null, `${dayInWords(eta, zone).toLowerCase()} at about ${timeIn(eta, zone)}`), ". ");
  }
  if (promise) parts.push("Promised for ", h("b", null, lower(windowInWords(promise))), `${abroad}.`);
  return parts.length > 0 ? parts : ["We will show the delivery time here as soon as it is planned."];
}

const lower = (text: string) => text.replace(/^(Today|Tomorrow|Yesterday)/, (word) => word.toLowerCase());

function drawSteps(step: number): void {
  const list = byId("steps");
  list.hidden = step < 0;
  list.replaceChildren(...STEPS.map((name, index) => {
    const state = index < step || step === STEPS.length - 1 ? "done" : index === step ? "now" : "next";
    return h("li", { "data-state": index === step ? "now" : state, "aria-current": index === step && "step" }, name);
  }));
}

function drawHistory({ history }: Tracking, zone: string): void {
  byId("story").hidden = history.length === 0;
  const newestFirst = [...history].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  byId("history").replaceChildren(...newestFirst.map((entry) => h("li.event", null,
    h("span.event-title", null, entry.text),
    h("time", { datetime: entry.at }, `${dayInWords(entry.at, zone)}, ${timeIn(entry.at, zone)}`))));
}

function drawMap(position: Position | null): void {
  byId("where").hidden = position === null;
  if (!position) return;
  setText(byId("seen"), `Your courier was here ${seen(position)}.`);
  if (map) return map.move(position);
  if (mapAsked) return;
  mapAsked = true;
  void import("./trackmap").then(({ TrackMap }) => (map = new TrackMap(byId("map"), position))).catch(() => {
    // No WebGL: the words above say all that matters.
    byId("map").hidden = true;
  });
}

function seen(position: Position): string {
  const text = ago(position.ts);
  return text === "now" ? "just now" : `${text} ago`;
}

/** The token is wrong, or its time is over: both look the same on purpose. */
function unknown(): void {
  finished = true;
  setText(byId("kicker"), "Tracking");
  setText(byId("headline"), "We do not know this link");
  setText(byId("lead"), "It may be incomplete, or the delivery was so long ago that its link has expired. Please open the link from your message again, or ask the sender for a new one.");
  for (const id of ["steps", "where", "story"]) byId(id).hidden = true;
  byId("main").setAttribute("aria-busy", "false");
  setText(byId("fresh"), "");
}

function fresh(): void {
  if (readAt === 0) return;
  const stale = Date.now() - readAt > 3 * EVERY_MS;
  byId("fresh").dataset["stale"] = String(stale);
  setText(byId("fresh"), stale ? `No connection. As of ${ago(readAt)} ago.` : "This page updates by itself.");
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !finished) void poll();
});
void poll();
