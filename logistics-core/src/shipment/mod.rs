//! The shipment: from the consignor's order to the consignee's door.
//!
//! [`Shipment`] is a [`Decider`](crate::eventsourcing::Decider). What is legal when is data in
//! [`TABLE`], which decisions are checked against and which [`mermaid`] draws.
//!
//! Its state is a phase, who has it in hand ([`Custody`]), what was paid, and what stops it: a hold
//! stops it from going on, a legal hold or a dispute only its erasure. What is recorded stays
//! recorded: a wrong event is retracted by another ([`EventRetracted`]), which takes the shipment back
//! to where it was before.
//!
//! Commands and events hold no personal data but what is sealed ([`CreateShipment::consignee`]): no
//! names, no telephone numbers, no street addresses. An address is a position; a token, a password, a
//! signature or a photograph is a digest. Free text, such as [`Cancel::reason`], must be kept free of
//! it by the caller.

mod before;
mod command;
mod custody;
mod decide;
mod destination;
mod event;
mod evolve;
mod index;
mod phase;
mod policy;
mod proof;
mod reason;
mod rejection;
mod state;
mod table;

pub use before::Before;
pub use command::{
    AllocateCarrier, ApproveRetraction, AssignToPartner, Cancel, CancelReattempt, CloseDispute,
    CollectCod, CommandKind, ConfirmDelivery, ConfirmPickup, ConfirmRto, CreateShipment,
    DeclareDamaged, DeclareFound, DeclareLost, DeliverPartially, DepartRto, EraseSubject, HandOver,
    Hold, IngestCarrierEvent, InitiateRto, LiftLegalHold, OpenDispute, PlaceLegalHold,
    RecordAttempt, RejectHandover, Release, Reschedule, RetractEvent, ScanInbound, ScanOutbound,
    ScheduleReattempt, ShipmentCommand, StartDelivery, Unassign, WaiveCod,
};
pub use custody::Custody;
pub use decide::{
    CARRIER_EVENTS_MAX, DEMAND_MAX, ENTRIES_MAX, EVIDENCE_MAX, PIECES_MAX, SERVICE_S_MAX, Shipment,
    TEXT_BYTES_MAX, WEIGHT_G_MAX,
};
pub use destination::Destination;
pub use event::{
    AssignedToPartner, Cancelled, CarrierAllocated, CarrierEventIngested, CarrierMeaning,
    CodCollected, CodMethod, CodWaived, Damaged, DeliveryAttempted, DeliveryConfirmed,
    DeliveryRescheduled, DisputeClosed, DisputeOpened, EventRetracted, Found, HandedOver,
    HandoverRejected, HandoverScanned, HandoverSide, Held, HubArrived, HubDeparted,
    LegalHoldLifted, LegalHoldPlaced, Lost, Misrouted, OutForDelivery, PartiallyDelivered,
    PickupConfirmed, ReattemptCancelled, ReattemptScheduled, Released, RequestedBy,
    RetractionReason, RetractionRequested, RtoCause, RtoDelivered, RtoDeparted, RtoInitiated,
    ShipmentCreated, ShipmentEvent, SubjectErased, UnassignedFromPartner,
};
pub use phase::Phase;
pub use policy::ShipmentPolicy;
pub use proof::{Evidence, EvidenceKind, Proof, ProofKind};
pub use reason::{AttemptReason, Fault};
pub use rejection::ShipmentRejection;
pub use state::{Allocation, CarrierFact, CodStatus, Payment, ShipmentState};
pub use table::{Outcome, Rule, TABLE, Target, is_legal, legal_commands, mermaid, next_phases};

use crate::eventsourcing::StreamId;
use crate::ids::ShipmentId;

/// The category of shipment streams.
pub const CATEGORY: &str = "SHP";

/// The stream of a shipment.
#[must_use]
pub fn shipment_stream(id: &ShipmentId) -> StreamId {
    StreamId::of(CATEGORY, id.as_str())
}
