//! Follows moving things: fixes in, confirmed zones and crossings out.
//!
//! The state between fixes belongs to the caller; the same state, zones and fix give the same
//! answer, byte for byte, on every machine.

mod event;
mod transit;

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use geo_types::{Line, Point};
use serde::{Deserialize, Serialize};

pub use event::{Cause, Crossing, CrossingKind, Ignored, Observation, ZoneChange};

use crate::along::Passages;
use crate::metres::distance_m;
use crate::set::{ContentHash, ZoneHit, ZoneSet, check_on_earth};
use crate::zone::ZoneId;
use transit::{Found, Transit};

/// One position report.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// Where, in degrees, longitude first.
    pub position: Point<f64>,
    /// When, by the clock of what is tracked.
    pub at: DateTime<Utc>,
    /// Radius in metres within which the true position lies with 68 % probability, if known.
    pub accuracy_m: Option<f64>,
}

/// How a [`Tracker`] judges fixes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrackerOptions {
    /// Longest time between two fixes over which the way between them is taken as straight;
    /// default 10 minutes.
    pub max_gap: TimeDelta,
    /// Highest speed that is believed, in metres a second; default 60.
    pub max_speed_mps: f64,
    /// Fixes with a larger accuracy radius are ignored, in metres; default 50.
    pub max_accuracy_m: f64,
    /// Accuracy radius of a fix that gives none, in metres; default 20.
    pub default_accuracy_m: f64,
}

impl Default for TrackerOptions {
    fn default() -> Self {
        Self {
            max_gap: TimeDelta::minutes(10),
            max_speed_mps: 60.0,
            max_accuracy_m: 50.0,
            default_accuracy_m: 20.0,
        }
    }
}

/// What a [`Tracker`] knows of one tracked thing. Plain data: keep it where you keep the rest, one
/// for each tracked thing and zone set (a city's, say); the default has seen nothing yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrackState {
    /// The last fix that was not ignored.
    last: Option<Fix>,
    /// The zone set that `inside` refers to.
    zone_set: Option<(u64, ContentHash)>,
    /// The confirmed zones, sorted.
    inside: Vec<ZoneId>,
}

impl TrackState {
    /// The zones the tracked thing is in, sorted.
    #[must_use]
    pub fn inside(&self) -> &[ZoneId] {
        &self.inside
    }

    /// The last fix that was not ignored.
    #[must_use]
    pub fn last_fix(&self) -> Option<&Fix> {
        self.last.as_ref()
    }

    /// Version of the zone set that [`inside`](Self::inside) refers to.
    #[must_use]
    pub fn zone_set_version(&self) -> Option<u64> {
        self.zone_set.map(|(version, _)| version)
    }
}

/// Turns fixes into crossings. Holds options and scratch space but nothing about what is tracked,
/// so one tracker serves any number of states.
///
/// # Example
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use geo_types::{MultiPolygon, point, polygon};
/// use logistics_geofence::{Cause, CrossingKind, Fix, LoadOptions, TrackState, Tracker, Zone, ZoneId, ZoneSet};
///
/// let square = polygon![(x: 73.80, y: 18.50), (x: 73.81, y: 18.50), (x: 73.81, y: 18.51), (x: 73.80, y: 18.51)];
/// let zone = Zone::new(ZoneId::new("hub")?, MultiPolygon::from(square));
/// let zones = ZoneSet::from_zones([zone], &LoadOptions::default())?.set;
///
/// let start: DateTime<Utc> = "2026-01-05T04:00:00Z".parse()?;
/// let (mut tracker, mut state) = (Tracker::default(), TrackState::default());
/// let mut fix = |lon, seconds| {
///     let at = start + TimeDelta::seconds(seconds);
///     let fix = Fix { position: point!(x: lon, y: 18.505), at, accuracy_m: Some(5.0) };
///     tracker.observe(&zones, &mut state, fix)
/// };
/// assert!(fix(73.799, 0).events.is_empty());
/// let entered = fix(73.801, 10);
/// assert_eq!(entered.events[0].kind, CrossingKind::Enter);
/// assert_eq!(entered.events[0].at, start + TimeDelta::seconds(5));
/// assert_eq!(entered.breach().map(|change| change.after.len()), Some(1));
/// assert_eq!(fix(73.802, 5).ignored, Some(logistics_geofence::Ignored::Late));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    options: TrackerOptions,
    hits: Vec<ZoneHit>,
    passages: Passages,
}

impl Tracker {
    /// A tracker with other options than the default ones.
    #[must_use]
    pub fn new(options: TrackerOptions) -> Self {
        Self { options, hits: Vec::new(), passages: Passages::default() }
    }

    /// Takes the next fix of what `state` follows.
    ///
    /// - Under another zone set than before (another version or other content) the last fix is
    ///   looked up again first; what that changes is reported with [`Cause::ZoneSetChanged`].
    ///   Zones are the same when their ids are.
    /// - A fix that cannot be used changes nothing else and says so in [`Observation::ignored`].
    /// - The first fix anchors: its zones are entered with [`Cause::FirstFix`].
    /// - After more than [`TrackerOptions::max_gap`], or when only a speed above
    ///   [`TrackerOptions::max_speed_mps`] explains the distance, nothing is known of the way
    ///   between: zones are left and entered at the new fix, with [`Cause::AfterGap`].
    /// - Else the straight way from the last fix is swept. Zones that cover the new fix and not the
    ///   last were entered, the other way round left, and zones that cover neither but whose
    ///   interior the way runs through were crossed, each at its interpolated time. Leaving and
    ///   coming back between two fixes inside is not reported, nor is touching a border.
    ///
    /// Events come in the order of their time, exits before entries, then by zone; those of a
    /// changed zone set before those of the movement.
    pub fn observe(&mut self, zones: &ZoneSet, state: &mut TrackState, fix: Fix) -> Observation {
        let mut observation = Observation::default();
        self.follow_zone_set(zones, state, &fix, &mut observation);
        if let Some(reason) = self.reason_to_ignore(state, &fix) {
            observation.ignored = Some(reason);
            return observation;
        }
        let (cause, from) = match state.last.replace(fix) {
            None => (Cause::FirstFix, None),
            Some(last) if self.is_gap(&last, &fix) => (Cause::AfterGap, None),
            Some(last) => (Cause::Movement, Some(last)),
        };
        self.transit(
            zones,
            state,
            Transit { cause, from, to: fix, decided_at: fix.at },
            &mut observation,
        );
        observation
    }

    /// Looks the last fix up again when the zone set is not the one of the state.
    fn follow_zone_set(
        &mut self,
        zones: &ZoneSet,
        state: &mut TrackState,
        fix: &Fix,
        observation: &mut Observation,
    ) {
        let now = (zones.version(), zones.content_hash());
        let before = state.zone_set.replace(now);
        if let (Some(before), Some(last)) = (before, state.last)
            && before != now
        {
            let decided_at = fix.at.max(last.at);
            let cause = Cause::ZoneSetChanged;
            self.transit(
                zones,
                state,
                Transit { cause, from: None, to: last, decided_at },
                observation,
            );
        }
    }

    fn transit(
        &mut self,
        zones: &ZoneSet,
        state: &mut TrackState,
        transit: Transit,
        observation: &mut Observation,
    ) {
        // Only a state from elsewhere can hold a place that is not on earth: no zone covers it.
        if zones.zones_at(transit.to.position, &mut self.hits).is_err() {
            self.hits.clear();
        }
        self.passages.clear();
        if let Some(from) = transit.from.filter(|from| from.position != transit.to.position) {
            let way = Line::new(from.position, transit.to.position);
            if zones.zones_along(way, &mut self.passages).is_err() {
                self.passages.clear();
            }
        }
        let found = Found {
            zones,
            hits: &self.hits,
            passages: self.passages.as_slice(),
            default_accuracy_m: self.options.default_accuracy_m,
        };
        transit.report(&found, state, observation);
    }

    fn reason_to_ignore(&self, state: &TrackState, fix: &Fix) -> Option<Ignored> {
        if check_on_earth(fix.position.0).is_err() {
            return Some(Ignored::NotOnEarth);
        }
        if let Some(accuracy_m) = fix.accuracy_m {
            if !(accuracy_m >= 0.0 && accuracy_m.is_finite()) {
                return Some(Ignored::NotAnAccuracy);
            }
            if accuracy_m > self.options.max_accuracy_m {
                return Some(Ignored::Inaccurate);
            }
        }
        match state.last.map(|last| fix.at.cmp(&last.at)) {
            Some(Ordering::Less) => Some(Ignored::Late),
            Some(Ordering::Equal) => Some(Ignored::SameTime),
            _ => None,
        }
    }

    fn is_gap(&self, last: &Fix, fix: &Fix) -> bool {
        let passed = fix.at - last.at;
        let reach_m = self.options.max_speed_mps * passed.as_seconds_f64();
        passed > self.options.max_gap || distance_m(last.position.0, fix.position.0) > reach_m
    }
}
