//! A plan under construction: routes with everything that makes the next insertion
//! test cheap. Used by construction and search alike; the checker knows nothing of it.

mod insert;
mod undo;

pub(crate) use insert::{Bound, Spot};
pub(crate) use undo::Journal;

use crate::model::{Class, LegTables, Model};
use crate::problem::{JobIndex, VehicleIndex};
use crate::solution::{Route, Solution};

/// No route.
pub(crate) const NONE: u32 = u32::MAX;

/// What is remembered of one vehicle's route.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    pub(crate) stops: Vec<u32>,
    /// Driving and fixed cost.
    pub(crate) cost: i64,
    travel: i64,
    distance: i64,
    /// It breaks a window, the shift or a limit. Only taking stops off a route can do
    /// that, where a detour is shorter than the way; such a step is undone at once.
    pub(crate) broken: bool,
}

/// A job's place in the plan, or a terminal node: all that the insertion test reads of
/// a neighbour, side by side in memory.
#[derive(Clone, Copy, Debug)]
struct Stop {
    line: u32,
    position: u32,
    prev: u32,
    next: u32,
    /// Cost of the leg that reaches it, and of the leg that leaves it.
    in_cost: i64,
    out_cost: i64,
    /// When the vehicle can leave at the earliest, given the stops before.
    ready: i64,
    /// When service must begin at the latest for the sake of the stops after.
    late: i64,
}

/// Routes, one slot per vehicle, and per job its place in them. `refresh` restores what
/// hangs on the order of stops after every change of a route.
#[derive(Clone, Debug)]
pub(crate) struct State<'m> {
    pub(crate) model: &'m Model,
    pub(crate) lines: Vec<Line>,
    stops: Vec<Stop>,
    /// Per line and quantity: what may still be brought, and taken.
    room_out: Vec<i64>,
    room_back: Vec<i64>,
    /// Per job and quantity, if loads are mixed: the greatest load on any leg up to the
    /// one that leaves the job, and from the one that reaches it.
    load_before: Vec<i64>,
    load_after: Vec<i64>,
    /// Per class its unused vehicles; the next one to use is last.
    unused: Vec<Vec<u32>>,
    /// Routes with stops.
    pub(crate) used: usize,
    pub(crate) bank: Vec<u32>,
    pub(crate) cost: i64,
}

impl<'m> State<'m> {
    /// Nobody is served.
    pub(crate) fn empty(model: &'m Model) -> Self {
        let mixed = if model.mixed_loads { model.n * model.dims } else { 0 };
        let capacity = |&class: &u32| model.classes[class as usize].capacity.iter().copied();
        let room: Vec<i64> = model.class_of.iter().flat_map(capacity).collect();
        // Terminals keep their shift here for good; jobs are filled in by `refresh`.
        let nodes = model.nodes.iter().map(|node| Stop {
            line: NONE,
            position: 0,
            prev: NONE,
            next: NONE,
            in_cost: 0,
            out_cost: 0,
            ready: node.open,
            late: node.close,
        });
        let unused = |class: &Class| class.vehicles.iter().rev().copied().collect();
        Self {
            model,
            lines: vec![Line::default(); model.class_of.len()],
            stops: nodes.collect(),
            room_out: room.clone(),
            room_back: room,
            load_before: vec![0; mixed],
            load_after: vec![0; mixed],
            unused: model.classes.iter().map(unused).collect(),
            used: 0,
            bank: (0_u32..).zip(0..model.n).map(|(id, _)| id).collect(),
            cost: 0,
        }
    }

    /// Which route a job is on, or [`NONE`].
    #[inline]
    pub(crate) fn line_of(&self, job: u32) -> u32 {
        self.stops[job as usize].line
    }

    /// Which stop of its route a job is.
    pub(crate) fn position(&self, job: u32) -> usize {
        self.stops[job as usize].position as usize
    }

    /// Puts a job that is on no route and not in the bank where `spot` says.
    pub(crate) fn insert(&mut self, job: u32, spot: Spot) {
        let at =
            if spot.after as usize >= self.model.n { 0 } else { self.position(spot.after) + 1 };
        let line = spot.line as usize;
        if self.lines[line].stops.is_empty() {
            self.take(spot.line);
        }
        self.lines[line].stops.insert(at, job);
        let before = self.cost;
        self.refresh(spot.line);
        debug_assert_eq!(self.cost, before + spot.delta, "an insertion costs what was said");
    }

    /// Gives an unused vehicle its whole route. The stops must be feasible on it.
    pub(crate) fn assign(&mut self, line: u32, stops: Vec<u32>) {
        self.take(line);
        self.lines[line as usize].stops = stops;
        self.refresh(line);
    }

    /// Takes the stops `from..to` of a route off it, except those from `keep_from` to
    /// `keep_to`, and appends them to `removed`. The caller refreshes the route.
    pub(crate) fn cut(
        &mut self,
        line: u32,
        range: core::ops::Range<usize>,
        keep: core::ops::Range<usize>,
        removed: &mut Vec<u32>,
    ) {
        let stops = &mut self.lines[line as usize].stops;
        let mut at = range.start;
        let mut index = range.start;
        while index < range.end {
            if !keep.contains(&index) {
                let job = stops[index];
                removed.push(job);
                self.stops[job as usize].line = NONE;
            } else {
                stops[at] = stops[index];
                at += 1;
            }
            index += 1;
        }
        stops.drain(at..range.end);
        if stops.is_empty() {
            self.release(line);
        }
    }

    fn take(&mut self, line: u32) {
        self.used += 1;
        let unused = &mut self.unused[self.model.class_of[line as usize] as usize];
        if let Some(at) = unused.iter().rposition(|&free| free == line) {
            unused.remove(at);
        }
    }

    fn release(&mut self, line: u32) {
        self.used -= 1;
        self.unused[self.model.class_of[line as usize] as usize].push(line);
    }

    /// The vehicle of the class that would be used next.
    pub(crate) fn unused(&self, class: usize) -> Option<u32> {
        self.unused[class].last().copied()
    }

    /// Recomputes everything that hangs on the order of one route.
    pub(crate) fn refresh(&mut self, id: u32) {
        let model = self.model;
        let class = &model.classes[model.class_of[id as usize] as usize];
        let legs = &model.kinds[class.kind];
        let mut line = core::mem::take(&mut self.lines[id as usize]);
        self.cost -= line.cost;
        (line.cost, line.travel, line.distance, line.broken) = (0, 0, 0, false);
        if !line.stops.is_empty() {
            line.cost = class.fixed;
            let mut at = class.start;
            let mut ready = self.stops[at as usize].ready;
            for (index, &job) in (0_u32..).zip(&line.stops) {
                let (from, to) = (at as usize, job as usize);
                let leg = legs.cost(from, to);
                line.cost += leg;
                if model.timed {
                    let arrival = ready.saturating_add(legs.time(from, to));
                    let start = model.start_of_service(to, arrival);
                    line.broken |= start == i64::MAX;
                    ready = start.saturating_add(model.nodes[to].service);
                }
                if from < model.n {
                    (self.stops[from].out_cost, self.stops[from].next) = (leg, job);
                }
                let stop = &mut self.stops[to];
                (stop.line, stop.position, stop.prev) = (id, index, at);
                (stop.in_cost, stop.ready) = (leg, ready);
                at = job;
            }
            let leg = legs.cost(at as usize, class.end as usize);
            line.cost += leg;
            let last = &mut self.stops[at as usize];
            (last.out_cost, last.next) = (leg, class.end);
            if model.timed {
                let finish = ready.saturating_add(legs.time(at as usize, class.end as usize));
                line.broken |= finish > self.stops[class.end as usize].late;
                self.refresh_late(&line.stops, class.end as usize, legs);
            }
            if model.limited {
                self.refresh_limits(&mut line, class, legs);
            }
        }
        self.refresh_loads(id as usize, &line.stops, class);
        self.cost += line.cost;
        self.lines[id as usize] = line;
    }

    fn refresh_late(&mut self, stops: &[u32], end: usize, legs: &LegTables) {
        let mut next = end;
        for &stop in stops.iter().rev() {
            let job = stop as usize;
            let way = legs.time(job, next) + self.model.nodes[job].service;
            let bound = self.stops[next].late.saturating_sub(way);
            self.stops[job].late = self.model.latest_start(job, bound);
            next = job;
        }
    }

    fn refresh_limits(&self, line: &mut Line, class: &Class, legs: &LegTables) {
        let mut at = class.start as usize;
        for to in line.stops.iter().copied().chain([class.end]) {
            line.travel += legs.time(at, to as usize);
            line.distance += legs.distance(at, to as usize);
            at = to as usize;
        }
        line.broken |= line.travel > class.max_travel || line.distance > class.max_distance;
    }

    fn refresh_loads(&mut self, id: usize, stops: &[u32], class: &Class) {
        let (model, dims) = (self.model, self.model.dims);
        for d in 0..dims {
            let total = |amounts: &[i64]| -> i64 {
                stops.iter().map(|&job| amounts[job as usize * dims + d]).sum()
            };
            let delivered = total(&model.delivery);
            self.room_out[id * dims + d] = class.capacity[d] - delivered;
            if model.pickups {
                self.room_back[id * dims + d] = class.capacity[d] - total(&model.pickup);
            }
            if model.mixed_loads {
                self.refresh_leg_loads(stops, d, delivered);
            }
        }
    }

    fn refresh_leg_loads(&mut self, stops: &[u32], d: usize, delivered: i64) {
        let (model, dims) = (self.model, self.model.dims);
        let mut load = delivered;
        let mut most = load;
        for &job in stops {
            let at = job as usize * dims + d;
            self.load_after[at] = load;
            load += model.pickup[at] - model.delivery[at];
            most = most.max(load);
            self.load_before[at] = most;
        }
        let mut most = load;
        for &job in stops.iter().rev() {
            let at = job as usize * dims + d;
            most = most.max(self.load_after[at]);
            self.load_after[at] = most;
        }
    }

    /// The plan as the caller gets it.
    pub(crate) fn to_solution(&self) -> Solution {
        plan(self.model, |line| &self.lines[line as usize].stops, &self.bank)
    }
}

/// The plan as the caller gets it; equal vehicles are used in the caller's order.
pub(crate) fn plan<'s>(model: &Model, stops: impl Fn(u32) -> &'s [u32], bank: &[u32]) -> Solution {
    let job = |&id: &u32| JobIndex::new(id as usize);
    let mut routes = Vec::new();
    for class in &model.classes {
        let used = class.vehicles.iter().map(|&line| stops(line)).filter(|stops| !stops.is_empty());
        for (&vehicle, stops) in class.vehicles.iter().zip(used) {
            routes.push(Route {
                vehicle: VehicleIndex::new(vehicle as usize),
                jobs: stops.iter().map(job).collect(),
            });
        }
    }
    routes.sort_by_key(|route| route.vehicle);
    let mut unassigned: Vec<JobIndex> = bank.iter().map(job).collect();
    unassigned.sort_unstable();
    Solution { routes, unassigned }
}
