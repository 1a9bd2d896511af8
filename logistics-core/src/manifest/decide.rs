//! What can be asked of a manifest, and what it leads to.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::CATEGORY;
use super::document::ManifestDocument;
use super::event::{ManifestEvent, ManifestOverridden, ManifestPlanned, OverrideReason};
use super::stop::{DOUBT_BYTES_MAX, DOUBTS_MAX, STOPS_MAX, Stop};
use crate::eventsourcing::{Actor, DecideContext, Decider, Effects, Message, PAYLOAD_BYTES_MAX};
use crate::ids::{PartnerId, RunId, ShipmentId};
use crate::partner::day_id;

/// Shortest justification, in characters.
pub const JUSTIFICATION_CHARS_MIN: usize = 10;
/// Longest justification, in bytes.
pub const JUSTIFICATION_BYTES_MAX: usize = 2_000;
/// The kind of message that publishes a manifest; its key is the partner, its body a
/// [`ManifestDocument`].
pub const PUBLISH_KIND: &str = "manifest.publish";

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

/// What can be asked of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManifestCommand {
    /// See [`PlanManifest`].
    Plan(PlanManifest),
    /// See [`OverrideManifest`].
    Override(OverrideManifest),
}

/// A partner's round on a local date, as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// The partner.
    pub partner: PartnerId,
    /// The local date.
    pub date: NaiveDate,
    /// How often it was planned or changed.
    pub version: u32,
    /// The run that planned it last; none for a round that no run planned.
    pub run: Option<RunId>,
    /// The stops, in the order of service.
    pub stops: Vec<Stop>,
    /// Driving time, in seconds.
    pub travel_s: u64,
    /// Length, in metres.
    pub distance_m: u64,
    /// What a person should look at before the round starts.
    pub doubts: Vec<String>,
}

impl Round {
    /// Whether a person should look at it before it starts.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        !self.doubts.is_empty() || self.stops.iter().any(|stop| !stop.doubts.is_empty())
    }

    /// The shipments, in the order of service.
    #[must_use]
    pub fn shipments(&self) -> Vec<ShipmentId> {
        shipments(&self.stops)
    }

    /// The round after `event`, which may be its first.
    #[must_use]
    pub fn after(round: Option<Self>, event: &ManifestEvent) -> Self {
        match event.clone() {
            ManifestEvent::ManifestPlanned(plan) => Self {
                partner: plan.partner,
                date: plan.date,
                version: plan.version,
                run: Some(plan.run),
                stops: plan.stops,
                travel_s: plan.travel_s,
                distance_m: plan.distance_m,
                doubts: plan.doubts,
            },
            ManifestEvent::ManifestOverridden(change) => Self {
                partner: change.partner,
                date: change.date,
                version: change.version,
                run: round.and_then(|round| round.run),
                stops: change.stops,
                travel_s: change.travel_s,
                distance_m: change.distance_m,
                // A person has looked at it.
                doubts: Vec::new(),
            },
        }
    }
}

/// What is known of a manifest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ManifestState {
    /// The round; none before it is planned.
    pub round: Option<Round>,
    /// All runs that planned it.
    pub runs: BTreeSet<RunId>,
}

/// Decisions about manifests depend on nothing but the limits of this module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ManifestPolicy;

/// Why a command to a manifest is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestRejection {
    /// There is no manifest to change: plan it.
    #[error("the manifest is not planned")]
    NotPlanned,
    /// The manifest is that of another partner or date.
    #[error("the manifest is that of {expected}, not of {found}")]
    WrongRound {
        /// `{partner}/{date}` of the manifest.
        expected: String,
        /// `{partner}/{date}` of the command.
        found: String,
    },
    /// A shipment is in the round twice.
    #[error("shipment {shipment} is in the round twice")]
    DuplicateStop {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// A stop is left before it is reached.
    #[error("shipment {shipment} is left before it is reached")]
    StopTimes {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// More stops than [`STOPS_MAX`]: share them between partners.
    #[error("{found} stops, more than {STOPS_MAX}")]
    TooManyStops {
        /// How many.
        found: usize,
    },
    /// More doubts than [`DOUBTS_MAX`], or one longer than [`DOUBT_BYTES_MAX`].
    #[error("more than {DOUBTS_MAX} doubts, or one of more than {DOUBT_BYTES_MAX} bytes")]
    Doubts,
    /// The manifest is too long to be sent: use shorter ids or fewer stops.
    #[error("the manifest has {bytes} bytes, more than {PAYLOAD_BYTES_MAX}")]
    TooLarge {
        /// Its length as JSON.
        bytes: usize,
    },
    /// The justification says too little or too much.
    #[error(
        "a justification needs at least {JUSTIFICATION_CHARS_MIN} characters and at most \
         {JUSTIFICATION_BYTES_MAX} bytes; this one has {chars} characters"
    )]
    Justification {
        /// Its length without surrounding space.
        chars: usize,
    },
}

impl ManifestRejection {
    /// A stable word for the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPlanned => "unknown_manifest",
            Self::WrongRound { .. } => "wrong_round",
            Self::DuplicateStop { .. } => "duplicate_stop",
            Self::StopTimes { .. } => "stop_times",
            Self::TooManyStops { .. } => "too_many_stops",
            Self::Doubts => "doubts",
            Self::TooLarge { .. } => "too_large",
            Self::Justification { .. } => "justification",
        }
    }
}

/// The manifest as a decider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manifest;

type Context<'a> = DecideContext<'a, ManifestPolicy>;
type Decision = Result<Vec<ManifestEvent>, ManifestRejection>;

impl Decider for Manifest {
    const CATEGORY: &'static str = CATEGORY;
    type Command = ManifestCommand;
    type Event = ManifestEvent;
    type State = ManifestState;
    type Rejection = ManifestRejection;
    type Policy = ManifestPolicy;

    fn decide(
        state: &ManifestState,
        command: &ManifestCommand,
        _context: &Context<'_>,
    ) -> Decision {
        let events = match command {
            ManifestCommand::Plan(plan) => decide_plan(state, plan),
            ManifestCommand::Override(change) => decide_override(state, change),
        }?;
        let after = events.iter().fold(state.clone(), Self::evolve);
        check_size(&after)?;
        Ok(events)
    }

    fn evolve(mut state: ManifestState, event: &ManifestEvent) -> ManifestState {
        if let ManifestEvent::ManifestPlanned(plan) = event {
            state.runs.insert(plan.run.clone());
        }
        state.round = Some(Round::after(state.round, event));
        state
    }

    fn effects(state: &ManifestState, events: &[ManifestEvent], _context: &Context<'_>) -> Effects {
        let Some(round) = state.round.as_ref().filter(|_| !events.is_empty()) else {
            return Effects::default();
        };
        let document = ManifestDocument::of(round);
        let key = document.partner.to_string();
        // Deciding has written this very document to measure it.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let messages = vec![Message { kind: PUBLISH_KIND, key, body }];
        Effects { messages, timers: Vec::new() }
    }
}

fn shipments(stops: &[Stop]) -> Vec<ShipmentId> {
    stops.iter().map(|stop| stop.shipment.clone()).collect()
}

/// What one run planned it plans once: applying a run again changes nothing.
fn decide_plan(state: &ManifestState, plan: &PlanManifest) -> Decision {
    if let Some(round) = &state.round
        && (&round.partner, round.date) != (&plan.partner, plan.date)
    {
        let expected = day_id(&round.partner, round.date);
        let found = day_id(&plan.partner, plan.date);
        return Err(ManifestRejection::WrongRound { expected, found });
    }
    if state.runs.contains(&plan.run) {
        return Ok(Vec::new());
    }
    check_stops(&plan.stops)?;
    check_doubts(&plan.doubts)?;
    let PlanManifest { partner, date, run, stops, travel_s, distance_m, doubts } = plan.clone();
    let version = state.round.as_ref().map_or(0, |round| round.version).saturating_add(1);
    Ok(vec![
        ManifestPlanned { partner, date, version, run, stops, travel_s, distance_m, doubts }.into(),
    ])
}

fn decide_override(state: &ManifestState, change: &OverrideManifest) -> Decision {
    let round = state.round.as_ref().ok_or(ManifestRejection::NotPlanned)?;
    let chars = change.justification.trim().chars().count();
    if chars < JUSTIFICATION_CHARS_MIN || change.justification.len() > JUSTIFICATION_BYTES_MAX {
        return Err(ManifestRejection::Justification { chars });
    }
    check_stops(&change.stops)?;
    Ok(vec![
        ManifestOverridden {
            partner: round.partner.clone(),
            date: round.date,
            version: round.version.saturating_add(1),
            before: round.shipments(),
            after: shipments(&change.stops),
            stops: change.stops.clone(),
            travel_s: change.travel_s,
            distance_m: change.distance_m,
            reason_code: change.reason_code,
            justification: change.justification.clone(),
            actor: change.actor.clone(),
        }
        .into(),
    ])
}

fn check_stops(stops: &[Stop]) -> Result<(), ManifestRejection> {
    if stops.len() > STOPS_MAX {
        return Err(ManifestRejection::TooManyStops { found: stops.len() });
    }
    let mut seen = BTreeSet::new();
    for stop in stops {
        check_doubts(&stop.doubts)?;
        let shipment = || stop.shipment.clone();
        if !seen.insert(&stop.shipment) {
            return Err(ManifestRejection::DuplicateStop { shipment: shipment() });
        }
        if stop.departure < stop.arrival {
            return Err(ManifestRejection::StopTimes { shipment: shipment() });
        }
    }
    Ok(())
}

fn check_doubts(doubts: &[String]) -> Result<(), ManifestRejection> {
    if doubts.len() > DOUBTS_MAX || doubts.iter().any(|doubt| doubt.len() > DOUBT_BYTES_MAX) {
        return Err(ManifestRejection::Doubts);
    }
    Ok(())
}

/// The document goes to the partner as one message, which has a limit.
fn check_size(state: &ManifestState) -> Result<(), ManifestRejection> {
    let document = state.round.as_ref().map(ManifestDocument::of);
    match serde_json::to_vec(&document) {
        Ok(json) if json.len() <= PAYLOAD_BYTES_MAX => Ok(()),
        Ok(json) => Err(ManifestRejection::TooLarge { bytes: json.len() }),
        Err(_) => Err(ManifestRejection::TooLarge { bytes: usize::MAX }),
    }
}
