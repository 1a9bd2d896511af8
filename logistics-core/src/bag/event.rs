//! What can happen to a bag.

use serde::{Deserialize, Serialize};

use crate::eventsourcing::Version;
use crate::ids::{BagId, HubId, SealNumber, ShipmentId};

/// A new bag was opened at a hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagOpened {
    /// The bag's id.
    pub bag: BagId,
    /// The hub where it is filled.
    pub hub: HubId,
    /// The hub it is for.
    pub destination: HubId,
}

/// A shipment was put in, or how many of its pieces are in was corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentPutIn {
    /// The shipment.
    pub shipment: ShipmentId,
    /// How many of its pieces are in the bag, all told.
    pub pieces: u32,
}

/// A shipment was taken out, with all its pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentTakenOut {
    /// The shipment.
    pub shipment: ShipmentId,
}

/// The bag was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagSealed {
    /// The number on the seal.
    pub seal: SealNumber,
}

/// A hub scanned the bag that it should not have been at; the scan itself follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagMisrouted {
    /// Where it should have been.
    pub expected: HubId,
    /// Where it was scanned.
    pub found: HubId,
}

/// A hub scanned the bag out, with all that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagDeparted {
    /// The hub.
    pub hub: HubId,
    /// The hub it was sent to.
    pub to: HubId,
}

/// A hub scanned the bag in, with all that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagArrived {
    /// The hub.
    pub hub: HubId,
}

/// The seal was not the one that the bag was sealed with; the bag is unsealed by what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealMismatched {
    /// What it was sealed with.
    pub expected: SealNumber,
    /// What was found; none where there was no seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<SealNumber>,
}

/// The seal was broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagUnsealed {
    /// The hub.
    pub hub: HubId,
}

/// The bag was closed for good; what it held was taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BagClosed {
    /// What should have been in it and was not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ShipmentId>,
}

/// A shipment that did not move with its bag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotMoved {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Why, as [`ShipmentRejection::code`](crate::shipment::ShipmentRejection::code) puts it.
    pub reason: String,
}

/// The shipments in the bag were told of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentsMoved {
    /// The version of the scan among the bag's events.
    pub scan: Version,
    /// The shipments that refused to move.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_moved: Vec<NotMoved>,
}

crate::domain_events! {
    /// What can happen to a bag.
    pub enum BagEvent {
        BagOpened = 1,
        ShipmentPutIn = 1,
        ShipmentTakenOut = 1,
        BagSealed = 1,
        BagMisrouted = 1,
        BagDeparted = 1,
        BagArrived = 1,
        SealMismatched = 1,
        BagUnsealed = 1,
        BagClosed = 1,
        ContentsMoved = 1,
    }
}
