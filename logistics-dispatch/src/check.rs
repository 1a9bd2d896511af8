//! The independent checker: recomputes a plan from the problem alone and names every
//! constraint that it breaks. It shares nothing with the solver.

use core::fmt;

use crate::costs::{Costs, route_costs};
use crate::loads::loads;
use crate::problem::{Half, JobIndex, Problem, Vehicle, VehicleIndex};
use crate::schedule::schedule;
use crate::solution::{Route, Score, Solution};
use crate::units::{Cost, Meters, Seconds};

/// What a checker found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// What the plan leaves out and costs, recomputed. Jobs that are neither on a
    /// route nor listed as unassigned count as left out.
    pub score: Score,
    /// What the cost is made of.
    pub costs: Costs,
    /// Everything that is wrong with it; empty for a plan that holds.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Does the plan keep every constraint? (Leaving jobs out is allowed.)
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        self.violations.is_empty()
    }

    /// What the plan costs in all.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.score.cost
    }
}

/// One broken constraint: where and by how much.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// On whose route, if it is a route's.
    pub vehicle: Option<VehicleIndex>,
    /// At which job, if it is a job's.
    pub job: Option<JobIndex>,
    /// What is broken, and by how much.
    pub kind: ViolationKind,
}

/// Which constraint is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViolationKind {
    /// The plan names a job that the problem does not have.
    UnknownJob,
    /// The plan names a vehicle that the problem does not have.
    UnknownVehicle,
    /// The job is on a route, or in the list of unassigned jobs, more than once.
    JobRepeated,
    /// The job is neither on a route nor listed as unassigned.
    JobMissing,
    /// The vehicle has more than one route.
    VehicleRepeated,
    /// The job is frozen as a stop of the vehicle, and its route does not begin with its
    /// frozen stops in their order.
    Frozen,
    /// The job is half of a pair, and the other half is not on the same vehicle.
    PairSplit,
    /// The job gets what is picked up only later.
    PairOrder,
    /// The pair has a reload between its stops, or a load that waits for its delivery is on
    /// board at a reload.
    PairTrip,
    /// The vehicle goes back to load so much more often than it may.
    TooManyReloads(usize),
    /// A reload is not before any stop, is before a frozen one, or is out of order: so many
    /// are.
    ReloadPlace(usize),
    /// Service begins so much later than it may: after the job's last window and the
    /// lateness that it allows.
    Late(Seconds),
    /// The route finishes so much after the end of the shift.
    ShiftEnd(Seconds),
    /// More on board than the vehicle carries.
    Overload {
        /// Which quantity, from 0.
        dimension: usize,
        /// How much too much, at the worst moment.
        excess: i64,
    },
    /// The vehicle lacks this skill.
    Skill(u32),
    /// So many jobs more than the vehicle may have.
    TooManyJobs(usize),
    /// So much more driving time than the vehicle may have.
    TravelTime(Seconds),
    /// So much more driving distance than the vehicle may have.
    Distance(Meters),
}

impl fmt::Display for ViolationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownJob => f.write_str("no such job"),
            Self::UnknownVehicle => f.write_str("no such vehicle"),
            Self::JobRepeated => f.write_str("more than once in the plan"),
            Self::JobMissing => f.write_str("not in the plan"),
            Self::VehicleRepeated => f.write_str("has more than one route"),
            Self::Frozen => f.write_str("is frozen and not where it was"),
            Self::PairSplit => f.write_str("is without the other half of its pair"),
            Self::PairOrder => f.write_str("is delivered before it is picked up"),
            Self::PairTrip => f.write_str("is on board where the vehicle reloads"),
            Self::TooManyReloads(by) => write!(f, "reloads {by} times too often"),
            Self::ReloadPlace(count) => write!(f, "reloads {count} times at no fit place"),
            Self::Late(by) => write!(f, "service begins {by} too late"),
            Self::ShiftEnd(by) => write!(f, "finishes {by} after the end of the shift"),
            Self::Overload { dimension, excess } => {
                write!(f, "carries {excess} too much of quantity {dimension}")
            }
            Self::Skill(skill) => write!(f, "lacks skill {skill}"),
            Self::TooManyJobs(by) => write!(f, "has {by} jobs too many"),
            Self::TravelTime(by) => write!(f, "drives {by} too long"),
            Self::Distance(by) => write!(f, "drives {by} too far"),
        }
    }
}

/// Recomputes arrival times, loads and cost of a plan and checks every constraint,
/// from the problem alone. Never fails: whatever is wrong is in the verdict. A route that
/// names unknown jobs is checked as if it went without them.
///
/// ```
/// use logistics_dispatch::*;
///
/// let mut problem = Problem::builder();
/// let road = Matrix::from_fn(2, |i, j| if i == j { 0 } else { 600 })?;
/// let bike = problem.add_profile(Travel::durations(road));
/// let rider = problem.add_vehicle(
///     Vehicle::new("DP-1", bike).start(Location::new(0)).shift(Seconds(0), Seconds(900)),
/// );
/// let far = problem.add_job(Job::new("far", Location::new(1)).service(Seconds(400)));
/// let problem = problem.build()?;
///
/// let plan = Solution {
///     routes: vec![Route::new(rider, vec![far])],
///     unassigned: vec![],
/// };
/// let verdict = check(&problem, &plan);
/// assert_eq!(verdict.violations[0].kind, ViolationKind::ShiftEnd(Seconds(100)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn check(problem: &Problem, plan: &Solution) -> Verdict {
    let mut verdict =
        Verdict { score: Score::default(), costs: Costs::default(), violations: Vec::new() };
    let mut listed = vec![0_u32; problem.jobs().len()];
    let mut served = vec![false; problem.jobs().len()];
    let mut driven = vec![false; problem.vehicles().len()];
    for route in &plan.routes {
        for &job in &route.jobs {
            if let Some(served) = served.get_mut(job.index()) {
                *served = true;
            }
        }
        let known =
            known_part(route, |job| mark(&mut listed, job, Some(route.vehicle), &mut verdict));
        let Some(vehicle) = problem.vehicle(route.vehicle) else {
            verdict.report(Some(route.vehicle), None, ViolationKind::UnknownVehicle);
            continue;
        };
        if core::mem::replace(&mut driven[route.vehicle.index()], true) {
            verdict.report(Some(route.vehicle), None, ViolationKind::VehicleRepeated);
        }
        report_unsettled(vehicle, route.vehicle, &known.jobs, &mut verdict);
        check_reloads(problem, vehicle, &known, &mut verdict);
        check_pairs(problem, vehicle, &known, &mut verdict);
        if !known.jobs.is_empty() {
            check_route(problem, vehicle, &known, &mut verdict);
        }
    }
    for (index, vehicle) in problem.vehicles().iter().enumerate() {
        if !driven[index] {
            report_unsettled(vehicle, VehicleIndex::new(index), &[], &mut verdict);
        }
    }
    for &job in &plan.unassigned {
        mark(&mut listed, job, None, &mut verdict);
    }
    for (index, job) in problem.jobs().iter().enumerate() {
        if listed[index] == 0 {
            verdict.report(None, Some(JobIndex::new(index)), ViolationKind::JobMissing);
        }
        match job.optional {
            _ if served[index] => {}
            Some(cost) => verdict.costs.left_out += cost,
            None => {
                verdict.score.unserved_jobs += 1;
                verdict.score.unserved_priority += i64::from(job.priority);
            }
        }
    }
    verdict.score.cost = verdict.costs.total();
    verdict
}

/// The route without the jobs that are unknown; its reloads stay before the same stops.
pub(crate) fn known_part(route: &Route, mut is_known: impl FnMut(JobIndex) -> bool) -> Route {
    let mut known = Route::new(route.vehicle, Vec::with_capacity(route.jobs.len()));
    known.reloads.clone_from(&route.reloads);
    for (at, &job) in route.jobs.iter().enumerate() {
        if is_known(job) {
            known.jobs.push(job);
            continue;
        }
        let behind = known.reloads.iter_mut().zip(&route.reloads).filter(|(_, was)| **was > at);
        behind.for_each(|(now, _)| *now -= 1);
    }
    known
}

/// Notes that the plan names a job; false if there is no such job.
fn mark(
    listed: &mut [u32],
    job: JobIndex,
    vehicle: Option<VehicleIndex>,
    verdict: &mut Verdict,
) -> bool {
    let Some(count) = listed.get_mut(job.index()) else {
        verdict.report(vehicle, Some(job), ViolationKind::UnknownJob);
        return false;
    };
    *count += 1;
    if *count == 2 {
        verdict.report(vehicle, Some(job), ViolationKind::JobRepeated);
    }
    true
}

impl Verdict {
    fn report(
        &mut self,
        vehicle: Option<VehicleIndex>,
        job: Option<JobIndex>,
        kind: ViolationKind,
    ) {
        self.violations.push(Violation { vehicle, job, kind });
    }
}

/// Reports every frozen stop that is not where it was.
fn report_unsettled(
    vehicle: &Vehicle,
    who: VehicleIndex,
    jobs: &[JobIndex],
    verdict: &mut Verdict,
) {
    for job in vehicle.frozen().skip(vehicle.settled(jobs).frozen) {
        verdict.report(Some(who), Some(job), ViolationKind::Frozen);
    }
}

/// What is frozen is not the plan's doing: only stops behind it can be at fault, and a
/// route without such stops is not.
fn check_route(problem: &Problem, vehicle: &Vehicle, route: &Route, verdict: &mut Verdict) {
    let who = Some(route.vehicle);
    verdict.costs += route_costs(problem, route);
    let frozen = vehicle.settled(&route.jobs).frozen;
    if frozen == route.jobs.len() {
        return;
    }
    let times = schedule(problem, route);
    for stop in &times.stops[frozen..] {
        let by = problem.jobs()[stop.job.index()].too_late(stop.start);
        if by > Seconds::ZERO {
            verdict.report(who, Some(stop.job), ViolationKind::Late(by));
        }
    }
    if times.finish > vehicle.shift.end {
        let by = times.finish - vehicle.shift.end;
        verdict.report(who, None, ViolationKind::ShiftEnd(by));
    }
    for &job in &route.jobs[frozen..] {
        for &skill in problem.jobs()[job.index()].skills.difference(&vehicle.skills) {
            verdict.report(who, Some(job), ViolationKind::Skill(skill));
        }
    }
    check_loads(problem, vehicle, route, verdict);
    if let Some(limit) = vehicle.max_jobs
        && route.jobs.len() > limit
    {
        verdict.report(who, None, ViolationKind::TooManyJobs(route.jobs.len() - limit));
    }
    if let Some(limit) = vehicle.max_travel_time
        && times.travel_time > limit
    {
        verdict.report(who, None, ViolationKind::TravelTime(times.travel_time - limit));
    }
    if let Some(limit) = vehicle.max_distance
        && times.distance > limit
    {
        verdict.report(who, None, ViolationKind::Distance(times.distance - limit));
    }
}

/// Reloads are as many as allowed, and each is before a stop that is not frozen, once.
fn check_reloads(problem: &Problem, vehicle: &Vehicle, route: &Route, verdict: &mut Verdict) {
    let limit = problem.reloads_of(vehicle);
    let mut least = vehicle.settled(&route.jobs).frozen;
    let mut misplaced = 0;
    for &at in &route.reloads {
        if (least..route.jobs.len()).contains(&at) {
            least = at + 1;
        } else {
            misplaced += 1;
        }
    }
    if route.reloads.len() > limit {
        let kind = ViolationKind::TooManyReloads(route.reloads.len() - limit);
        verdict.report(Some(route.vehicle), None, kind);
    }
    if misplaced > 0 {
        verdict.report(Some(route.vehicle), None, ViolationKind::ReloadPlace(misplaced));
    }
}

/// Pairs with a stop on the route have both, in their order and on one trip. A frozen pickup may wait for
/// its delivery.
fn check_pairs(problem: &Problem, vehicle: &Vehicle, route: &Route, verdict: &mut Verdict) {
    let place = |wanted| route.jobs.iter().position(|&job| job == wanted);
    let reloads_in =
        |from: usize, to: usize| route.reloads.iter().any(|at| (from..=to).contains(at));
    for (at, &job) in route.jobs.iter().enumerate() {
        let Some(half) = problem.half(job) else { continue };
        let kind = match (half, place(half.other())) {
            (Half::Pickup { .. }, None) if vehicle.frozen().any(|frozen| frozen == job) => {
                if !reloads_in(at + 1, route.jobs.len()) {
                    continue;
                }
                ViolationKind::PairTrip
            }
            (_, None) => ViolationKind::PairSplit,
            (Half::Delivery { .. }, Some(pickup)) if pickup > at => ViolationKind::PairOrder,
            (Half::Delivery { .. }, Some(pickup)) if reloads_in(pickup + 1, at) => {
                ViolationKind::PairTrip
            }
            _ => continue,
        };
        verdict.report(Some(route.vehicle), Some(job), kind);
    }
}

fn check_loads(problem: &Problem, vehicle: &Vehicle, route: &Route, verdict: &mut Verdict) {
    for (dimension, &capacity) in vehicle.capacity.iter().enumerate() {
        let most = loads(problem, route, dimension).most();
        if most > capacity {
            let excess = most - capacity;
            let kind = ViolationKind::Overload { dimension, excess };
            verdict.report(Some(route.vehicle), None, kind);
        }
    }
}
