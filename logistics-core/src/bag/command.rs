//! What can be asked of a bag.

use serde::{Deserialize, Serialize};

use super::event::NotMoved;
use crate::eventsourcing::Version;
use crate::ids::{BagId, HubId, SealNumber, ShipmentId};
use crate::transitions::commands;

/// Opens a new bag at a hub, to be filled for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenBag {
    /// The bag's id.
    pub bag: BagId,
    /// The hub where it is filled.
    pub hub: HubId,
    /// The hub it is for, perhaps by way of others.
    pub destination: HubId,
}

/// Puts a shipment in, or corrects how many of its pieces are in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutIn {
    /// The shipment.
    pub shipment: ShipmentId,
    /// How many of its pieces are in the bag, all told; at least one.
    pub pieces: u32,
}

/// Takes a shipment out, with all its pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOut {
    /// The shipment.
    pub shipment: ShipmentId,
}

/// Seals the bag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealBag {
    /// The number on the seal.
    pub seal: SealNumber,
}

/// Records that a hub scanned the bag out to travel on, with all that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartHub {
    /// The hub.
    pub hub: HubId,
    /// The hub it is sent to; its destination when that is left out. An arrival elsewhere is then
    /// recorded as misrouted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<HubId>,
}

/// Records that a hub scanned the bag in, with all that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArriveHub {
    /// The hub.
    pub hub: HubId,
}

/// Breaks the seal. A hub that has not scanned the bag in has done so by this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsealBag {
    /// The hub.
    pub hub: HubId,
    /// The number that was found on the seal; none where there was no seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<SealNumber>,
}

/// Closes the bag for good: what it holds was taken out, but for what was not found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CloseBag {
    /// What should have been in it and was not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<ShipmentId>,
}

/// Records that the shipments in the bag were told of a scan;
/// [`move_contents`](super::move_contents) asks this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordMoved {
    /// The version of the scan among the bag's events.
    pub scan: Version,
    /// The shipments that refused to move.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_moved: Vec<NotMoved>,
}

commands! {
    /// What can be asked of a bag.
    pub enum BagCommand, BagCommandKind {
        Open(OpenBag) "open_bag",
        PutIn(PutIn) "put_in",
        TakeOut(TakeOut) "take_out",
        Seal(SealBag) "seal_bag",
        Depart(DepartHub) "depart_hub",
        Arrive(ArriveHub) "arrive_hub",
        Unseal(UnsealBag) "unseal_bag",
        Close(CloseBag) "close_bag",
        RecordMoved(RecordMoved) "record_moved",
    }
}
