//! Plans for the tests of answers about plans: from the solver, and broken on purpose.

use logistics_dispatch::{
    Half, Job, JobIndex, Location, Matrix, Problem, ProblemBuilder, Route, Solution, Travel,
    Vehicle, VehicleIndex,
};

use crate::generate::Dice;

/// Any plan: jobs in any order on any vehicle or on none, feasible only by luck.
pub(crate) fn scattered(problem: &Problem, seed: u64) -> Solution {
    let mut dice = Dice(seed);
    let mut routes: Vec<Route> = (0..problem.vehicles().len())
        .map(|vehicle| Route::new(VehicleIndex::new(vehicle), Vec::new()))
        .collect();
    let mut unassigned = Vec::new();
    for job in (0..problem.jobs().len()).map(JobIndex::new) {
        if routes.is_empty() || dice.chance(20) {
            unassigned.push(job);
            continue;
        }
        let route = dice.index(routes.len());
        let at = dice.index(routes[route].jobs.len() + 1);
        routes[route].jobs.insert(at, job);
    }
    for route in &mut routes {
        if problem.vehicles()[route.vehicle.index()].reload.is_some() {
            route.reloads = (0..route.jobs.len()).filter(|_| dice.chance(30)).collect();
        }
    }
    Solution { routes, unassigned }
}

/// The same plan with some jobs elsewhere.
pub(crate) fn disturbed(plan: &Solution, seed: u64, moves: usize) -> Solution {
    let mut dice = Dice(seed);
    let mut plan = plan.clone();
    for _ in 0..moves {
        if plan.routes.is_empty() {
            break;
        }
        let (from, to) = (dice.index(plan.routes.len()), dice.index(plan.routes.len()));
        if plan.routes[from].jobs.is_empty() {
            continue;
        }
        let at = dice.index(plan.routes[from].jobs.len());
        let job = plan.routes[from].jobs.remove(at);
        if dice.chance(15) {
            plan.unassigned.push(job);
        } else {
            let at = dice.index(plan.routes[to].jobs.len() + 1);
            plan.routes[to].jobs.insert(at, job);
        }
    }
    for route in &mut plan.routes {
        route.reloads.retain(|&at| at < route.jobs.len());
    }
    plan
}

/// The same problem with some of its vehicles and jobs changed.
pub(crate) fn rebuilt(
    problem: &Problem,
    vehicle: impl Fn(VehicleIndex, &mut Vehicle),
    job: impl Fn(JobIndex, &mut Job),
) -> Problem {
    if problem.vehicles().is_empty() {
        return problem.clone();
    }
    let mut builder = unbuilt(problem);
    for index in (0..problem.vehicles().len()).map(VehicleIndex::new) {
        vehicle(index, builder.vehicle_mut(index).unwrap());
    }
    for index in (0..problem.jobs().len()).map(JobIndex::new) {
        job(index, builder.job_mut(index).unwrap());
    }
    builder.build().unwrap()
}

/// The problem before it was built; it has vehicles.
pub(crate) fn unbuilt(problem: &Problem) -> ProblemBuilder {
    let mut builder = Problem::builder();
    for old in problem.vehicles() {
        let at = Location::new;
        let durations = |i, j| problem.duration(old.profile, at(i), at(j)).get();
        let distances = |i, j| problem.distance(old.profile, at(i), at(j)).get();
        let mut new = old.clone();
        new.profile = builder.add_profile(Travel::Matrices {
            durations: Some(Matrix::from_fn(problem.locations(), durations).unwrap()),
            distances: Some(Matrix::from_fn(problem.locations(), distances).unwrap()),
            costs: None,
        });
        builder.add_vehicle(new);
    }
    for old in problem.jobs() {
        builder.add_job(old.clone());
    }
    for pickup in (0..problem.jobs().len()).map(JobIndex::new) {
        if let Some(Half::Pickup { delivery }) = problem.half(pickup) {
            builder.pair(pickup, delivery);
        }
    }
    let before = |vehicle: usize| {
        let jobs = (0..problem.jobs().len()).map(JobIndex::new);
        let own = jobs.filter(|&job| problem.previous(job) == Some(VehicleIndex::new(vehicle)));
        Route::new(VehicleIndex::new(vehicle), own.collect())
    };
    let routes = (0..problem.vehicles().len()).map(before).collect();
    builder.set_previous(Solution { routes, unassigned: vec![] }, problem.change_cost());
    if let Some(balance) = problem.balance() {
        builder.set_balance(balance);
    }
    builder
}
