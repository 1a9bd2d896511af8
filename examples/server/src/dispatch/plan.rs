//! From what was collected to a plan: solve, check, explain, say what is in doubt. No I/O.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use logistics_core::dispatch_run::{
    PlanCheck, PlanRun, PlannedRoute, Unassigned, UnassignedReason,
};
use logistics_core::manifest::{Stop, TimeWindow};
use logistics_core::values::GeoPosition;
use logistics_core::{HubId, RunId};
use logistics_dispatch::{
    Block, Control, Doubt, DoubtLimits, JobIndex, ProblemError, Route, SolveOptions, VehicleIndex,
    check, explain, plan_doubts, schedule, solve,
};

use super::batch::{Batch, Courier, Drop};
use super::collect::Collected;

/// Most reasons kept for a shipment that was left out.
const REASONS_MAX: usize = 50;

/// What a plan is called.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) run: RunId,
    pub(super) date: NaiveDate,
    pub(super) hub: Option<HubId>,
    pub(super) seed: u64,
}

/// Plans the run. Routes that gain nothing are left as they are.
pub(super) fn plan(
    header: Header,
    collected: Collected,
    now: DateTime<Utc>,
    iterations: u64,
) -> Result<PlanRun, ProblemError> {
    let excluded = collected.excluded;
    let batch = Batch::new(collected.drops, collected.couriers, now)?;
    let options = SolveOptions { seed: header.seed, iterations };
    let solution = solve(&batch.problem, &options, &mut |_| Control::Continue).solution;
    let verdict = check(&batch.problem, &solution);
    let violations = verdict.violations.iter().map(|violation| violation.kind.to_string());
    let check = PlanCheck { feasible: verdict.is_feasible(), violations: violations.collect() };
    let left_out: BTreeSet<usize> = solution.unassigned.iter().map(|job| job.index()).collect();
    // The solver made the plan, so it names nothing that the problem does not have.
    let found = plan_doubts(&batch.problem, &solution, &DoubtLimits::default()).unwrap_or_default();
    let in_doubt: BTreeMap<VehicleIndex, Vec<Doubt>> =
        found.into_iter().map(|route| (route.vehicle, route.doubts)).collect();
    let routes: Vec<PlannedRoute> = solution
        .routes
        .iter()
        .filter(|route| route.jobs.iter().any(|&job| is_new(&batch, job)))
        .filter_map(|route| {
            let found = in_doubt.get(&route.vehicle).map_or(&[][..], Vec::as_slice);
            planned_route(&batch, route, found, &left_out)
        })
        .collect();
    let unassigned = explain(&batch.problem, &solution)
        .into_iter()
        .filter(|reason| is_new(&batch, reason.job))
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
    })
}

fn is_new(batch: &Batch, job: JobIndex) -> bool {
    batch.drop(job).is_some_and(|drop| drop.tied_to.is_none())
}

fn planned_route(
    batch: &Batch,
    route: &Route,
    found: &[Doubt],
    left_out: &BTreeSet<usize>,
) -> Option<PlannedRoute> {
    let courier = batch.courier(route.vehicle)?;
    let times = schedule(&batch.problem, route);
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
    // What the partner has on board stays on the list, in time or not.
    let mut end = batch.time(times.finish);
    let kept = (0..batch.drops.len()).filter(|index| left_out.contains(index));
    for drop in kept.filter_map(|index| batch.drops.get(index)) {
        if drop.tied_to.as_ref() == Some(&courier.partner) {
            let start = end;
            end += Duration::seconds(drop.service_s.into());
            let mut late = stop(drop, start, end, batch.start)?;
            late.doubts.push("does not fit into the round".to_owned());
            stops.push(late);
        }
    }
    Some(PlannedRoute {
        partner: courier.partner.clone(),
        stops,
        travel_s: u64::try_from(times.travel_time.get()).unwrap_or_default(),
        distance_m: u64::try_from(times.distance.get()).unwrap_or_default(),
        doubts: of_route(courier, found),
    })
}

fn stop(
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
        Block::MaxJobs => "max_jobs",
        Block::TravelTime { .. } => "travel_time",
        Block::Distance { .. } => "distance",
        Block::Window { .. } => "window",
        Block::LaterStop { .. } => "later_stop",
        Block::ShiftEnd { .. } => "shift_end",
        _ => "search",
    }
}
