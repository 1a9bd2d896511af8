//! Taking an order in, moving its promise, calling it off.

use serde::{Deserialize, Serialize};

use crate::ids::{ClientId, HubId, ShipmentId};
use crate::privacy::Sealed;
use crate::shipment::destination::Destination;
use crate::shipment::event::RequestedBy;
use crate::shipment::proof::ProofKind;
use crate::sla::Promise;
use crate::values::{Money, Sha256Digest};

/// Takes an order in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateShipment {
    /// The shipment's id.
    pub id: ShipmentId,
    /// Whose order it is.
    pub client: ClientId,
    /// The client's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How many pieces it has, at least one.
    pub pieces: u32,
    /// Its weight, in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<u32>,
    /// How much of a vehicle's capacity it takes, in capacity units, at least one.
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
    /// The digest of the customer's tracking token. The token itself is never stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_token_hash: Option<Sha256Digest>,
    /// The proofs of delivery that the client demands, each with a digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<ProofKind>,
    /// The digest of the one-time password that the consignee will tell. Keyed, since a password is
    /// short enough to be guessed; it is only compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp_digest: Option<Sha256Digest>,
    /// Who receives it: name, telephone number, address, sealed by the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consignee: Option<Sealed>,
}

impl CreateShipment {
    /// The order of one piece, of one unit of capacity, handed over within three minutes.
    #[must_use]
    pub const fn new(id: ShipmentId, client: ClientId, destination: Destination) -> Self {
        Self {
            id,
            client,
            reference: None,
            pieces: 1,
            weight_g: None,
            demand: 1,
            service_s: 180,
            destination,
            hub: None,
            promise: None,
            cod: None,
            tracking_token_hash: None,
            proofs: Vec::new(),
            otp_digest: None,
            consignee: None,
        }
    }
}

/// Calls it off before it leaves for delivery. What was picked up already is returned instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    /// Why, in a word or a sentence without personal data.
    pub reason: String,
}

/// Promises another time. What was promised first is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reschedule {
    /// The new promise; it ends in the future.
    pub promise: Promise,
    /// Who wants it.
    pub requested_by: RequestedBy,
}
