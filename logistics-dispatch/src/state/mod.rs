//! A plan under construction: routes with everything that makes the next insertion
//! test cheap. Used by construction and search alike; the checker knows nothing of it.

mod insert;
mod undo;

pub(crate) use insert::{Bound, Spot};
pub(crate) use undo::Journal;

use crate::model::Model;
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
    /// Cost of the leg from the start node.
    first_leg: i64,
    /// What is on board at the start, and at the end, per quantity.
    delivered: Vec<i64>,
    picked_up: Vec<i64>,
}

/// Routes, one slot per vehicle, and per job its place in them.
///
/// Invariants, restored by `refresh` after every change of a route: `early` is the
/// earliest start of service given the stops before, `late` the latest one that the
/// stops after allow, `out_cost` the cost of the leg that leaves the job.
#[derive(Clone, Debug)]
pub(crate) struct State<'m> {
    pub(crate) model: &'m Model,
    pub(crate) lines: Vec<Line>,
    pub(crate) line_of: Vec<u32>,
    position: Vec<u32>,
    prev: Vec<u32>,
    next: Vec<u32>,
    early: Vec<i64>,
    late: Vec<i64>,
    out_cost: Vec<i64>,
    /// Greatest load on any leg up to the one that leaves the job, per quantity.
    load_before: Vec<i64>,
    /// Greatest load on any leg from the one that reaches the job, per quantity.
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
        let nodes = model.nodes.len();
        let mixed = if model.mixed_loads { model.n * model.dims } else { 0 };
        let blank = Line {
            delivered: vec![0; model.dims],
            picked_up: vec![0; model.dims],
            ..Line::default()
        };
        Self {
            model,
            lines: vec![blank; model.class_of.len()],
            line_of: vec![NONE; model.n],
            position: vec![0; model.n],
            prev: vec![NONE; model.n],
            next: vec![NONE; model.n],
            // Terminals keep their shift here; jobs are filled in by `refresh`.
            early: model.nodes.iter().map(|node| node.open).collect(),
            late: model.nodes.iter().map(|node| node.close).collect(),
            out_cost: vec![0; nodes],
            load_before: vec![0; mixed],
            load_after: vec![0; mixed],
            unused: model
                .classes
                .iter()
                .map(|class| class.vehicles.iter().rev().copied().collect())
                .collect(),
            used: 0,
            bank: (0_u32..).zip(0..model.n).map(|(id, _)| id).collect(),
            cost: 0,
        }
    }

    /// Puts a job that is on no route and not in the bank where `spot` says.
    pub(crate) fn insert(&mut self, job: u32, spot: Spot) {
        let at = if spot.after as usize >= self.model.n {
            0
        } else {
            self.position[spot.after as usize] as usize + 1
        };
        let line = spot.line as usize;
        if self.lines[line].stops.is_empty() {
            self.take(spot.line);
        }
        self.lines[line].stops.insert(at, job);
        self.refresh(spot.line);
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
                self.line_of[job as usize] = NONE;
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

    pub(crate) fn position(&self, job: u32) -> usize {
        self.position[job as usize] as usize
    }

    /// Recomputes everything that hangs on the order of one route.
    pub(crate) fn refresh(&mut self, id: u32) {
        let model = self.model;
        let class = &model.classes[model.class_of[id as usize] as usize];
        let legs = &model.kinds[class.kind];
        let mut line = core::mem::take(&mut self.lines[id as usize]);
        self.cost -= line.cost;
        (line.cost, line.travel, line.distance) = (0, 0, 0);
        let mut at = class.start as usize;
        let mut clock = self.early[at];
        let last = line.stops.len().wrapping_sub(1);
        for (index, &stop) in line.stops.iter().enumerate() {
            let job = stop as usize;
            self.line_of[job] = id;
            self.position[job] = u32::try_from(index).unwrap_or(NONE);
            self.prev[job] = u32::try_from(at).unwrap_or(NONE);
            self.next[job] = if index == last { class.end } else { line.stops[index + 1] };
            let leg = legs.cost(at, job);
            line.cost += leg;
            if index == 0 {
                line.first_leg = leg;
            } else {
                self.out_cost[at] = leg;
            }
            let time = legs.time(at, job);
            clock = model.start_of_service(job, clock + model.nodes[at].service + time);
            self.early[job] = clock;
            if model.limited {
                line.travel += time;
                line.distance += legs.distance(at, job);
            }
            at = job;
        }
        if !line.stops.is_empty() {
            let end = class.end as usize;
            let leg = legs.cost(at, end);
            self.out_cost[at] = leg;
            line.cost += leg + class.fixed;
            line.travel += legs.time(at, end);
            line.distance += legs.distance(at, end);
            self.refresh_late(&line.stops, class.end as usize, legs);
        }
        self.refresh_loads(&mut line);
        self.cost += line.cost;
        self.lines[id as usize] = line;
    }

    fn refresh_late(&mut self, stops: &[u32], end: usize, legs: &crate::model::LegTables) {
        let mut next = end;
        for &stop in stops.iter().rev() {
            let job = stop as usize;
            let bound = self.late[next] - legs.time(job, next) - self.model.nodes[job].service;
            self.late[job] = self.model.latest_start(job, bound);
            next = job;
        }
    }

    fn refresh_loads(&mut self, line: &mut Line) {
        let (model, dims) = (self.model, self.model.dims);
        for d in 0..dims {
            let total = |amounts: &[i64]| -> i64 {
                line.stops.iter().map(|&job| amounts[job as usize * dims + d]).sum()
            };
            (line.delivered[d], line.picked_up[d]) = (total(&model.delivery), total(&model.pickup));
            if !model.mixed_loads {
                continue;
            }
            let mut load = line.delivered[d];
            let mut most = load;
            for &job in &line.stops {
                let at = job as usize * dims + d;
                self.load_after[at] = load;
                load += model.pickup[at] - model.delivery[at];
                most = most.max(load);
                self.load_before[at] = most;
            }
            let mut most = load;
            for &job in line.stops.iter().rev() {
                let at = job as usize * dims + d;
                most = most.max(self.load_after[at]);
                self.load_after[at] = most;
            }
        }
    }

    /// The plan as the caller gets it; equal vehicles are used in the caller's order.
    pub(crate) fn to_solution(&self) -> Solution {
        let index = |id: u32| id as usize;
        let mut routes = Vec::new();
        for class in &self.model.classes {
            let used = class.vehicles.iter().filter(|&&v| !self.lines[index(v)].stops.is_empty());
            for (&vehicle, &line) in class.vehicles.iter().zip(used) {
                let stops = self.lines[index(line)].stops.iter();
                routes.push(Route {
                    vehicle: VehicleIndex::new(index(vehicle)),
                    jobs: stops.map(|&job| JobIndex::new(index(job))).collect(),
                });
            }
        }
        routes.sort_by_key(|route| route.vehicle);
        let mut unassigned: Vec<JobIndex> =
            self.bank.iter().map(|&job| JobIndex::new(index(job))).collect();
        unassigned.sort_unstable();
        Solution { routes, unassigned }
    }
}
