//! The one question that every constraint enters: may job c stand between p and q on
//! this vehicle, and what does it cost?

use super::{Line, NONE, State};
use crate::model::{Around, Class, LegTables, Nearness, cell};
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
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bound(pub(crate) Option<Spot>);

impl Bound {
    fn limit(&self) -> i64 {
        self.0.map_or(i64::MAX, |spot| spot.delta)
    }
}

impl<'m> State<'m> {
    fn class(&self, line: u32) -> &'m Class {
        &self.model.classes[self.model.class_of[line as usize] as usize]
    }

    /// Do the constraints of the whole route leave room for the job?
    #[inline]
    fn has_room(&self, line: u32, job: usize) -> bool {
        let model = self.model;
        let class_id = model.class_of[line as usize] as usize;
        let class = &model.classes[class_id];
        let route = &self.lines[line as usize];
        let dims = model.dims;
        let fits = |d: usize| {
            let at = job * dims + d;
            route.delivered[d] + model.delivery[at] <= class.capacity[d]
                && route.picked_up[d] + model.pickup[at] <= class.capacity[d]
        };
        (0..dims).all(fits)
            && model.is_allowed(class_id, job)
            && route.stops.len() < class.max_jobs
    }

    /// Looks at the place between `p` and `q` on a route that has room for the job.
    #[inline]
    fn look(&self, job: usize, (p, q): (u32, u32), line: u32, around: &Around<'_>, best: &mut Bound) {
        let (before, after) = (p as usize, q as usize);
        let route = &self.lines[line as usize];
        let old = if before < self.model.n { self.out_cost[before] } else { route.first_leg };
        let delta = cell(around.cost_to, before) + cell(around.cost_from, after) - old;
        if delta >= best.limit() {
            return;
        }
        let model = self.model;
        let arrival =
            self.early[before] + model.nodes[before].service + cell(around.time_to, before);
        let start = model.start_of_service(job, arrival);
        if start == i64::MAX {
            return;
        }
        let there = start + model.nodes[job].service + cell(around.time_from, after);
        if there > self.late[after] {
            return;
        }
        let extras = (model.limited && !self.limits_allow(job, before, after, line))
            || (model.mixed_loads && !self.loads_allow(job, before, after, line));
        if !extras {
            best.0 = Some(Spot { line, after: p, delta });
        }
    }

    fn limits_allow(&self, job: usize, p: usize, q: usize, line: u32) -> bool {
        let class = self.class(line);
        let legs = &self.model.kinds[class.kind];
        let route: &Line = &self.lines[line as usize];
        let detour = |leg: fn(&LegTables, usize, usize) -> i64| {
            let old = if route.stops.is_empty() { 0 } else { leg(legs, p, q) };
            leg(legs, p, job) + leg(legs, job, q) - old
        };
        let fits = |now: i64, more: i64, limit: i64| now + more <= limit;
        fits(route.travel, detour(LegTables::time), class.max_travel)
            && fits(route.distance, detour(LegTables::distance), class.max_distance)
    }

    fn loads_allow(&self, job: usize, p: usize, q: usize, line: u32) -> bool {
        let (model, dims) = (self.model, self.model.dims);
        let class = self.class(line);
        let route = &self.lines[line as usize];
        (0..dims).all(|d| {
            let before =
                if p < model.n { self.load_before[p * dims + d] } else { route.delivered[d] };
            let after = if q < model.n { self.load_after[q * dims + d] } else { route.picked_up[d] };
            before + model.delivery[job * dims + d] <= class.capacity[d]
                && after + model.pickup[job * dims + d] <= class.capacity[d]
        })
    }

    /// Every place on one used route.
    pub(crate) fn look_along(&self, job: usize, line: u32, best: &mut Bound) {
        let stops = &self.lines[line as usize].stops;
        if stops.is_empty() || !self.has_room(line, job) {
            return;
        }
        let class = self.class(line);
        let around = self.model.kinds[class.kind].around(job);
        let mut p = class.start;
        for &q in stops {
            self.look(job, (p, q), line, &around, best);
            p = q;
        }
        self.look(job, (p, class.end), line, &around, best);
    }

    /// A route of its own on an unused vehicle of the class.
    pub(crate) fn look_at_unused(&self, job: usize, class_id: usize, best: &mut Bound) {
        let Some(line) = self.unused(class_id) else { return };
        if !self.model.is_allowed(class_id, job) {
            return;
        }
        let class = &self.model.classes[class_id];
        let legs = &self.model.kinds[class.kind];
        let delta = class.fixed
            + legs.cost(class.start as usize, job)
            + legs.cost(job, class.end as usize);
        if delta < best.limit() {
            best.0 = Some(Spot { line, after: class.start, delta });
        }
    }

    /// Every place of the whole plan.
    pub(crate) fn look_everywhere(&self, job: usize, best: &mut Bound) {
        for (line, _) in (0_u32..).zip(&self.lines) {
            self.look_along(job, line, best);
        }
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
        for &class_id in nearness.classes(job) {
            let class = &self.model.classes[class_id as usize];
            self.look_at_unused(job, class_id as usize, &mut best);
            if let ([vehicle], None) = (&class.vehicles[..], self.unused(class_id as usize))
                && self.has_room(*vehicle, job)
            {
                let around = self.model.kinds[class.kind].around(job);
                let first = self.lines[*vehicle as usize].stops[0];
                self.look(job, (class.start, first), *vehicle, &around, &mut best);
            }
        }
        // One random word decides the blinks of several places.
        for &other in nearness.jobs(job).iter().take(width) {
            let line = self.line_of[other as usize];
            if line == NONE || !self.has_room(line, job) {
                continue;
            }
            let around = self.model.kinds[self.class(line).kind].around(job);
            let (prev, next) = (self.prev[other as usize], self.next[other as usize]);
            let word = rng.next() >> 32;
            if word & 0x7f != 0 {
                self.look(job, (other, next), line, &around, &mut best);
            }
            if word & 0x3f80 != 0 {
                self.look(job, (prev, other), line, &around, &mut best);
            }
        }
        best
    }
}
