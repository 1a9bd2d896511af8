//! What can be asked of a manifest.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::event::OverrideReason;
use super::stop::Stop;
use crate::eventsourcing::Actor;
use crate::ids::{PartnerId, RunId};
use crate::transitions::commands;

/// Shortest justification, in characters.
pub const JUSTIFICATION_CHARS_MIN: usize = 10;
/// Longest justification, in bytes.
pub const JUSTIFICATION_BYTES_MAX: usize = 2_000;

/// Plans the round, or plans it anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanManifest {
    /// The partner.
    pub partner: PartnerId,
    /// The local date.
    pub date: NaiveDate,
    /// The dispatch run. A run plans a manifest once.
    pub run: RunId,
    /// All stops of the round, in the order of service.
    pub stops: Vec<Stop>,
    /// Driving time of the round, in seconds.
    pub travel_s: u64,
    /// Length of the round, in metres.
    pub distance_m: u64,
    /// What a person should look at before the round starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

/// Changes the round by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverrideManifest {
    /// All stops of the round, in the order of service, with new times.
    pub stops: Vec<Stop>,
    /// Driving time of the round, in seconds.
    pub travel_s: u64,
    /// Length of the round, in metres.
    pub distance_m: u64,
    /// Why, in a word that can be counted.
    pub reason_code: OverrideReason,
    /// Why, in the supervisor's words: at least [`JUSTIFICATION_CHARS_MIN`] characters.
    pub justification: String,
    /// Who does it.
    pub actor: Actor,
}

commands! {
    /// What can be asked of a manifest.
    pub enum ManifestCommand, ManifestCommandKind {
        Plan(PlanManifest) "plan",
        Override(OverrideManifest) "override",
    }
}
