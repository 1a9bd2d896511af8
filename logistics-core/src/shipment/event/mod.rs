//! What can happen to a shipment.

mod care;
mod carrier;
mod cash;
mod door;
mod network;
mod order;
mod record;
mod round;
mod rto;

pub use care::{Damaged, Found, Held, Lost, Released};
pub use carrier::{
    CarrierAllocated, CarrierEventIngested, CarrierMeaning, HandedOver, HandoverRejected,
    HandoverScanned, HandoverSide,
};
pub use cash::{CodCollected, CodMethod, CodWaived};
pub use door::{DeliveryAttempted, DeliveryConfirmed, PartiallyDelivered};
pub use network::{HubArrived, HubDeparted, Misrouted, PickupConfirmed};
pub use order::{Cancelled, DeliveryRescheduled, RequestedBy, ShipmentCreated};
pub use record::{
    DisputeClosed, DisputeOpened, EventRetracted, LegalHoldLifted, LegalHoldPlaced,
    RetractionReason, RetractionRequested, SubjectErased,
};
pub use round::{
    AssignedToPartner, OutForDelivery, ReattemptCancelled, ReattemptScheduled,
    UnassignedFromPartner,
};
pub use rto::{RtoCause, RtoDelivered, RtoDeparted, RtoInitiated};

crate::domain_events! {
    /// What can happen to a shipment.
    pub enum ShipmentEvent {
        ShipmentCreated = 1,
        PickupConfirmed = 1,
        HubArrived = 1,
        HubDeparted = 1,
        Misrouted = 1,
        AssignedToPartner = 1,
        UnassignedFromPartner = 1,
        OutForDelivery = 1,
        DeliveryAttempted = 1,
        DeliveryConfirmed = 1,
        PartiallyDelivered = 1,
        ReattemptScheduled = 1,
        ReattemptCancelled = 1,
        CodCollected = 1,
        CodWaived = 1,
        DeliveryRescheduled = 1,
        Held = 1,
        Released = 1,
        CarrierAllocated = 1,
        HandoverScanned = 1,
        HandedOver = 1,
        HandoverRejected = 1,
        CarrierEventIngested = 1,
        RtoInitiated = 1,
        RtoDeparted = 1,
        RtoDelivered = 1,
        Cancelled = 1,
        Lost = 1,
        Damaged = 1,
        Found = 1,
        RetractionRequested = 1,
        EventRetracted = 1,
        LegalHoldPlaced = 1,
        LegalHoldLifted = 1,
        DisputeOpened = 1,
        DisputeClosed = 1,
        SubjectErased = 1,
    }
}
