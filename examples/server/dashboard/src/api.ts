/** Reads of the HTTP API. Every failure is a `Failure` whose message can be shown. */
import type { Manifest, Page, Partner, PartnerRoute, Problem, Shipment, StoredEvent, Tracking } from "./contract";

export class Failure extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { headers: { accept: "application/json" }, ...(signal ? { signal } : {}) });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Failure(0, "The server cannot be reached.");
  }
  if (!response.ok) {
    const problem = (await response.json().catch(() => null)) as Problem | null;
    throw new Failure(response.status, problem?.detail ?? problem?.title ?? `The server answered ${response.status}.`);
  }
  return (await response.json()) as T;
}

const id = encodeURIComponent;

export const shipments = (query: { status?: string; partner?: string; after?: string; limit?: number }, signal?: AbortSignal) => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, String(value));
  return get<Page<Shipment>>(`/v1/shipments?${parameters}`, signal);
};
export const shipment = (shipmentId: string, signal?: AbortSignal) =>
  get<Shipment>(`/v1/shipments/${id(shipmentId)}`, signal);
export const shipmentEvents = (shipmentId: string, version: number | null, signal?: AbortSignal) =>
  get<Page<StoredEvent>>(`/v1/shipments/${id(shipmentId)}/events${version === null ? "" : `?version=${version}`}`, signal);
export const partner = (partnerId: string, signal?: AbortSignal) =>
  get<Partner>(`/v1/partners/${id(partnerId)}`, signal);
export const partnerRoute = (partnerId: string, date: string, signal?: AbortSignal) =>
  get<PartnerRoute>(`/v1/partners/${id(partnerId)}/route?date=${date}`, signal);
export const manifest = (partnerId: string, date: string, signal?: AbortSignal) =>
  get<Manifest>(`/v1/manifests/${id(partnerId)}/${date}`, signal);
export const zones = (city: string) => get<GeoJSON.FeatureCollection & { id_property?: string }>(`/v1/zones/${id(city)}`);
export const zoneSets = () => get<Page<{ city: string; version: number }>>("/v1/zones");
export const tracking = (token: string) => get<Tracking>(`/v1/track/${id(token)}`);
