//! Another carrier was chosen, given the shipment, heard of.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{CarrierId, Waybill};
use crate::shipment::custody::Custody;
use crate::values::GeoPosition;

/// A carrier was chosen to deliver it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierAllocated {
    /// The carrier.
    pub carrier: CarrierId,
    /// Its own name for the shipment.
    pub waybill: Waybill,
    /// The leg that it is for: 1 on the way out.
    pub leg: u32,
}

/// A side of a handover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoverSide {
    /// Who gives it away.
    Giver,
    /// Who takes it.
    Taker,
}

/// One side scanned it while it was handed over. It has not changed hands by that alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandoverScanned {
    /// Which side.
    pub side: HandoverSide,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Both sides have scanned it: it changed hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    /// Who gave it.
    pub from: Custody,
    /// The carrier that took it.
    pub to: CarrierId,
    /// The carrier's own name for it.
    pub waybill: Waybill,
    /// The leg that it is on.
    pub leg: u32,
}

/// The carrier did not take it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverRejected {
    /// The carrier.
    pub carrier: CarrierId,
    /// Why.
    pub reason: String,
}

/// What a carrier's code means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarrierMeaning {
    /// It is on its way.
    InTransit,
    /// It is out for delivery.
    OutForDelivery,
    /// It could not be handed over.
    AttemptFailed,
    /// It was handed over.
    Delivered,
    /// It goes back.
    Returning,
    /// The consignor has it back.
    Returned,
    /// It is lost.
    Lost,
    /// It is damaged.
    Damaged,
}

/// The carrier told something about it. What follows from that is an event of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierEventIngested {
    /// The carrier.
    pub carrier: CarrierId,
    /// Its own name for the shipment.
    pub waybill: Waybill,
    /// The leg that it was on.
    pub leg: u32,
    /// The carrier's own code, as it came.
    pub code: String,
    /// When it happened, as the carrier says.
    pub at: DateTime<Utc>,
    /// What the code means here; none where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<CarrierMeaning>,
    /// Why nothing follows from it though something should: `unknown_code`, or the code of the
    /// rejection that the same report from a partner would have met. For a human to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}
