//! Windows that may be missed at a price: what the price buys, and what it does not.

use logistics_dispatch::diff::between;
use logistics_dispatch::forecast::forecast;
use logistics_dispatch::{
    Block, Cost, Job, JobIndex, Lateness, Location, MAX_COST, MAX_TIME, Matrix, Problem, Route,
    Seconds, Solution, Travel, Vehicle, VehicleIndex, ViolationKind, check, explain, savings,
};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use crate::answers::rebuilt;
use crate::generate::{full, soft, soft_rich};
use crate::sound::{run, sound};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn plans_keep_the_constraints_and_cost_what_they_say(
        seed: u64, jobs in 0_usize..40, vehicles in 0_usize..7, everything: bool,
    ) {
        sound(&if everything { soft } else { soft_rich }(seed, jobs, vehicles), seed)?;
    }

    /// A limit of no lateness at all is the hard window, whatever the price.
    #[test]
    fn lateness_that_may_not_be_is_the_hard_window(seed: u64, jobs in 1_usize..30) {
        let hard = rebuilt(&full(seed, jobs, 4), |_, _| {}, |_, _| {});
        let never = Lateness::new(3).most(Seconds(0));
        let soft = rebuilt(&hard, |_, _| {}, |index, job| {
            let frozen = |vehicle: &Vehicle| vehicle.frozen().any(|own| own == index);
            if !hard.vehicles().iter().any(frozen) {
                job.lateness = Some(never);
            }
        });
        prop_assert_eq!(savings(&soft), savings(&hard));
        prop_assert_eq!(run(&soft, seed, 200), run(&hard, seed, 200));
    }
}

/// The rider stands at 0 of a line. One parcel goes to 400 by 400 s, one to -100: on time it is
/// 900 s of driving, with the second first 600 s, and the first is 200 s late.
fn line(lateness: Option<Lateness>) -> (Problem, VehicleIndex, [JobIndex; 2]) {
    let mut problem = Problem::builder();
    let place = [0_i64, 400, -100];
    let row = |i: usize, j: usize| (place[i] - place[j]).abs();
    let road = problem.add_profile(Travel::durations(Matrix::from_fn(3, row).unwrap()));
    let rider = problem.add_vehicle(Vehicle::new("rider", road).start(Location::new(0)));
    let mut urgent = Job::new("urgent", Location::new(1)).window(Seconds(0), Seconds(400));
    urgent.lateness = lateness;
    let urgent = problem.add_job(urgent);
    let other = problem.add_job(Job::new("other", Location::new(2)));
    (problem.build().unwrap(), rider, [urgent, other])
}

/// What the search and construction make of it: is the urgent parcel late, and what it all
/// costs.
fn solved(lateness: Option<Lateness>) -> (bool, Cost) {
    let (problem, _, [_, other]) = line(lateness);
    let plan = run(&problem, 1, 300).solution;
    let verdict = check(&problem, &plan);
    assert!(verdict.is_feasible(), "{:?}", verdict.violations);
    assert_eq!(plan.unassigned, []);
    (plan.routes[0].jobs[0] == other, verdict.cost())
}

#[test]
fn a_stop_is_late_where_that_is_cheaper_than_the_detour() {
    assert_eq!(solved(None), (false, Cost(900)));
    assert_eq!(solved(Some(Lateness::new(1))), (true, Cost(600 + 200)));
    assert_eq!(solved(Some(Lateness::new(2))), (false, Cost(900)));
    assert_eq!(solved(Some(Lateness::new(0))), (true, Cost(600)));
}

#[test]
fn a_limit_on_lateness_is_kept() {
    let at_most = |most| solved(Some(Lateness::new(1).most(Seconds(most))));
    assert_eq!(at_most(200), (true, Cost(800)));
    assert_eq!(at_most(199), (false, Cost(900)));
}

#[test]
fn the_checker_tells_a_price_from_a_fault() {
    let verdict = |lateness| {
        let (problem, rider, [urgent, other]) = line(lateness);
        let routes = vec![Route::new(rider, vec![other, urgent])];
        let plan = Solution { routes, unassigned: vec![] };
        let verdict = check(&problem, &plan);
        let told = forecast(&problem, &plan);
        assert_eq!(told.violations, verdict.violations);
        let (totals, stop) = (told.routes[0].totals, &told.routes[0].stops[1]);
        assert_eq!((totals.late, totals.late_cost), (Seconds(200), verdict.costs.lateness));
        assert_eq!((stop.slack, stop.time.late), (Some(Seconds(-200)), Seconds(200)));
        let faults = verdict.violations.iter().map(|fault| (fault.job, fault.kind));
        (faults.collect::<Vec<_>>(), verdict.costs.lateness)
    };
    let late = |by| vec![(Some(JobIndex::new(0)), ViolationKind::Late(Seconds(by)))];
    assert_eq!(verdict(None), (late(200), Cost(0)));
    assert_eq!(verdict(Some(Lateness::new(7))), (vec![], Cost(1400)));
    assert_eq!(verdict(Some(Lateness::new(7).most(Seconds(200)))), (vec![], Cost(1400)));
    assert_eq!(verdict(Some(Lateness::new(7).most(Seconds(150)))), (late(50), Cost(1400)));
}

#[test]
fn a_reason_asks_for_no_more_than_the_lateness_that_is_missing() {
    let block = |lateness| {
        let (problem, rider, [urgent, other]) = line(lateness);
        let pinned = rebuilt(&problem, |_, vehicle| vehicle.pinned = vec![other], |_, _| {});
        let routes = vec![Route::new(rider, vec![other])];
        let plan = Solution { routes, unassigned: vec![urgent] };
        explain(&pinned, &plan)[0].vehicles[0].block
    };
    assert_eq!(block(None), Block::Window { late: Seconds(200) });
    let short = Block::Window { late: Seconds(30) };
    assert_eq!(block(Some(Lateness::new(1).most(Seconds(170)))), short);
    assert_eq!(block(Some(Lateness::new(1))), Block::Fits);
}

#[test]
fn a_difference_tells_what_lateness_costs() {
    let (problem, rider, [urgent, other]) = line(Some(Lateness::new(2)));
    let plan = |jobs: &[JobIndex]| Solution {
        routes: vec![Route::new(rider, jobs.to_vec())],
        unassigned: vec![],
    };
    let diff = between(&problem, &plan(&[urgent, other]), &plan(&[other, urgent])).unwrap();
    assert_eq!(diff.cost(), Cost(100));
    let last = diff.words(&problem).sentences().last().unwrap();
    let expected = "rider: as many jobs, cost +100 (+400 for lateness), driving -300 s and +0 m";
    assert_eq!(last, expected);
}

#[test]
fn what_was_served_late_costs_what_it_costs() {
    let (problem, rider, [urgent, other]) = line(Some(Lateness::new(3).most(Seconds(10))));
    let later = rebuilt(
        &problem,
        |_, vehicle| {
            vehicle.start = Some(Location::new(1));
            *vehicle =
                vehicle.clone().shift(Seconds(700), Seconds(5000)).served(urgent, Seconds(500));
        },
        |_, _| {},
    );
    let plan = run(&later, 1, 100).solution;
    assert_eq!(plan.routes, [Route::new(rider, vec![urgent, other])]);
    let verdict = check(&later, &plan);
    assert_eq!(verdict.violations, []);
    assert_eq!((verdict.costs.lateness, verdict.costs.driving), (Cost(300), Cost(500)));
    // Pinned it is late by 350 s, and nobody's fault either.
    let pinned = rebuilt(
        &problem,
        |_, vehicle| {
            *vehicle = vehicle.clone().shift(Seconds(350), Seconds(5000)).pinned(urgent);
        },
        |_, _| {},
    );
    let verdict = check(&pinned, &run(&pinned, 1, 100).solution);
    assert_eq!((verdict.violations, verdict.costs.lateness), (vec![], Cost(3 * 350)));
}

#[test]
fn construction_joins_no_routes_that_lateness_makes_dear() {
    // Two doors 1000 s away and side by side, both due at 1000 s, 600 s at each.
    let routes = |price| {
        let mut problem = Problem::builder();
        let row = |i: usize, j: usize| {
            if i == j {
                0
            } else if i * j == 0 {
                1000
            } else {
                10
            }
        };
        let road = problem.add_profile(Travel::durations(Matrix::from_fn(3, row).unwrap()));
        let depot = Location::new(0);
        for id in ["one", "two"] {
            problem.add_vehicle(Vehicle::new(id, road).start(depot).end(depot));
        }
        for place in [1, 2] {
            let job = Job::new(place.to_string(), Location::new(place)).service(Seconds(600));
            let job = job.window(Seconds(0), Seconds(1000)).lateness(Lateness::new(price));
            problem.add_job(job);
        }
        let problem = problem.build().unwrap();
        let plan = savings(&problem);
        (plan.routes.len(), check(&problem, &plan).cost())
    };
    // Together: 2010 s of driving, 610 s late.
    assert_eq!(routes(1), (1, Cost(2010 + 610)));
    assert_eq!(routes(10), (2, Cost(4000)));
}

#[test]
fn the_greatest_price_is_bounded() {
    let mut problem = Problem::builder();
    let road = Travel::durations(Matrix::from_fn(1, |_, _| 0).unwrap());
    let road = problem.add_profile(road);
    let begin = Seconds(MAX_TIME);
    let rider = Vehicle::new("rider", road).start(Location::new(0)).shift(begin, begin);
    problem.add_vehicle(rider);
    for id in ["one", "two"] {
        let job = Job::new(id, Location::new(0)).window(Seconds(0), Seconds(0));
        problem.add_job(job.lateness(Lateness::new(i64::from(i32::MAX))));
    }
    let problem = problem.build().unwrap();
    let outcome = run(&problem, 1, 100);
    assert_eq!(outcome.solution.unassigned, []);
    assert_eq!(check(&problem, &outcome.solution).cost(), Cost(2 * MAX_COST));
    assert_eq!(outcome.score.cost, Cost(2 * MAX_COST));
}
