//! Solving from a plan that is there already, feasible or not.

use logistics_dispatch::{
    Control, Cost, Job, JobIndex, Location, Matrix, Outcome, PlanError, Problem, Route, Seconds,
    Solution, SolveOptions, Travel, Vehicle, VehicleIndex, check, solve, solve_from,
};
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

use crate::answers::{disturbed, scattered};
use crate::generate::{full, soft};

fn run(problem: &Problem, start: &Solution, seed: u64, iterations: u64) -> Outcome {
    let options = SolveOptions { seed, iterations };
    solve_from(problem, start, &options, &mut |_| Control::Continue).unwrap()
}

/// Are the first jobs among the second, in their order?
fn within(few: &[JobIndex], many: &[JobIndex]) -> bool {
    let mut many = many.iter();
    few.iter().all(|job| many.any(|other| other == job))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_plan_leads_to_one_that_keeps_the_constraints(
        seed: u64, jobs in 0_usize..40, vehicles in 0_usize..7, late: bool,
    ) {
        let problem = if late { soft } else { full }(seed, jobs, vehicles);
        let start = scattered(&problem, seed);
        let outcome = run(&problem, &start, seed, 200);
        let verdict = check(&problem, &outcome.solution);
        prop_assert!(verdict.is_feasible(), "{:?}", verdict.violations);
        prop_assert_eq!(verdict.score, outcome.score);
        prop_assert_eq!(outcome, run(&problem, &start, seed, 200));
    }

    #[test]
    fn a_plan_that_holds_never_gets_worse_and_keeps_its_stops_until_the_search_begins(
        seed: u64, jobs in 0_usize..30, vehicles in 1_usize..7, moves in 0_usize..4,
        late: bool,
    ) {
        let problem = if late { soft } else { full }(seed, jobs, vehicles);
        let options = SolveOptions { seed, iterations: 100 };
        let good = solve(&problem, &options, &mut |_| Control::Continue).solution;
        let start = disturbed(&good, seed, moves);
        let verdict = check(&problem, &start);
        let taken_over = run(&problem, &start, seed, 0).solution;
        if verdict.is_feasible() {
            for route in &start.routes {
                let now = taken_over.routes.iter().find(|now| now.vehicle == route.vehicle);
                let now = now.map_or(&[][..], |now| &now.jobs);
                prop_assert!(within(&route.jobs, now), "{route:?} has become {now:?}");
            }
            prop_assert!(check(&problem, &taken_over).score <= verdict.score);
            prop_assert!(run(&problem, &start, seed, 100).score <= verdict.score);
        }
    }
}

/// Two riders at the ends of a street with four doors; each had the two that are far.
fn crossed(cost_per_change: i64) -> (Problem, Solution) {
    let mut problem = Problem::builder();
    let row = |i: usize, j: usize| i64::try_from(i.abs_diff(j) * 100).unwrap();
    let road = problem.add_profile(Travel::durations(Matrix::from_fn(6, row).unwrap()));
    let rider = |id: &str, place| Vehicle::new(id, road).start(Location::new(place));
    let [west, east] =
        [("west", 0), ("east", 5)].map(|(id, at)| problem.add_vehicle(rider(id, at)));
    let jobs = [1, 2, 3, 4].map(|at| problem.add_job(Job::new(at.to_string(), Location::new(at))));
    let plan = Solution {
        routes: vec![
            Route::new(west, jobs[2..].to_vec()),
            Route::new(east, jobs[..2].iter().rev().copied().collect()),
        ],
        unassigned: vec![],
    };
    problem.set_previous(plan.clone(), Cost(cost_per_change));
    (problem.build().unwrap(), plan)
}

#[test]
fn a_price_on_changes_keeps_the_plan_and_shows() {
    // Together 800 s as it was; one rider alone does it in 400 s, for two changes.
    let (problem, before) = crossed(201);
    let kept = run(&problem, &before, 1, 2_000).solution;
    assert_eq!(kept, before);
    let (problem, before) = crossed(199);
    let changed = run(&problem, &before, 1, 2_000).solution;
    let costs = check(&problem, &changed).costs;
    assert_eq!((costs.driving, costs.change), (Cost(400), Cost(2 * 199)));
    assert_eq!(costs.total(), Cost(798));
}

#[test]
fn equal_riders_keep_their_own_routes() {
    let mut problem = Problem::builder();
    let road = problem.add_profile(Travel::durations(Matrix::from_fn(3, |_, _| 60).unwrap()));
    let riders = [0, 1].map(|id| {
        let rider = Vehicle::new(id.to_string(), road).start(Location::new(0));
        problem.add_vehicle(rider.shift(Seconds(0), Seconds(900)))
    });
    let job = problem.add_job(Job::new("j", Location::new(1)));
    let problem = problem.build().unwrap();
    let route = Route::new(riders[1], vec![job]);
    let plan = Solution { routes: vec![route], unassigned: vec![] };
    assert_eq!(run(&problem, &plan, 1, 100).solution, plan);
}

#[test]
fn a_plan_of_another_problem_is_refused() {
    let (problem, mut plan) = crossed(0);
    let options = SolveOptions::default();
    plan.routes[0].vehicle = VehicleIndex::new(7);
    let answer = solve_from(&problem, &plan, &options, &mut |_| Control::Stop);
    assert_eq!(answer.unwrap_err(), PlanError::UnknownVehicle { index: 7, count: 2 });
}
