//! What a dispatch run decided, as plain data.

use serde::{Deserialize, Serialize};

use crate::ids::{PartnerId, ShipmentId};
use crate::manifest::Stop;

/// The round that a run planned for one partner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedRoute {
    /// The partner.
    pub partner: PartnerId,
    /// The stops, in the order of service.
    pub stops: Vec<Stop>,
    /// Driving time, in seconds.
    pub travel_s: u64,
    /// Length, in metres.
    pub distance_m: u64,
    /// What a person should look at before the round starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

/// Why a shipment was not assigned: one constraint that forbade it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnassignedReason {
    /// The partner for whom it was forbidden; none when for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// The constraint, in a stable word such as `capacity`.
    pub constraint: String,
    /// The constraint in words and numbers.
    pub detail: String,
}

/// A shipment for which the run found no place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unassigned {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Why.
    pub reasons: Vec<UnassignedReason>,
}

/// A shipment that the run did not consider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Why, in words.
    pub why: String,
}

/// That a run shared the work out evenly, and what was paid for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FairnessPrice {
    /// What was shared out, in a stable word such as `stops`.
    pub work: String,
    /// The cost of the square of one unit of it, in seconds of driving.
    pub weight: u64,
    /// Driving time beyond that of a plan that does not look at it, in seconds; negative where the
    /// search found less.
    pub extra_travel_s: i64,
    /// Length beyond that of the same plan, in metres.
    pub extra_distance_m: i64,
}

/// What the checker, which knows nothing of the solver, says of the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCheck {
    /// Whether every constraint holds.
    pub feasible: bool,
    /// Those that do not, in words.
    pub violations: Vec<String>,
}
