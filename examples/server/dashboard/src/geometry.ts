/** Plane geometry for the map: Web Mercator in 0..1, bounds, and where a zone's name fits. */

export type Bounds = [west: number, south: number, east: number, north: number];
type Ring = GeoJSON.Position[];

export const mercatorX = (lon: number) => (lon + 180) / 360;
export const mercatorY = (lat: number) =>
  0.5 - Math.log(Math.tan(Math.PI / 4 + (Math.max(-85, Math.min(85, lat)) * Math.PI) / 360)) / (2 * Math.PI);
export const lonOf = (x: number) => x * 360 - 180;
export const latOf = (y: number) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;

/** Metres per unit of Mercator at that height. */
export const metresPerUnit = (y: number) => 40_075_017 * Math.cos((latOf(y) * Math.PI) / 180);

export function extend(bounds: Bounds | null, lon: number, lat: number): Bounds {
  if (!bounds) return [lon, lat, lon, lat];
  return [Math.min(bounds[0], lon), Math.min(bounds[1], lat), Math.max(bounds[2], lon), Math.max(bounds[3], lat)];
}

export function polygonsOf(geometry: GeoJSON.Geometry | null): Ring[][] {
  if (geometry?.type === "Polygon") return [geometry.coordinates];
  if (geometry?.type === "MultiPolygon") return geometry.coordinates;
  if (geometry?.type === "GeometryCollection") return geometry.geometries.flatMap(polygonsOf);
  return [];
}

export function boundsOf(geometries: Iterable<GeoJSON.Geometry | null>): Bounds | null {
  let bounds: Bounds | null = null;
  for (const geometry of geometries) {
    for (const polygon of polygonsOf(geometry)) {
      for (const position of polygon[0] ?? []) bounds = extend(bounds, position[0] ?? 0, position[1] ?? 0);
    }
  }
  return bounds;
}

/** Distance to the nearest edge, negative outside; in degrees, good enough to choose a label's place. */
function depth(lon: number, lat: number, polygon: Ring[]): number {
  let inside = false;
  let nearest = Infinity;
  for (const ring of polygon) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax = 0, ay = 0] = ring[i] ?? [];
      const [bx = 0, by = 0] = ring[j] ?? [];
      if (ay > lat !== by > lat && lon < ((bx - ax) * (lat - ay)) / (by - ay) + ax) inside = !inside;
      const length = (bx - ax) ** 2 + (by - ay) ** 2;
      const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((lon - ax) * (bx - ax) + (lat - ay) * (by - ay)) / length));
      nearest = Math.min(nearest, Math.hypot(lon - ax - along * (bx - ax), lat - ay - along * (by - ay)));
    }
  }
  return inside ? nearest : -nearest;
}

/** The point deep inside the largest part, found on a grid that closes in on the best cell. */
export function labelPoint(geometry: GeoJSON.Geometry | null): { lon: number; lat: number; width: number } | null {
  let best: { bounds: Bounds; polygon: Ring[]; area: number } | null = null;
  for (const polygon of polygonsOf(geometry)) {
    const bounds = boundsOf([{ type: "Polygon", coordinates: polygon }]);
    if (!bounds) continue;
    const area = (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]);
    if (!best || area > best.area) best = { bounds, polygon, area };
  }
  if (!best) return null;
  const { polygon } = best;
  let [west, south, east, north] = best.bounds;
  const width = east - west;
  let lon = (west + east) / 2;
  let lat = (south + north) / 2;
  let deepest = depth(lon, lat, polygon);
  for (let round = 0; round < 3; round++) {
    const dx = (east - west) / 8;
    const dy = (north - south) / 8;
    for (let i = 1; i < 8; i++) {
      for (let j = 1; j < 8; j++) {
        const here = depth(west + i * dx, south + j * dy, polygon);
        if (here > deepest) [deepest, lon, lat] = [here, west + i * dx, south + j * dy];
      }
    }
    [west, south, east, north] = [lon - dx, lat - dy, lon + dx, lat + dy];
  }
  return { lon, lat, width };
}
