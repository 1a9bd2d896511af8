//! Where both halves of a pair may stand on a route, and what they cost together.

use super::rests::{Clockwork, Plain, Rested};
use super::{NONE, State};
use crate::model::Class;

/// A place for a pair on `line`: the pickup right after one node, the delivery right after
/// another, or after the pickup itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PairSpot {
    pub(crate) line: u32,
    pub(crate) pickup_at: usize,
    /// Position among the stops as they are now: so many of them come before it.
    pub(crate) delivery_at: usize,
    pub(crate) delta: i64,
}

/// A route with a gap chosen for the pickup.
pub(super) struct Begun<'a> {
    pair: (u32, u32),
    line: u32,
    pub(super) class: &'a Class,
    stops: &'a [u32],
    pickup_at: usize,
}

impl Begun<'_> {
    fn before(&self, gap: usize) -> u32 {
        if gap == 0 { self.class.start } else { self.stops[gap - 1] }
    }

    fn after(&self, gap: usize) -> u32 {
        self.stops.get(gap).copied().unwrap_or(self.class.end)
    }

    /// The stops from the pickup on, if the pair is delivered in a gap.
    fn way(&self, gap: usize) -> impl Iterator<Item = u32> + '_ {
        let (between, behind) = (&self.stops[self.pickup_at..gap], &self.stops[gap..]);
        let picked_up = core::iter::once(self.pair.0).chain(between.iter().copied());
        picked_up.chain([self.pair.1]).chain(behind.iter().copied())
    }

    /// What the pair adds to a sum over legs if it is delivered in a gap. A route without
    /// stops has no leg to save.
    fn detour(&self, gap: usize, leg: impl Fn(u32, u32) -> i64) -> i64 {
        let (pickup, delivery) = self.pair;
        let (p, q) = (self.before(self.pickup_at), self.after(self.pickup_at));
        if self.stops.is_empty() {
            return leg(p, pickup) + leg(pickup, delivery) + leg(delivery, q);
        }
        if gap == self.pickup_at {
            return leg(p, pickup) + leg(pickup, delivery) + leg(delivery, q) - leg(p, q);
        }
        let (r, s) = (self.before(gap), self.after(gap));
        let taken = leg(p, pickup) + leg(pickup, q) - leg(p, q);
        taken + leg(r, delivery) + leg(delivery, s) - leg(r, s)
    }
}

impl State<'_> {
    /// Every pair of places on one route, with or without stops.
    pub(crate) fn look_pair_along(&self, pickup: u32, line: u32, best: &mut Option<PairSpot>) {
        let model = self.model;
        let pair = (pickup, model.partner[pickup as usize]);
        let id = model.class_of[line as usize] as usize;
        let (class, stops) = (&model.classes[id], &self.lines[line as usize].stops);
        let allowed =
            model.is_allowed(id, pair.0 as usize) && model.is_allowed(id, pair.1 as usize);
        let jobs = self.lines[line as usize].jobs();
        if !allowed || jobs + 2 > class.max_jobs {
            return;
        }
        for pickup_at in 0..=stops.len() {
            let begun = Begun { pair, line, class, stops, pickup_at };
            let at = begun.before(pickup_at);
            if class.breaks.is_empty() {
                self.look_for_delivery(&begun, Plain::new(self, &begun, at), best);
            } else {
                self.look_for_delivery(&begun, Rested::new(self, &begun, at), best);
            }
        }
    }

    /// Every place for the delivery, given that of the pickup: goes along the route with the
    /// load on board and the clock as it then is.
    fn look_for_delivery(
        &self,
        begun: &Begun<'_>,
        mut clock: impl Clockwork,
        best: &mut Option<PairSpot>,
    ) {
        let (pickup, delivery) = begun.pair;
        if !clock.serve(pickup) {
            return;
        }
        for gap in begun.pickup_at..=begun.stops.len() {
            if !self.carries_too(begun, gap) {
                return;
            }
            let mut then = clock;
            if then.serve(delivery)
                && then.reaches(begun.after(gap))
                && self.limits_allow_pair(begun, gap)
            {
                let is_better = |delta| best.is_none_or(|best| delta < best.delta);
                let mut delta = self.pair_cost(begun, gap);
                if self.model.soft && is_better(delta) {
                    delta += self.lateness_added_by(begun.line, begun.pickup_at, begun.way(gap));
                }
                if is_better(delta) {
                    let (line, pickup_at) = (begun.line, begun.pickup_at);
                    *best = Some(PairSpot { line, pickup_at, delivery_at: gap, delta });
                }
            }
            let Some(&stop) = begun.stops.get(gap) else { return };
            // What is on board is delivered before the vehicle loads again.
            if self.model.is_reload(stop) || !clock.serve_in_time(stop) {
                return;
            }
        }
    }

    /// Is there room for the pair on the leg through a gap?
    fn carries_too(&self, begun: &Begun<'_>, gap: usize) -> bool {
        let (model, dims) = (self.model, self.model.dims);
        (0..dims).all(|d| {
            let load = match gap {
                0 => self.load_at_start(begun.class, begun.line as usize, d),
                _ => self.loads[begun.before(gap) as usize * dims + d],
            };
            load + model.transfer[begun.pair.0 as usize * dims + d] <= begun.class.capacity[d]
        })
    }

    fn limits_allow_pair(&self, begun: &Begun<'_>, gap: usize) -> bool {
        let (class, route) = (begun.class, &self.lines[begun.line as usize]);
        let legs = &self.model.kinds[class.kind];
        let time = |from: u32, to: u32| legs.time(from as usize, to as usize);
        let distance = |from: u32, to: u32| legs.distance(from as usize, to as usize);
        !self.model.special
            || route.travel + begun.detour(gap, time) <= class.max_travel
                && route.distance + begun.detour(gap, distance) <= class.max_distance
    }

    fn pair_cost(&self, begun: &Begun<'_>, gap: usize) -> i64 {
        let legs = &self.model.kinds[begun.class.kind];
        let opening = if begun.stops.is_empty() { begun.class.opening } else { 0 };
        let driving = begun.detour(gap, |from, to| legs.cost(from as usize, to as usize));
        let extra = if self.model.extras {
            self.extra_of(&[begun.pair.0, begun.pair.1], begun.line, |leg| begun.detour(gap, leg))
        } else {
            0
        };
        opening + driving + extra
    }

    /// Puts a pair that is on no route and not in the bank where `spot` says.
    pub(crate) fn insert_pair(&mut self, pickup: u32, spot: PairSpot) {
        if self.is_unused(spot.line) {
            self.take(spot.line);
        }
        let stops = &mut self.lines[spot.line as usize].stops;
        stops.insert(spot.delivery_at, self.model.partner[pickup as usize]);
        stops.insert(spot.pickup_at, pickup);
        let before = self.cost;
        self.refresh(spot.line);
        debug_assert_eq!(self.cost, before + spot.delta, "a pair costs what was said");
    }

    /// Is the job half of a pair of which both stops are free?
    pub(crate) fn is_paired(&self, job: u32) -> bool {
        self.model.partner[job as usize] != NONE
    }

    /// Every place for a pair in the whole plan.
    pub(crate) fn look_pair_everywhere(&self, pickup: u32, best: &mut Option<PairSpot>) {
        for &line in &self.used {
            self.look_pair_along(pickup, line, best);
        }
        self.look_pair_at_unused(pickup, best);
    }

    /// A route of its own on any vehicle.
    pub(crate) fn look_pair_at_unused(&self, pickup: u32, best: &mut Option<PairSpot>) {
        for class in 0..self.model.classes.len() {
            if let Some(line) = self.unused(class) {
                self.look_pair_along(pickup, line, best);
            }
        }
    }
}
