//! What a command to a manifest leads to.

use std::collections::BTreeSet;

use super::CATEGORY;
use super::command::{
    JUSTIFICATION_BYTES_MAX, JUSTIFICATION_CHARS_MIN, ManifestCommand, OverrideManifest,
    PlanManifest,
};
use super::document::ManifestDocument;
use super::event::{ManifestEvent, ManifestOverridden, ManifestPlanned};
use super::notice::OverrideNotice;
use super::rejection::ManifestRejection;
use super::state::{ManifestState, Round, shipments};
use super::stop::{DOUBT_BYTES_MAX, DOUBTS_MAX, STOPS_MAX, Stop};
use super::table::TABLE;
use crate::eventsourcing::{
    DecideContext, Decider, DomainEvent, Effects, Message, PAYLOAD_BYTES_MAX,
};
use crate::partner::day_id;

/// The kind of message that publishes a manifest; its key is the partner, its body a
/// [`ManifestDocument`].
pub const PUBLISH_KIND: &str = "manifest.publish";

/// The kind of message that asks for what an override means for the shipments; its key is the
/// partner, its body an [`OverrideNotice`].
pub const OVERRIDDEN_KIND: &str = "manifest.overridden";

/// Decisions about manifests depend on nothing but the limits of this module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ManifestPolicy;

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
        if TABLE.next_phase(state.phase(), command.kind()).is_none() {
            return Err(ManifestRejection::NotPlanned);
        }
        let events = match command {
            ManifestCommand::Plan(plan) => decide_plan(state, plan),
            ManifestCommand::Override(change) => decide_override(state, change),
        }?;
        let after = events.iter().fold(state.clone(), Self::evolve);
        check_sizes(&after, &events)?;
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
        let notices = events.iter().filter_map(notice);
        let published = Message { kind: PUBLISH_KIND, key, body };
        Effects { messages: notices.chain([published]).collect(), timers: Vec::new() }
    }
}

fn notice(event: &ManifestEvent) -> Option<Message> {
    let ManifestEvent::ManifestOverridden(change) = event else { return None };
    // It is a part of the event, which was measured.
    let body = serde_json::to_vec(&OverrideNotice::of(change)).ok()?;
    Some(Message { kind: OVERRIDDEN_KIND, key: change.partner.to_string(), body })
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

/// The document goes to the partner as one message, the event is kept as one payload; an override
/// names its shipments three times. Both have a limit.
fn check_sizes(state: &ManifestState, events: &[ManifestEvent]) -> Result<(), ManifestRejection> {
    let document = state.round.as_ref().map(ManifestDocument::of);
    let payloads = events.iter().map(DomainEvent::encode);
    for written in payloads.chain([serde_json::to_vec(&document)]) {
        match written.map_or(usize::MAX, |json| json.len()) {
            bytes if bytes > PAYLOAD_BYTES_MAX => {
                return Err(ManifestRejection::TooLarge { bytes });
            }
            _ => {}
        }
    }
    Ok(())
}
