/** Small pieces that several views share: pills, status shapes, progress bars. */
import type { PartnerStatus } from "./contract";
import { h } from "./dom";
import { partnerStatuses, shipmentStatus } from "./words";

/** The same shapes as the map's markers, so that colour never carries the meaning alone. */
const SHAPES: Record<PartnerStatus, string> = {
  green: '<circle cx="6" cy="6" r="4.2"/>',
  amber: '<path d="M6 .8 11.2 6 6 11.2 .8 6z"/>',
  red: '<path d="M6 1.2 11.4 10.4H.6z"/>',
  grey: '<circle cx="6" cy="6" r="3.2" fill="none" stroke="currentColor" stroke-width="2"/>',
};

export function shape(status: PartnerStatus): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("class", `shape is-${status}`);
  svg.setAttribute("aria-hidden", "true");
  svg.innerHTML = SHAPES[status];
  return svg;
}

export const statusWord = (status: PartnerStatus) =>
  h(`span.status-word.is-${status}` as "span.x", null, shape(status), partnerStatuses[status]);

export function pill(status: string): HTMLElement {
  const { text, tone } = shipmentStatus(status);
  return h("span.pill", { "data-tone": tone }, text);
}

export function bar(share: number, label: string): HTMLElement {
  const fill = h("i");
  fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return h("span.bar", { role: "img", "aria-label": label }, fill);
}

export const fact = (name: string, ...value: (Node | string | null)[]) =>
  h("div.fact", null, h("dt", null, name), h("dd", null, ...value));
