/** What the page knows right now, kept up by the live socket; views subscribe by topic. */
import type { LiveMessage, Metrics, Partner, Position } from "./contract";
import type { Motion } from "./motion";

export type Topic = "partners" | "metrics" | "cities" | "shipment" | "geofence" | "status" | "manifest";
type MessageOf<T extends LiveMessage["t"]> = Extract<LiveMessage, { t: T }>;

const HISTORY = 60;

export class Store {
  readonly partners = new Map<string, Partner>();
  readonly cities = new Map<string, number>();
  /** Fixes per second of the last minute or so, oldest first. */
  readonly fixesHistory: number[] = [];
  metrics: Metrics | null = null;
  private readonly listeners = new Map<Topic, Set<(message: LiveMessage) => void>>();

  constructor(private readonly motion: Motion) {}

  on(topic: Topic, listener: (message: LiveMessage) => void): () => void {
    const set = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  receive(message: LiveMessage): void {
    switch (message.t) {
      case "snapshot": return this.snapshot(message);
      case "pos": return this.position(message);
      case "status": return this.status(message);
      case "metric": return this.measure(message, message);
      case "zones":
        this.cities.set(message.city, message.version);
        return this.emit("cities", message);
      case "manifest": return this.manifest(message);
      case "shipment": return this.emit("shipment", message);
      case "geofence": return this.emit("geofence", message);
    }
  }

  /** A partner read over HTTP is newer than what the snapshot said, except for its position. */
  learn(partner: Partner): void {
    const known = this.partners.get(partner.id);
    const position = known?.position && (!partner.position || known.position.ts > partner.position.ts) ? known.position : partner.position;
    this.partners.set(partner.id, { ...partner, position });
    if (position) this.motion.place(partner.id, partner.status, position, performance.now());
  }

  private snapshot(message: MessageOf<"snapshot">): void {
    const present = new Set(message.partners.map((partner) => partner.id));
    for (const id of [...this.partners.keys()]) {
      if (present.has(id)) continue;
      this.partners.delete(id);
      this.motion.remove(id);
    }
    for (const partner of message.partners) {
      this.partners.set(partner.id, partner);
      if (partner.position) this.motion.place(partner.id, partner.status, partner.position, performance.now());
    }
    this.cities.clear();
    for (const { city, version } of message.cities) this.cities.set(city, version);
    this.emit("partners", message);
    this.emit("cities", message);
    this.measure(message.metrics, message);
  }

  private position(message: MessageOf<"pos">): void {
    const partner = this.partners.get(message.partner);
    if (!partner) return;
    const position: Position = {
      ...partner.position, lat: message.lat, lon: message.lon, ts: message.ts,
      speed_mps: message.speed_mps ?? null, bearing_deg: message.bearing_deg ?? null,
    };
    partner.position = position;
    this.motion.place(partner.id, partner.status, position, performance.now());
    this.emit("partners", message);
  }

  private status(message: MessageOf<"status">): void {
    const partner = this.partners.get(message.partner);
    if (!partner) return;
    const before = partner.status;
    Object.assign(partner, { status: message.status, status_reason: message.reason, zones: message.zones, on_board: message.on_board });
    const track = this.motion.tracks.get(partner.id);
    if (track) track.status = message.status;
    this.emit("partners", message);
    if (before !== message.status) this.emit("status", message);
  }

  private manifest(message: MessageOf<"manifest">): void {
    const partner = this.partners.get(message.partner);
    if (partner) {
      const done = partner.manifest?.date === message.date ? partner.manifest.done : 0;
      partner.manifest = { date: message.date, version: message.version, stops: message.stops, done };
    }
    this.emit("manifest", message);
  }

  private measure(metrics: Metrics, message: LiveMessage): void {
    this.metrics = metrics;
    this.fixesHistory.push(metrics.fixes_per_s);
    if (this.fixesHistory.length > HISTORY) this.fixesHistory.shift();
    this.emit("metrics", message);
  }

  private emit(topic: Topic, message: LiveMessage): void {
    for (const listener of this.listeners.get(topic) ?? []) listener(message);
  }
}
