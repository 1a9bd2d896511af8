//! What lateness costs on a route as it is, and as it would be. Asked only where the
//! lateness of some job has a price, and then only of places that would be better without.
//! Nothing is remembered: what a route pays follows from its clock.

use super::{Spot, State};
use crate::labels::{Label, best, reach};
use crate::model::Class;
use crate::units::Cost;

impl State<'_> {
    /// What lateness costs on a route with stops, beyond what it does at its frozen ones
    /// alone. The clock must be right.
    pub(super) fn lateness(&self, stops: &[u32], class: &Class) -> i64 {
        if class.breaks.is_empty() {
            return self.lateness_by_clock(stops);
        }
        self.lateness_with_breaks(class, stops.iter().copied()) - class.pinned_lateness
    }

    /// What lateness costs on all routes, beyond what it does at frozen stops alone.
    pub(crate) fn total_lateness(&self) -> i64 {
        if !self.model.soft {
            return 0;
        }
        let of = |&line: &u32| self.lateness(&self.lines[line as usize].stops, self.class(line));
        self.used.iter().map(of).sum()
    }

    /// What it adds that a job is put there.
    pub(crate) fn lateness_added(&self, job: usize, spot: &Spot) -> i64 {
        let before = spot.after as usize;
        let from = if before >= self.model.m { 0 } else { self.position(spot.after) + 1 };
        let job = u32::try_from(job).unwrap_or(u32::MAX);
        let behind = &self.lines[spot.line as usize].stops[from..];
        let way = core::iter::once(job).chain(behind.iter().copied());
        self.lateness_added_by(spot.line, from, way)
    }

    /// What it adds that `way` takes the place of the stops of a route from the `from`-th on.
    pub(super) fn lateness_added_by(
        &self,
        line: u32,
        from: usize,
        way: impl Iterator<Item = u32>,
    ) -> i64 {
        let (model, class) = (self.model, self.class(line));
        let stops = &self.lines[line as usize].stops;
        if !class.breaks.is_empty() {
            let with = stops[..from].iter().copied().chain(way);
            let before = match stops.is_empty() {
                true => class.pinned_lateness,
                false => self.lateness_with_breaks(class, stops.iter().copied()),
            };
            return self.lateness_with_breaks(class, with) - before;
        }
        let legs = &model.kinds[class.kind];
        let mut at = if from == 0 { class.start } else { stops[from - 1] } as usize;
        let mut ready = self.clocks[at].ready;
        let mut cost = 0;
        for stop in way.map(|stop| stop as usize) {
            let start = model.start_of_service(stop, ready.saturating_add(legs.time(at, stop)));
            cost += model.lateness_cost(stop, start);
            ready = start.saturating_add(model.nodes[stop].service);
            at = stop;
        }
        cost - self.lateness_by_clock(&stops[from..])
    }

    fn lateness_by_clock(&self, stops: &[u32]) -> i64 {
        let model = self.model;
        let cost = |&stop: &u32| {
            let stop = stop as usize;
            model.lateness_cost(stop, self.clocks[stop].ready - model.nodes[stop].service)
        };
        stops.iter().map(cost).sum()
    }

    /// Breaks where lateness costs least; nothing on a route that has no place for them.
    fn lateness_with_breaks(&self, class: &Class, stops: impl Iterator<Item = u32>) -> i64 {
        let model = self.model;
        let legs = &model.kinds[class.kind];
        let mut labels = class.ways.clone();
        let mut at = class.start as usize;
        for stop in stops.map(|stop| stop as usize) {
            let serve = |label: Label| {
                let start = model.start_of_service(stop, label.ready);
                let ready = start.saturating_add(model.nodes[stop].service);
                let lateness = label.lateness + Cost(model.lateness_cost(stop, start));
                (start < i64::MAX).then_some(Label { ready, lateness, ..label })
            };
            let reached = reach(&class.breaks, &labels, legs.time(at, stop));
            labels = best(reached.into_iter().filter_map(serve).collect());
            at = stop;
        }
        let end = class.end as usize;
        let finished = reach(&class.breaks, &labels, legs.time(at, end)).into_iter();
        let finished = finished.filter(|label| {
            label.taken == class.breaks.len() && label.ready <= model.nodes[end].close
        });
        finished.min_by_key(Label::rank).map_or(0, |label| label.lateness.get())
    }
}
