//! From one fix to the next: which crossings are confirmed, which stay pending, which come to
//! nothing.

use chrono::{DateTime, TimeDelta, Utc};
use geo_types::{Coord, Line};

use super::report::{Report, Told};
use super::state::{Pending, TrackState};
use super::{Cause, CrossingKind, Fix, TrackerOptions};
use crate::along::{Passage, Passages};
use crate::locate::Position;
use crate::metres::confidence;
use crate::set::{ZoneHit, ZoneIndex, ZoneSet};
use crate::zone::ZoneId;

/// The step to a fix.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) cause: Cause,
    /// Where the way began, when it is known to be straight.
    pub(super) from: Option<Fix>,
    pub(super) to: Fix,
    /// Too sudden for the fix to decide alone.
    pub(super) is_sudden: bool,
}

/// What the zones say about a step.
pub(super) struct Seen<'a> {
    pub(super) zones: &'a ZoneSet,
    pub(super) options: &'a TrackerOptions,
    /// Zones that cover the new fix.
    pub(super) hits: &'a [ZoneHit],
    /// Stretches of the way to it; none when there is no way.
    pub(super) passages: &'a [Passage],
}

/// One zone in one step.
struct Subject<'a> {
    step: &'a Step,
    seen: &'a Seen<'a>,
    zone: ZoneIndex,
    id: &'a ZoneId,
    was_in: bool,
    is_covered: bool,
}

impl Step {
    /// Adds what the step confirms to the report and brings the state up to date. Gives the confirmed
    /// zones before when there was anything to judge.
    pub(super) fn run(
        &self,
        seen: &Seen<'_>,
        state: &mut TrackState,
        report: &mut Report<'_>,
    ) -> Option<Vec<ZoneId>> {
        let id = |zone| seen.zones.zone(zone).map(crate::zone::Zone::id);
        let is_as_before = seen.hits.len() == state.inside.len()
            && seen.hits.iter().all(|hit| id(hit.zone).is_some_and(|id| state.is_inside(id)));
        if is_as_before && state.pending.is_empty() && !seen.passages.iter().any(is_between) {
            return None;
        }
        let before = state.ids();
        let pending = state.pending.iter().map(|pending| &pending.zone);
        let mut zones: Vec<ZoneIndex> =
            before.iter().chain(pending).filter_map(|id| seen.zones.find(id)).collect();
        zones.extend(seen.hits.iter().map(|hit| hit.zone));
        zones.extend(seen.passages.iter().filter(|p| is_between(p)).map(|p| p.zone));
        zones.sort_unstable();
        zones.dedup();
        for zone in zones {
            let Some(id) = id(zone) else { continue };
            let is_covered = seen.hits.iter().any(|hit| hit.zone == zone);
            let was_in = state.is_inside(id);
            Subject { step: self, seen, zone, id, was_in, is_covered }.judge(state, report);
        }
        Some(before)
    }
}

impl Subject<'_> {
    fn judge(&self, state: &mut TrackState, report: &mut Report<'_>) {
        if self.is_covered != self.was_in {
            let pending = self.pend(state);
            if self.is_confirmed(&pending) {
                self.confirm(&pending, state, report);
                self.report_passages(report);
            } else {
                state.pending.push(pending);
            }
        } else if self.was_in {
            // Back before the way out was confirmed.
            state.settle(self.id);
        } else if let Some(visit) = state.settle(self.id) {
            self.end_visit(visit, state, report);
        } else {
            self.pass(state, report);
        }
    }

    /// What is pending now that one more fix speaks for it.
    fn pend(&self, state: &mut TrackState) -> Pending {
        let to = self.step.to;
        let begun = state.settle(self.id);
        if let Some(pending) = begun.as_ref().filter(|pending| pending.back.is_none()) {
            return Pending { fixes: pending.fixes.saturating_add(1), ..pending.clone() };
        }
        let mut own = self.seen.passages.iter().filter(|p| p.zone == self.zone);
        let t = if self.is_covered {
            own.find(|p| p.to_end).map_or(1.0, |p| p.entry)
        } else {
            own.find(|p| p.from_start).map_or(0.0, |p| p.exit)
        };
        // In again after it was out, but not clearly: where the visit came from stays.
        let from = begun.map_or(self.step.from, |visit| visit.from);
        let (zone, at) = (self.id.clone(), self.step.time(t));
        Pending { zone, at, first: to.at, fixes: 1, from, back: None }
    }

    fn is_confirmed(&self, pending: &Pending) -> bool {
        let options = self.seen.options;
        let margin_m = if self.was_in { options.exit_margin_m } else { options.enter_margin_m };
        let lasts = pending.fixes >= options.confirm_fixes
            && self.step.to.at - pending.first >= options.confirm_after;
        let may_decide = !self.step.is_sudden || pending.fixes > 1;
        // Nothing is known from before the first fix.
        self.step.cause == Cause::FirstFix
            || lasts
            || may_decide && self.is_clear(&self.step.to, margin_m)
    }

    fn confirm(&self, pending: &Pending, state: &mut TrackState, report: &mut Report<'_>) {
        let cause = match (self.step.cause, &pending.from) {
            (Cause::Movement, None) => Cause::AfterGap,
            (cause, _) => cause,
        };
        if self.was_in {
            let stay = state.leave(self.id).filter(|_| cause == Cause::Movement);
            if let (Some(stay), Some(dwell)) = (stay, self.seen.options.dwell) {
                report.add_dwelling(&stay, self.zone, dwell, pending.at);
            }
        } else {
            state.enter(self.id.clone(), pending.at);
        }
        let to = &self.step.to;
        report.add(Told {
            kind: if self.was_in { CrossingKind::Exit } else { CrossingKind::Enter },
            zone: Some(self.zone),
            id: self.id.clone(),
            at: pending.at,
            left_at: None,
            cause,
            confidence: confidence(self.distance_m(to.position.0, to), self.accuracy_m(to)),
        });
    }

    /// Passages between two fixes, next to a crossing that is confirmed at once.
    fn report_passages(&self, report: &mut Report<'_>) {
        for passage in self.passages_between() {
            let times = [passage.entry, passage.exit].map(|t| self.step.time(t));
            let middle = self.step.place(f64::midpoint(passage.entry, passage.exit));
            self.report_cross(times, middle, report);
        }
    }

    /// Passed through between two fixes, nothing pending: certain when both are clear.
    fn pass(&self, state: &mut TrackState, report: &mut Report<'_>) {
        let Some(from) = self.step.from else { return };
        let margin_m = self.seen.options.exit_margin_m;
        let is_clear = || [from, self.step.to].iter().all(|fix| self.is_clear(fix, margin_m));
        let mut between = self.passages_between();
        let Some(first) = between.next() else { return };
        if is_clear() {
            self.report_passages(report);
            return;
        }
        let last = between.last().unwrap_or(first);
        state.pending.push(Pending {
            zone: self.id.clone(),
            at: self.step.time(first.entry),
            first: self.step.to.at,
            fixes: 0,
            from: Some(from),
            back: Some(self.step.time(last.exit)),
        });
    }

    /// Outside after a visit that was not confirmed: it was a passage if it led through the zone.
    fn end_visit(&self, visit: Pending, state: &mut TrackState, report: &mut Report<'_>) {
        let to = self.step.to;
        let mut own = self.seen.passages.iter().filter(|p| p.zone == self.zone);
        let left = own.find(|p| p.from_start).map(|p| self.step.time(p.exit));
        let Some(from) = visit.from else { return };
        let back = visit.back.or(left).unwrap_or(to.at);
        if self.step.from.is_none() || to.at - back > self.seen.options.max_gap {
            return;
        }
        if !self.is_clear(&to, self.seen.options.exit_margin_m) {
            state.pending.push(Pending { back: Some(back), ..visit });
            return;
        }
        let through = Step { from: Some(from), ..*self.step };
        if let Some(passage) = self.runs_through(&through) {
            let middle = through.place(f64::midpoint(passage.entry, passage.exit));
            self.report_cross([visit.at, back], middle, report);
        }
    }

    /// The stretch of a step's straight way through the interior of the zone.
    fn runs_through(&self, step: &Step) -> Option<Passage> {
        let way = Line::new(step.from?.position, step.to.position);
        let mut passages = Passages::default();
        self.seen.zones.zones_along(way, &mut passages).ok()?;
        let mut own = passages.as_slice().iter().filter(|passage| passage.zone == self.zone);
        own.find(|passage| passage.at == Position::Interior).copied()
    }

    fn report_cross(&self, times: [DateTime<Utc>; 2], middle: Coord, report: &mut Report<'_>) {
        let to = &self.step.to;
        report.add(Told {
            kind: CrossingKind::Cross,
            zone: Some(self.zone),
            id: self.id.clone(),
            at: times[0],
            left_at: Some(times[1]),
            cause: self.step.cause,
            confidence: confidence(self.distance_m(middle, to), self.accuracy_m(to)),
        });
    }

    fn passages_between(&self) -> impl Iterator<Item = &Passage> {
        self.seen.passages.iter().filter(|p| p.zone == self.zone && is_between(p))
    }

    fn is_clear(&self, fix: &Fix, margin_m: f64) -> bool {
        let distance_m = self.distance_m(fix.position.0, fix);
        self.seen.options.is_clear(distance_m, margin_m, self.accuracy_m(fix))
    }

    /// Distance of a place to the zone's border, as far as the accuracy of a fix lets it matter.
    fn distance_m(&self, at: Coord, fix: &Fix) -> f64 {
        let reach_m = self.seen.options.reach_m(self.accuracy_m(fix));
        self.seen.zones.distance_m(self.zone, at, reach_m)
    }

    fn accuracy_m(&self, fix: &Fix) -> f64 {
        fix.accuracy_m.unwrap_or(self.seen.options.default_accuracy_m)
    }
}

impl Step {
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
