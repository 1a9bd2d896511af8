/** Pointer on the map: a click opens the partner under it, hovering names partner or zone. */
import type { CityMap } from "./map";
import { go, toPartner } from "./route";
import type { Store } from "./store";
import { partnerStatuses } from "./words";

export function interact(city: CityMap, store: Store, tooltip: HTMLElement): void {
  const { map } = city;
  const hide = () => {
    tooltip.hidden = true;
    city.markZones("hover", []);
    map.getCanvas().style.cursor = "";
  };
  let last = "";
  map.on("click", (event) => {
    const id = city.partnerAt(event.point.x, event.point.y, 20);
    if (id) go(toPartner(id));
  });
  map.on("mousemove", (event) => {
    const { x, y } = event.point;
    const id = city.partnerAt(x, y, 13);
    const zone = city.zoneAt(x, y);
    if ((zone?.id ?? "") !== last) city.markZones("hover", zone ? [zone.id] : []);
    last = zone?.id ?? "";
    map.getCanvas().style.cursor = id ? "pointer" : "";
    const partner = id ? store.partners.get(id) : undefined;
    if (!partner && !zone) return hide();
    const text = partner ? `${partner.name ?? partner.id}, ${partnerStatuses[partner.status].toLowerCase()}` : zone?.name ?? "";
    if (tooltip.textContent !== text) tooltip.textContent = text;
    tooltip.hidden = false;
    tooltip.style.transform = `translate(${Math.round(x + 14)}px, ${Math.round(y + 14)}px)`;
  });
  map.on("mouseout", hide);
  map.on("dragstart", hide);
  const on = (id: string, run: () => void) => document.getElementById(id)?.addEventListener("click", run);
  on("zoom-in", () => map.zoomIn());
  on("zoom-out", () => map.zoomOut());
  on("fit", () => city.fitAll());
}
