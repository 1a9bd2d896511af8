//! Another carrier: chosen, given the shipment, heard of.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{CarrierId, Waybill};
use crate::shipment::event::{CarrierMeaning, HandoverSide};
use crate::shipment::proof::Proof;
use crate::values::GeoPosition;

/// Chooses the carrier that is to deliver it; another one, if one was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocateCarrier {
    /// The carrier.
    pub carrier: CarrierId,
    /// Its own name for the shipment.
    pub waybill: Waybill,
}

/// Records that one side scanned it while it was handed over to the carrier.
///
/// It changes hands when both have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    /// Which side.
    pub side: HandoverSide,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Records that the carrier did not take it. It stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectHandover {
    /// Why, in a word or a sentence without personal data.
    pub reason: String,
}

/// Takes in what the carrier tells about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IngestCarrierEvent {
    /// The carrier.
    pub carrier: CarrierId,
    /// Its own name for the shipment.
    pub waybill: Waybill,
    /// The carrier's own code, as it came.
    pub code: String,
    /// When it happened, as the carrier says.
    pub at: DateTime<Utc>,
    /// What the code means here. Left out where nobody knows: it is then kept, flagged, and changes
    /// nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<CarrierMeaning>,
    /// What the carrier shows for a delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}
