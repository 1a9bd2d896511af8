/** Zone names as page text over the map: no glyph files are needed, and the system's font is used. */
import type { Map as MapLibre } from "maplibre-gl";
import { h } from "./dom";
import type { Zone } from "./zones";

interface Label { zone: Zone; element: HTMLElement; width: number; shown: boolean }

export class ZoneLabels {
  private labels: Label[] = [];
  private pen: CanvasRenderingContext2D | null = null;
  private readonly layer = h("div.zone-labels", { "aria-hidden": "true" });

  constructor(private readonly map: MapLibre) {
    map.getCanvasContainer().after(this.layer);
    map.on("move", () => this.place());
    map.on("resize", () => this.place());
  }

  show(zones: Zone[]): void {
    this.labels = zones.map((zone) => ({
      zone, element: h("span.zone-label", null, zone.name), width: this.textWidth(zone.name) * 1.25, shown: false,
    }));
    this.layer.replaceChildren();
    this.place();
  }

  /** In the label's own font, with some room: few zones are rectangles. */
  private textWidth(text: string): number {
    this.pen ??= document.createElement("canvas").getContext("2d");
    if (!this.pen) return text.length * 7;
    this.pen.font = `500 11px ${getComputedStyle(document.body).fontFamily}`;
    return this.pen.measureText(text).width;
  }

  /** A name is shown where its zone is wide enough on screen to hold it. */
  private place(): void {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const pixelsPerDegree = (512 * 2 ** this.map.getZoom()) / 360;
    for (const label of this.labels) {
      const fits = label.zone.width * pixelsPerDegree > label.width;
      const spot = fits ? this.map.project([label.zone.lon, label.zone.lat]) : null;
      const shown = spot !== null && spot.x > -80 && spot.y > -20 && spot.x < clientWidth + 80 && spot.y < clientHeight + 20;
      if (shown) label.element.style.transform = `translate(${spot.x.toFixed(1)}px, ${spot.y.toFixed(1)}px) translate(-50%, -50%)`;
      if (shown !== label.shown) {
        label.shown = shown;
        if (shown) this.layer.append(label.element);
        else label.element.remove();
      }
    }
  }
}
