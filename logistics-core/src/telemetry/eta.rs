//! When a partner will be where: the chain of arrivals over the remaining stops.
//!
//! Straight lines, stretched and at one speed: a forecast for a status light, not a route.

use chrono::{DateTime, TimeDelta, Utc};
use geo_types::Point;

use super::distance::distance_m;

/// How a partner moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EtaPolicy {
    /// Speed on the way, stops at lights included, in metres a second.
    pub speed_mps: f64,
    /// Length of the way by road for one metre of straight line.
    pub detour: f64,
}

impl Default for EtaPolicy {
    fn default() -> Self {
        Self { speed_mps: 5.5, detour: 1.3 }
    }
}

/// A stop that is still to be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stop {
    /// Where.
    pub position: Point<f64>,
    /// How long it takes.
    pub service: TimeDelta,
    /// Start of the promise: an early partner waits for it.
    pub promised_from: Option<DateTime<Utc>>,
    /// End of the promise.
    pub promised_until: Option<DateTime<Utc>>,
}

/// When a stop will be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    /// When the partner arrives.
    pub arrives_at: DateTime<Utc>,
    /// Arrival is after the promise's end: a predicted breach.
    pub breach: bool,
}

/// The arrivals at `stops`, in their order, of a partner who is at `position` at `now`.
#[must_use]
pub fn eta_chain(
    position: Point<f64>,
    now: DateTime<Utc>,
    stops: &[Stop],
    policy: &EtaPolicy,
) -> Vec<Eta> {
    let mut here = position;
    let mut time = now;
    let mut chain = Vec::with_capacity(stops.len());
    for stop in stops {
        let travel_s = distance_m(here, stop.position) * policy.detour / policy.speed_mps;
        time = after(time, seconds(travel_s));
        chain.push(Eta {
            arrives_at: time,
            breach: stop.promised_until.is_some_and(|until| time > until),
        });
        let starts = stop.promised_from.map_or(time, |from| from.max(time));
        time = after(starts, stop.service);
        here = stop.position;
    }
    chain
}

/// How many promises the chain breaks.
#[must_use]
pub fn predicted_breaches(chain: &[Eta]) -> usize {
    chain.iter().filter(|eta| eta.breach).count()
}

fn after(time: DateTime<Utc>, delta: TimeDelta) -> DateTime<Utc> {
    time.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Whole milliseconds of `seconds`; a speed of 0 arrives at the end of time.
fn seconds(seconds: f64) -> TimeDelta {
    let ms = (seconds * 1_000.0).round();
    if (0.0..1e15).contains(&ms) {
        #[allow(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
        TimeDelta::milliseconds(ms as i64)
    } else {
        TimeDelta::MAX
    }
}
