//! It was picked up, and scanned at hubs.

use serde::{Deserialize, Serialize};

use crate::ids::{HubId, PartnerId};
use crate::values::GeoPosition;

/// It was taken over from the consignor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PickupConfirmed {
    /// The hub that it is bound for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubId>,
    /// Who took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// How many pieces were scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<u32>,
    /// What they weigh, in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<u32>,
}

/// A hub scanned it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubArrived {
    /// The hub.
    pub hub: HubId,
}

/// A hub scanned it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubDeparted {
    /// The hub.
    pub hub: HubId,
    /// The hub it was sent to, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<HubId>,
}

/// A hub scanned it that it should not have been at; the scan itself follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misrouted {
    /// Where it should have been.
    pub expected: HubId,
    /// Where it was scanned.
    pub found: HubId,
}
