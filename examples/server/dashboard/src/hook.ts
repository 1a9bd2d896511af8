/** A read-only look inside for tests and the console: `window.__logistics`. */
import { latOf, lonOf } from "./geometry";
import type { Live } from "./live";
import type { CityMap } from "./map";
import { at, type Motion } from "./motion";
import type { Store } from "./store";

export function expose(store: Store, motion: Motion, map: CityMap, live: Live): void {
  const view = Object.freeze({
    connection: () => live.state,
    rev: () => live.rev,
    partners: () => store.partners.size,
    zones: () => map.zones().length,
    frames: () => map.markers.frames,
    /** Where each marker is drawn at this moment: [id, lon, lat]. */
    positions: () => [...motion.tracks.values()].map((track) => {
      const [x, y] = at(track, performance.now());
      return [track.id, lonOf(x), latOf(y)] as const;
    }),
  });
  Object.defineProperty(window, "__logistics", { value: view });
}
