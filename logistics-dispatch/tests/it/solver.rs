//! What every plan of the solver must be: feasible, reproducible, never worse than where
//! it began, and scored as the checker scores it.

use logistics_dispatch::{
    Control, Job, Location, Matrix, Problem, Route, Seconds, Solution, SolveOptions, Travel,
    Vehicle, check, savings, solve,
};
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

use crate::generate::rich;
use crate::sound::{run, sound};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_plan_is_feasible_and_costs_what_it_says(
        seed: u64, jobs in 0_usize..60, vehicles in 0_usize..9,
    ) {
        sound(&rich(seed, jobs, vehicles), seed)?;
    }

    #[test]
    fn the_same_question_has_the_same_answer(seed: u64, jobs in 2_usize..40) {
        let problem = rich(seed, jobs, 5);
        prop_assert_eq!(run(&problem, 3, 400), run(&problem, 3, 400));
    }

    #[test]
    fn the_best_never_gets_worse_on_the_way(seed: u64) {
        let problem = rich(seed, 30, 4);
        let mut seen = Vec::new();
        let options = SolveOptions { seed, iterations: 2_000 };
        let outcome = solve(&problem, &options, &mut |progress| {
            seen.push((progress.iterations, progress.best));
            Control::Continue
        });
        prop_assert!(seen.windows(2).all(|pair| pair[1].1 <= pair[0].1));
        prop_assert_eq!(seen.last().unwrap(), &(2_000, outcome.score));
        prop_assert_eq!(outcome.iterations, 2_000);
    }
}

#[test]
fn seeds_lead_to_different_searches() {
    let problem = rich(11, 60, 8);
    let plans: Vec<Solution> = (0..4).map(|seed| run(&problem, seed, 200).solution).collect();
    assert!(plans.iter().any(|plan| plan != &plans[0]));
}

#[test]
fn stop_is_obeyed_at_once_and_leaves_a_whole_plan() {
    let problem = rich(5, 50, 6);
    let stopped = solve(&problem, &SolveOptions::default(), &mut |_| Control::Stop);
    assert_eq!(stopped.iterations, 0);
    assert_eq!(stopped.solution, savings(&problem));
    let mut polls = 0;
    let later = solve(&problem, &SolveOptions::default(), &mut |_| {
        polls += 1;
        if polls == 4 { Control::Stop } else { Control::Spent(f64::from(polls) / 4.0) }
    });
    assert_eq!(later.iterations, 3 * 128);
    assert!(check(&problem, &later.solution).is_feasible());
}

#[test]
fn priority_beats_number_and_number_beats_cost() {
    // One vehicle has time for the far job or for both near ones, not for all.
    let place = [0_i64, 1000, 100, 110];
    let road = Matrix::from_fn(4, |i, j| (place[i] - place[j]).abs()).unwrap();
    let plan = |far_priority: u8, near_priority: u8| {
        let mut problem = Problem::builder();
        let bike = problem.add_profile(Travel::durations(road.clone()));
        let end = Seconds(1050);
        problem.add_vehicle(Vehicle::new("v", bike).start(Location::new(0)).shift(Seconds(0), end));
        problem
            .add_job(Job::new("far", Location::new(1)).service(Seconds(50)).priority(far_priority));
        for near in [2, 3] {
            let job = Job::new(near.to_string(), Location::new(near)).service(Seconds(50));
            problem.add_job(job.priority(near_priority));
        }
        let problem = problem.build().unwrap();
        let outcome = run(&problem, 1, 500);
        let served = outcome.solution.routes.iter().flat_map(|route| &route.jobs);
        let mut served: Vec<usize> = served.map(|job| job.index()).collect();
        served.sort_unstable();
        served
    };
    assert_eq!(plan(0, 0), [1, 2]);
    assert_eq!(plan(9, 4), [0]);
    assert_eq!(plan(8, 4), [1, 2]);
}

#[test]
fn a_bike_and_a_car_get_what_only_they_can_do() {
    let road = Matrix::from_fn(5, |i, j| if i == j { 0 } else { 100 }).unwrap();
    let mut problem = Problem::builder();
    let any = problem.add_profile(Travel::durations(road));
    let depot = Location::new(0);
    let bike =
        problem.add_vehicle(Vehicle::new("bike", any).start(depot).capacity([4]).skills([1]));
    let car = problem.add_vehicle(Vehicle::new("car", any).start(depot).capacity([50]));
    let lane = problem.add_job(Job::new("narrow lane", Location::new(1)).delivery([2]).skills([1]));
    let sofa = problem.add_job(Job::new("sofa", Location::new(2)).delivery([40]));
    let problem = problem.build().unwrap();
    let expected = [Route::new(bike, vec![lane]), Route::new(car, vec![sofa])];
    assert_eq!(savings(&problem).routes, expected);
}
