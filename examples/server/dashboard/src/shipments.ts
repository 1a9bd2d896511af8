/** The shipment list: newest first, by status, with a search that reaches the server. */
import * as api from "./api";
import type { Shipment, ShipmentStatus } from "./contract";
import { h, throttle } from "./dom";
import { List } from "./list";
import { pill } from "./parts";
import { go, toShipment } from "./route";
import type { Store } from "./store";
import { ago, minutes } from "./time";
import { count, shipmentStatuses } from "./words";

const PAGE = 100;

export class ShipmentList {
  private items: Shipment[] = [];
  private next: string | null = null;
  private status: ShipmentStatus | null = null;
  private query = "";
  private asked = 0;
  private readonly list: List<Shipment>;
  private readonly select = h("select", { "aria-label": "Status" });
  private readonly search = h("input", { type: "search", placeholder: "Search id or reference", "aria-label": "Search shipments", autocomplete: "off", spellcheck: "false", enterkeyhint: "search" });
  private readonly more = h("button.more", { type: "button", hidden: true }, "Load more");
  private readonly refreshSoon = throttle(3000, () => void this.load());

  constructor(parent: HTMLElement, private readonly store: Store, private readonly announce: (text: string) => void) {
    const body = h("div.scroll");
    parent.append(h("div.filters", null, this.search, this.select), body);
    this.list = new List<Shipment>(body, {
      label: "Shipments", key: (item) => item.id, href: (item) => toShipment(item.id),
      stamp: (item) => [item.status, item.partner, item.reference, ago(item.updated_at)].join("|"),
      draw: row, empty: "Loading shipments…",
    });
    body.append(this.more);
    this.fillStatuses();
    this.select.addEventListener("change", () => this.filter((this.select.value || null) as ShipmentStatus | null));
    this.search.addEventListener("input", () => this.find(this.search.value));
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") void this.lookUp();
    });
    this.more.addEventListener("click", () => void this.loadMore());
    store.on("shipment", (message) => message.t === "shipment" && this.changed(message.id, message.status, message.partner, message.at));
    store.on("metrics", throttle(2000, () => this.fillStatuses()));
    window.setInterval(() => this.draw(), 15_000);
  }

  choose(id: string | null): void {
    this.list.choose(id);
  }

  /** Reads the first page again; pages read before stay below it. */
  async load(): Promise<void> {
    const asked = ++this.asked;
    try {
      const page = await api.shipments({ status: this.status ?? "", limit: PAGE });
      if (asked !== this.asked) return;
      const fresh = new Set(page.items.map((item) => item.id));
      const tail = this.items.slice(PAGE).filter((item) => !fresh.has(item.id) && (!this.status || item.status === this.status));
      if (tail.length === 0) this.next = page.next;
      this.items = [...page.items, ...tail];
      this.list.say(this.status ? "No shipment has this status." : "No shipments yet. They appear here as orders arrive.");
      this.draw();
    } catch (failure) {
      this.list.say((failure as Error).message);
      this.draw();
    }
  }

  private async loadMore(): Promise<void> {
    if (!this.next) return;
    this.more.disabled = true;
    try {
      const page = await api.shipments({ status: this.status ?? "", after: this.next, limit: PAGE });
      this.items.push(...page.items);
      this.next = page.next;
    } catch (failure) {
      this.announce((failure as Error).message);
    }
    this.more.disabled = false;
    this.draw();
  }

  private filter(status: ShipmentStatus | null): void {
    this.status = status;
    this.items = [];
    this.next = null;
    this.list.say("Loading shipments…");
    this.draw();
    void this.load();
  }

  private find(query: string): void {
    this.query = query.trim().toLowerCase();
    this.draw();
  }

  /** Enter: one match opens; none asks the server for exactly this id. */
  private async lookUp(): Promise<void> {
    const typed = this.search.value.trim();
    const [only, another] = this.matching();
    if (!typed) return;
    if (only && !another) return go(toShipment(only.id));
    if (only && this.items.some((item) => item.id === typed)) return go(toShipment(typed));
    if (only) return;
    try {
      await api.shipment(typed);
      go(toShipment(typed));
    } catch (failure) {
      const missing = failure instanceof api.Failure && failure.status === 404;
      this.list.say(missing ? `There is no shipment “${typed}”.` : (failure as Error).message);
    }
  }

  private matching(): Shipment[] {
    if (!this.query) return this.items;
    return this.items.filter((item) =>
      [item.id, item.reference, item.client, item.partner].some((text) => text?.toLowerCase().includes(this.query)));
  }

  private changed(id: string, status: ShipmentStatus, partner: string | null, at: string | number): void {
    const item = this.items.find((candidate) => candidate.id === id);
    if (item) {
      Object.assign(item, { status, partner: partner ?? item.partner, updated_at: new Date(at).toISOString() });
      this.drawSoon();
    }
    if (!item || this.status) this.refreshSoon();
  }

  private readonly drawSoon = throttle(400, () => this.draw());

  private draw(): void {
    if (this.query) this.list.say("Nothing loaded matches. Press Enter to ask the server for this id.");
    this.list.set(this.matching());
    this.more.hidden = this.next === null || this.query !== "";
  }

  private fillStatuses(): void {
    const counts = this.store.metrics?.counts ?? {};
    const options: [string, string][] = [["", "All"], ...Object.entries(shipmentStatuses).map(([code, words]): [string, string] => {
      const number = counts[code as ShipmentStatus];
      return [code, number === undefined ? words.text : `${words.text} (${count(number)})`];
    })];
    for (const [index, [value, text]] of options.entries()) {
      const option = this.select.options[index] ?? this.select.appendChild(h("option", { value }));
      if (option.textContent !== text) option.textContent = text;
    }
  }
}

function row(item: Shipment): Node[] {
  const promise = item.promise ? `by ${minutes(item.promise.end)}` : "no promise";
  const where = item.partner ?? item.hub ?? item.client;
  return [
    h("span.row-main", null, h("span.row-id", null, item.id), pill(item.status)),
    h("span.row-sub", null, h("span", null, where), h("span", null, promise), item.failed_attempts > 0 && h("span.warn-text", null, `${item.failed_attempts} failed`), h("span.row-end", null, ago(item.updated_at))),
  ];
}
