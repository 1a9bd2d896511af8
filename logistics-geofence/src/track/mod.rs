//! Follows moving things: fixes in, confirmed zones and crossings out.
//!
//! The state between fixes belongs to the caller; the same state, zones and fix give the same
//! answer, byte for byte, on every machine.

mod event;
mod options;
mod report;
mod state;
mod step;
mod swap;

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use geo_types::{Line, Point};
use serde::{Deserialize, Serialize};

pub use event::{Cause, Crossing, CrossingKind, Ignored, Observation, ZoneChange};
pub use options::TrackerOptions;
pub use state::TrackState;

use crate::along::Passages;
use crate::metres::distance_m;
use crate::set::{ZoneHit, ZoneSet, check_on_earth};
use report::Report;
use step::Step;

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
/// assert!(fix(73.79998, 20).events.is_empty());
/// // A metre or two inside: it may be noise.
/// assert!(fix(73.80002, 25).events.is_empty());
/// // Now it is certain, and was so since the border was crossed.
/// let entered = fix(73.801, 30);
/// assert_eq!(entered.events[0].kind, CrossingKind::Enter);
/// assert_eq!(entered.events[0].at, start + TimeDelta::milliseconds(22_500));
/// assert_eq!(entered.events[0].decided_at, start + TimeDelta::seconds(30));
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

/// How a fix follows from the last one that was used.
enum Follows {
    First,
    /// By a way that is known to be straight, of so many metres.
    Straight(Fix, f64),
    AfterGap,
    Not(Ignored),
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
    /// - A fix that cannot be used changes nothing else and says so in [`Observation::ignored`]. One
    ///   that only an impossible speed explains is remembered: when the next fix agrees with it, the
    ///   tracked thing really is there, and what it did on its way is not known.
    /// - The first fix anchors: its zones are entered with [`Cause::FirstFix`].
    /// - After more than [`TrackerOptions::max_gap`], or after such a jump, nothing is known of the
    ///   way between: there are no passages, and what is left and entered has the time of the new fix
    ///   and [`Cause::AfterGap`].
    /// - Else the straight way from the last fix is swept. A zone that covers the new fix is entered,
    ///   one that does not is left, as soon as that is confirmed: by a fix clear of the border, or by
    ///   several in a row over some time (see [`TrackerOptions`]). Until then it is pending, and
    ///   nothing is reported if the next fixes undo it. An event is dated back to when its border
    ///   was crossed.
    /// - A zone whose interior the way runs through between fixes outside was crossed: at once when
    ///   both are clear of it; else once a fix is clear, if the straight way to that from the last fix
    ///   before runs through the zone as well. So a short visit too shallow to be confirmed is told
    ///   when it led to the other side. Touching a border is no passage.
    ///
    /// Events come in the order of their time, exits before entries, then by zone; those of a
    /// changed zone set before those of the movement, dwelling last.
    pub fn observe(&mut self, zones: &ZoneSet, state: &mut TrackState, fix: Fix) -> Observation {
        let mut observation = Observation::default();
        let now = (zones.version(), zones.content_hash());
        if state.zone_set != Some(now) {
            self.swap(zones, state, &fix, &mut observation);
            state.zone_set = Some(now);
        }
        let (cause, from) = match self.follows(state, &fix) {
            Follows::Not(reason) => {
                observation.ignored = Some(reason);
                return observation;
            }
            Follows::First => (Cause::FirstFix, None),
            Follows::AfterGap => (Cause::AfterGap, None),
            Follows::Straight(last, moved_m) => (Cause::Movement, Some((last, moved_m))),
        };
        let is_sudden = from.is_some_and(|(from, m)| self.is_sudden(state, &from, &fix, m));
        if !is_sudden {
            state.speed_mps = from.map(|(from, m)| m / (fix.at - from.at).as_seconds_f64());
        }
        (state.last, state.outlier) = (Some(fix), None);
        let from = from.map(|(from, _)| from);
        let joined = |from: Fix| zones.are_joined(from.position.0, fix.position.0);
        if state.pending.is_empty() && from.is_some_and(joined) {
            // No border between: whatever covered the last fix covers this one.
        } else {
            self.step(zones, state, Step { cause, from, to: fix, is_sudden }, &mut observation);
        }
        self.report_dwelling(zones, state, fix.at, &mut observation);
        observation
    }

    fn step(
        &mut self,
        zones: &ZoneSet,
        state: &mut TrackState,
        step: Step,
        observation: &mut Observation,
    ) {
        self.look(zones, &step);
        let mut report = Report::new(zones, step.to.at);
        let before = step.run(
            &step::Seen {
                zones,
                options: &self.options,
                hits: &self.hits,
                passages: self.passages.as_slice(),
            },
            state,
            &mut report,
        );
        if let Some(before) = before {
            report.finish(before, state, observation);
        }
    }

    /// Finds the zones that cover the new fix, and those along the way to it.
    fn look(&mut self, zones: &ZoneSet, step: &Step) {
        let to = step.to.position;
        self.hits.clear();
        self.passages.clear();
        let from = step.from.filter(|from| from.position != to);
        let way = from.map(|from| Line::new(from.position, to));
        if way.is_some_and(|way| zones.zones_along(way, &mut self.passages).is_ok())
            && to.x().abs() < 180.0
        {
            for passage in self.passages.as_slice().iter().filter(|passage| passage.to_end) {
                self.hits.push(ZoneHit { zone: passage.zone, at: passage.at });
            }
        } else if zones.zones_at(to, &mut self.hits).is_err() {
            self.hits.clear();
        }
    }

    /// Judges a fix by itself and beside the last one.
    fn follows(&self, state: &mut TrackState, fix: &Fix) -> Follows {
        if check_on_earth(fix.position.0).is_err() {
            return Follows::Not(Ignored::NotOnEarth);
        }
        if let Some(accuracy_m) = fix.accuracy_m {
            if !(accuracy_m >= 0.0 && accuracy_m.is_finite()) {
                return Follows::Not(Ignored::NotAnAccuracy);
            }
            if accuracy_m > self.options.max_accuracy_m {
                return Follows::Not(Ignored::Inaccurate);
            }
        }
        let Some(last) = state.last else { return Follows::First };
        match fix.at.cmp(&last.at) {
            Ordering::Less => return Follows::Not(Ignored::Late),
            Ordering::Equal if *fix == last => return Follows::Not(Ignored::Duplicate),
            Ordering::Equal => return Follows::Not(Ignored::SameTime),
            Ordering::Greater => {}
        }
        if fix.at - last.at > self.options.max_gap {
            return Follows::AfterGap;
        }
        let moved_m = distance_m(last.position.0, fix.position.0);
        let agrees = |out: Fix| {
            let apart_m = distance_m(out.position.0, fix.position.0);
            out.at < fix.at && !self.is_jump(&out, fix, apart_m)
        };
        if !self.is_jump(&last, fix, moved_m) {
            Follows::Straight(last, moved_m)
        } else if state.outlier.is_some_and(agrees) {
            Follows::AfterGap
        } else {
            state.outlier = Some(*fix);
            Follows::Not(Ignored::Outlier)
        }
    }

    /// Whether only an impossible speed explains the distance of two fixes.
    fn is_jump(&self, from: &Fix, to: &Fix, moved_m: f64) -> bool {
        let reach_m = self.options.max_speed_mps * (to.at - from.at).as_seconds_f64();
        moved_m > reach_m + self.radii_m(from, to)
    }

    /// Whether only an impossible acceleration explains the distance of two fixes.
    fn is_sudden(&self, state: &TrackState, from: &Fix, to: &Fix, moved_m: f64) -> bool {
        let Some(speed_mps) = state.speed_mps else { return false };
        let passed_s = (to.at - from.at).as_seconds_f64();
        let gained_mps = 0.5 * self.options.max_acceleration_mps2 * passed_s;
        moved_m > (speed_mps + gained_mps) * passed_s + self.radii_m(from, to)
    }

    fn radii_m(&self, from: &Fix, to: &Fix) -> f64 {
        let radius = |fix: &Fix| fix.accuracy_m.unwrap_or(self.options.default_accuracy_m);
        radius(from) + radius(to)
    }

    /// Tells of zones that the tracked thing has been in for long. A stay that is about to end may
    /// have ended before.
    fn report_dwelling(
        &self,
        zones: &ZoneSet,
        state: &mut TrackState,
        now: DateTime<Utc>,
        observation: &mut Observation,
    ) {
        let Some(dwell) = self.options.dwell else { return };
        let TrackState { inside, pending, .. } = state;
        for stay in inside.iter_mut().filter(|stay| !stay.dwelt && now - stay.since >= dwell) {
            if pending.iter().all(|pending| pending.zone != stay.zone) {
                stay.dwelt = true;
                observation.events.push(report::dwelling(zones, stay, dwell, now));
            }
        }
    }
}
