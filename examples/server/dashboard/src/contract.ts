/** The server's JSON, as types: what HTTP answers and what the live socket sends. */

export type ShipmentStatus =
  | "created" | "picked_up" | "in_transit" | "at_hub" | "assigned"
  | "out_for_delivery" | "attempt_failed" | "with_carrier" | "rto_pending" | "rto_in_transit"
  | "delivered" | "cancelled" | "rto_delivered" | "lost" | "damaged";

export type PartnerStatus = "green" | "amber" | "red" | "grey";

export interface LatLon { lat: number; lon: number }

/** `promise`: UTC instants and the zone in which they were promised. */
export interface PromiseWindow { start: string; end: string; time_zone: string }

export interface Shipment {
  id: string;
  client: string;
  reference: string | null;
  status: ShipmentStatus;
  hold: string | null;
  version: number;
  destination: LatLon;
  promise: PromiseWindow | null;
  partner: string | null;
  hub: string | null;
  failed_attempts: number;
  created_at: string;
  updated_at: string;
}

export interface StoredEvent {
  event_id: string;
  stream: string;
  version: number;
  type: string;
  occurred_at: string;
  recorded_at: string;
  actor: unknown;
  correlation_id: string;
  causation_id: string | null;
  command_id: string;
  data: Record<string, unknown>;
}

/** `ts` is epoch milliseconds of the device's clock. */
export interface Position extends LatLon {
  ts: number;
  accuracy_m?: number | null;
  speed_mps?: number | null;
  bearing_deg?: number | null;
}

export interface Partner {
  id: string;
  name: string | null;
  vehicle: string;
  status: PartnerStatus;
  status_reason: string;
  position: Position | null;
  zones: string[];
  /** 0..1 */
  battery: number | null;
  capacity: number;
  on_board: number;
  manifest: { date: string; version: number; stops: number; done: number } | null;
}

export interface Stop extends LatLon {
  seq: number;
  shipment: string;
  arrival: string;
  departure: string;
  service_s: number;
  window: { start: string; end: string } | null;
  status: string;
  doubts: string[];
}

export interface Manifest {
  id: string;
  partner: string;
  date: string;
  version: number;
  uncertain: boolean;
  doubts: string[];
  stops: Stop[];
  travel_s: number;
  distance_m: number;
}

export interface PartnerRoute {
  partner: string;
  date: string;
  fixes: number;
  geojson: GeoJSON.Feature<GeoJSON.LineString | GeoJSON.MultiLineString> | null;
}

export interface Metrics {
  counts: Partial<Record<ShipmentStatus, number>>;
  /** 0..1 */
  completion: number | null;
  predicted_breaches: number;
  /** 0..1 */
  utilisation: number | null;
  partners: Record<PartnerStatus, number>;
  fixes_per_s: number;
}

export interface City { city: string; version: number }

export interface Page<T> { items: T[]; next: string | null }

export interface Tracking {
  status: ShipmentStatus;
  promise: PromiseWindow | null;
  eta: string | null;
  delivered_at: string | null;
  history: { at: string; event: string; text: string }[];
  position: Position | null;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code?: string;
  correlation_id?: string;
}

export type LiveMessage =
  | { t: "snapshot"; rev: number; server_time: string | number; partners: Partner[]; metrics: Metrics; cities: City[] }
  | { t: "pos"; rev: number; partner: string; lat: number; lon: number; ts: number; speed_mps?: number | null; bearing_deg?: number | null }
  | { t: "status"; rev: number; partner: string; status: PartnerStatus; reason: string; zones: string[]; on_board: number }
  | { t: "geofence"; rev: number; partner: string; from: string[]; to: string[]; at: string | number; lat: number; lon: number; city: string }
  | { t: "shipment"; rev: number; id: string; status: ShipmentStatus; partner: string | null; at: string | number }
  | { t: "manifest"; rev: number; partner: string; date: string; version: number; stops: number }
  | { t: "zones"; rev: number; city: string; version: number }
  | ({ t: "metric"; rev: number } & Metrics);
