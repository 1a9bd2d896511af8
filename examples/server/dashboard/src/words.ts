/** What codes are called on screen, and which tone they have. */
import type { PartnerStatus, ShipmentStatus, StoredEvent } from "./contract";

export type Tone = "good" | "busy" | "warn" | "bad" | "calm";

export const shipmentStatuses: Record<ShipmentStatus, { text: string; tone: Tone }> = {
  created: { text: "Created", tone: "calm" },
  picked_up: { text: "Picked up", tone: "busy" },
  in_transit: { text: "In transit", tone: "busy" },
  at_hub: { text: "At hub", tone: "busy" },
  assigned: { text: "Assigned", tone: "busy" },
  out_for_delivery: { text: "Out for delivery", tone: "busy" },
  attempt_failed: { text: "Attempt failed", tone: "bad" },
  with_carrier: { text: "With a carrier", tone: "busy" },
  rto_pending: { text: "To be returned", tone: "warn" },
  rto_in_transit: { text: "Returning", tone: "warn" },
  delivered: { text: "Delivered", tone: "good" },
  cancelled: { text: "Cancelled", tone: "calm" },
  rto_delivered: { text: "Returned", tone: "calm" },
  lost: { text: "Lost", tone: "bad" },
  damaged: { text: "Damaged", tone: "bad" },
};

export const shipmentStatus = (status: string) =>
  shipmentStatuses[status as ShipmentStatus] ?? { text: sentence(status), tone: "calm" as Tone };

export const partnerStatuses: Record<PartnerStatus, string> = {
  green: "On route",
  amber: "Idle",
  red: "At risk",
  grey: "Offline",
};

export const partnerStatusOrder: readonly PartnerStatus[] = ["red", "amber", "green", "grey"];

/** An event of the log: its title, its tone, and the status that the shipment has after it. */
interface EventWords { text: string; tone: Tone; status?: ShipmentStatus }

const events: Record<string, EventWords> = {
  ShipmentCreated: { text: "Order received", tone: "calm", status: "created" },
  PickupConfirmed: { text: "Picked up", tone: "busy", status: "picked_up" },
  HubArrived: { text: "Arrived at the hub", tone: "busy", status: "at_hub" },
  HubDeparted: { text: "Left the hub", tone: "busy", status: "in_transit" },
  Misrouted: { text: "Arrived at the wrong hub", tone: "warn" },
  AssignedToPartner: { text: "Assigned to a partner", tone: "busy", status: "assigned" },
  UnassignedFromPartner: { text: "Taken back from the partner", tone: "warn", status: "at_hub" },
  OutForDelivery: { text: "Out for delivery", tone: "busy", status: "out_for_delivery" },
  DeliveryAttempted: { text: "Delivery attempt failed", tone: "bad", status: "attempt_failed" },
  DeliveryConfirmed: { text: "Delivered", tone: "good", status: "delivered" },
  PartiallyDelivered: { text: "Delivered in part", tone: "warn" },
  ReattemptScheduled: { text: "To be tried again", tone: "busy", status: "assigned" },
  ReattemptCancelled: { text: "Not to be tried again", tone: "warn", status: "attempt_failed" },
  CodCollected: { text: "Cash collected", tone: "good" },
  CodWaived: { text: "Cash waived", tone: "warn" },
  DeliveryRescheduled: { text: "Promised for another time", tone: "warn" },
  Held: { text: "Put on hold", tone: "warn" },
  Released: { text: "Released from hold", tone: "calm" },
  HandedOver: { text: "Handed to a carrier", tone: "busy", status: "with_carrier" },
  HandoverRejected: { text: "Not taken by the carrier", tone: "warn" },
  CarrierEventIngested: { text: "Report of the carrier", tone: "calm" },
  RtoInitiated: { text: "To be returned", tone: "warn", status: "rto_pending" },
  RtoDeparted: { text: "On its way back", tone: "warn", status: "rto_in_transit" },
  RtoDelivered: { text: "Returned to the sender", tone: "calm", status: "rto_delivered" },
  Cancelled: { text: "Cancelled", tone: "calm", status: "cancelled" },
  Lost: { text: "Lost", tone: "bad", status: "lost" },
  Damaged: { text: "Damaged", tone: "bad", status: "damaged" },
  Found: { text: "Found", tone: "good", status: "at_hub" },
  EventRetracted: { text: "An entry was put right", tone: "warn" },
  GeofenceBreached: { text: "Crossed a zone border", tone: "warn" },
  ShiftStarted: { text: "Shift started", tone: "calm" },
  ShiftEnded: { text: "Shift ended", tone: "calm" },
  ManifestOverridden: { text: "Route changed by a supervisor", tone: "warn" },
};

export const eventWords = (event: StoredEvent): EventWords => events[event.type] ?? { text: sentence(event.type), tone: "calm" };

/** "HubArrived" or "hub_arrived" → "Hub arrived"; prose only gets its capital. */
export function sentence(code: string): string {
  if (code.includes(" ")) return code.charAt(0).toUpperCase() + code.slice(1);
  const words = code.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").toLowerCase().trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Who did it, whatever shape the envelope gives: "partner DP-7", "system", a name. */
export function actorWords(actor: unknown): string {
  if (typeof actor === "string") return actor.replace(":", " ");
  if (actor && typeof actor === "object") {
    const fields = actor as Record<string, unknown>;
    const kind = fields["kind"] ?? fields["type"] ?? fields["role"];
    const id = fields["id"] ?? fields["name"];
    if (kind || id) return [kind, id].filter(Boolean).join(" ");
    const [only] = Object.entries(fields);
    if (only) return `${only[0]} ${typeof only[1] === "object" ? "" : String(only[1])}`.trim();
  }
  return "unknown";
}

export const percent = (share: number | null | undefined) =>
  share === null || share === undefined ? "–" : `${Math.round(share * 100)}%`;
export const count = (value: number) => value.toLocaleString();
export const vehicle = (code: string) => (code === "four_wheeler" ? "Four-wheeler" : code === "two_wheeler" ? "Two-wheeler" : sentence(code));
