//! The one question that every constraint enters: may job c stand between p and q on
//! this vehicle, and what does it cost?

use super::blinks::Blinks;
use super::{NONE, State};
use crate::model::{Around, Class, LegTables, Nearness};
use crate::rng::Rng;

/// A place for a job: on `line`, right after node `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) line: u32,
    pub(crate) after: u32,
    /// What it adds to the cost.
    pub(crate) delta: i64,
}

/// The best place so far; places that are not cheaper are not looked into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound(Spot);

impl Default for Bound {
    /// Any place will do.
    fn default() -> Self {
        Self(Spot { line: NONE, after: NONE, delta: i64::MAX })
    }
}

impl Bound {
    /// The place, if there was one.
    pub(crate) fn spot(self) -> Option<Spot> {
        (self.0.line != NONE).then_some(self.0)
    }
}

impl<'m> State<'m> {
    pub(super) fn class(&self, line: u32) -> &'m Class {
        &self.model.classes[self.model.class_of[line as usize] as usize]
    }

    /// Do the constraints of the whole route leave room for the job?
    #[inline]
    fn has_room(&self, line: u32, job: usize) -> bool {
        let (model, dims) = (self.model, self.model.dims);
        let (own, theirs) = (job * dims, line as usize * dims);
        let fits = (0..dims).all(|d| {
            model.delivery[own + d] <= self.room_out[theirs + d]
                && model.pickup[own + d] <= self.room_back[theirs + d]
        });
        fits && {
            let class = model.class_of[line as usize] as usize;
            model.is_allowed(class, job)
                && self.lines[line as usize].stops.len() < model.classes[class].max_stops
        }
    }

    /// Do clock, limits and loads allow the job between `p` and `q`, on a route that has
    /// room for it?
    #[inline]
    fn allows(&self, job: usize, (p, q): (u32, u32), line: u32, around: &Around<'_>) -> bool {
        let (before, after) = (p as usize, q as usize);
        let model = self.model;
        if model.timed {
            let arrival = self.clocks[before].ready + i64::from(around.time_to[before]);
            let start = model.start_of_service(job, arrival);
            if start == i64::MAX {
                return false;
            }
            let there = start + model.nodes[job].service + i64::from(around.time_from[after]);
            if there > self.clocks[after].late {
                return false;
            }
        }
        (!model.special || self.specials_allow(job, before, after, line))
            && (!model.mixed_loads || self.loads_allow(job, before, after, line))
    }

    /// Limits on driving, breaks and reloads, which few vehicles have.
    fn specials_allow(&self, job: usize, p: usize, q: usize, line: u32) -> bool {
        let class = self.class(line);
        let route = &self.lines[line as usize];
        self.limits_allow(job, p, q, line)
            && route.jobs() < class.max_jobs
            && (class.breaks.is_empty() || self.breaks_allow(job, p, q, class))
    }

    fn limits_allow(&self, job: usize, p: usize, q: usize, line: u32) -> bool {
        let class = self.class(line);
        let legs = &self.model.kinds[class.kind];
        let route = &self.lines[line as usize];
        let detour = |leg: fn(&LegTables, usize, usize) -> i64| {
            leg(legs, p, job) + leg(legs, job, q) - leg(legs, p, q)
        };
        route.travel + detour(LegTables::time) <= class.max_travel
            && route.distance + detour(LegTables::distance) <= class.max_distance
    }

    fn loads_allow(&self, job: usize, p: usize, q: usize, line: u32) -> bool {
        let (model, dims) = (self.model, self.model.dims);
        if self.lines[line as usize].reloads > 0 {
            return self.trip_allows(job, p, q, line);
        }
        let capacity = &self.class(line).capacity;
        (0..dims).all(|d| {
            let (own, room) = (job * dims + d, line as usize * dims + d);
            // Next to a terminal the loads are those of the whole route: has_room saw them.
            let before = if p < model.n {
                self.load_before[p * dims + d]
            } else {
                capacity[d] - self.room_out[room]
            };
            let after = if q < model.n {
                self.load_after[q * dims + d]
            } else {
                capacity[d] - self.room_back[room]
            };
            before + model.delivery[own] <= capacity[d] && after + model.pickup[own] <= capacity[d]
        })
    }

    /// Every place on one used route.
    pub(crate) fn look_along(&self, job: usize, line: u32, best: &mut Bound) {
        if !self.has_room(line, job) {
            return;
        }
        let stops = &self.lines[line as usize].stops;
        let class = self.class(line);
        let around = self.model.kinds[class.kind].around(job);
        let mut p = class.start;
        for &q in stops {
            self.look(job, (p, q), self.stops[q as usize].in_cost, line, &around, best);
            p = q;
        }
        self.look(job, (p, class.end), self.stops[p as usize].out_cost, line, &around, best);
    }

    /// One place on a used route: so many stops come before it.
    pub(super) fn look_in_gap(&self, job: usize, line: u32, gap: usize, best: &mut Bound) {
        if !self.has_room(line, job) {
            return;
        }
        let stops = &self.lines[line as usize].stops;
        let class = self.class(line);
        let around = self.model.kinds[class.kind].around(job);
        let p = if gap == 0 { class.start } else { stops[gap - 1] };
        let (q, leg) = match stops.get(gap) {
            Some(&q) => (q, self.stops[q as usize].in_cost),
            None => (class.end, self.stops[p as usize].out_cost),
        };
        self.look(job, (p, q), leg, line, &around, best);
    }

    /// The place between `p` and `q`, joined by a leg that costs `leg`. (Asked of every place
    /// of a route: left to itself the compiler makes a call of it, which is dearer.)
    #[inline(always)]
    fn look(
        &self,
        job: usize,
        (p, q): (u32, u32),
        leg: i32,
        line: u32,
        around: &Around<'_>,
        best: &mut Bound,
    ) {
        let mut delta = i64::from(around.cost_to[p as usize])
            + i64::from(around.cost_from[q as usize])
            - i64::from(leg);
        if self.model.extras {
            delta += self.extra(job, (p, q), line);
        }
        if delta < best.0.delta && self.allows(job, (p, q), line, around) {
            self.take_place(job, Spot { line, after: p, delta }, best);
        }
    }

    /// Takes a place that is cheaper than the best so far, if it still is with what it makes
    /// lateness cost.
    #[inline]
    fn take_place(&self, job: usize, spot: Spot, best: &mut Bound) {
        if self.model.soft {
            self.take_soft_place(job, spot, best);
        } else {
            best.0 = spot;
        }
    }

    #[cold]
    fn take_soft_place(&self, job: usize, mut spot: Spot, best: &mut Bound) {
        spot.delta += self.lateness_added(job, &spot);
        if spot.delta < best.0.delta {
            best.0 = spot;
        }
    }

    /// A route of its own on an unused vehicle of the class.
    pub(crate) fn look_at_unused(&self, job: usize, class_id: usize, best: &mut Bound) {
        if let Some(line) = self.unused(class_id) {
            self.look_at_empty(job, line, best);
        }
    }

    /// A route of its own on this vehicle, which has none.
    fn look_at_empty(&self, job: usize, line: u32, best: &mut Bound) {
        let class_id = self.model.class_of[line as usize] as usize;
        if !self.model.is_allowed(class_id, job) || !self.model.is_allowed_at_once(class_id, job) {
            return;
        }
        let class = &self.model.classes[class_id];
        let legs = &self.model.kinds[class.kind];
        let driving = legs.cost(class.start as usize, job) + legs.cost(job, class.end as usize);
        let mut delta = class.opening + driving;
        if self.model.extras {
            delta += self.extra(job, (class.start, class.end), line);
        }
        if delta < best.0.delta {
            self.take_place(job, Spot { line, after: class.start, delta }, best);
        }
    }

    /// The place behind the last stop of a vehicle.
    pub(super) fn look_at_end(&self, job: usize, line: u32, best: &mut Bound) {
        let Some(&last) = self.lines[line as usize].stops.last() else {
            return self.look_at_empty(job, line, best);
        };
        if self.has_room(line, job) {
            let class = self.class(line);
            let around = self.model.kinds[class.kind].around(job);
            let leg = self.stops[last as usize].out_cost;
            self.look(job, (last, class.end), leg, line, &around, best);
        }
    }

    /// Every place of the whole plan.
    pub(crate) fn look_everywhere(&self, job: usize, best: &mut Bound) {
        for &line in &self.used {
            self.look_along(job, line, best);
        }
        self.look_at_all_unused(job, best);
    }

    /// A route of its own on any vehicle.
    pub(crate) fn look_at_all_unused(&self, job: usize, best: &mut Bound) {
        for class in 0..self.model.classes.len() {
            self.look_at_unused(job, class, best);
        }
    }

    /// The cheapest place next to one of the nearest jobs, after the start of a near
    /// vehicle, or on an unused vehicle; some places are passed over at random (blinks).
    pub(crate) fn look_near(
        &self,
        job: usize,
        nearness: &Nearness,
        width: usize,
        rng: &mut Rng,
    ) -> Bound {
        let mut best = Bound::default();
        let near = nearness.jobs(job);
        let near = &near[..width.min(near.len())];
        self.look_beside(job, near, nearness.detours(job), rng, &mut best);
        for &class_id in nearness.classes(job) {
            let class = &self.model.classes[class_id as usize];
            self.look_at_unused(job, class_id as usize, &mut best);
            if let ([vehicle], None) = (&class.vehicles[..], self.unused(class_id as usize))
                && self.has_room(*vehicle, job)
            {
                let around = self.model.kinds[class.kind].around(job);
                let first = self.lines[*vehicle as usize].stops[0];
                let leg = self.stops[first as usize].in_cost;
                self.look(job, (class.start, first), leg, *vehicle, &around, &mut best);
            }
        }
        best
    }

    /// Both places beside each of these jobs, where a detour can be as cheap as the best.
    fn look_beside(
        &self,
        job: usize,
        near: &[u32],
        detours: &[i32],
        rng: &mut Rng,
        best: &mut Bound,
    ) {
        let kinds = &self.model.kinds;
        let mut kind = 0;
        let Some(mut around) = kinds.first().map(|legs| legs.around(job)) else { return };
        // What most often keeps a job off a route is asked first, from little memory.
        let dims = self.model.dims;
        let brought = if dims > 0 { self.model.delivery[job * dims] } else { 0 };
        let mut blinks = Blinks::default();
        for (&other, &detour) in near.iter().zip(detours) {
            let saved = self.spans[other as usize];
            if i64::from(detour) - i64::from(saved) >= best.0.delta {
                continue;
            }
            let line = self.homes[other as usize];
            if line == NONE || (dims > 0 && self.room_out[line as usize * dims] < brought) {
                continue;
            }
            let stop = &self.stops[other as usize];
            if kinds.len() > 1 {
                let theirs = self.class(line).kind;
                if theirs != kind {
                    kind = theirs;
                    around = kinds[kind].around(job);
                }
            }
            let (to, from) = (around.cost_to[other as usize], around.cost_from[other as usize]);
            let mut after = i64::from(to) + i64::from(around.cost_from[stop.next as usize])
                - i64::from(stop.out_cost);
            let mut before = i64::from(around.cost_to[stop.prev as usize]) + i64::from(from)
                - i64::from(stop.in_cost);
            if self.model.extras {
                after += self.extra(job, (other, stop.next), line);
                before += self.extra(job, (stop.prev, other), line);
            }
            // What a place costs is known sooner than whether it is allowed.
            if after.min(before) >= best.0.delta || !self.has_room(line, job) {
                continue;
            }
            let (sees_after, sees_before) = blinks.next(rng);
            if sees_after
                && after < best.0.delta
                && self.allows(job, (other, stop.next), line, &around)
            {
                self.take_place(job, Spot { line, after: other, delta: after }, best);
            }
            if sees_before
                && before < best.0.delta
                && self.allows(job, (stop.prev, other), line, &around)
            {
                let spot = Spot { line, after: stop.prev, delta: before };
                self.take_place(job, spot, best);
            }
        }
    }
}
