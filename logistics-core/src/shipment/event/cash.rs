//! Cash on delivery was collected or waived.

use serde::{Deserialize, Serialize};

use crate::ids::{CarrierId, PartnerId};
use crate::values::{GeoPosition, Money};

/// How cash on delivery was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodMethod {
    /// In notes and coins.
    Cash,
    /// By card.
    Card,
    /// By instant transfer, such as UPI.
    Transfer,
}

/// Cash on delivery was paid, or a part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodCollected {
    /// How much.
    pub amount: Money,
    /// How.
    pub method: CodMethod,
    /// The payment's own name.
    pub reference: String,
    /// The partner who took it; none where a carrier did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// The carrier that took it; none where a partner did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<CarrierId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// What was still due was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodWaived {
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: String,
}
