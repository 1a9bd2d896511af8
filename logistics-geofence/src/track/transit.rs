//! From one fix to the next: which zones were entered, left and crossed, when, how surely.

use chrono::{DateTime, TimeDelta, Utc};
use geo_types::Coord;

use super::{Cause, Crossing, CrossingKind, Fix, Observation, TrackState, ZoneChange};
use crate::along::Passage;
use crate::locate::Position;
use crate::set::{ZoneHit, ZoneIndex, ZoneSet};
use crate::zone::ZoneId;

/// What the zones say about a transit.
pub(super) struct Found<'a> {
    pub(super) zones: &'a ZoneSet,
    /// Zones that cover the new fix.
    pub(super) hits: &'a [ZoneHit],
    /// Stretches of the way to it; none when there is no way.
    pub(super) passages: &'a [Passage],
    pub(super) default_accuracy_m: f64,
}

/// The step from what was confirmed to what a fix shows.
#[derive(Clone, Copy)]
pub(super) struct Transit {
    pub(super) cause: Cause,
    /// Where the way began, when it is known to be straight.
    pub(super) from: Option<Fix>,
    pub(super) to: Fix,
    pub(super) decided_at: DateTime<Utc>,
}

/// Order of events: by time, exits first, then by zone, those the set no longer has first.
type Rank = (DateTime<Utc>, bool, Option<ZoneIndex>);

impl Transit {
    /// Adds the crossings and the change to the observation and confirms the new zones.
    pub(super) fn report(
        &self,
        found: &Found<'_>,
        state: &mut TrackState,
        observation: &mut Observation,
    ) {
        let covering = || found.hits.iter().filter_map(|hit| found.zones.zone(hit.zone));
        let was_in = |id: &ZoneId| state.inside.binary_search(id).is_ok();
        let changed = found.hits.len() != state.inside.len() || !covering().all(|z| was_in(z.id()));
        if !changed && found.passages.iter().all(|passage| !is_between(passage)) {
            return;
        }
        let mut events: Vec<(Rank, Crossing)> = Vec::new();
        let mut add = |kind, zone: Option<ZoneIndex>, id: &ZoneId, [t_in, t_out]: [f64; 2]| {
            let crossing = self.crossing(found, kind, zone, id, [t_in, t_out]);
            events.push(((crossing.at, kind != CrossingKind::Exit, zone), crossing));
        };
        let is_in = |zone: ZoneIndex| found.hits.iter().any(|hit| hit.zone == zone);
        for id in &state.inside {
            let zone = found.zones.find(id);
            if !zone.is_some_and(is_in) {
                let mut own = found.passages.iter().filter(|p| Some(p.zone) == zone);
                let exit = own.find(|p| p.from_start).map_or(0.0, |p| p.exit);
                add(CrossingKind::Exit, zone, id, [exit; 2]);
            }
        }
        for hit in found.hits {
            let Some(zone) = found.zones.zone(hit.zone).filter(|zone| !was_in(zone.id())) else {
                continue;
            };
            let mut own = found.passages.iter().filter(|p| p.zone == hit.zone);
            let entry = own.find(|p| p.to_end).map_or(1.0, |p| p.entry);
            add(CrossingKind::Enter, Some(hit.zone), zone.id(), [entry; 2]);
        }
        for passage in found.passages.iter().filter(|passage| is_between(passage)) {
            let Some(zone) = found.zones.zone(passage.zone) else { continue };
            // From inside to inside: it came back.
            if !(was_in(zone.id()) && is_in(passage.zone)) {
                let times = [passage.entry, passage.exit];
                add(CrossingKind::Cross, Some(passage.zone), zone.id(), times);
            }
        }
        events.sort_by_key(|(rank, _)| *rank);
        observation.events.extend(events.into_iter().map(|(_, crossing)| crossing));
        if changed {
            let mut after: Vec<ZoneId> = covering().map(|zone| zone.id().clone()).collect();
            after.sort_unstable();
            let before = std::mem::replace(&mut state.inside, after.clone());
            observation.changes.push(ZoneChange {
                before,
                after,
                cause: self.cause,
                at: self.to.at,
            });
        }
    }

    fn crossing(
        &self,
        found: &Found<'_>,
        kind: CrossingKind,
        zone: Option<ZoneIndex>,
        id: &ZoneId,
        [t_in, t_out]: [f64; 2],
    ) -> Crossing {
        let seen = match kind {
            CrossingKind::Cross => self.place(f64::midpoint(t_in, t_out)),
            _ => self.to.position.0,
        };
        // The border of a zone that is gone is nowhere near.
        let distance_m =
            zone.map_or(f64::INFINITY, |zone| found.zones.distance_m(zone, seen, 1_000.0));
        let accuracy_m = self.to.accuracy_m.unwrap_or(found.default_accuracy_m);
        Crossing {
            kind,
            zone: id.clone(),
            at: self.time(t_in),
            left_at: (kind == CrossingKind::Cross).then(|| self.time(t_out)),
            decided_at: self.decided_at,
            cause: self.cause,
            zone_set_version: found.zones.version(),
            confidence: confidence(distance_m, accuracy_m),
        }
    }

    /// The time at a parameter of the way, to the millisecond; that of the fix without a way.
    fn time(&self, t: f64) -> DateTime<Utc> {
        match &self.from {
            Some(from) if t < 1.0 => {
                #[allow(
                    clippy::cast_precision_loss,
                    clippy::cast_possible_truncation,
                    reason = "a gap of minutes in milliseconds is far below 2⁵³"
                )]
                let passed_ms =
                    ((self.to.at - from.at).num_milliseconds() as f64 * t).round() as i64;
                from.at + TimeDelta::milliseconds(passed_ms)
            }
            _ => self.to.at,
        }
    }

    /// The place at a parameter of the way.
    fn place(&self, t: f64) -> Coord {
        let to = self.to.position.0;
        let from = self.from.map_or(to, |from| from.position.0);
        let dx = to.x - from.x;
        // The short way round.
        let dx = if dx > 180.0 {
            dx - 360.0
        } else if dx < -180.0 {
            dx + 360.0
        } else {
            dx
        };
        Coord { x: from.x + t * dx, y: from.y + t * (to.y - from.y) }
    }
}

/// Whether the passage goes through the zone's interior and begins and ends on the way.
fn is_between(passage: &Passage) -> bool {
    passage.at == Position::Interior && !passage.from_start && !passage.to_end
}

/// Probability that a normally distributed error does not reach over a straight border at the given
/// distance. 68 % of two-dimensional errors lie within √(−2 ln 0.32) standard deviations.
fn confidence(distance_m: f64, accuracy_m: f64) -> f64 {
    const RADIUS_68: f64 = 1.509_592_1;
    if distance_m <= 0.0 {
        return 0.5;
    }
    let deviations = distance_m * RADIUS_68 / accuracy_m;
    0.5 * (1.0 + libm::erf(deviations * std::f64::consts::FRAC_1_SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_grows_from_a_coin_toss_to_certainty() {
        assert!((confidence(0.0, 20.0) - 0.5).abs() < 1e-12);
        assert!((confidence(0.0, 0.0) - 0.5).abs() < 1e-12);
        assert!((confidence(20.0 / 1.509_592_1, 20.0) - 0.841_344_746).abs() < 1e-6);
        assert!((confidence(1.0, 0.0) - 1.0).abs() < 1e-12);
        assert!((confidence(f64::INFINITY, 50.0) - 1.0).abs() < 1e-12);
        assert!(confidence(10.0, 20.0) < confidence(10.0, 10.0));
    }
}
