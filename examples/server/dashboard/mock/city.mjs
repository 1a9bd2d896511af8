// A made-up city for the mock server: zones on a jittered grid, seeded, the same every time.

/** A small seeded generator (mulberry32): the same seed gives the same city. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const NAMES = ["Aundh", "Baner", "Kothrud", "Shivajinagar", "Deccan", "Camp", "Hadapsar", "Kharadi", "Viman Nagar", "Yerawada", "Wakad", "Hinjawadi", "Pashan", "Bavdhan", "Warje", "Karve Nagar", "Sinhagad Road", "Dhankawadi", "Katraj", "Bibwewadi", "Market Yard", "Swargate", "Sadashiv Peth", "Kasba Peth", "Bund Garden", "Koregaon Park", "Kalyani Nagar", "Mundhwa", "Magarpatta", "Wanowrie", "Kondhwa", "Undri", "Lohegaon", "Dhanori", "Vishrantwadi", "Khadki", "Bopodi", "Dapodi", "Pimple Saudagar", "Pimple Nilakh", "Balewadi", "Sus", "Erandwane", "Model Colony", "Parvati", "Sahakarnagar", "Padmavati", "Ambegaon", "Narhe", "Fursungi", "Manjri", "Wagholi", "Chandan Nagar", "Vadgaon Sheri", "Kalas", "Sangvi", "Rahatani", "Thergaon", "Bhugaon", "Nanded"];
export const CENTRE = { lat: 18.5204, lon: 73.8567 };
const GRID = 9;
const SPAN = 0.19;

export function makeCity(seed) {
  const next = random(seed);
  const corners = Array.from({ length: GRID + 1 }, (_, j) => Array.from({ length: GRID + 1 }, (_, i) => [
    CENTRE.lon + (i / GRID - 0.5) * SPAN * 1.06 + (next() - 0.5) * 0.009,
    CENTRE.lat + (j / GRID - 0.5) * SPAN + (next() - 0.5) * 0.009,
  ]));
  const features = [];
  for (let j = 0; j < GRID; j++) {
    for (let i = 0; i < GRID; i++) {
      const away = Math.hypot(i + 0.5 - GRID / 2, j + 0.5 - GRID / 2);
      if (away > GRID / 2 + 0.1) continue;
      const ring = [corners[j][i], corners[j][i + 1], corners[j + 1][i + 1], corners[j + 1][i], corners[j][i]];
      const index = features.length;
      features.push({ type: "Feature", id: `Z-${index + 1}`, properties: { name: NAMES[index % NAMES.length] + (index < NAMES.length ? "" : " East") }, geometry: { type: "Polygon", coordinates: [ring] } });
    }
  }
  return { corners, collection: { type: "FeatureCollection", features } };
}

export function zoneOf(collection, lon, lat) {
  for (const feature of collection.features) {
    let inside = false;
    const ring = feature.geometry.coordinates[0];
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax, ay] = ring[i];
      const [bx, by] = ring[j];
      if (ay > lat !== by > lat && lon < ((bx - ax) * (lat - ay)) / (by - ay) + ax) inside = !inside;
    }
    if (inside) return [feature.id];
  }
  return [];
}
