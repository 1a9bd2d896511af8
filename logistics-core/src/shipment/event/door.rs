//! What happened at the door.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{CarrierId, PartnerId};
use crate::shipment::proof::{Evidence, Proof};
use crate::shipment::reason::AttemptReason;
use crate::values::{GeoPosition, Money};

/// It could not be handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryAttempted {
    /// The partner.
    pub partner: PartnerId,
    /// The number of the attempt.
    pub attempt: u32,
    /// Why.
    pub reason: AttemptReason,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// Until when a delivery that was reported late may still overrule this.
    pub late_report_until: DateTime<Utc>,
    /// What shows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// How far from the destination it was reported, in metres, where both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<u32>,
    /// It was reported from further away than an attempt can be made from: perhaps there was none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspect: bool,
}

/// It was handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryConfirmed {
    /// The partner who delivered it; none where a carrier did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// The carrier that delivered it; none where a partner did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<CarrierId>,
    /// The number of the partners' attempt that succeeded, or that came last.
    pub attempt: u32,
    /// What shows it.
    pub proof: Proof,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// The cash that was collected with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cod_collected: Option<Money>,
    /// It was reported after it had been recorded as failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late_report: bool,
    /// Further proofs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_proofs: Vec<Proof>,
}

/// Some of its pieces were handed over, and not all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartiallyDelivered {
    /// The partner.
    pub partner: PartnerId,
    /// The number of the attempt.
    pub attempt: u32,
    /// How many pieces.
    pub pieces: u32,
    /// Why the others were not: the attempt has failed for them. None while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<AttemptReason>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// Until when a delivery of the others that was reported late may still overrule this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_report_until: Option<DateTime<Utc>>,
}
