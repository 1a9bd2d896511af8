//! What a command to a shift leads to.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::SHIFT_CATEGORY;
use super::command::{
    EndShift, RecordCrossing, ReportBackOnRoute, ReportHeard, ReportOffRoute, ReportSilence,
    ShiftCommand, StartShift,
};
use super::event::{
    GeofenceBreached, PartnerBackOnRoute, PartnerHeard, PartnerSilent, PartnerWentOffRoute,
    ShiftEnded, ShiftEvent, ShiftStarted,
};
use super::policy::ShiftPolicy;
use super::rejection::ShiftRejection;
use super::state::{ShiftPhase, ShiftState, evolve};
use super::table::TABLE;
use crate::eventsourcing::{DecideContext, Decider};
use crate::ids::{PartnerId, ZoneId};

/// Most zones that a partner can be in at once.
pub const ZONES_MAX: usize = 256;

/// One day of a partner's work as a decider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartnerShift;

type Context<'a> = DecideContext<'a, ShiftPolicy>;
type Decision = Result<Vec<ShiftEvent>, ShiftRejection>;

impl Decider for PartnerShift {
    const CATEGORY: &'static str = SHIFT_CATEGORY;
    type Command = ShiftCommand;
    type Event = ShiftEvent;
    type State = ShiftState;
    type Rejection = ShiftRejection;
    type Policy = ShiftPolicy;

    fn decide(state: &ShiftState, command: &ShiftCommand, context: &Context<'_>) -> Decision {
        same_partner(state, command)?;
        let (phase, kind) = (state.phase, command.kind());
        if TABLE.next_phase(phase, kind).is_none() {
            return Err(illegal(phase));
        }
        if TABLE.is_done(phase, kind) {
            return Ok(Vec::new());
        }
        // A shift that has started is a partner's.
        let partner = || state.partner.clone().ok_or_else(|| illegal(phase));
        match command {
            ShiftCommand::Start(start) => {
                let StartShift { partner, date, vehicle, position } = start.clone();
                Ok(vec![ShiftStarted { partner, date, vehicle, position }.into()])
            }
            ShiftCommand::End(EndShift { position }) => {
                Ok(vec![ShiftEnded { partner: partner()?, position: *position }.into()])
            }
            ShiftCommand::RecordCrossing(crossing) => record_crossing(state, crossing),
            ShiftCommand::ReportSilence(report) => {
                report_silence(state, partner()?, report, context)
            }
            ShiftCommand::ReportHeard(report) => Ok(report_heard(state, partner()?, report)),
            ShiftCommand::ReportOffRoute(report) => {
                report_off_route(state, partner()?, report, context)
            }
            ShiftCommand::ReportBackOnRoute(report) => Ok(report_back(state, partner()?, report)),
        }
    }

    fn evolve(state: ShiftState, event: &ShiftEvent) -> ShiftState {
        evolve(state, event)
    }
}
const fn illegal(phase: ShiftPhase) -> ShiftRejection {
    match phase {
        ShiftPhase::Ended => ShiftRejection::AlreadyEnded,
        _ => ShiftRejection::NotStarted,
    }
}

/// Commands that name a partner must name the shift's.
fn same_partner(state: &ShiftState, command: &ShiftCommand) -> Result<(), ShiftRejection> {
    let found = match command {
        ShiftCommand::Start(start) => Some(&start.partner),
        ShiftCommand::RecordCrossing(crossing) => Some(&crossing.partner),
        _ => None,
    };
    match (&state.partner, found) {
        (Some(expected), Some(found)) if expected != found => {
            let (expected, found) = (expected.clone(), found.clone());
            Err(ShiftRejection::WrongPartner { expected, found })
        }
        _ => Ok(()),
    }
}

/// What began at `since` must have lasted for `limit`.
fn lasted(
    since: DateTime<Utc>,
    limit: TimeDelta,
    context: &Context<'_>,
) -> Result<(), ShiftRejection> {
    let until = since.checked_add_signed(limit).unwrap_or(DateTime::<Utc>::MAX_UTC);
    if context.now < until { Err(ShiftRejection::TooSoon { until }) } else { Ok(()) }
}

/// A silence that the partner has broken since is none.
fn report_silence(
    state: &ShiftState,
    partner: PartnerId,
    report: &ReportSilence,
    context: &Context<'_>,
) -> Decision {
    let since = report.since;
    if state.heard_at.is_some_and(|heard| since < heard) {
        return Ok(Vec::new());
    }
    lasted(since, context.policy.silent_after, context)?;
    Ok(vec![PartnerSilent { partner, since }.into()])
}

/// What was sent before the silence does not end it, however late it arrives.
fn report_heard(state: &ShiftState, partner: PartnerId, report: &ReportHeard) -> Vec<ShiftEvent> {
    let ReportHeard { at, position } = report.clone();
    if state.silent_since.is_some_and(|since| at <= since) {
        return Vec::new();
    }
    vec![PartnerHeard { partner, at, position }.into()]
}

/// Being off route twice is being off route once; so is what the partner came back from since.
fn report_off_route(
    state: &ShiftState,
    partner: PartnerId,
    report: &ReportOffRoute,
    context: &Context<'_>,
) -> Decision {
    let ReportOffRoute { since, position } = report.clone();
    let over = state.on_route_at.is_some_and(|back| since < back);
    if state.off_route_since.is_some() || over {
        return Ok(Vec::new());
    }
    lasted(since, context.policy.off_route_after, context)?;
    Ok(vec![PartnerWentOffRoute { partner, since, position }.into()])
}

/// Nobody comes back who is not off, or before being off.
fn report_back(
    state: &ShiftState,
    partner: PartnerId,
    report: &ReportBackOnRoute,
) -> Vec<ShiftEvent> {
    let ReportBackOnRoute { at, position } = report.clone();
    if state.off_route_since.is_none_or(|since| at <= since) {
        return Vec::new();
    }
    vec![PartnerBackOnRoute { partner, at, position }.into()]
}

/// A crossing that the last one has told already changes nothing.
fn record_crossing(state: &ShiftState, crossing: &RecordCrossing) -> Decision {
    let sorted = |zones: &[ZoneId]| {
        let mut zones = zones.to_vec();
        zones.sort();
        zones.dedup();
        zones
    };
    let (from, to) = (sorted(&crossing.from), sorted(&crossing.to));
    let found = from.len().max(to.len());
    if found > ZONES_MAX {
        return Err(ShiftRejection::TooManyZones { found });
    }
    if from == to {
        return Err(ShiftRejection::NotCrossed);
    }
    if let Some((last_at, last_to)) = &state.last_crossing
        && crossing.at <= *last_at
        && to == *last_to
    {
        return Ok(Vec::new());
    }
    let RecordCrossing { partner, city, at, position, zone_set_version, .. } = crossing.clone();
    Ok(vec![GeofenceBreached { partner, city, from, to, at, position, zone_set_version }.into()])
}
