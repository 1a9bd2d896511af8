//! What can happen to a dispatch run.
//!
//! A plan may be longer than one event may be, so it is told in several, all in one commit.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::divide::RunPart;
use super::plan::{Excluded, FairnessPrice, PlanCheck, PlannedRoute, Unassigned};
use crate::ids::{HubId, RunId};
use crate::values::Sha256Digest;

/// A run made a plan. Its routes and what it left out follow in events of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchRunPlanned {
    /// The run.
    pub run: RunId,
    /// The local date of the rounds.
    pub date: NaiveDate,
    /// The hub from which the rounds start, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubId>,
    /// The seed that makes the same plan again.
    pub seed: u64,
    /// Driving time of all rounds, in seconds.
    pub travel_s: u64,
    /// Length of all rounds, in metres.
    pub distance_m: u64,
    /// What the checker says.
    pub check: PlanCheck,
    /// What was paid for sharing the work out evenly, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fairness: Option<FairnessPrice>,
    /// The digest of what was asked for, where that may be asked for again under the same key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Sha256Digest>,
}

/// Some of the rounds of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoutesPlanned {
    /// They follow those of the event before.
    pub routes: Vec<PlannedRoute>,
}

/// Some of the shipments that are in no round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentsLeftOut {
    /// Those without a place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unassigned: Vec<Unassigned>,
    /// Those that were not considered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Excluded>,
}

/// A run is too large for one plan: it is made in parts, which follow in events of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchRunDivided {
    /// The run.
    pub run: RunId,
    /// The local date of the rounds.
    pub date: NaiveDate,
    /// The hub from which the rounds start, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubId>,
    /// The seed of each part.
    pub seed: u64,
    /// Steps of the search of each part, where they were chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u64>,
    /// Whether shipments may go from one partner to another, within a part.
    pub reassign: bool,
    /// The digest of what was asked for, where that may be asked for again under the same key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Sha256Digest>,
}

/// Some of the parts of a divided run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPartsNamed {
    /// They follow those of the event before.
    pub parts: Vec<RunPart>,
}

/// The plan was carried out: manifests are planned, shipments assigned. Or all parts of the run are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DispatchRunApplied {
    /// The run.
    pub run: RunId,
}

crate::domain_events! {
    /// What can happen to a dispatch run.
    pub enum DispatchRunEvent {
        DispatchRunPlanned = 1,
        RoutesPlanned = 1,
        ShipmentsLeftOut = 1,
        DispatchRunDivided = 1,
        RunPartsNamed = 1,
        DispatchRunApplied = 1,
    }
}
