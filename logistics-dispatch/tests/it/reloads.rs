//! Reloads: several trips of one vehicle, each with a load of its own.

use logistics_dispatch::diff::between;
use logistics_dispatch::forecast::forecast;
use logistics_dispatch::{
    Block, Cost, Job, JobIndex, Location, Matrix, Problem, Reload, Route, Seconds, Solution,
    Travel, Vehicle, VehicleIndex, ViolationKind, check, explain, solve_from,
};

use crate::sound::run;

/// A depot and doors on a street of steps of 100 s; one small vehicle.
fn street(doors: usize, change: impl Fn(Vehicle) -> Vehicle) -> (Problem, VehicleIndex) {
    let mut problem = Problem::builder();
    let row = |i: usize, j: usize| i64::try_from(i.abs_diff(j) * 100).unwrap();
    let road = Matrix::from_fn(doors + 1, row).unwrap();
    let road = problem.add_profile(Travel::durations(road));
    let depot = Location::new(0);
    let van = Vehicle::new("van", road).start(depot).end(depot).capacity([2]);
    let van = van.reload(Reload::new(depot, doors).service(Seconds(30)));
    let van = problem.add_vehicle(change(van));
    for door in 1..=doors {
        problem.add_job(Job::new(door.to_string(), Location::new(door)).delivery([1]));
    }
    (problem.build().unwrap(), van)
}

fn jobs(numbers: &[usize]) -> Vec<JobIndex> {
    numbers.iter().copied().map(JobIndex::new).collect()
}

fn route(vehicle: VehicleIndex, numbers: &[usize], reloads: &[usize]) -> Route {
    Route { vehicle, jobs: jobs(numbers), reloads: reloads.to_vec() }
}

#[test]
fn one_small_vehicle_serves_much_demand() {
    let (problem, _) = street(8, |van| van);
    let plan = run(&problem, 1, 2_000).solution;
    let verdict = check(&problem, &plan);
    assert!(verdict.is_feasible(), "{:?}", verdict.violations);
    assert_eq!(plan.unassigned, []);
    assert_eq!(plan.routes[0].reloads.len(), 3);
    // Two at a time, farthest together: there and back four times.
    assert_eq!(verdict.cost(), Cost(2 * (800 + 600 + 400 + 200)));
    let (many, _) = street(60, |van| van.capacity([3]));
    let plan = run(&many, 1, 3_000).solution;
    assert!(check(&many, &plan).is_feasible());
    assert_eq!(plan.unassigned, []);
}

#[test]
fn a_reload_is_not_made_where_it_is_not_worth_it() {
    let (problem, _) = street(2, |van| van);
    let plan = run(&problem, 1, 500).solution;
    assert_eq!((plan.routes[0].reloads.len(), plan.unassigned.len()), (0, 0));
    let (few, _) = street(6, |van| van.reload(Reload::new(Location::new(0), 1)));
    let plan = run(&few, 1, 1_000).solution;
    assert_eq!((plan.routes[0].reloads.len(), plan.unassigned.len()), (1, 2));
    let late = |van: Vehicle| van.shift(Seconds(0), Seconds(1229));
    let (short, _) = street(4, late);
    assert_eq!(run(&short, 1, 1_000).solution.unassigned.len(), 1);
    let (enough, _) = street(4, |van| late(van).shift(Seconds(0), Seconds(1230)));
    assert_eq!(run(&enough, 1, 1_000).solution.unassigned, []);
}

#[test]
fn the_checker_names_every_fault_of_a_reload() {
    let (problem, van) = street(4, |van| van.reload(Reload::new(Location::new(0), 1)));
    let kinds = |numbers: &[usize], reloads: &[usize]| -> Vec<_> {
        let rest = (0..4).filter(|number| !numbers.contains(number)).map(JobIndex::new);
        let routes = vec![route(van, numbers, reloads)];
        let plan = Solution { routes, unassigned: rest.collect() };
        check(&problem, &plan).violations.into_iter().map(|fault| fault.kind).collect()
    };
    assert_eq!(kinds(&[0, 1, 2, 3], &[2]), []);
    let overload = ViolationKind::Overload { dimension: 0, excess: 1 };
    assert_eq!(kinds(&[0, 1, 2, 3], &[1]), [overload]);
    assert_eq!(kinds(&[0, 1, 2], &[]), [overload]);
    assert_eq!(kinds(&[0, 1, 2, 3], &[1, 3]), [ViolationKind::TooManyReloads(1)]);
    assert_eq!(kinds(&[0, 1], &[2]), [ViolationKind::ReloadPlace(1)]);
    let twice = [ViolationKind::TooManyReloads(1), ViolationKind::ReloadPlace(1)];
    assert_eq!(kinds(&[0, 1, 2], &[1, 1]), twice);
    let (plain, van) = street(3, |mut van| {
        van.reload = None;
        van
    });
    let plan = Solution { routes: vec![route(van, &[0, 1, 2], &[2])], unassigned: vec![] };
    let kinds: Vec<_> = check(&plain, &plan).violations.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [ViolationKind::TooManyReloads(1)]);
}

#[test]
fn a_pair_is_within_one_trip_and_nothing_frozen_comes_before_a_reload() {
    let mut problem = Problem::builder();
    let row = |i: usize, j: usize| i64::try_from(i.abs_diff(j) * 100).unwrap();
    let road = problem.add_profile(Travel::durations(Matrix::from_fn(4, row).unwrap()));
    let depot = Location::new(0);
    let van = Vehicle::new("van", road).start(depot).reload(Reload::new(depot, 3));
    let job = |place: usize| Job::new(format!("at {place}"), Location::new(place));
    let [first, from, to] =
        [job(1), job(2).pickup([1]), job(3).delivery([1])].map(|job| problem.add_job(job));
    problem.pair(from, to);
    let van = problem.add_vehicle(van.pinned(first));
    let problem = problem.build().unwrap();
    let kinds = |reloads: &[usize]| -> Vec<_> {
        let routes =
            vec![Route { vehicle: van, jobs: vec![first, from, to], reloads: reloads.to_vec() }];
        let plan = Solution { routes, unassigned: vec![] };
        let found = check(&problem, &plan).violations.into_iter();
        found.map(|fault| (fault.job, fault.kind)).collect()
    };
    assert_eq!(kinds(&[]), []);
    assert_eq!(kinds(&[1]), []);
    assert_eq!(kinds(&[2]), [(Some(to), ViolationKind::PairTrip)]);
    assert_eq!(kinds(&[0]), [(None, ViolationKind::ReloadPlace(1))]);
}

#[test]
fn a_forecast_tells_times_and_loads_of_every_trip() {
    let (problem, van) = street(3, |van| van);
    let plan = Solution { routes: vec![route(van, &[0, 1, 2], &[2])], unassigned: vec![] };
    let told = &forecast(&problem, &plan).routes[0];
    assert_eq!(told.load, [2]);
    let loads: Vec<i64> = told.stops.iter().map(|stop| stop.load[0]).collect();
    assert_eq!(loads, [1, 0, 0]);
    let [reload] = &told.reloads[..] else { panic!("{told:?}") };
    assert_eq!((reload.time.position, reload.load[0]), (2, 1));
    assert_eq!((reload.time.arrival, reload.time.departure), (Seconds(400), Seconds(430)));
    assert_eq!(
        (told.finish, told.totals.loading, told.totals.reloads),
        (Seconds(1030), Seconds(30), 1)
    );
}

#[test]
fn a_difference_tells_reloads() {
    let (problem, van) = street(3, |van| van);
    let plan = |reloads: &[usize]| Solution {
        routes: vec![route(van, &[0, 1, 2], reloads)],
        unassigned: vec![],
    };
    let diff = between(&problem, &plan(&[1]), &plan(&[2])).unwrap();
    let words: Vec<String> = diff.words(&problem).sentences().collect();
    assert_eq!(words[..2], ["van no longer loads again before 2", "van now loads again before 3"]);
    assert_eq!(diff.cost(), Cost(200));
    assert!(between(&problem, &plan(&[1]), &plan(&[1])).unwrap().is_empty());
}

#[test]
fn a_reason_knows_what_one_reload_more_would_do() {
    let left_out = |change: fn(Vehicle) -> Vehicle| {
        let (problem, van) = street(3, change);
        let plan = Solution { routes: vec![route(van, &[0, 1], &[])], unassigned: jobs(&[2]) };
        explain(&problem, &plan)[0].vehicles[0].block
    };
    assert_eq!(left_out(|van| van), Block::Fits);
    let never = |mut van: Vehicle| {
        van.reload = None;
        van
    };
    assert_eq!(left_out(never), Block::Capacity { dimension: 0, short: 1 });
}

#[test]
fn a_plan_with_reloads_is_gone_on_from() {
    let (problem, van) = street(6, |van| van);
    let start =
        Solution { routes: vec![route(van, &[0, 1, 2, 3, 4, 5], &[2, 4])], unassigned: vec![] };
    let options = logistics_dispatch::SolveOptions { seed: 1, iterations: 0 };
    let go = &mut |_: &logistics_dispatch::Progress| logistics_dispatch::Control::Continue;
    assert_eq!(solve_from(&problem, &start, &options, go).unwrap().solution, start);
    // One trip is too full: what does not fit is left out, and then found a place.
    let full = Solution { routes: vec![route(van, &[0, 1, 2, 3, 4, 5], &[3])], unassigned: vec![] };
    let taken_over = solve_from(&problem, &full, &options, go).unwrap().solution;
    assert!(check(&problem, &taken_over).is_feasible());
    assert_eq!(taken_over.routes[0].jobs.len(), 4);
}
