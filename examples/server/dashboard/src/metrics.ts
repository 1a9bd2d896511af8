/** The figures at the top: how the day goes, at a glance. */
import type { Metrics, PartnerStatus } from "./contract";
import { h, setText, throttle } from "./dom";
import { shape } from "./parts";
import type { Store } from "./store";
import { count, partnerStatuses, partnerStatusOrder, percent } from "./words";

interface Card { root: HTMLElement; value: HTMLElement; note: HTMLElement; graph: HTMLElement }

function card(title: string, explanation: string): Card {
  const value = h("strong");
  const note = h("small");
  const graph = h("div.graph");
  return { root: h("div.card", { title: explanation }, h("span.card-title", null, title), value, graph, note), value, note, graph };
}

const OPEN = ["created", "picked_up", "in_transit", "at_hub", "assigned", "out_for_delivery", "attempt_failed", "with_carrier"] as const;

export class MetricCards {
  private readonly completion = card("Completed", "Delivered shipments, of all that were due");
  private readonly late = card("Predicted late", "Shipments whose estimated arrival is after the promised time");
  private readonly used = card("Fleet in use", "Partners on a route, of all on shift");
  private readonly fixes = card("Fixes per second", "GPS positions stored per second");
  private readonly fleet = h("div.fleet-bar", { "aria-hidden": "true" });
  private readonly counts = new Map<PartnerStatus, HTMLElement>();

  constructor(parent: HTMLElement, private readonly store: Store, onStatus: (status: PartnerStatus) => void) {
    const legend = h("div.legend");
    for (const status of partnerStatusOrder) {
      const number = h("b", null, "–");
      this.counts.set(status, number);
      legend.append(h("button", { type: "button", onclick: () => onStatus(status), title: `List partners: ${partnerStatuses[status].toLowerCase()}` }, shape(status), number, h("span", null, partnerStatuses[status])));
      this.fleet.append(h(`i.is-${status}` as "i.x"));
    }
    parent.append(
      h("div.cards", null, this.completion.root, this.late.root, this.used.root, this.fixes.root),
      h("div.fleet", null, this.fleet, legend),
    );
    const draw = throttle(500, () => this.draw());
    store.on("metrics", draw);
  }

  private draw(): void {
    const metrics = this.store.metrics;
    if (!metrics) return;
    this.drawShares(metrics);
    setText(this.late.value, count(metrics.predicted_breaches));
    this.late.root.dataset["tone"] = metrics.predicted_breaches > 0 ? "bad" : "good";
    setText(this.late.note, metrics.predicted_breaches > 0 ? "past their promise" : "all within promise");
    setText(this.fixes.value, metrics.fixes_per_s >= 100 ? count(Math.round(metrics.fixes_per_s)) : metrics.fixes_per_s.toFixed(1));
    this.fixes.graph.replaceChildren(sparkline(this.store.fixesHistory));
    const total = partnerStatusOrder.reduce((sum, status) => sum + (metrics.partners[status] ?? 0), 0);
    for (const [index, status] of partnerStatusOrder.entries()) {
      const number = metrics.partners[status] ?? 0;
      const cell = this.counts.get(status);
      if (cell) setText(cell, count(number));
      (this.fleet.children[index] as HTMLElement).style.flexGrow = String(total === 0 ? 1 : number);
    }
  }

  private drawShares(metrics: Metrics): void {
    const open = OPEN.reduce((sum, status) => sum + (metrics.counts[status] ?? 0), 0);
    setText(this.completion.value, percent(metrics.completion));
    setText(this.completion.note, `${count(metrics.counts.delivered ?? 0)} delivered, ${count(open)} open`);
    this.completion.graph.replaceChildren(share(metrics.completion));
    const { green, amber, red } = metrics.partners;
    setText(this.used.value, percent(metrics.utilisation));
    setText(this.used.note, `${count(green + amber + red)} partners reporting`);
    this.used.graph.replaceChildren(share(metrics.utilisation));
  }
}

function share(value: number | null): HTMLElement {
  const fill = h("i");
  fill.style.width = `${(value ?? 0) * 100}%`;
  return h("span.bar", null, fill);
}

function sparkline(values: readonly number[]): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 20");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "spark");
  svg.setAttribute("aria-hidden", "true");
  const top = Math.max(1, ...values) * 1.15;
  const points = values.length < 2 ? [values[0] ?? 0, values[0] ?? 0] : values;
  const spots = points.map((value, index) => `${((index / (points.length - 1)) * 100).toFixed(1)},${(19 - (value / top) * 18).toFixed(1)}`);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", spots.join(" "));
  svg.append(line);
  return svg;
}
