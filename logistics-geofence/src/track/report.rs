//! Gathers the crossings of one step and tells them in order.

use chrono::{DateTime, TimeDelta, Utc};

use super::state::Stay;
use super::{Cause, Crossing, CrossingKind, Observation, TrackState, ZoneChange};
use crate::set::{ZoneIndex, ZoneSet};
use crate::zone::ZoneId;

/// Order of events: by time, exits first, then by zone, those the set no longer has first.
type Rank = (DateTime<Utc>, bool, Option<ZoneIndex>);

/// The crossings of one step.
pub(super) struct Report<'a> {
    zones: &'a ZoneSet,
    decided_at: DateTime<Utc>,
    events: Vec<(Rank, Crossing)>,
}

/// One crossing to be told.
pub(super) struct Told {
    pub(super) kind: CrossingKind,
    pub(super) zone: Option<ZoneIndex>,
    pub(super) id: ZoneId,
    pub(super) at: DateTime<Utc>,
    pub(super) left_at: Option<DateTime<Utc>>,
    pub(super) cause: Cause,
    pub(super) confidence: f64,
}

impl<'a> Report<'a> {
    pub(super) fn new(zones: &'a ZoneSet, decided_at: DateTime<Utc>) -> Self {
        Self { zones, decided_at, events: Vec::new() }
    }

    pub(super) fn add(&mut self, told: Told) {
        let rank = (told.at, told.kind != CrossingKind::Exit, told.zone);
        let crossing = Crossing {
            kind: told.kind,
            zone: told.id,
            at: told.at,
            left_at: told.left_at,
            decided_at: self.decided_at,
            cause: told.cause,
            zone_set_version: self.zones.version(),
            confidence: told.confidence,
        };
        self.events.push((rank, crossing));
    }

    /// Adds a stay that was long, when its end is told without the stay having been told.
    pub(super) fn add_dwelling(
        &mut self,
        stay: &Stay,
        zone: ZoneIndex,
        dwell: TimeDelta,
        until: DateTime<Utc>,
    ) {
        if !stay.dwelt && until - stay.since >= dwell {
            let crossing = dwelling(self.zones, stay, dwell, self.decided_at);
            self.events.push(((crossing.at, false, Some(zone)), crossing));
        }
    }

    /// Moves all into an observation, with the change of the confirmed zones since `before`.
    pub(super) fn finish(
        mut self,
        before: Vec<ZoneId>,
        state: &TrackState,
        observation: &mut Observation,
    ) {
        self.events.sort_by_key(|(rank, _)| *rank);
        let causes = self.events.iter().filter(|(_, e)| e.kind.changes_zones());
        // What was seen to move is a movement, whatever else came to light with it.
        let mut causes: Vec<Cause> = causes.map(|(_, event)| event.cause).collect();
        causes.sort_by_key(|&cause| cause != Cause::Movement);
        observation.events.extend(self.events.into_iter().map(|(_, crossing)| crossing));
        let after = state.ids();
        if let Some(&cause) = causes.first().filter(|_| before != after)
            && let Some(last) = state.last_fix()
        {
            observation.changes.push(ZoneChange { before, after, cause, at: last.at });
        }
    }
}

/// That a stay has been long.
pub(super) fn dwelling(
    zones: &ZoneSet,
    stay: &Stay,
    dwell: TimeDelta,
    decided_at: DateTime<Utc>,
) -> Crossing {
    Crossing {
        kind: CrossingKind::Dwell,
        zone: stay.zone.clone(),
        at: stay.since + dwell,
        left_at: None,
        decided_at,
        cause: Cause::Movement,
        zone_set_version: zones.version(),
        confidence: 1.0,
    }
}
