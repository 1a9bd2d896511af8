//! A plan under construction: routes with everything that makes the next insertion
//! test cheap. Used by construction and search alike; the checker knows nothing of it.

mod adopt;
mod blinks;
mod extra;
mod insert;
mod lateness;
mod pair;
mod refresh;
mod reload;
mod rests;
mod trips;
mod undo;

pub(crate) use insert::{Bound, Spot};
pub(crate) use pair::PairSpot;
pub(crate) use reload::WithReload;
pub(crate) use undo::Journal;

use rests::Rests;
use trips::Ends;

use crate::model::{Class, Model};
use crate::problem::{JobIndex, VehicleIndex};
use crate::solution::{Route, Solution};

/// No route.
pub(crate) const NONE: u32 = u32::MAX;

/// What is remembered of one vehicle's route.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    /// Jobs, and reloads between them.
    pub(crate) stops: Vec<u32>,
    /// How many of them are reloads. (Narrow, to keep what is read of a route together on one
    /// cache line.)
    reloads: u32,
    /// What it costs beyond what is frozen.
    pub(crate) cost: i64,
    travel: i64,
    distance: i64,
    /// Stops, seconds or metres, if evenness is priced.
    work: i64,
    /// It breaks a window, the shift or a limit. Only taking stops off a route can do
    /// that, where a detour is shorter than the way; such a step is undone at once.
    pub(crate) broken: bool,
}

impl Line {
    /// How many of its stops are jobs.
    fn jobs(&self) -> usize {
        self.stops.len() - self.reloads as usize
    }

    fn note_reloads(&mut self, model: &Model) {
        let reloads = self.stops.iter().filter(|&&stop| model.is_reload(stop));
        self.reloads = reloads.fold(0, |count, _| count + 1);
    }
}

/// A job's place in the plan, or a terminal node: what the insertion test reads of a
/// neighbour first, side by side in memory.
#[derive(Clone, Copy, Debug)]
struct Stop {
    position: u32,
    prev: u32,
    next: u32,
    /// Cost of the leg that reaches it, and of the leg that leaves it.
    in_cost: i32,
    out_cost: i32,
}

/// What the rest of its route asks of a stop's times.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// When the vehicle can leave at the earliest, given the stops before.
    ready: i64,
    /// When service must begin at the latest for the sake of the stops after.
    late: i64,
}

/// Routes, one slot per vehicle, and per job its place in them. `refresh` and `grow`
/// restore what hangs on the order of stops after every change of a route.
#[derive(Clone, Debug)]
pub(crate) struct State<'m> {
    pub(crate) model: &'m Model,
    pub(crate) lines: Vec<Line>,
    /// Per job its route, or `NONE`.
    homes: Vec<u32>,
    stops: Vec<Stop>,
    /// Per node the cost of the dearer leg of both beside it: what a place there can save.
    spans: Vec<i32>,
    clocks: Vec<Clock>,
    /// Per line and quantity: what may still be brought, and taken.
    room_out: Vec<i64>,
    room_back: Vec<i64>,
    /// Per job and quantity, if loads are mixed: the greatest load on any leg up to the
    /// one that leaves the job, and from the one that reaches it.
    load_before: Vec<i64>,
    load_after: Vec<i64>,
    /// Per job and quantity, if there are pairs: the load when the vehicle leaves the job.
    loads: Vec<i64>,
    /// Per node, if there are breaks: times by breaks taken.
    rests: Vec<Rests>,
    /// Per line and quantity, if there are reloads: the loads at both ends of the route.
    ends: Vec<Ends>,
    /// Per class its unused vehicles; the next one to use is last.
    unused: Vec<Vec<u32>>,
    /// Vehicles with stops, in no particular order.
    pub(crate) used: Vec<u32>,
    /// Jobs without a place; of a pair only the pickup.
    pub(crate) bank: Vec<u32>,
    pub(crate) cost: i64,
}

impl<'m> State<'m> {
    /// Nobody is served.
    pub(crate) fn empty(model: &'m Model) -> Self {
        let mixed = if model.mixed_loads { model.m * model.dims } else { 0 };
        let room = |amounts: fn(&Class) -> &[i64]| -> Vec<i64> {
            let classes = model.class_of.iter().map(|&class| &model.classes[class as usize]);
            classes.flat_map(|class| amounts(class).iter().copied()).collect()
        };
        let lines = model.class_of.len();
        let nowhere = Stop { position: 0, prev: NONE, next: NONE, in_cost: 0, out_cost: 0 };
        // Terminals keep their shift here for good; jobs are filled in by `refresh`.
        let nodes = model.nodes.iter();
        let clocks = nodes.map(|node| Clock { ready: node.open, late: node.close });
        let unused = |class: &Class| class.vehicles.iter().rev().copied().collect();
        Self {
            model,
            lines: vec![Line::default(); lines],
            homes: vec![NONE; model.m],
            stops: vec![nowhere; model.nodes.len()],
            spans: vec![0; model.nodes.len()],
            clocks: clocks.collect(),
            room_out: room(|class| &class.outgoing),
            room_back: room(|class| &class.capacity),
            load_before: vec![0; mixed],
            load_after: vec![0; mixed],
            loads: vec![0; if model.pairs { mixed } else { 0 }],
            rests: Rests::of(model),
            ends: vec![Ends::default(); if model.reloads { lines * model.dims } else { 0 }],
            unused: model.classes.iter().map(unused).collect(),
            used: Vec::new(),
            bank: model.entries().collect(),
            cost: model.base_cost,
        }
    }

    /// Which route a job is on, or [`NONE`].
    #[inline]
    pub(crate) fn line_of(&self, job: u32) -> u32 {
        self.homes[job as usize]
    }

    /// Which stop of its route a job is.
    pub(crate) fn position(&self, job: u32) -> usize {
        self.stops[job as usize].position as usize
    }

    /// Puts a job that is on no route and not in the bank where `spot` says.
    pub(crate) fn insert(&mut self, job: u32, spot: Spot) {
        let at =
            if spot.after as usize >= self.model.m { 0 } else { self.position(spot.after) + 1 };
        let line = spot.line as usize;
        if self.lines[line].stops.is_empty() {
            self.take(spot.line);
        }
        self.lines[line].stops.insert(at, job);
        let before = self.cost;
        self.grow(spot.line, at);
        debug_assert_eq!(self.cost, before + spot.delta, "an insertion costs what was said");
    }

    /// Gives an unused vehicle its whole route. The stops must be feasible on it.
    pub(crate) fn assign(&mut self, line: u32, stops: Vec<u32>) {
        self.take(line);
        self.lines[line as usize].stops = stops;
        self.refresh(line);
    }

    /// Takes the jobs in `range` of a route off it, except those in `keep`, and appends them
    /// to `removed`. Reloads stay where something is still loaded. The caller refreshes the
    /// route.
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
            if !keep.contains(&index) && !self.model.is_reload(stops[index]) {
                let job = stops[index];
                removed.push(job);
                self.homes[job as usize] = NONE;
            } else {
                stops[at] = stops[index];
                at += 1;
            }
            index += 1;
        }
        stops.drain(at..range.end);
        if self.model.reloads {
            self.drop_idle_reloads(line);
        }
        if self.is_unused(line) {
            self.release(line);
        }
    }

    fn take(&mut self, line: u32) {
        self.used.push(line);
        let unused = &mut self.unused[self.model.class_of[line as usize] as usize];
        if let Some(at) = unused.iter().rposition(|&free| free == line) {
            unused.remove(at);
        }
    }

    fn release(&mut self, line: u32) {
        self.used.retain(|&used| used != line);
        self.unused[self.model.class_of[line as usize] as usize].push(line);
    }

    /// Has the vehicle no stops?
    pub(crate) fn is_unused(&self, line: u32) -> bool {
        self.lines[line as usize].stops.is_empty()
    }

    /// The vehicle of the class that would be used next.
    pub(crate) fn unused(&self, class: usize) -> Option<u32> {
        self.unused[class].last().copied()
    }

    /// The plan as the caller gets it.
    pub(crate) fn to_solution(&self) -> Solution {
        plan(self.model, |line| &self.lines[line as usize].stops, &self.bank)
    }
}

/// The plan as the caller gets it; equal vehicles are used in the caller's order, unless
/// they keep the routes that they began with.
pub(crate) fn plan<'s>(model: &Model, stops: impl Fn(u32) -> &'s [u32], bank: &[u32]) -> Solution {
    let job = |&id: &u32| JobIndex::new(model.numbers[id as usize] as usize);
    let mut routes = Vec::new();
    for class in &model.classes {
        let has_route = |&line: &u32| !(stops(line).is_empty() && class.frozen.is_empty());
        let used: Vec<u32> = class.vehicles.iter().copied().filter(has_route).collect();
        let drivers = if model.keep_vehicles { &used } else { &class.vehicles };
        for (&vehicle, &line) in drivers.iter().zip(&used) {
            let frozen = class.frozen.iter().map(|&id| JobIndex::new(id as usize));
            let mut route = Route::new(VehicleIndex::new(vehicle as usize), frozen.collect());
            for stop in stops(line) {
                if model.is_reload(*stop) {
                    route.reloads.push(route.jobs.len());
                } else {
                    route.jobs.push(job(stop));
                }
            }
            routes.push(route);
        }
    }
    routes.sort_by_key(|route| route.vehicle);
    let halves = bank.iter().map(|&id| &model.partner[id as usize]).filter(|&&id| id != NONE);
    let mut unassigned: Vec<JobIndex> = bank.iter().chain(halves).map(job).collect();
    unassigned.sort_unstable();
    Solution { routes, unassigned }
}
