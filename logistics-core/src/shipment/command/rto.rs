//! Return to origin: decided, under way, done.

use serde::{Deserialize, Serialize};

use crate::ids::Waybill;
use crate::shipment::event::RtoCause;
use crate::values::GeoPosition;

/// Decides that it goes back to the consignor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitiateRto {
    /// Why.
    pub cause: RtoCause,
}

/// Records that it left on its way back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DepartRto {
    /// The waybill of the way back, where it has one. Carriers use that of the way out again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waybill: Option<Waybill>,
}

/// Records that the consignor has it back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmRto {
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}
