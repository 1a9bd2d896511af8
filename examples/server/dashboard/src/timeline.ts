/** A list of stored events as a timeline, in words, with the raw record one click away. */
import type { LatLon, StoredEvent } from "./contract";
import { h } from "./dom";
import { toPartner, toShipment } from "./route";
import { clock, day, duration, iso } from "./time";
import { actorWords, eventWords, sentence } from "./words";

export interface TimelineHooks {
  zoneName: (id: string) => string;
  /** Shows a place on the map. */
  show: (place: LatLon) => void;
}

export function timeline(events: readonly StoredEvent[], hooks: TimelineHooks): HTMLElement {
  const list = h("ol.timeline");
  let lastDay = "";
  for (const event of [...events].reverse()) {
    const date = day(event.occurred_at);
    if (date !== lastDay) list.append(h("li.day", null, date));
    lastDay = date;
    list.append(entry(event, hooks));
  }
  return list;
}

function entry(event: StoredEvent, hooks: TimelineHooks): HTMLElement {
  const words = eventWords(event);
  const place = placeOf(event.data);
  const lateS = (Date.parse(event.recorded_at) - Date.parse(event.occurred_at)) / 1000;
  const said = details(event, hooks);
  return h("li.event", { "data-tone": words.tone, "data-type": event.type },
    h("div.event-head", null,
      h("span.event-title", null, words.text),
      h("time", { datetime: event.occurred_at, title: iso(event.occurred_at) }, clock(event.occurred_at))),
    said.length > 0 && h("p.event-who", null, said.join(" · ")),
    h("p.event-who", null, "by ", who(event), lateS > 60 && h("span.warn-text", null, `, recorded ${duration(lateS)} later`)),
    ...links(event),
    place && h("button.place", { type: "button", onclick: () => hooks.show(place), title: "Show on the map" }, `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`),
    h("details.raw", null, h("summary", null, "Record"), h("pre", { tabindex: 0 }, JSON.stringify(event, null, 2))));
}

/** The parts of an event's data that a person asks for, whatever the exact type. */
function details(event: StoredEvent, hooks: TimelineHooks): string[] {
  const { data } = event;
  const parts: string[] = [];
  if (Array.isArray(data["from"]) && Array.isArray(data["to"])) {
    const side = (zones: unknown[]) => zones.map((zone) => hooks.zoneName(String(zone))).join(", ") || "outside all zones";
    parts.push(`${side(data["from"])} → ${side(data["to"])}`);
  }
  for (const [key, name] of [["hub", "hub"], ["reason", ""], ["attempt", "attempt"]] as const) {
    const value = data[key];
    if (typeof value === "string" || typeof value === "number") parts.push(name ? `${name} ${value}` : sentence(String(value)));
  }
  if (event.type === "ShipmentCreated" && typeof data["client"] === "string") parts.push(`for ${data["client"]}`);
  const proof = data["proof"];
  if (proof && typeof proof === "object") parts.push(`proof: ${sentence(String((proof as Record<string, unknown>)["kind"] ?? "given")).toLowerCase()}`);
  return parts;
}

const byPartner = (event: StoredEvent) => actorWords(event.actor) === `partner ${String(event.data["partner"])}`;

function who(event: StoredEvent): Node | string {
  const { partner } = event.data;
  return byPartner(event) && typeof partner === "string" ? h("a.inline", { href: toPartner(partner) }, partner) : actorWords(event.actor);
}

function links(event: StoredEvent): HTMLElement[] {
  const { partner, shipment } = event.data;
  const found: HTMLElement[] = [];
  if (typeof partner === "string" && !byPartner(event)) found.push(h("a.inline", { href: toPartner(partner) }, partner));
  if (typeof shipment === "string") found.push(h("a.inline", { href: toShipment(shipment) }, shipment));
  return found;
}

function placeOf(data: Record<string, unknown>): LatLon | null {
  for (const candidate of [data["position"], data["at"], data["location"], data]) {
    if (!candidate || typeof candidate !== "object") continue;
    const { lat, lon } = candidate as Record<string, unknown>;
    if (typeof lat === "number" && typeof lon === "number") return { lat, lon };
  }
  return null;
}
