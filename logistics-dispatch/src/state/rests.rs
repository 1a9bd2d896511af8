//! The clock of a route: plain, or by breaks taken.
//!
//! A vehicle with breaks has both clocks. The plain one says what would be possible without
//! breaks, so the cheap test of a position stays what it is for all other vehicles, and only
//! what passes it is asked again here, exactly.

use super::State;
use super::pair::Begun;
use crate::model::{Class, LegTables, Model};
use crate::rests::{ByTaken, NEVER, TOO_LATE, arrivals, latest_departures};

/// What the rest of its route asks of a stop's times, by breaks taken before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rests {
    /// When the vehicle can leave at the earliest; `i64::MAX`: never.
    ready: ByTaken,
    /// When service must begin at the latest; `i64::MIN`: never early enough.
    late: ByTaken,
}

impl Rests {
    /// Terminals keep theirs for good; nothing without breaks.
    pub(super) fn of(model: &Model) -> Vec<Self> {
        if !model.breaks {
            return Vec::new();
        }
        let never = Self { ready: NEVER, late: TOO_LATE };
        let mut rests = vec![never; model.nodes.len()];
        for class in &model.classes {
            rests[class.start as usize].ready = class.ready;
            let end = class.end as usize;
            rests[end].late[class.breaks.len()] = model.nodes[end].close;
        }
        rests
    }
}

impl State<'_> {
    /// Is there a place for every break if the job stands between `p` and `q`?
    pub(super) fn breaks_allow(&self, job: usize, p: usize, q: usize, class: &Class) -> bool {
        let mut clock = Rested { state: self, class, at: p, ready: self.rests[p].ready };
        clock.pass(job) && clock.is_before(q)
    }

    /// Earliest and latest times by breaks taken; false if there is no place for them all.
    pub(super) fn refresh_rests(&mut self, stops: &[u32], class: &Class, legs: &LegTables) -> bool {
        let start = class.start as usize;
        let mut clock = Rested { state: self, class, at: start, ready: self.rests[start].ready };
        let mut ready = Vec::with_capacity(stops.len());
        for &stop in stops {
            clock.pass(stop as usize);
            ready.push(clock.ready);
        }
        let in_time = clock.is_before(class.end as usize);
        for (&stop, ready) in stops.iter().zip(ready) {
            self.rests[stop as usize].ready = ready;
        }
        let taken = ..=class.breaks.len();
        let mut next = class.end as usize;
        for stop in stops.iter().rev().map(|&stop| stop as usize) {
            let drive = legs.time(stop, next);
            let mut late = latest_departures(&class.breaks, &self.rests[next].late[taken], drive);
            for late in late[taken].iter_mut().filter(|late| **late > i64::MIN) {
                let bound = late.saturating_sub(self.model.nodes[stop].service);
                *late = self.model.latest_start(stop, bound);
            }
            self.rests[stop].late = late;
            next = stop;
        }
        in_time
    }
}

/// A vehicle under way on a route that is tried.
pub(super) trait Clockwork: Copy {
    /// Drives to a node that is not on the route, and serves it; false if it is too late.
    fn serve(&mut self, node: u32) -> bool;
    /// The same for the next stop of the route; false if that, or what follows, is too late.
    fn serve_in_time(&mut self, stop: u32) -> bool;
    /// Can it go on to this stop, and to all that follow?
    fn reaches(&self, stop: u32) -> bool;
}

/// The clock of a vehicle without breaks.
#[derive(Clone, Copy)]
pub(super) struct Plain<'s, 'm> {
    state: &'s State<'m>,
    legs: &'s LegTables,
    at: usize,
    ready: i64,
}

impl<'s, 'm> Plain<'s, 'm> {
    pub(super) fn new(state: &'s State<'m>, begun: &Begun<'_>, at: u32) -> Self {
        let legs = &state.model.kinds[begun.class.kind];
        Self { state, legs, at: at as usize, ready: state.clocks[at as usize].ready }
    }

    fn pass(&mut self, node: usize) -> i64 {
        let model = self.state.model;
        let arrival = self.ready.saturating_add(self.legs.time(self.at, node));
        let start = model.start_of_service(node, arrival);
        self.ready = start.saturating_add(model.nodes[node].service);
        self.at = node;
        start
    }
}

impl Clockwork for Plain<'_, '_> {
    fn serve(&mut self, node: u32) -> bool {
        self.pass(node as usize) < i64::MAX
    }

    fn serve_in_time(&mut self, stop: u32) -> bool {
        self.pass(stop as usize) <= self.state.clocks[stop as usize].late
    }

    fn reaches(&self, stop: u32) -> bool {
        let stop = stop as usize;
        self.ready + self.legs.time(self.at, stop) <= self.state.clocks[stop].late
    }
}

/// The clock of a vehicle with breaks: as many moments as breaks may have been taken.
#[derive(Clone, Copy)]
pub(super) struct Rested<'s, 'm> {
    state: &'s State<'m>,
    class: &'s Class,
    at: usize,
    ready: ByTaken,
}

impl<'s, 'm> Rested<'s, 'm> {
    pub(super) fn new(state: &'s State<'m>, begun: &Begun<'s>, at: u32) -> Self {
        let ready = state.rests[at as usize].ready;
        Self { state, class: begun.class, at: at as usize, ready }
    }

    fn arrivals(&self, node: usize) -> ByTaken {
        let drive = self.state.model.kinds[self.class.kind].time(self.at, node);
        arrivals(&self.class.breaks, &self.ready[..=self.class.breaks.len()], drive)
    }

    /// False if it is too late for the node, however many breaks it has taken.
    fn pass(&mut self, node: usize) -> bool {
        let model = self.state.model;
        let mut in_time = false;
        let arrivals = self.arrivals(node);
        for (ready, arrival) in self.ready.iter_mut().zip(arrivals) {
            let start = model.start_of_service(node, arrival);
            in_time |= start < i64::MAX;
            *ready = start.saturating_add(model.nodes[node].service);
        }
        self.at = node;
        in_time
    }

    fn is_before(&self, node: usize) -> bool {
        let late = &self.state.rests[node].late;
        self.arrivals(node).iter().zip(late).any(|(arrival, late)| arrival <= late)
    }
}

impl Clockwork for Rested<'_, '_> {
    fn serve(&mut self, node: u32) -> bool {
        self.pass(node as usize)
    }

    fn serve_in_time(&mut self, stop: u32) -> bool {
        let reached = self.is_before(stop as usize);
        reached && self.pass(stop as usize)
    }

    fn reaches(&self, stop: u32) -> bool {
        self.is_before(stop as usize)
    }
}
