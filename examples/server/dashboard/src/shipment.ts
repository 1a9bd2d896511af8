/** One shipment in the drawer: where it stands, its whole history, and how it stood at any version. */
import * as api from "./api";
import type { Shipment, StoredEvent } from "./contract";
import { h, setText, throttle } from "./dom";
import type { Drawer } from "./drawer";
import type { CityMap } from "./map";
import { fact, pill } from "./parts";
import { toPartner } from "./route";
import type { Store } from "./store";
import { clock, minutes, windowInWords, validZone, zoneInWords, zoneName } from "./time";
import { timeline, type TimelineHooks } from "./timeline";
import { eventWords } from "./words";

export class ShipmentView {
  private shipment: Shipment | null = null;
  private version: number | null = null;
  private stop: (() => void) | null = null;
  private signal: AbortSignal | null = null;
  private readonly parts = { head: h("header.detail-head"), travel: h("div.travel"), events: h("div") };
  private readonly slider = h("input", { type: "range", min: 1, max: 1, step: 1, "aria-label": "Version of the shipment" });
  private readonly label = h("span.travel-label");

  constructor(private readonly drawer: Drawer, private readonly store: Store, private readonly map: CityMap, private readonly hooks: TimelineHooks) {
    const step = (by: number) => this.travel(Number(this.slider.value) + by);
    const now = h("button.chip", { type: "button", onclick: () => this.travel(null) }, "Now");
    this.parts.travel.append(
      h("div.travel-row", null, h("h3", null, "Time travel"), this.label),
      h("div.travel-row", null,
        h("button.chip", { type: "button", "aria-label": "One event earlier", onclick: () => step(-1) }, "‹"), this.slider,
        h("button.chip", { type: "button", "aria-label": "One event later", onclick: () => step(1) }, "›"), now));
    this.slider.addEventListener("input", () => this.travel(Number(this.slider.value)));
  }

  async open(id: string): Promise<void> {
    this.leave();
    const { body, signal } = this.drawer.open(`Shipment ${id}`);
    this.signal = signal;
    this.version = null;
    this.shipment = null;
    this.parts.head.replaceChildren(h("h2", { tabindex: -1 }, id), h("p.muted", null, "Loading…"));
    this.parts.events.replaceChildren();
    this.parts.travel.hidden = true;
    body.append(this.parts.head, this.parts.travel, this.parts.events);
    this.drawer.focus();
    const again = throttle(800, () => void this.load(id, signal));
    this.stop = this.store.on("shipment", (message) => message.t === "shipment" && message.id === id && again());
    await this.load(id, signal);
    const shipment = this.shipment as Shipment | null;
    if (!shipment || signal.aborted) return;
    this.map.showPin(shipment.destination, `Destination of ${id}`);
    const courier = shipment.status === "out_for_delivery" && shipment.partner ? this.store.partners.get(shipment.partner)?.position : null;
    this.map.fit([shipment.destination, ...(courier ? [courier] : [])]);
  }

  leave(): void {
    this.stop?.();
    this.stop = null;
    this.map.showPin(null, "");
  }

  private async load(id: string, signal: AbortSignal): Promise<void> {
    try {
      this.shipment = await api.shipment(id, signal);
      await this.draw(signal);
    } catch (failure) {
      if (signal.aborted) return;
      this.parts.head.replaceChildren(h("h2", { tabindex: -1 }, id), h("p.blank", null, (failure as Error).message));
    }
  }

  private travel(version: number | null): void {
    const last = this.shipment?.version ?? 1;
    this.version = version === null || version >= last ? null : Math.max(1, version);
    this.slider.value = String(this.version ?? last);
    if (this.signal) void this.draw(this.signal);
  }

  private async draw(signal: AbortSignal): Promise<void> {
    const shipment = this.shipment;
    if (!shipment) return;
    const version = this.version;
    const { items } = await api.shipmentEvents(shipment.id, version, signal);
    if (signal.aborted || version !== this.version) return;
    this.slider.max = String(shipment.version);
    this.slider.value = String(version ?? shipment.version);
    this.parts.travel.hidden = shipment.version < 2;
    const then = version === null ? null : stateAfter(items);
    setText(this.label, version === null ? `Now, version ${shipment.version}` : `Version ${version} of ${shipment.version}`);
    this.slider.setAttribute("aria-valuetext", this.label.textContent ?? "");
    this.drawer.element.dataset["past"] = String(version !== null);
    this.drawHead(shipment, then);
    this.parts.events.replaceChildren(h("h3", null, "Events ", h("small", null, `times in ${zoneName()}`)), timeline(items, this.hooks));
  }

  private drawHead(shipment: Shipment, then: Past | null): void {
    const { promise } = shipment;
    const { partner: partnerId, hub, failed_attempts: failed } = then ?? shipment;
    const partner = partnerId && h("a.inline", { href: toPartner(partnerId) }, partnerId);
    const elsewhere = promise && zoneInWords(promise.end, validZone(promise.time_zone));
    const rows = [
      fact("Promise", promise ? windowInWords(promise) : "None"),
      fact("Partner", partner || "Not assigned"),
      fact("Client", shipment.client),
      fact("Failed attempts", String(failed)),
    ];
    if (promise && elsewhere) rows[0]?.append(h("dd.muted", null, `${elsewhere}; until ${minutes(promise.end)} on this clock`));
    if (shipment.reference) rows.push(fact("Reference", shipment.reference));
    if (hub) rows.push(fact("Hub", hub));
    const focused = document.activeElement === this.parts.head.querySelector("h2");
    this.parts.head.replaceChildren(
      h("div.detail-title", null, h("h2", { tabindex: -1 }, shipment.id), pill(then?.status ?? shipment.status)),
      ...(then ? [h("p.past-note", { role: "status" }, `As it stood at ${clock(then.at)}`)] : []),
      h("dl.facts", null, ...rows));
    if (focused) this.drawer.focus();
  }
}

/** What the events up to a version say about the shipment then. */
interface Past { status: string; at: string; partner: string | null; hub: string | null; failed_attempts: number }

function stateAfter(events: readonly StoredEvent[]): Past {
  const past: Past = { status: "created", at: events.at(-1)?.occurred_at ?? new Date().toISOString(), partner: null, hub: null, failed_attempts: 0 };
  for (const event of events) {
    const { status } = eventWords(event);
    if (!status) continue;
    past.status = status;
    if (status === "attempt_failed") past.failed_attempts++;
    if (event.type === "UnassignedFromPartner") past.partner = null;
    else if (typeof event.data["partner"] === "string") past.partner = event.data["partner"];
    if (typeof event.data["hub"] === "string") past.hub = event.data["hub"];
  }
  return past;
}
