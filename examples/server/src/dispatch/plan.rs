//! From what was collected to a plan: solve, check, explain, say what is in doubt. No I/O.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use logistics_core::dispatch_run::{
    PlanCheck, PlanRun, PlannedRoute, Unassigned, UnassignedReason,
};
use logistics_core::manifest::{Stop, TimeWindow};
use logistics_core::values::{GeoPosition, Sha256Digest};
use logistics_core::{HubId, RunId};
use logistics_dispatch::{
    Balance, Block, Control, Doubt, DoubtLimits, JobIndex, Route, Solution, SolveOptions,
    VehicleIndex, check, explain, plan_doubts, schedule, solve_from,
};

use super::batch::{Batch, Courier, Drop, Round};
use super::collect::Collected;
use super::fairness::{Fairness, price};
use super::invalid;
use crate::http::Problem;

/// Most reasons kept for a shipment that was left out.
const REASONS_MAX: usize = 50;

/// What a plan is called.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) run: RunId,
    pub(super) date: NaiveDate,
    pub(super) hub: Option<HubId>,
    pub(super) seed: u64,
    pub(super) request: Option<Sha256Digest>,
}

/// Plans the run from the rounds as they are. Those that get nothing and lose nothing are left so.
pub(super) fn plan(
    header: Header,
    collected: Collected,
    now: DateTime<Utc>,
    iterations: u64,
    fairness: Fairness,
) -> Result<PlanRun, Problem> {
    let excluded = collected.excluded;
    let options = SolveOptions { seed: header.seed, iterations };
    let balance = fairness.balance();
    let uneven = match balance {
        Some(_) => {
            let (rounds, waiting) = (collected.rounds.clone(), collected.waiting.clone());
            Some(solve(rounds, waiting, now, None, options)?.1)
        }
        None => None,
    };
    let (batch, solution) = solve(collected.rounds, collected.waiting, now, balance, options)?;
    let fairness =
        balance.zip(uneven).map(|(balance, uneven)| price(balance, &batch, &solution, &uneven));
    let verdict = check(&batch.problem, &solution);
    let violations = verdict.violations.iter().map(|violation| violation.kind.to_string());
    let check = PlanCheck { feasible: verdict.is_feasible(), violations: violations.collect() };
    // The solver made the plan, so it names nothing that the problem does not have.
    let found = plan_doubts(&batch.problem, &solution, &DoubtLimits::default()).unwrap_or_default();
    let in_doubt: BTreeMap<VehicleIndex, Vec<Doubt>> =
        found.into_iter().map(|route| (route.vehicle, route.doubts)).collect();
    let routes: Vec<PlannedRoute> = (0..batch.couriers.len())
        .map(|vehicle| After::new(&batch, &solution, VehicleIndex::new(vehicle)))
        .filter(|after| after.differs(&batch))
        .filter_map(|after| {
            let found = in_doubt.get(&after.route.vehicle).map_or(&[][..], Vec::as_slice);
            planned_route(&batch, &after, found)
        })
        .collect();
    let unassigned = explain(&batch.problem, &solution)
        .into_iter()
        .filter(|reason| batch.holder(reason.job).is_none())
        .filter_map(|reason| unassigned(&batch, &reason))
        .collect();
    Ok(PlanRun {
        run: header.run,
        date: header.date,
        hub: header.hub,
        seed: header.seed,
        travel_s: routes.iter().map(|route| route.travel_s).sum(),
        distance_m: routes.iter().map(|route| route.distance_m).sum(),
        routes,
        unassigned,
        excluded,
        check,
        fairness,
        request: header.request,
    })
}

fn solve(
    rounds: Vec<Round>,
    waiting: Vec<Drop>,
    now: DateTime<Utc>,
    balance: Option<Balance>,
    options: SolveOptions,
) -> Result<(Batch, Solution), Problem> {
    let batch = Batch::balanced(rounds, waiting, now, balance).map_err(invalid)?;
    let solved = solve_from(&batch.problem, &batch.before, &options, &mut |_| Control::Continue);
    let solution = solved.map_err(invalid)?.solution;
    Ok((batch, solution))
}

/// A partner's round after the run.
struct After {
    route: Route,
    /// What the partner has and keeps though it does not fit.
    late: Vec<JobIndex>,
}

impl After {
    fn new(batch: &Batch, plan: &Solution, vehicle: VehicleIndex) -> Self {
        let late = plan.unassigned.iter().copied();
        Self {
            route: route_of(plan, vehicle),
            late: late.filter(|&job| batch.holder(job) == Some(vehicle)).collect(),
        }
    }

    /// Whether the partner gets a shipment or loses one. A new order of the same is not worth a
    /// new manifest.
    fn differs(&self, batch: &Batch) -> bool {
        let before = route_of(&batch.before, self.route.vehicle).jobs;
        let after = self.route.jobs.iter().chain(&self.late).copied();
        after.collect::<BTreeSet<_>>() != before.into_iter().collect()
    }
}

fn route_of(plan: &Solution, vehicle: VehicleIndex) -> Route {
    let found = plan.routes.iter().find(|route| route.vehicle == vehicle);
    found.cloned().unwrap_or(Route::new(vehicle, Vec::new()))
}

fn planned_route(batch: &Batch, after: &After, found: &[Doubt]) -> Option<PlannedRoute> {
    let courier = batch.courier(after.route.vehicle)?;
    let times = schedule(&batch.problem, &after.route);
    let mut stops: Vec<Stop> = times
        .stops
        .iter()
        .filter_map(|time| {
            let drop = batch.drop(time.job)?;
            let mut stop =
                stop(drop, batch.time(time.start), batch.time(time.departure), batch.start)?;
            stop.doubts.extend(found.iter().filter_map(|doubt| of_stop(batch, doubt, time.job)));
            Some(stop)
        })
        .collect();
    // What the partner has stays on the list, in time or not.
    let mut end = batch.time(times.finish);
    for drop in after.late.iter().filter_map(|&job| batch.drop(job)) {
        let start = end;
        end += Duration::seconds(drop.service_s.into());
        let mut late = stop(drop, start, end, batch.start)?;
        late.doubts.push("does not fit into the round".to_owned());
        stops.push(late);
    }
    Some(PlannedRoute {
        partner: courier.partner.clone(),
        stops,
        travel_s: u64::try_from(times.travel_time.get()).unwrap_or_default(),
        distance_m: u64::try_from(times.distance.get()).unwrap_or_default(),
        doubts: of_route(courier, found),
    })
}

pub(super) fn stop(
    drop: &Drop,
    arrival: DateTime<Utc>,
    departure: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Stop> {
    let passed = drop.window.is_some_and(|(_, end)| end <= now);
    Some(Stop {
        shipment: drop.shipment.clone(),
        position: GeoPosition::new(drop.position.x(), drop.position.y()).ok()?,
        arrival,
        departure,
        service_s: drop.service_s,
        window: drop.window.map(|(start, end)| TimeWindow { start, end }),
        // The problem holds no window that has passed: nothing there could tell.
        doubts: passed.then(|| "the promise has passed".to_owned()).into_iter().collect(),
    })
}

/// What is in doubt about one stop, in words.
fn of_stop(batch: &Batch, doubt: &Doubt, stop: JobIndex) -> Option<String> {
    match *doubt {
        Doubt::Slack { job, slack } if job == stop => Some(format!("{slack} to spare")),
        Doubt::LowConfidence { job, confidence_pct } if job == stop => {
            Some(format!("the address is {confidence_pct} % sure"))
        }
        Doubt::NearTie { job, vehicle, extra_cost } if job == stop => {
            let partner = &batch.courier(vehicle)?.partner;
            Some(format!("{partner} could take it at an extra cost of {extra_cost}"))
        }
        _ => None,
    }
}

/// What is in doubt about the whole round, in words.
fn of_route(courier: &Courier, found: &[Doubt]) -> Vec<String> {
    let unknown =
        courier.position.is_none().then(|| "the partner's position is not known".to_owned());
    let others = found.iter().filter_map(|doubt| match *doubt {
        Doubt::StalePosition { age } => Some(format!("the partner's position is {age} old")),
        Doubt::ShiftSlack { slack } => Some(format!("{slack} to spare until the shift ends")),
        _ => None,
    });
    unknown.into_iter().chain(others).collect()
}

fn unassigned(batch: &Batch, reason: &logistics_dispatch::UnassignedReason) -> Option<Unassigned> {
    let shipment = batch.drop(reason.job)?.shipment.clone();
    let mut reasons: Vec<UnassignedReason> = reason
        .vehicles
        .iter()
        .take(REASONS_MAX)
        .map(|vehicle| UnassignedReason {
            partner: batch.courier(vehicle.vehicle).map(|courier| courier.partner.clone()),
            constraint: constraint(vehicle.block).to_owned(),
            detail: vehicle.to_string(),
        })
        .collect();
    if reasons.is_empty() {
        let (constraint, detail) = ("partners".to_owned(), "no partner is available".to_owned());
        reasons.push(UnassignedReason { partner: None, constraint, detail });
    }
    Some(Unassigned { shipment, reasons })
}

/// A stable word for the constraint.
fn constraint(block: Block) -> &'static str {
    match block {
        Block::Skill(_) => "skill",
        Block::Capacity { .. } => "capacity",
        Block::MaxJobs { .. } => "max_jobs",
        Block::TravelTime { .. } => "travel_time",
        Block::Distance { .. } => "distance",
        Block::Window { .. } => "window",
        Block::LaterStop { .. } => "later_stop",
        Block::ShiftEnd { .. } => "shift_end",
        _ => "search",
    }
}
