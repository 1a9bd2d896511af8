//! Cash on delivery: collected or waived.

use serde::{Deserialize, Serialize};

use crate::ids::PartnerId;
use crate::shipment::event::CodMethod;
use crate::values::{GeoPosition, Money};

/// Records that cash on delivery was paid, or a part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CollectCod {
    /// How much: at most what is still due.
    pub amount: Money,
    /// How it was paid.
    pub method: CodMethod,
    /// The payment's own name: the same payment reported again changes nothing.
    pub reference: String,
    /// Who reports it; whoever has it when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Gives up what is still due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiveCod {
    /// Why, in a word or a sentence without personal data.
    pub reason: String,
}
