//! An order was taken in, its promise moved, it was called off.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{ClientId, HubId, ShipmentId};
use crate::privacy::Sealed;
use crate::shipment::destination::Destination;
use crate::shipment::proof::ProofKind;
use crate::sla::Promise;
use crate::values::{Money, Sha256Digest};

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
    /// The proofs of delivery that the client demands, each with a digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<ProofKind>,
    /// The digest of the one-time password that the consignee will tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp_digest: Option<Sha256Digest>,
    /// Who receives it: name, telephone number, address, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consignee: Option<Sealed>,
    /// When it was taken in. Events from before this was recorded have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
}

/// It was called off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Why.
    pub reason: String,
}

/// Who wants something of a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestedBy {
    /// The business that sends it.
    Client,
    /// The person it goes to.
    Consignee,
    /// The operations desk.
    Operations,
}

/// Another time was promised. The first promise is kept beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryRescheduled {
    /// The promise that holds now.
    pub promise: Promise,
    /// Who wanted it.
    pub requested_by: RequestedBy,
}
