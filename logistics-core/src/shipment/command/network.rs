//! Pickup, and scans at hubs.

use serde::{Deserialize, Serialize};

use crate::ids::{HubId, PartnerId};
use crate::values::GeoPosition;

/// Records that the shipment was taken over from the consignor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmPickup {
    /// The hub that it is bound for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubId>,
    /// Who took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// How many pieces were scanned; all that were ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pieces: Option<u32>,
    /// What they weigh, in grams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<u32>,
}

/// Records that a hub scanned it in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanInbound {
    /// The hub.
    pub hub: HubId,
}

/// Records that a hub scanned it out to travel on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanOutbound {
    /// The hub.
    pub hub: HubId,
    /// The hub it is sent to, where known: an arrival elsewhere is then recorded as misrouted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<HubId>,
}
