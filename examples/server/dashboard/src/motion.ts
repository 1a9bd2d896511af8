/**
 * Where each partner is drawn at any moment. Fixes arrive every few seconds; between them a
 * marker glides from where it is shown to the newest fix, over about the time until the next.
 * Not a prediction: a marker never runs ahead of what was measured.
 */
import type { PartnerStatus, Position } from "./contract";
import { mercatorX, mercatorY, metresPerUnit } from "./geometry";

/** Further than this between two fixes is a jump, and shown as one. */
const JUMP_M = 3000;
const MOVING_MPS = 0.8;
const TURN_MS = 500;

export interface Track {
  readonly id: string;
  status: PartnerStatus;
  fromX: number; fromY: number;
  toX: number; toY: number;
  startedAt: number;
  lasts: number;
  fromAngle: number;
  toAngle: number;
  moving: boolean;
  ts: number;
}

export class Motion {
  readonly tracks = new Map<string, Track>();
  /** Until when (performance.now) anything glides. */
  busyUntil = 0;
  /** Someone reduced motion: markers step instead of gliding. */
  still = false;

  place(id: string, status: PartnerStatus, position: Position, now: number): void {
    const x = mercatorX(position.lon);
    const y = mercatorY(position.lat);
    const known = this.tracks.get(id);
    const angle = ((position.bearing_deg ?? 0) * Math.PI) / 180;
    const moving = (position.speed_mps ?? 0) > MOVING_MPS && typeof position.bearing_deg === "number";
    if (!known) {
      this.tracks.set(id, { id, status, fromX: x, fromY: y, toX: x, toY: y, startedAt: now, lasts: 0, fromAngle: angle, toAngle: angle, moving, ts: position.ts });
      return;
    }
    known.status = status;
    if (position.ts < known.ts) return;
    const [shownX, shownY] = at(known, now);
    const far = Math.hypot(x - shownX, y - shownY) * metresPerUnit(y) > JUMP_M;
    const sinceLast = known.ts > 0 ? position.ts - known.ts : 0;
    known.fromAngle = angleAt(known, now);
    [known.fromX, known.fromY] = far || this.still ? [x, y] : [shownX, shownY];
    [known.toX, known.toY] = [x, y];
    known.startedAt = now;
    known.lasts = far || this.still ? 0 : Math.max(900, Math.min(12_000, sinceLast * 1.05));
    known.toAngle = moving ? angle : known.toAngle;
    known.moving = moving;
    known.ts = position.ts;
    this.busyUntil = Math.max(this.busyUntil, now + Math.max(known.lasts, TURN_MS));
  }

  remove(id: string): void {
    this.tracks.delete(id);
  }

  /** The fastest glide now, in Mercator units per millisecond: how often a frame is worth drawing. */
  fastest(now: number): number {
    let fastest = 0;
    for (const track of this.tracks.values()) {
      if (track.lasts === 0 || now > track.startedAt + track.lasts) continue;
      fastest = Math.max(fastest, Math.hypot(track.toX - track.fromX, track.toY - track.fromY) / track.lasts);
    }
    return fastest;
  }
}

export function at(track: Track, now: number): [x: number, y: number] {
  const done = track.lasts === 0 ? 1 : Math.max(0, Math.min(1, (now - track.startedAt) / track.lasts));
  return [track.fromX + (track.toX - track.fromX) * done, track.fromY + (track.toY - track.fromY) * done];
}

export function angleAt(track: Track, now: number): number {
  const done = Math.max(0, Math.min(1, (now - track.startedAt) / TURN_MS));
  const turn = Math.atan2(Math.sin(track.toAngle - track.fromAngle), Math.cos(track.toAngle - track.fromAngle));
  return track.fromAngle + turn * done;
}
