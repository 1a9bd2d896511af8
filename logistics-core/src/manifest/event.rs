//! What can happen to a manifest.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::stop::Stop;
use crate::eventsourcing::Actor;
use crate::ids::{PartnerId, RunId, ShipmentId};

/// A dispatch run planned the round, or planned it anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestPlanned {
    /// The partner.
    pub partner: PartnerId,
    /// The local date.
    pub date: NaiveDate,
    /// 1 for the first plan of the day.
    pub version: u32,
    /// The run.
    pub run: RunId,
    /// The stops, in the order of service.
    pub stops: Vec<Stop>,
    /// Driving time of the round, in seconds.
    pub travel_s: u64,
    /// Length of the round, in metres.
    pub distance_m: u64,
    /// What a person should look at before the round starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

/// Why a supervisor overrode a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideReason {
    /// The planner does not know what people there know.
    LocalKnowledge,
    /// A gate, a market day, a road that is closed at times.
    AccessRestriction,
    /// A customer asked for it.
    CustomerRequest,
    /// The vehicle cannot do it.
    VehicleProblem,
    /// The partner cannot do it.
    PartnerUnavailable,
    /// Traffic is not what was assumed.
    Traffic,
    /// The weather forbids it.
    Weather,
    /// The rounds are not fairly shared.
    WorkloadBalance,
    /// A position, window or size was wrong.
    WrongData,
    /// None of these: see the justification.
    Other,
}

/// A supervisor changed the round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestOverridden {
    /// The partner.
    pub partner: PartnerId,
    /// The local date.
    pub date: NaiveDate,
    /// One more than before.
    pub version: u32,
    /// The shipments before, in the order of service.
    pub before: Vec<ShipmentId>,
    /// The shipments after, in the order of service.
    pub after: Vec<ShipmentId>,
    /// The stops after, in the order of service.
    pub stops: Vec<Stop>,
    /// Driving time of the round, in seconds.
    pub travel_s: u64,
    /// Length of the round, in metres.
    pub distance_m: u64,
    /// Why, in a word that can be counted.
    pub reason_code: OverrideReason,
    /// Why, in the supervisor's words.
    pub justification: String,
    /// Who did it.
    pub actor: Actor,
}

crate::domain_events! {
    /// What can happen to a manifest.
    pub enum ManifestEvent { ManifestPlanned = 1, ManifestOverridden = 1 }
}
