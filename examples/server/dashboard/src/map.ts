/** The map: zones, the chosen partner's trail and stops, and the marker layer over them. No tiles. */
import {
  LngLatBounds, Map as MapLibre, Marker, ScaleControl, setWorkerUrl,
  type GeoJSONSource, type PaddingOptions, type StyleSpecification,
} from "maplibre-gl";
import type { LatLon, PartnerStatus, Stop } from "./contract";
import { h } from "./dom";
import { extend, latOf, lonOf, type Bounds } from "./geometry";
import { ZoneLabels } from "./labels";
import { MarkerLayer, type MarkerColours } from "./markers";
import { at, type Motion } from "./motion";
import * as theme from "./theme";
import type { Zone, ZoneSet } from "./zones";

declare const MAPLIBRE_WORKER_URL: string;

const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const collection = (features: GeoJSON.Feature[]): GeoJSON.FeatureCollection => ({ type: "FeatureCollection", features });

export function markerColours(): MarkerColours {
  return {
    status: { green: theme.rgb("--green"), amber: theme.rgb("--amber"), red: theme.rgb("--red"), grey: theme.rgb("--grey") },
    casing: theme.rgb("--map-casing"),
    accent: theme.rgb("--accent"),
  };
}

/** Every colour of the style in one place, so that a change of theme is a list of paint changes. */
function paints(): [layer: string, property: string, value: unknown][] {
  const tints = [0, 1, 2, 3, 4].flatMap((tint) => [tint, theme.colour(`--zone-${tint}`)]);
  return [
    ["ground", "background-color", theme.colour("--map-ground")],
    ["zones", "fill-color", ["match", ["get", "tint"], ...tints, theme.colour("--zone-0")]],
    ["zones-chosen", "fill-color", theme.colour("--accent")],
    ["zones-outline", "line-color", theme.colour("--zone-line")],
    ["zones-chosen-outline", "line-color", theme.colour("--accent")],
    ["trail-casing", "line-color", theme.colour("--map-casing")],
    ["trail", "line-color", theme.colour("--accent")],
    ["plan", "line-color", theme.colour("--plan")],
  ];
}

function style(): StyleSpecification {
  const geojson = () => ({ type: "geojson" as const, data: EMPTY });
  const chosen = ["case", ["boolean", ["feature-state", "chosen"], false], 1, ["boolean", ["feature-state", "hover"], false], 0.55, 0];
  const round = { "line-cap": "round", "line-join": "round" } as const;
  const layers = [
    { id: "ground", type: "background", paint: {} },
    { id: "zones", type: "fill", source: "zones", paint: {} },
    { id: "zones-chosen", type: "fill", source: "zones", paint: { "fill-opacity": ["*", 0.12, chosen] } },
    { id: "zones-outline", type: "line", source: "zones", layout: round, paint: { "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.6, 14, 1.6] } },
    { id: "zones-chosen-outline", type: "line", source: "zones", layout: round, paint: { "line-width": 1.8, "line-opacity": chosen } },
    { id: "plan", type: "line", source: "plan", layout: round, paint: { "line-width": 1.6, "line-dasharray": [0.5, 2.6] } },
    { id: "trail-casing", type: "line", source: "trail", layout: round, paint: { "line-width": 6, "line-opacity": 0.9 } },
    { id: "trail", type: "line", source: "trail", layout: round, paint: { "line-width": 3 } },
  ] as unknown as StyleSpecification["layers"];
  for (const [id, property, value] of paints()) {
    const layer = layers.find((candidate) => candidate.id === id);
    if (layer) (layer.paint as Record<string, unknown>)[property] = value;
  }
  return { version: 8, sources: { zones: geojson(), trail: geojson(), plan: geojson() }, layers };
}

export class CityMap {
  readonly map: MapLibre;
  readonly markers: MarkerLayer;
  readonly ready: Promise<void>;
  private readonly labels: ZoneLabels;
  private readonly sets = new Map<string, ZoneSet>();
  private readonly pins: Marker[] = [];
  private fitted = false;
  private lastFrame = 0;

  constructor(
    container: HTMLElement, private readonly motion: Motion,
    private readonly padding: () => PaddingOptions, shown: (id: string, status: PartnerStatus) => boolean,
  ) {
    setWorkerUrl(new URL(MAPLIBRE_WORKER_URL, location.href).href);
    this.map = new MapLibre({
      container, style: style(), center: [0, 20], zoom: 1.5, minZoom: 1, maxZoom: 19,
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-right");
    this.map.getCanvas().setAttribute("aria-label", "Map of zones and partners. Arrow keys move it, plus and minus zoom.");
    this.labels = new ZoneLabels(this.map);
    this.markers = new MarkerLayer(motion, markerColours(), shown);
    this.ready = new Promise((resolve) => {
      this.map.once("load", () => {
        this.map.addLayer(this.markers);
        resolve();
      });
    });
    theme.onChange(() => this.recolour());
    requestAnimationFrame(() => this.tick());
  }

  private recolour(): void {
    void this.ready.then(() => {
      for (const [layer, property, value] of paints()) this.map.setPaintProperty(layer, property as "fill-color", value as string);
      this.markers.recolour(markerColours());
    });
  }

  /** Draws as often as the fastest marker moves by a third of a pixel, at most once per frame. */
  private tick(): void {
    const now = performance.now();
    if (now < this.motion.busyUntil + 100) {
      const pixelsPerMs = this.motion.fastest(now) * 512 * 2 ** this.map.getZoom();
      const wait = pixelsPerMs > 0 ? Math.min(200, 0.33 / pixelsPerMs) : 200;
      if (now - this.lastFrame >= wait - 4) {
        this.lastFrame = now;
        this.map.triggerRepaint();
      }
    }
    requestAnimationFrame(() => this.tick());
  }

  repaint(): void {
    this.map.triggerRepaint();
  }

  async setZones(city: string, set: ZoneSet): Promise<void> {
    await this.ready;
    this.sets.set(city, set);
    const sets = [...this.sets.values()];
    this.map.getSource<GeoJSONSource>("zones")?.setData(collection(sets.flatMap((each) => each.features)));
    this.labels.show(sets.flatMap((each) => each.zones));
    if (!this.fitted) {
      this.fitted = true;
      this.fitAll(false);
    }
  }

  zones(): Zone[] {
    return [...this.sets.values()].flatMap((set) => set.zones);
  }

  /** All zones, else all partners. */
  fitAll(animate = true): void {
    let bounds: Bounds | null = null;
    for (const set of this.sets.values()) {
      if (set.bounds) bounds = extend(extend(bounds, set.bounds[0], set.bounds[1]), set.bounds[2], set.bounds[3]);
    }
    if (!bounds) for (const track of this.motion.tracks.values()) bounds = extend(bounds, lonOf(track.toX), latOf(track.toY));
    if (bounds) this.map.fitBounds(bounds, { padding: this.padding(), animate, maxZoom: 14, duration: 600 });
  }

  fit(points: LatLon[]): void {
    const bounds = new LngLatBounds();
    for (const point of points) bounds.extend([point.lon, point.lat]);
    if (!bounds.isEmpty()) this.map.fitBounds(bounds, { padding: this.padding(), maxZoom: 13.4, duration: 700 });
  }

  /** Marks zones as chosen or hovered; everything else loses the mark. */
  markZones(mark: "chosen" | "hover", ids: readonly string[]): void {
    if (!this.map.isStyleLoaded() && this.sets.size === 0) return;
    for (const zone of this.zones()) {
      const state = { [mark]: ids.includes(zone.id) };
      this.map.setFeatureState({ source: "zones", id: zone.key }, state);
    }
  }

  async showTrail(line: GeoJSON.Feature | null, stops: readonly Stop[], from: LatLon | null): Promise<void> {
    await this.ready;
    this.map.getSource<GeoJSONSource>("trail")?.setData(line?.geometry ? collection([line]) : EMPTY);
    const open = stops.filter((stop) => !isDone(stop));
    const path = [...(from && open.length > 0 ? [from] : []), ...open].map((point) => [point.lon, point.lat]);
    const plan: GeoJSON.Feature = { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: path } };
    this.map.getSource<GeoJSONSource>("plan")?.setData(path.length > 1 ? collection([plan]) : EMPTY);
    this.clearPins();
    for (const stop of stops) {
      const element = h("a.stop-pin", { href: `#/shipments/${encodeURIComponent(stop.shipment)}`, tabindex: -1, title: `Stop ${stop.seq}: ${stop.shipment}`, "data-done": String(isDone(stop)) }, stop.seq);
      this.pins.push(new Marker({ element }).setLngLat([stop.lon, stop.lat]).addTo(this.map));
    }
  }

  /** One pin, for a shipment's destination. */
  showPin(place: LatLon | null, title: string): void {
    this.clearPins();
    if (!place) return;
    const element = h("div.place-pin", { title });
    this.pins.push(new Marker({ element, anchor: "bottom" }).setLngLat([place.lon, place.lat]).addTo(this.map));
  }

  private clearPins(): void {
    for (const pin of this.pins.splice(0)) pin.remove();
  }

  /** The partner drawn nearest to a point of the canvas, if a finger would say it was hit. */
  partnerAt(x: number, y: number, reach: number): string | null {
    const now = performance.now();
    let best: string | null = null;
    let nearest = reach;
    for (const track of this.motion.tracks.values()) {
      const [mx, my] = at(track, now);
      const spot = this.map.project([lonOf(mx), latOf(my)]);
      const distance = Math.hypot(spot.x - x, spot.y - y);
      if (distance < nearest) [best, nearest] = [track.id, distance];
    }
    return best;
  }

  zoneAt(x: number, y: number): { id: string; name: string } | null {
    const [feature] = this.map.getLayer("zones") ? this.map.queryRenderedFeatures([x, y], { layers: ["zones"] }) : [];
    return feature ? { id: String(feature.properties["zone"]), name: String(feature.properties["name"]) } : null;
  }
}

export const isDone = (stop: Stop) => ["delivered", "attempt_failed", "cancelled", "lost", "damaged", "done", "failed"].includes(stop.status);
