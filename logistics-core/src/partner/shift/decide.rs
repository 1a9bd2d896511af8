//! One day of a delivery partner's work, and the zone borders that it crossed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::SHIFT_CATEGORY;
use super::profile::{PartnerPolicy, Vehicle};
use super::shift_event::{GeofenceBreached, ShiftEnded, ShiftEvent, ShiftStarted};
use crate::eventsourcing::{DecideContext, Decider};
use crate::ids::{CityId, PartnerId, ZoneId};
use crate::values::GeoPosition;

/// Most zones that a partner can be in at once.
pub const ZONES_MAX: usize = 256;

/// Begins the shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartShift {
    /// The partner.
    pub partner: PartnerId,
    /// The local date of the shift.
    pub date: NaiveDate,
    /// What the partner drives today.
    pub vehicle: Vehicle,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Ends the shift.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndShift {
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Records that the set of zones that the partner is in changed.
///
/// Taken before, in and after the shift: a device reports when it has a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordCrossing {
    /// The partner.
    pub partner: PartnerId,
    /// Whose zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<CityId>,
    /// The zones it was in, in any order.
    pub from: Vec<ZoneId>,
    /// The zones it is in, in any order.
    pub to: Vec<ZoneId>,
    /// When it was first seen there.
    pub at: DateTime<Utc>,
    /// Where it was first seen there.
    pub position: GeoPosition,
    /// The version of the city's zones that was in force.
    pub zone_set_version: u64,
}

/// What can be asked of a shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShiftCommand {
    /// See [`StartShift`].
    Start(StartShift),
    /// See [`EndShift`].
    End(EndShift),
    /// See [`RecordCrossing`].
    RecordCrossing(RecordCrossing),
}

/// Where a shift stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ShiftPhase {
    /// It has not begun.
    #[default]
    NotStarted,
    /// The partner works.
    Started,
    /// It is over.
    Ended,
}

/// What is known of a shift.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShiftState {
    /// Where it stands.
    pub phase: ShiftPhase,
    /// Whose it is, once anything has happened.
    pub partner: Option<PartnerId>,
    /// The crossing that was recorded last: when, and into which zones.
    pub last_crossing: Option<(DateTime<Utc>, Vec<ZoneId>)>,
    /// How many crossings were recorded.
    pub crossings: u64,
}

/// Why a command to a shift is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShiftRejection {
    /// The shift is over; the partner's next one has another date.
    #[error("the shift is over")]
    AlreadyEnded,
    /// The shift has not begun: start it.
    #[error("the shift has not started")]
    NotStarted,
    /// The shift is another partner's.
    #[error("the shift is that of partner {expected}, not of {found}")]
    WrongPartner {
        /// Whose it is.
        expected: PartnerId,
        /// Who was named.
        found: PartnerId,
    },
    /// The zones before and after are the same: nothing was crossed.
    #[error("the zones before and after are the same")]
    NotCrossed,
    /// More zones at once than [`ZONES_MAX`].
    #[error("{found} zones at once, more than {ZONES_MAX}")]
    TooManyZones {
        /// How many.
        found: usize,
    },
}

impl ShiftRejection {
    /// A stable word for the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyEnded => "shift_ended",
            Self::NotStarted => "shift_not_started",
            Self::WrongPartner { .. } => "wrong_partner",
            Self::NotCrossed => "not_crossed",
            Self::TooManyZones { .. } => "too_many_zones",
        }
    }
}

/// One day of a partner's work as a decider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartnerShift;

type Decision = Result<Vec<ShiftEvent>, ShiftRejection>;

impl Decider for PartnerShift {
    const CATEGORY: &'static str = SHIFT_CATEGORY;
    type Command = ShiftCommand;
    type Event = ShiftEvent;
    type State = ShiftState;
    type Rejection = ShiftRejection;
    type Policy = PartnerPolicy;

    fn decide(
        state: &ShiftState,
        command: &ShiftCommand,
        _context: &DecideContext<'_, PartnerPolicy>,
    ) -> Decision {
        match command {
            ShiftCommand::Start(start) => start_shift(state, start),
            ShiftCommand::End(end) => end_shift(state, end),
            ShiftCommand::RecordCrossing(crossing) => record_crossing(state, crossing),
        }
    }

    fn evolve(mut state: ShiftState, event: &ShiftEvent) -> ShiftState {
        let partner = match event {
            ShiftEvent::ShiftStarted(started) => {
                state.phase = ShiftPhase::Started;
                &started.partner
            }
            ShiftEvent::ShiftEnded(ended) => {
                state.phase = ShiftPhase::Ended;
                &ended.partner
            }
            ShiftEvent::GeofenceBreached(breach) => {
                state.last_crossing = Some((breach.at, breach.to.clone()));
                state.crossings = state.crossings.saturating_add(1);
                &breach.partner
            }
        };
        state.partner = Some(partner.clone());
        state
    }
}

fn same_partner(state: &ShiftState, found: &PartnerId) -> Result<(), ShiftRejection> {
    match &state.partner {
        Some(expected) if expected != found => {
            let (expected, found) = (expected.clone(), found.clone());
            Err(ShiftRejection::WrongPartner { expected, found })
        }
        _ => Ok(()),
    }
}

/// Starting twice is starting once.
fn start_shift(state: &ShiftState, start: &StartShift) -> Decision {
    same_partner(state, &start.partner)?;
    match state.phase {
        ShiftPhase::Started => Ok(Vec::new()),
        ShiftPhase::Ended => Err(ShiftRejection::AlreadyEnded),
        ShiftPhase::NotStarted => {
            let StartShift { partner, date, vehicle, position } = start.clone();
            Ok(vec![ShiftStarted { partner, date, vehicle, position }.into()])
        }
    }
}

/// Ending twice is ending once.
fn end_shift(state: &ShiftState, end: &EndShift) -> Decision {
    match (state.phase, &state.partner) {
        (ShiftPhase::Ended, _) => Ok(Vec::new()),
        (ShiftPhase::Started, Some(partner)) => {
            Ok(vec![ShiftEnded { partner: partner.clone(), position: end.position }.into()])
        }
        _ => Err(ShiftRejection::NotStarted),
    }
}

/// A crossing that the last one has told already changes nothing.
fn record_crossing(state: &ShiftState, crossing: &RecordCrossing) -> Decision {
    same_partner(state, &crossing.partner)?;
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
