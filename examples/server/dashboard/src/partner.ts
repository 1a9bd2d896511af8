/** One partner in the drawer: how it is doing, today's stops, its trail on the map, its shift's events. */
import * as api from "./api";
import type { Manifest, Partner, Stop } from "./contract";
import { h, throttle } from "./dom";
import type { Drawer } from "./drawer";
import { isDone, type CityMap } from "./map";
import { bar, fact, statusWord } from "./parts";
import { toShipment } from "./route";
import type { Store } from "./store";
import { ago, minutes, today } from "./time";
import { timeline, type TimelineHooks } from "./timeline";
import * as words from "./words";

const TRAIL_EVERY_MS = 15_000;

export class PartnerView {
  private id: string | null = null;
  private manifest: Manifest | null = null;
  private trail: GeoJSON.Feature | null = null;
  private stops: (() => void)[] = [];
  private readonly head = h("header.detail-head");
  private readonly route = h("div");
  private readonly events = h("div");

  constructor(private readonly drawer: Drawer, private readonly store: Store, private readonly map: CityMap, private readonly hooks: TimelineHooks) {}

  async open(id: string): Promise<void> {
    this.leave();
    this.id = id;
    const { body, signal } = this.drawer.open(`Partner ${id}`);
    this.head.replaceChildren(h("h2", { tabindex: -1 }, id));
    this.route.replaceChildren();
    this.events.replaceChildren();
    body.append(this.head, this.route, this.events);
    this.map.markers.chosen = id;
    this.map.repaint();
    this.drawHead();
    this.drawer.focus();
    try {
      this.store.learn(await api.partner(id, signal));
    } catch (failure) {
      if (!signal.aborted && !this.store.partners.has(id)) this.head.replaceChildren(h("h2", { tabindex: -1 }, id), h("p.blank", null, (failure as Error).message));
      return;
    }
    if (signal.aborted) return;
    this.watch(id, signal);
    await Promise.all([this.loadRoute(id, signal), this.loadEvents(id, signal)]);
    if (signal.aborted) return;
    const position = this.partner()?.position;
    this.map.fit([...(position ? [position] : []), ...(this.manifest?.stops ?? []).filter((stop) => !isDone(stop))]);
  }

  leave(): void {
    for (const stop of this.stops.splice(0)) stop();
    if (this.id === null) return;
    this.id = null;
    this.manifest = null;
    this.trail = null;
    this.map.markers.chosen = null;
    this.map.markZones("chosen", []);
    void this.map.showTrail(null, [], null);
  }

  private partner(): Partner | undefined {
    return this.id === null ? undefined : this.store.partners.get(this.id);
  }

  private date(): string {
    return this.partner()?.manifest?.date ?? today();
  }

  private watch(id: string, signal: AbortSignal): void {
    const head = throttle(1000, () => this.drawHead());
    const again = throttle(1500, () => void this.loadRoute(id, signal));
    const timer = window.setInterval(again, TRAIL_EVERY_MS);
    this.stops = [
      this.store.on("partners", head),
      this.store.on("manifest", (message) => message.t === "manifest" && message.partner === id && again()),
      this.store.on("shipment", (message) => message.t === "shipment" && message.partner === id && again()),
      this.store.on("geofence", (message) => message.t === "geofence" && message.partner === id && void this.loadEvents(id, signal)),
      () => window.clearInterval(timer),
    ];
    this.drawHead();
  }

  private async loadRoute(id: string, signal: AbortSignal): Promise<void> {
    const date = this.date();
    const [trail, manifest] = await Promise.all([
      api.partnerRoute(id, date, signal).catch(() => null),
      this.partner()?.manifest ? api.manifest(id, date, signal).catch(() => null) : null,
    ]);
    if (signal.aborted || this.id !== id) return;
    this.manifest = manifest;
    this.trail = trail?.geojson ?? null;
    this.drawManifest();
    await this.map.showTrail(this.trail, manifest?.stops ?? [], this.partner()?.position ?? null);
  }

  private async loadEvents(id: string, signal: AbortSignal): Promise<void> {
    const page = await api.get<{ items: Parameters<typeof timeline>[0] }>(`/v1/partners/${encodeURIComponent(id)}/events?date=${this.date()}`, signal).catch(() => null);
    if (signal.aborted || this.id !== id || !page || page.items.length === 0) return;
    const open = this.events.querySelector("details")?.open ?? false;
    this.events.replaceChildren(h("details.section", { open }, h("summary", null, `Shift events (${page.items.length})`), timeline(page.items.slice(-100), this.hooks)));
  }

  private drawHead(): void {
    const partner = this.partner();
    if (!partner) return;
    const { position } = partner;
    const speed = typeof position?.speed_mps === "number" ? `${Math.round(position.speed_mps * 3.6)} km/h` : "–";
    const focused = document.activeElement === this.head.querySelector("h2");
    this.head.replaceChildren(
      h("div.detail-title", null, h("h2", { tabindex: -1 }, partner.name ?? partner.id), statusWord(partner.status)),
      h("p.muted", null, [partner.name ? partner.id : null, words.vehicle(partner.vehicle), partner.status_reason && words.sentence(partner.status_reason)].filter(Boolean).join(" · ")),
      h("dl.facts", null,
        fact("Last fix", position ? `${ago(position.ts)} ago`.replace("now ago", "just now") : "None"),
        fact("Speed", speed),
        fact("Battery", partner.battery === null ? "–" : words.percent(partner.battery)),
        fact("On board", `${partner.on_board} of ${partner.capacity}`),
        fact("Zone", partner.zones.map(this.hooks.zoneName).join(", ") || "Outside all zones")));
    if (focused) this.drawer.focus();
    this.map.markZones("chosen", partner.zones);
  }

  private drawManifest(): void {
    const manifest = this.manifest;
    if (!manifest) return this.route.replaceChildren(h("p.blank", null, "No route today."));
    const done = manifest.stops.filter(isDone).length;
    const list = h("ol.stops");
    for (const stop of manifest.stops) list.append(stopRow(stop));
    this.route.replaceChildren(
      h("h3", null, "Today’s stops ", h("small", null, `${done} of ${manifest.stops.length} done`)),
      bar(manifest.stops.length === 0 ? 0 : done / manifest.stops.length, `${done} of ${manifest.stops.length} stops done`),
      ...(manifest.uncertain ? [h("p.past-note", null, `Needs a look: ${manifest.doubts.join("; ") || "the plan is uncertain"}`)] : []),
      list);
  }
}

function stopRow(stop: Stop): HTMLElement {
  const late = stop.window !== null && Date.parse(stop.arrival) > Date.parse(stop.window.end);
  const status = words.shipmentStatus(stop.status).text;
  return h("li", { "data-done": String(isDone(stop)) },
    h("a.stop", { href: toShipment(stop.shipment) },
      h("span.stop-seq", null, stop.seq), h("span.row-id", null, stop.shipment),
      h("span.row-note", null, isDone(stop) ? status : late ? "late" : ""),
      h("time.row-end" as "time.x", { datetime: stop.arrival, title: "Planned arrival" }, minutes(stop.arrival))));
}
