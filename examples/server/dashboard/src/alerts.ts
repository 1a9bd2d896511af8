/** The alert feed: partners that turned red, failed attempts, zone borders crossed. */
import * as api from "./api";
import type { LiveMessage, Partner } from "./contract";
import { h, setText, throttle } from "./dom";
import { List } from "./list";
import { toPartner, toShipment } from "./route";
import type { Store } from "./store";
import { ago, clock } from "./time";

type Kind = "risk" | "attempt" | "zone";
interface Alert { key: string; kind: Kind; at: number; title: string; detail: string; href: string }

const KEPT = 300;
const KINDS: [Kind | null, string][] = [[null, "All"], ["risk", "At risk"], ["attempt", "Attempts"], ["zone", "Zones"]];
const ICONS: Record<Kind, string> = { risk: "!", attempt: "×", zone: "⇄" };

export class Alerts {
  private alerts: Alert[] = [];
  private kind: Kind | null = null;
  private unread = 0;
  private serial = 0;
  private readonly list: List<Alert>;
  private readonly drawSoon = throttle(500, () => this.draw());

  constructor(private readonly parent: HTMLElement, private readonly badge: HTMLElement, private readonly store: Store, private readonly zoneName: (id: string) => string) {
    const chips = h("div.chips", { role: "group", "aria-label": "Kind of alert" });
    for (const [kind, text] of KINDS) {
      chips.append(h("button.chip", { type: "button", "aria-pressed": String(kind === null), onclick: (event) => {
        this.kind = kind;
        for (const chip of chips.children) chip.setAttribute("aria-pressed", String(chip === event.currentTarget));
        this.draw();
      } }, text));
    }
    const body = h("div.scroll");
    parent.append(chips, body);
    this.list = new List<Alert>(body, {
      label: "Alerts, newest first", key: (alert) => alert.key, href: (alert) => alert.href,
      stamp: (alert) => ago(alert.at), draw: row, empty: "Nothing has gone wrong since this page was opened.",
    });
    store.on("status", (message) => this.statusChanged(message));
    store.on("geofence", (message) => this.crossed(message));
    store.on("shipment", (message) => this.shipmentChanged(message));
    window.setInterval(() => this.draw(), 15_000);
  }

  /** What was already wrong when the page was opened. */
  async begin(): Promise<void> {
    for (const partner of this.store.partners.values()) {
      if (partner.status === "red") this.atRisk(partner, partner.position?.ts ?? Date.now(), false);
    }
    const failed = await api.shipments({ status: "attempt_failed", limit: 50 }).catch(() => null);
    for (const item of failed?.items ?? []) this.attemptFailed(item.id, item.partner, item.updated_at, false);
    this.draw();
  }

  /** The reader is looking: nothing is unread. */
  seen(): void {
    this.unread = 0;
    this.draw();
  }

  private statusChanged(message: LiveMessage): void {
    if (message.t !== "status" || message.status !== "red") return;
    const partner = this.store.partners.get(message.partner);
    if (partner) this.atRisk(partner, Date.now(), true);
  }

  private atRisk(partner: Partner, at: number, fresh: boolean): void {
    this.add({ kind: "risk", at, title: `${partner.name ?? partner.id} is at risk`, detail: partner.status_reason || "Needs attention", href: toPartner(partner.id) }, fresh);
  }

  private attemptFailed(id: string, partner: string | null, at: string | number, fresh: boolean): void {
    this.add({ kind: "attempt", at: new Date(at).getTime(), title: `Attempt failed: ${id}`, detail: partner ? `by ${partner}` : "", href: toShipment(id) }, fresh);
  }

  private shipmentChanged(message: LiveMessage): void {
    if (message.t === "shipment" && message.status === "attempt_failed") this.attemptFailed(message.id, message.partner, message.at, true);
  }

  private crossed(message: LiveMessage): void {
    if (message.t !== "geofence") return;
    const from = message.from.map(this.zoneName).join(", ") || "outside all zones";
    const to = message.to.map(this.zoneName).join(", ") || "outside all zones";
    const partner = this.store.partners.get(message.partner);
    this.add({ kind: "zone", at: new Date(message.at).getTime(), title: `${partner?.name ?? message.partner} crossed a border`, detail: `${from} → ${to}`, href: toPartner(message.partner) }, false);
  }

  /** Border crossings are everyday traffic: listed, but they do not count as unread. */
  private add(alert: Omit<Alert, "key">, unread: boolean): void {
    this.alerts.push({ ...alert, key: String(this.serial++) });
    this.alerts.sort((a, b) => b.at - a.at);
    if (this.alerts.length > KEPT) this.alerts.length = KEPT;
    if (unread && this.parent.hidden) this.unread++;
    this.drawSoon();
  }

  private draw(): void {
    this.badge.hidden = this.unread === 0;
    setText(this.badge, this.unread > 99 ? "99+" : String(this.unread));
    if (this.parent.hidden) return;
    this.list.set(this.kind ? this.alerts.filter((alert) => alert.kind === this.kind) : this.alerts);
  }
}

function row(alert: Alert): Node[] {
  return [
    h("span.row-main", null, h("span.alert-icon", { "data-kind": alert.kind, "aria-hidden": "true" }, ICONS[alert.kind]), h("span.row-id", null, alert.title), h("span.row-end", { title: clock(alert.at) }, ago(alert.at))),
    h("span.row-sub", null, h("span", null, alert.detail)),
  ];
}
