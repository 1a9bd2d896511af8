//! It returns to its origin.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::Waybill;
use crate::values::GeoPosition;

/// Why a shipment goes back to the consignor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RtoCause {
    /// All attempts are used up.
    AttemptsExhausted,
    /// The client wants it back.
    ClientDecision,
    /// The consignee does not want it.
    ConsigneeDecision,
    /// It was called off after it was picked up.
    Cancelled,
    /// The carrier sends it back.
    CarrierDecision,
}

/// It is to go back to the consignor. That ends a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtoInitiated {
    /// Why.
    pub cause: RtoCause,
    /// The number of the leg that begins: 2, 3, without gap. Waybills are used again on the way
    /// back, legs are not.
    pub leg: u32,
    /// The reason in words, where it was called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Until when a delivery that was reported late may still overrule this: where whoever had it
    /// for delivery still has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_report_until: Option<DateTime<Utc>>,
}

/// It left on its way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtoDeparted {
    /// The leg.
    pub leg: u32,
    /// The waybill of the way back, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waybill: Option<Waybill>,
}

/// The consignor has it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RtoDelivered {
    /// The leg.
    pub leg: u32,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}
