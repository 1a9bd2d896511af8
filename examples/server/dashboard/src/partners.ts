/** The partner list: those who need attention first. */
import type { Partner, PartnerStatus } from "./contract";
import { h, throttle } from "./dom";
import { List } from "./list";
import { shape } from "./parts";
import { toPartner } from "./route";
import type { Store } from "./store";
import { ago } from "./time";
import { partnerStatuses, partnerStatusOrder, sentence } from "./words";

/** More rows than anybody reads; the rest is a search away. */
const SHOWN = 200;

export class PartnerList {
  status: PartnerStatus | null = null;
  private query = "";
  private readonly list: List<Partner>;
  private readonly rest = h("p.blank", { hidden: true });
  private readonly chips = new Map<PartnerStatus | null, HTMLButtonElement>();
  private readonly drawSoon = throttle(1000, () => this.draw());

  constructor(private readonly parent: HTMLElement, private readonly store: Store, private readonly onFilter: () => void) {
    const search = h("input", { type: "search", placeholder: "Search by id, name, zone", "aria-label": "Search partners", autocomplete: "off", spellcheck: "false" });
    search.addEventListener("input", () => {
      this.query = search.value.trim().toLowerCase();
      this.draw();
    });
    const chips = h("div.chips", { role: "group", "aria-label": "Status" });
    for (const status of [null, ...partnerStatusOrder]) {
      const chip = h("button.chip", { type: "button", "aria-pressed": status === null ? "true" : "false", onclick: () => this.filter(status) }, status && shape(status), status ? partnerStatuses[status] : "All");
      this.chips.set(status, chip);
      chips.append(chip);
    }
    const body = h("div.scroll");
    parent.append(h("div.filters", null, search), chips, body);
    this.list = new List<Partner>(body, {
      label: "Partners", key: (partner) => partner.id, href: (partner) => toPartner(partner.id),
      stamp: (partner) => [partner.status, partner.status_reason, partner.on_board, partner.zones.join(), partner.position && ago(partner.position.ts), partner.manifest?.done, partner.manifest?.stops].join("|"),
      draw: row, empty: "No partners yet.",
    });
    body.append(this.rest);
    store.on("partners", this.drawSoon);
  }

  /** Which partners the map shows: the chosen status narrows it too. */
  readonly shows = (_id: string, status: PartnerStatus) => this.status === null || this.status === status;

  filter(status: PartnerStatus | null): void {
    this.status = status;
    for (const [each, chip] of this.chips) chip.setAttribute("aria-pressed", String(each === status));
    this.draw();
    this.onFilter();
  }

  choose(id: string | null): void {
    this.list.choose(id);
  }

  draw(): void {
    if (this.parent.hidden) return;
    const partners = [...this.store.partners.values()].filter((partner) =>
      (this.status === null || partner.status === this.status) &&
      (!this.query || [partner.id, partner.name, ...partner.zones].some((text) => text?.toLowerCase().includes(this.query))));
    partners.sort((a, b) => partnerStatusOrder.indexOf(a.status) - partnerStatusOrder.indexOf(b.status) || a.id.localeCompare(b.id, undefined, { numeric: true }));
    this.list.say(this.store.partners.size === 0 ? "No partners yet." : "No partner matches.");
    this.list.set(partners.slice(0, SHOWN));
    this.rest.hidden = partners.length <= SHOWN;
    this.rest.textContent = `${partners.length - SHOWN} more: narrow the search.`;
  }
}

function row(partner: Partner): Node[] {
  const progress = partner.manifest ? `${partner.manifest.done}/${partner.manifest.stops} stops` : "no route";
  return [
    h("span.row-main", null, shape(partner.status), h("span.row-id", null, partner.name ?? partner.id), h("span.row-note", null, partner.name ? partner.id : ""), h("span.row-end", null, partner.position ? ago(partner.position.ts) : "no fix")),
    h("span.row-sub", null, h("span", null, partner.status_reason ? sentence(partner.status_reason) : partnerStatuses[partner.status]), h("span.row-end", null, `${progress}, ${partner.on_board} on board`)),
  ];
}
