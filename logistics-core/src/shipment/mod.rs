//! The shipment: from the consignor's order to the consignee's door.
//!
//! [`Shipment`] is a [`Decider`](crate::eventsourcing::Decider). What is legal when is data in
//! [`TABLE`], which decisions are checked against and which [`mermaid`] draws.
//!
//! Commands and events hold no personal data: no names, no telephone numbers, no street addresses.
//! An address is a position; a token, a signature or a photograph is a digest. Free text, such as
//! [`Cancel::reason`], must be kept free of it by the caller.

mod command;
mod decide;
mod destination;
mod event;
mod evolve;
mod policy;
mod reason;
mod rejection;
mod state;
mod table;

pub use command::{
    AssignToPartner, Cancel, CommandKind, ConfirmDelivery, ConfirmPickup, CreateShipment,
    RecordAttempt, ScanInbound, ScanOutbound, ShipmentCommand, StartDelivery, Unassign,
};
pub use decide::{DEMAND_MAX, PIECES_MAX, SERVICE_S_MAX, Shipment, TEXT_BYTES_MAX, WEIGHT_G_MAX};
pub use destination::Destination;
pub use event::{
    AssignedToPartner, Cancelled, DeliveryAttempted, DeliveryConfirmed, HubArrived, HubDeparted,
    Misrouted, OutForDelivery, PickupConfirmed, Proof, ProofKind, ShipmentCreated, ShipmentEvent,
    UnassignedFromPartner,
};
pub use policy::ShipmentPolicy;
pub use reason::{AttemptReason, Fault};
pub use rejection::ShipmentRejection;
pub use state::{Phase, ShipmentState};
pub use table::{Rule, TABLE, legal_commands, mermaid, next_phase};

use crate::eventsourcing::StreamId;
use crate::ids::ShipmentId;

/// The category of shipment streams.
pub const CATEGORY: &str = "SHP";

/// The stream of a shipment.
#[must_use]
pub fn shipment_stream(id: &ShipmentId) -> StreamId {
    StreamId::of(CATEGORY, id.as_str())
}
