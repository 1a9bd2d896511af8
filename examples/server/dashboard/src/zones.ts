/** A city's zones as the map needs them: each with its id, its name, a tint, and its label's place. */
import * as api from "./api";
import { boundsOf, labelPoint, type Bounds } from "./geometry";

export interface Zone { id: string; name: string; city: string; lon: number; lat: number; width: number; key: number }

export interface ZoneSet {
  version: number;
  zones: Zone[];
  features: GeoJSON.Feature[];
  bounds: Bounds | null;
}

/** Feature-state wants numbers as keys; one counter serves all cities. */
let nextKey = 1;

export async function loadZones(city: string, version: number): Promise<ZoneSet> {
  const collection = await api.zones(city);
  const zones: Zone[] = [];
  const features: GeoJSON.Feature[] = [];
  for (const [index, feature] of collection.features.entries()) {
    const spot = labelPoint(feature.geometry);
    if (!spot) continue;
    const properties = feature.properties ?? {};
    const named = collection.id_property ? properties[collection.id_property] : undefined;
    const id = String(named ?? feature.id ?? properties["id"] ?? `#${index}`);
    const name = String(properties["name"] ?? id);
    const key = nextKey++;
    zones.push({ id, name, city, key, ...spot });
    features.push({ type: "Feature", id: key, geometry: feature.geometry, properties: { zone: id, name, tint: (index * 7) % 5 } });
  }
  return { version, zones, features, bounds: boundsOf(features.map((feature) => feature.geometry)) };
}
