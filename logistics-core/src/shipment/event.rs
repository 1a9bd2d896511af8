//! What can happen to a shipment.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::destination::Destination;
use super::reason::AttemptReason;
use crate::ids::{ClientId, HubId, PartnerId, RunId, ShipmentId};
use crate::sla::Promise;
use crate::values::{GeoPosition, Money, Sha256Digest};

/// An order was taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShipmentCreated {
    /// The shipment's id.
    pub id: ShipmentId,
    /// Whose order it is.
    pub client: ClientId,
    /// The client's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How many pieces it has.
    pub pieces: u32,
    /// Its weight, in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<u32>,
    /// How much of a vehicle's capacity it takes, in capacity units.
    pub demand: u32,
    /// How long handing it over takes, in seconds.
    pub service_s: u32,
    /// Where it goes.
    pub destination: Destination,
    /// The hub that delivers it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubId>,
    /// When it was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
    /// The cash to collect on delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cod: Option<Money>,
    /// The digest of the customer's tracking token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_token_hash: Option<Sha256Digest>,
}

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

/// It was given to a delivery partner for a day's round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignedToPartner {
    /// The partner.
    pub partner: PartnerId,
    /// The local date of the round.
    pub date: NaiveDate,
    /// The version of the partner's manifest that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_version: Option<u32>,
    /// The dispatch run that chose the partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// It was taken out of a partner's round before the round started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnassignedFromPartner {
    /// The partner who had it.
    pub partner: PartnerId,
    /// The dispatch run that dropped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// The partner left with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutForDelivery {
    /// The partner.
    pub partner: PartnerId,
    /// The number of the attempt that begins: 1, 2, 3, without gap.
    pub attempt: u32,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

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
}

/// What shows that a shipment was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// The consignee told a one-time password.
    Otp,
    /// A photograph was taken.
    Photo,
    /// The consignee signed.
    Signature,
    /// It was left at an agreed place.
    Unattended,
}

/// Proof of delivery: its kind, and the digest of what is kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What kind.
    pub kind: ProofKind,
    /// The digest of the photograph, signature or password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Sha256Digest>,
}

/// It was handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryConfirmed {
    /// The partner.
    pub partner: PartnerId,
    /// The number of the attempt that succeeded.
    pub attempt: u32,
    /// What shows it.
    pub proof: Proof,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// The cash that was collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cod_collected: Option<Money>,
    /// It was reported after the same attempt had been recorded as failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late_report: bool,
}

/// It was called off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Why.
    pub reason: String,
}

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
        Cancelled = 1,
    }
}
