// The mock's fleet and shipments: partners drive along the city's grid, shipments live and are delivered.
import { randomUUID } from "node:crypto";
import { makeCity, random, zoneOf } from "./city.mjs";

const NAMES = ["Aarav", "Asha", "Deepak", "Farhan", "Gauri", "Imran", "Kavya", "Kiran", "Manoj", "Meera", "Nikhil", "Pooja", "Rahul", "Sana", "Suresh", "Tara", "Vikram", "Zoya"];
const FLOW = ["created", "picked_up", "at_hub", "assigned", "out_for_delivery", "delivered"];
const TYPES = { created: "ShipmentCreated", picked_up: "PickupConfirmed", at_hub: "HubArrived", assigned: "AssignedToPartner", out_for_delivery: "OutForDelivery", delivered: "DeliveryConfirmed", attempt_failed: "DeliveryAttempted" };
const REASONS = { green: "on route", amber: "stopped for 9 min", red: "2 stops predicted late", grey: "silent for 16 min" };

export class World {
  constructor({ seed = 7, partners = 100, shipments = 180 } = {}) {
    this.next = random(seed);
    this.city = makeCity(seed);
    this.partners = new Map();
    this.shipments = new Map();
    this.events = new Map();
    this.shift = new Map();
    this.trails = new Map();
    this.tokens = new Map();
    this.listeners = new Set();
    this.rev = 1;
    this.date = new Date().toISOString().slice(0, 10);
    for (let i = 1; i <= partners; i++) this.addPartner(i);
    for (let i = 1; i <= shipments; i++) this.addShipment(i, Date.now() - this.next() * 3 * 3600e3);
  }

  pick(list) { return list[Math.floor(this.next() * list.length)]; }
  emit(message) {
    const full = { ...message, rev: ++this.rev };
    for (const listener of this.listeners) listener(full);
  }

  addPartner(index) {
    const share = this.next();
    const status = share < 0.78 ? "green" : share < 0.89 ? "amber" : share < 0.94 ? "red" : "grey";
    const i = 2 + Math.floor(this.next() * 6);
    const j = 2 + Math.floor(this.next() * 6);
    const [lon, lat] = this.city.corners[j][i];
    const id = `DP-${index}`;
    this.partners.set(id, { id, name: `${this.pick(NAMES)} ${String.fromCharCode(65 + (index % 26))}.`, vehicle: this.next() < 0.8 ? "two_wheeler" : "four_wheeler", status, status_reason: REASONS[status], position: { lat, lon, ts: Date.now() - (status === "grey" ? 960e3 : 0), accuracy_m: 8, speed_mps: 0, bearing_deg: null }, zones: zoneOf(this.city.collection, lon, lat), battery: 0.2 + this.next() * 0.8, capacity: 25, on_board: 0, manifest: null, at: [i, j], to: [i, j], share: 1, leg: 1 });
    this.trails.set(id, [[lon, lat]]);
    this.shift.set(id, []);
    this.stepPartner(this.partners.get(id), this.next() * 200);
  }

  addShipment(index, createdAt) {
    const id = `SHP-${String(index).padStart(5, "0")}`;
    const feature = this.pick(this.city.collection.features);
    const ring = feature.geometry.coordinates[0];
    const [a, , c] = ring;
    const share = 0.25 + this.next() * 0.5;
    const end = new Date(Math.ceil((createdAt + 4 * 3600e3) / 3600e3) * 3600e3);
    const created = new Date(createdAt).toISOString();
    const shipment = { id, client: this.pick(["acme", "bookshop", "fresh-foods"]), reference: this.next() < 0.4 ? `PO-${10000 + index}` : null, status: "created", version: 0, destination: { lat: a[1] + (c[1] - a[1]) * share, lon: a[0] + (c[0] - a[0]) * share }, promise: { start: new Date(end.getTime() - 3 * 3600e3).toISOString(), end: end.toISOString(), time_zone: "Asia/Kolkata" }, partner: null, hub: null, failed_attempts: 0, created_at: created, updated_at: created };
    this.shipments.set(id, shipment);
    this.events.set(id, []);
    this.tokens.set(`demo-token-${index}`, id);
    const steps = 1 + Math.floor(this.next() * FLOW.length * 1.15);
    for (let step = 0; step < Math.min(steps, FLOW.length); step++) {
      const failed = FLOW[step] === "delivered" && this.next() < 0.12;
      this.advance(shipment, failed ? "attempt_failed" : FLOW[step], new Date(createdAt + step * 14 * 60e3), true);
    }
  }

  advance(shipment, status, at = new Date(), quiet = false) {
    const data = { client: shipment.client };
    if (status === "assigned") shipment.partner = `DP-${1 + Math.floor(this.next() * this.partners.size)}`;
    if (status === "at_hub") Object.assign(data, { hub: (shipment.hub = "HUB-1"), direction: "inbound" });
    if (["out_for_delivery", "delivered", "attempt_failed"].includes(status)) data.position = { ...shipment.destination };
    if (status === "delivered") data.proof = { kind: "otp" };
    if (status === "attempt_failed") Object.assign(data, { reason: "customer_unavailable", attempt: ++shipment.failed_attempts });
    if (shipment.partner) data.partner = shipment.partner;
    Object.assign(shipment, { status, version: shipment.version + 1, updated_at: at.toISOString() });
    const actor = shipment.partner && status !== "assigned" ? { kind: "partner", id: shipment.partner } : { kind: "system" };
    this.events.get(shipment.id).push({ event_id: randomUUID(), stream: `shipment-${shipment.id}`, version: shipment.version, type: TYPES[status], schema: 1, occurred_at: at.toISOString(), recorded_at: new Date(at.getTime() + 400).toISOString(), actor, correlation_id: randomUUID(), causation_id: null, command_id: randomUUID(), data });
    if (shipment.partner) this.count(shipment.partner);
    if (!quiet) this.emit({ t: "shipment", id: shipment.id, status, partner: shipment.partner, at: at.toISOString() });
  }

  count(id) {
    const partner = this.partners.get(id);
    const own = [...this.shipments.values()].filter((shipment) => shipment.partner === id);
    partner.on_board = own.filter((shipment) => shipment.status === "out_for_delivery").length;
    partner.manifest = { date: this.date, version: 1, stops: own.length, done: own.filter((shipment) => ["delivered", "attempt_failed"].includes(shipment.status)).length };
  }

  manifest(id) {
    const own = [...this.shipments.values()].filter((shipment) => shipment.partner === id);
    const stops = own.map((shipment, index) => {
      const arrival = new Date(Date.now() + (index - 1) * 11 * 60e3).toISOString();
      return { seq: index + 1, shipment: shipment.id, ...shipment.destination, arrival, departure: arrival, service_s: 180, window: shipment.promise, status: shipment.status, doubts: [] };
    });
    return { id: `${id}/${this.date}`, partner: id, date: this.date, version: 1, run: "run-1", uncertain: false, doubts: [], stops, travel_s: 4200, distance_m: 21000 };
  }

  stepPartner(partner, seconds) {
    if (partner.status === "grey" || partner.status === "amber") return;
    const speed = 7;
    let left = speed * seconds;
    const { corners } = this.city;
    let bearing = partner.position.bearing_deg ?? 0;
    while (left > 0) {
      if (partner.share >= 1) {
        partner.at = partner.to;
        const [i, j] = partner.at;
        partner.to = this.pick([[i + 1, j], [i - 1, j], [i, j + 1], [i, j - 1]].filter(([x, y]) => x > 0 && y > 0 && x < 9 && y < 9));
        partner.share = 0;
      }
      const [ax, ay] = corners[partner.at[1]][partner.at[0]];
      const [bx, by] = corners[partner.to[1]][partner.to[0]];
      const dx = (bx - ax) * 105_500;
      const dy = (by - ay) * 111_200;
      const length = Math.hypot(dx, dy);
      const part = Math.min(1 - partner.share, left / length);
      partner.share += part;
      left -= part * length + 1e-6;
      bearing = ((Math.atan2(dx, dy) * 180) / Math.PI + 360) % 360;
      const noise = () => (this.next() - 0.5) * 0.00008;
      partner.position = { ...partner.position, lon: ax + (bx - ax) * partner.share + noise(), lat: ay + (by - ay) * partner.share + noise() };
      if (partner.share >= 1) this.trails.get(partner.id).push([bx, by]);
    }
    Object.assign(partner.position, { ts: Date.now(), speed_mps: speed, bearing_deg: bearing });
    this.trails.get(partner.id).push([partner.position.lon, partner.position.lat]);
  }

  /** One fix of one partner, with what follows from it. */
  fix(partner, seconds) {
    if (partner.status === "grey") return;
    const before = partner.zones;
    this.stepPartner(partner, seconds);
    partner.position.ts = Date.now();
    const { lat, lon, ts, speed_mps, bearing_deg } = partner.position;
    this.emit({ t: "pos", partner: partner.id, lat, lon, ts, speed_mps, bearing_deg });
    partner.zones = zoneOf(this.city.collection, lon, lat);
    if (before.join() === partner.zones.join()) return;
    const at = new Date(ts).toISOString();
    this.shift.get(partner.id).push({ event_id: randomUUID(), stream: `shift-${partner.id}`, version: this.shift.get(partner.id).length + 1, type: "GeofenceBreached", schema: 1, occurred_at: at, recorded_at: at, actor: { kind: "system" }, correlation_id: randomUUID(), causation_id: null, command_id: randomUUID(), data: { partner: partner.id, from: before, to: partner.zones, at, position: { lat, lon } } });
    this.emit({ t: "geofence", partner: partner.id, from: before, to: partner.zones, at, lat, lon, city: "pune" });
  }

  changeStatus(partner, status) {
    Object.assign(partner, { status, status_reason: REASONS[status] });
    this.emit({ t: "status", partner: partner.id, status, reason: partner.status_reason, zones: partner.zones, on_board: partner.on_board });
  }

  metrics() {
    const counts = {};
    for (const { status } of this.shipments.values()) counts[status] = (counts[status] ?? 0) + 1;
    const partners = { green: 0, amber: 0, red: 0, grey: 0 };
    for (const { status } of this.partners.values()) partners[status]++;
    const delivered = counts.delivered ?? 0;
    return { counts, completion: delivered / this.shipments.size, predicted_breaches: partners.red, utilisation: partners.green / this.partners.size, partners, fixes_per_s: this.partners.size / 4 + this.next() * 6 };
  }

  /** Starts the clock; returns what stops it. */
  run() {
    const partners = [...this.partners.values()];
    let turn = 0;
    const timers = [
      setInterval(() => { for (let k = 0; k < Math.ceil(partners.length / 40); k++) this.fix(partners[turn++ % partners.length], 4); }, 100),
      setInterval(() => this.emit({ t: "metric", ...this.metrics() }), 2000),
      setInterval(() => {
        const open = [...this.shipments.values()].filter(({ status }) => !["delivered", "attempt_failed"].includes(status));
        const shipment = this.pick(open);
        if (shipment) this.advance(shipment, this.next() < 0.06 && shipment.status === "out_for_delivery" ? "attempt_failed" : FLOW[FLOW.indexOf(shipment.status) + 1]);
        if (open.length < 60) this.addShipment(this.shipments.size + 1, Date.now());
      }, 1500),
      setInterval(() => this.changeStatus(this.pick(partners), this.pick(["green", "green", "green", "amber", "red"])), 9000),
    ];
    return () => timers.forEach(clearInterval);
  }
}
