/** The tracking page's small map, loaded only when there is a position to show. */
import { Map as MapLibre, Marker, ScaleControl, setWorkerUrl, type GeoJSONSource } from "maplibre-gl";
import * as api from "./api";
import type { Position } from "./contract";
import { h } from "./dom";
import { ZoneLabels } from "./labels";
import * as theme from "./theme";
import { loadZones } from "./zones";

declare const MAPLIBRE_WORKER_URL: string;

export class TrackMap {
  private readonly map: MapLibre;
  private readonly marker: Marker;
  private shown: [number, number] | null = null;

  constructor(container: HTMLElement, position: Position) {
    setWorkerUrl(new URL(MAPLIBRE_WORKER_URL, location.href).href);
    this.map = new MapLibre({
      container, center: [position.lon, position.lat], zoom: 13, maxZoom: 17, minZoom: 9, attributionControl: false,
      dragRotate: false, pitchWithRotate: false, touchPitch: false, cooperativeGestures: false, scrollZoom: false, fadeDuration: 0,
      style: {
        version: 8, sources: { zones: { type: "geojson", data: { type: "FeatureCollection", features: [] } } },
        layers: [
          { id: "ground", type: "background" },
          { id: "zones", type: "fill", source: "zones" },
          { id: "lines", type: "line", source: "zones", paint: { "line-width": 1.2 } },
        ],
      },
    });
    this.map.getCanvas().setAttribute("aria-label", "Map with your courier's position");
    this.map.addControl(new ScaleControl({ maxWidth: 80 }), "bottom-left");
    this.marker = new Marker({ element: h("div.courier", { title: "Your courier" }) }).setLngLat([position.lon, position.lat]).addTo(this.map);
    this.map.once("load", () => {
      this.paint();
      theme.onChange(() => this.paint());
      void this.zones();
    });
    this.move(position);
  }

  /** Glides to the new place rather than jumping. */
  move(position: Position): void {
    const from = this.shown ?? [position.lon, position.lat];
    const to: [number, number] = [position.lon, position.lat];
    const began = performance.now();
    const lasts = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : 2500;
    const step = (now: number) => {
      const share = Math.max(0, Math.min(1, (now - began) / lasts));
      this.shown = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
      this.marker.setLngLat(this.shown);
      if (share < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
    if (!this.map.getBounds().contains(to)) this.map.easeTo({ center: to });
  }

  private paint(): void {
    this.map.setPaintProperty("ground", "background-color", theme.colour("--map-ground"));
    this.map.setPaintProperty("zones", "fill-color", theme.colour("--zone-0"));
    this.map.setPaintProperty("lines", "line-color", theme.colour("--zone-line"));
  }

  /** Zones are not public on every server; without them the map keeps its scale bar alone. */
  private async zones(): Promise<void> {
    const sets = await api.zoneSets().catch(() => null);
    const loaded = await Promise.all((sets?.items ?? []).map(({ city, version }) => loadZones(city, version).catch(() => null)));
    const present = loaded.filter((set) => set !== null);
    this.map.getSource<GeoJSONSource>("zones")?.setData({ type: "FeatureCollection", features: present.flatMap((set) => set.features) });
    new ZoneLabels(this.map).show(present.flatMap((set) => set.zones));
  }
}
