//! The problem as the solver reads it: nodes, flat tables, classes of equal vehicles.
//!
//! Nodes are the jobs `0..n`, numbered so that neighbours are near in memory, then up to `m`
//! the reloads that each vehicle may make, then a start and an end node for every class of
//! vehicles. A vehicle without start or end has such a
//! node too, at no distance from anywhere. So a route is always start, jobs, end, and every
//! question about it reads the same few arrays. A reload is a stop like any other, that the
//! search may put in and take out. Breaks are no nodes: they have no place, and what is asked
//! of the clock is asked for every number of breaks taken. Frozen stops are no nodes: a route begins
//! where they leave the vehicle.

mod admissible;
mod classes;
mod detours;
mod lateness;
mod legs;
mod nearness;
mod onward;
mod order;
mod pairs;
mod reloads;

pub(crate) use classes::Classes;
pub(crate) use legs::{Around, LegTables};
pub(crate) use nearness::Nearness;

use core::ops::Range;

use crate::Job;
use crate::labels::Label;
use crate::problem::{
    Balance, Break, JobIndex, Location, MAX_TIME, Problem, TimeWindow, Vehicle, VehicleIndex,
};
use crate::rests::ByTaken;
use crate::state::NONE;
use crate::units::Cost;
use lateness::Late;
use onward::Onward;

/// What the insertion test needs to know of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// First moment at which service may start.
    pub(crate) open: i64,
    /// Last moment at which service may start, all the lateness that is allowed included.
    pub(crate) close: i64,
    pub(crate) service: i64,
    /// Has more than one window.
    pub(crate) gaps: bool,
}

/// One class of interchangeable vehicles.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    /// Their numbers in the problem.
    pub(crate) vehicles: Vec<u32>,
    pub(crate) kind: usize,
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Jobs of the problem that every route begins with; they are no nodes, and what is
    /// used up by them is off the limits below.
    pub(crate) frozen: Vec<u32>,
    /// What a first stop costs besides its driving; negative where it lies on the way.
    pub(crate) opening: i64,
    /// Work of the frozen stops, without and with the drive to the end.
    pub(crate) begun: i64,
    pub(crate) idle: i64,
    /// Per quantity what may be on board at departure, and on the way; `i64::MAX` without
    /// a limit.
    pub(crate) outgoing: Vec<i64>,
    pub(crate) capacity: Vec<i64>,
    /// Per quantity what may be on board once the vehicle has loaded again.
    pub(crate) full: Vec<i64>,
    pub(crate) max_jobs: usize,
    /// Most jobs and reloads.
    pub(crate) max_stops: usize,
    pub(crate) max_travel: i64,
    pub(crate) max_distance: i64,
    pub(crate) breaks: Vec<Break>,
    /// When it can go on behind its frozen stops, by breaks taken.
    pub(crate) ready: ByTaken,
    /// The ways behind its frozen stops, if it has breaks, and what lateness costs at the
    /// pinned ones if nothing is added.
    pub(crate) ways: Vec<Label>,
    pub(crate) pinned_lateness: i64,
    /// Loads of pairs that it has on board; where it reloads there must be none.
    pub(crate) carried: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// Jobs that are not frozen.
    pub(crate) n: usize,
    /// Jobs that are not frozen, and reloads.
    pub(crate) m: usize,
    /// The number of each job in the problem.
    pub(crate) numbers: Vec<u32>,
    /// What the frozen stops cost if nothing is added to them.
    pub(crate) base_cost: i64,
    /// Jobs, reloads and terminals.
    pub(crate) nodes: Vec<Node>,
    pub(crate) dims: usize,
    pub(crate) classes: Vec<Class>,
    /// Class of each vehicle.
    pub(crate) class_of: Vec<u32>,
    pub(crate) kinds: Vec<LegTables>,
    /// Per job and quantity.
    pub(crate) delivery: Vec<i64>,
    pub(crate) pickup: Vec<i64>,
    pub(crate) priority: Vec<i64>,
    /// The other half of a pair if both are free, else [`NONE`](crate::state::NONE).
    pub(crate) partner: Vec<u32>,
    pub(crate) is_pickup: Vec<bool>,
    /// The delivery of a pair, of which the pickup may be frozen.
    pub(crate) delivers: Vec<bool>,
    /// Per job and quantity what a half of a pair takes on board, negative: what it
    /// unloads. Empty without pairs.
    pub(crate) transfer: Vec<i64>,
    /// Some job is half of a pair.
    pub(crate) pairs: bool,
    /// What leaving the job out costs, if it is optional.
    pub(crate) optional: Vec<Option<i64>>,
    /// Class-major: what it costs besides driving that this class serves the job; empty if
    /// no job cares.
    personal: Vec<i64>,
    pub(crate) balance: Option<Balance>,
    /// Something costs besides driving and opening a route.
    pub(crate) extras: bool,
    /// Routes keep their vehicles, also where an equal one comes first.
    pub(crate) keep_vehicles: bool,
    /// Windows with all the lateness that is allowed.
    windows: Vec<Vec<TimeWindow>>,
    /// Per job; empty where no lateness has a price.
    late: Vec<Late>,
    /// Some lateness has a price.
    pub(crate) soft: bool,
    /// Class-major: may this class ever serve this job (skills, and alone on a route)?
    allowed: Vec<bool>,
    /// Some job takes something.
    pub(crate) pickups: bool,
    /// Some route could bring and take: loads must be looked at stop by stop.
    pub(crate) mixed_loads: bool,
    /// Something takes time: where nothing does, no clock need be looked at.
    pub(crate) timed: bool,
    /// Some vehicle has a limit on driving, breaks or reloads: what concerns few is asked
    /// behind this one door.
    pub(crate) special: bool,
    /// Some vehicle has breaks.
    pub(crate) breaks: bool,
    /// Some vehicle may reload.
    pub(crate) reloads: bool,
    /// Per vehicle, and one more, its first reload node.
    reload_nodes: Vec<u32>,
    /// As `allowed`, without loading again before; empty if nobody may reload.
    allowed_at_once: Vec<bool>,
}

impl Model {
    pub(crate) fn new(problem: &Problem) -> Self {
        let dims = problem.dimensions();
        let grouping = Classes::of(problem);
        let onward = onward::of_classes(problem, &grouping);
        let timed = is_timed(problem);
        let numbers = order::chain(problem, &grouping);
        let n = numbers.len();
        let jobs: Vec<&Job> = numbers.iter().map(|&id| &problem.jobs()[id as usize]).collect();
        let kinds =
            legs::tables(problem, &grouping, &places(problem, &grouping, &onward, &jobs), timed);
        let mut nodes: Vec<Node> = jobs.iter().map(|job| job_node(job)).collect();
        nodes.extend(reloads::stops(problem).map(reloads::node));
        let m = nodes.len();
        for (class, onward) in onward.iter().enumerate() {
            let terminal = terminal(onward, problem.vehicles()[grouping.example(class)].shift);
            nodes.extend([terminal, terminal]);
        }
        let base_cost = onward.iter().map(|onward| onward.cost).sum();
        let classes = grouping.expand(problem, onward, m);
        let amounts = |amount: fn(&Job, usize) -> i64| -> Vec<i64> {
            let jobs = jobs.iter().copied();
            let nothing = core::iter::repeat_n(0, (m - n) * dims);
            jobs.flat_map(|job| (0..dims).map(move |d| amount(job, d))).chain(nothing).collect()
        };
        let halves = pairs::Halves::new(problem, &numbers, m);
        let delivery = halves.without_pairs(amounts(Job::delivered), dims);
        let pickup = halves.without_pairs(amounts(Job::picked_up), dims);
        let transfer = halves.transfer(problem, &numbers);
        let late = lateness::of_jobs(&jobs);
        let some = |amounts: &[i64]| amounts.iter().any(|&amount| amount > 0);
        let mut model = Self {
            n,
            m,
            numbers: numbers.clone(),
            base_cost,
            nodes,
            dims,
            timed,
            special: m > n || classes.iter().any(is_special),
            breaks: classes.iter().any(|class| !class.breaks.is_empty()),
            reloads: m > n,
            reload_nodes: reloads::first_nodes(problem, n),
            pickups: some(&pickup),
            mixed_loads: some(&delivery) && some(&pickup) || !transfer.is_empty() || m > n,
            pairs: halves.any,
            partner: halves.partner,
            is_pickup: halves.is_pickup,
            delivers: halves.is_delivery,
            transfer,
            classes,
            class_of: grouping.class_of,
            kinds,
            delivery,
            pickup,
            priority: jobs.iter().map(|job| i64::from(job.priority)).collect(),
            optional: jobs.iter().map(|job| job.optional.map(Cost::get)).collect(),
            personal: Vec::new(),
            balance: problem.balance(),
            extras: false,
            keep_vehicles: false,
            windows: jobs.iter().map(|job| job.windows_with_lateness().collect()).collect(),
            soft: !late.is_empty(),
            late,
            allowed: Vec::new(),
            allowed_at_once: Vec::new(),
        };
        model.admit(problem, &jobs);
        model.personal = model.personal_costs(problem);
        model.extras = !model.personal.is_empty() || model.balance.is_some();
        model
    }

    /// Change and preference of every job with every class; nothing where all are zero.
    fn personal_costs(&self, problem: &Problem) -> Vec<i64> {
        if !problem.singled_out().contains(&true) {
            return Vec::new();
        }
        let mut costs = Vec::with_capacity(self.classes.len() * self.n);
        for class in &self.classes {
            let vehicle = VehicleIndex::new(class.vehicles[0] as usize);
            costs.extend(self.numbers.iter().map(|&id| {
                let job = JobIndex::new(id as usize);
                let change = problem.change_cost_of(vehicle, job);
                (change + problem.preference_of(vehicle, job)).get()
            }));
        }
        costs
    }

    /// What it costs besides driving that this class serves the job.
    #[inline]
    pub(crate) fn personal(&self, class: usize, job: usize) -> i64 {
        if job >= self.n {
            return 0;
        }
        self.personal.get(class * self.n + job).copied().unwrap_or(0)
    }

    /// What leaving out a job, or a pair, costs; `None` if it is to be served at any cost.
    pub(crate) fn worth(&self, job: u32) -> Option<i64> {
        let other = self.partner[job as usize];
        let theirs = if other == NONE { Some(0) } else { self.optional[other as usize] };
        Some(self.optional[job as usize]? + theirs?)
    }

    /// Is the job, or pair, to be served at any cost?
    pub(crate) fn is_required(&self, job: u32) -> bool {
        self.worth(job).is_none()
    }

    /// May some vehicle ever serve the job?
    pub(crate) fn is_servable(&self, job: u32) -> bool {
        (0..self.classes.len()).any(|class| self.is_allowed(class, job as usize))
    }

    /// Jobs as the bank has them: of every pair only the pickup.
    pub(crate) fn entries(&self) -> impl Iterator<Item = u32> + '_ {
        let jobs = (0_u32..).zip(0..self.n);
        let counts = |job: usize| self.partner[job] == NONE || self.is_pickup[job];
        jobs.filter(move |&(_, job)| counts(job)).map(|(id, _)| id)
    }

    /// How much of a vehicle the job takes, all quantities together.
    pub(crate) fn size(&self, job: usize) -> i64 {
        let own = job * self.dims..(job + 1) * self.dims;
        let moved: i64 = if self.pairs { self.transfer[own.clone()].iter().sum() } else { 0 };
        moved + self.delivery[own.clone()].iter().chain(&self.pickup[own]).sum::<i64>()
    }

    /// May the job be the first and only one of a route, without loading again before?
    pub(crate) fn is_allowed_at_once(&self, class: usize, job: usize) -> bool {
        self.allowed_at_once.get(class * self.n + job).is_none_or(|&allowed| allowed)
    }

    /// The nodes of the reloads that a vehicle may make.
    pub(crate) fn reloads_of(&self, vehicle: u32) -> Range<u32> {
        self.reload_nodes[vehicle as usize]..self.reload_nodes[vehicle as usize + 1]
    }

    /// Is the stop a reload and not a job?
    pub(crate) fn is_reload(&self, stop: u32) -> bool {
        stop as usize >= self.n
    }

    pub(crate) fn is_allowed(&self, class: usize, job: usize) -> bool {
        self.allowed[class * self.n + job]
    }

    /// When service starts if the vehicle is there at `arrival`: `i64::MAX` if too late.
    #[inline]
    pub(crate) fn start_of_service(&self, node: usize, arrival: i64) -> i64 {
        let spec = &self.nodes[node];
        if arrival > spec.close {
            return i64::MAX;
        }
        if !spec.gaps {
            return arrival.max(spec.open);
        }
        let windows = self.windows[node].iter();
        windows
            .filter(|window| arrival <= window.end.get())
            .map(|window| arrival.max(window.start.get()))
            .next()
            .unwrap_or(i64::MAX)
    }

    /// The last moment up to `bound` at which service may start: `i64::MIN` if none.
    #[inline]
    pub(crate) fn latest_start(&self, node: usize, bound: i64) -> i64 {
        let spec = &self.nodes[node];
        if bound < spec.open {
            return i64::MIN;
        }
        if !spec.gaps {
            return bound.min(spec.close);
        }
        let windows = self.windows[node].iter().rev();
        windows
            .filter(|window| bound >= window.start.get())
            .map(|window| bound.min(window.end.get()))
            .next()
            .unwrap_or(i64::MIN)
    }
}

/// Without durations, service, windows and breaks every plan is in time.
fn is_timed(problem: &Problem) -> bool {
    let jobs = problem.jobs().iter();
    let mut profiles = problem.vehicles().iter().map(|vehicle| vehicle.profile);
    let takes_time = |vehicle: &Vehicle| {
        !vehicle.breaks.is_empty() || vehicle.reload.is_some_and(|reload| reload.service.get() > 0)
    };
    jobs.clone().any(|job| job.service.get() > 0 || !job.windows.is_empty())
        || problem.vehicles().iter().any(takes_time)
        || profiles.any(|profile| problem.legs(profile).durations.is_some())
}

fn is_special(class: &Class) -> bool {
    class.max_travel < i64::MAX || class.max_distance < i64::MAX || !class.breaks.is_empty()
}

fn terminal(onward: &Onward, shift: TimeWindow) -> Node {
    Node { open: onward.ready[0], close: shift.end.get(), service: 0, gaps: false }
}

fn job_node(job: &Job) -> Node {
    let close = job.windows_with_lateness().next_back();
    Node {
        open: job.windows.first().map_or(0, |window| window.start.get()),
        close: close.map_or(2 * MAX_TIME, |window| window.end.get().min(2 * MAX_TIME)),
        service: job.service.get(),
        gaps: job.windows.len() > 1,
    }
}

/// The location of every node; `None` is a terminal at no distance from anywhere.
fn places(
    problem: &Problem,
    classes: &Classes,
    onward: &[Onward],
    jobs: &[&Job],
) -> Vec<Option<Location>> {
    let mut places: Vec<Option<Location>> = jobs.iter().map(|job| Some(job.location)).collect();
    places.extend(reloads::stops(problem).map(|reload| Some(reload.location)));
    for (class, onward) in onward.iter().enumerate() {
        places.extend([onward.place, problem.vehicles()[classes.example(class)].end]);
    }
    places
}
