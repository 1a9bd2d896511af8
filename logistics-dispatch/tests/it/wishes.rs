//! What is wanted but may be missed: every wish has its price in the plan.

use logistics_dispatch::{
    Balance, Cost, Costs, Job, Location, Matrix, Problem, ProblemBuilder, Travel, Vehicle,
    VehicleIndex, Work, check,
};
use proptest::prelude::{ProptestConfig, proptest};

use crate::generate::wishful;
use crate::sound::{run, sound};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn plans_keep_the_constraints_and_cost_what_they_say(
        seed: u64, jobs in 0_usize..40, vehicles in 0_usize..7,
    ) {
        let problem = wishful(seed, jobs, vehicles);
        sound(&problem, seed)?;
    }
}

/// Two riders at one end of a street with six doors, 100 s and 1 km apart.
fn street(change: impl Fn(&mut ProblemBuilder)) -> Problem {
    let mut problem = Problem::builder();
    let row = |step: usize| move |i: usize, j: usize| i64::try_from(i.abs_diff(j) * step).unwrap();
    let road = problem.add_profile(Travel::Matrices {
        durations: Some(Matrix::from_fn(7, row(100)).unwrap()),
        distances: Some(Matrix::from_fn(7, row(1000)).unwrap()),
        costs: None,
    });
    for id in ["one", "two"] {
        problem.add_vehicle(Vehicle::new(id, road).start(Location::new(0)));
    }
    for door in 1..7 {
        problem.add_job(Job::new(door.to_string(), Location::new(door)));
    }
    change(&mut problem);
    problem.build().unwrap()
}

fn costs(problem: &Problem) -> (Vec<usize>, Costs) {
    let plan = run(problem, 1, 3_000).solution;
    let stops = plan.routes.iter().map(|route| route.jobs.len()).collect();
    (stops, check(problem, &plan).costs)
}

#[test]
fn fairness_is_bought_with_driving() {
    let (stops, unfair) = costs(&street(|_| {}));
    assert_eq!((stops, unfair.total()), (vec![6], Cost(600)));
    let stops = Balance { work: Work::Stops, weight: Cost(100) };
    let (each, fair) = costs(&street(|problem| problem.set_balance(stops)));
    assert_eq!(each, [3, 3]);
    // The near half and back to nobody: 300 s more, for 9 + 9 squares instead of 36.
    assert_eq!((fair.driving, fair.balance), (Cost(900), Cost(1800)));
}

#[test]
fn a_preference_is_followed_as_far_as_it_is_worth() {
    let prefer = |saves: i64| {
        street(|problem| {
            let two = VehicleIndex::new(1);
            let job = problem.job_mut(logistics_dispatch::JobIndex::new(0)).unwrap();
            *job = job.clone().preference(two, Cost(-saves));
            problem.vehicle_mut(VehicleIndex::new(0)).unwrap().fixed_cost = Cost(0);
            problem.vehicle_mut(two).unwrap().fixed_cost = Cost(300);
        })
    };
    let (_, ignored) = costs(&prefer(299));
    assert_eq!((ignored.preference, ignored.fixed), (Cost(0), Cost(0)));
    let (_, followed) = costs(&prefer(301));
    assert_eq!((followed.preference, followed.fixed), (Cost(-301), Cost(300)));
}

#[test]
fn an_optional_job_is_served_where_that_is_cheaper() {
    let worth = |cost: i64| {
        street(|problem| {
            let job = problem.job_mut(logistics_dispatch::JobIndex::new(5)).unwrap();
            *job = job.clone().optional(Cost(cost));
        })
    };
    let (stops, left) = costs(&worth(99));
    assert_eq!((stops, left.driving, left.left_out), (vec![5], Cost(500), Cost(99)));
    let (stops, served) = costs(&worth(101));
    assert_eq!((stops, served.driving, served.left_out), (vec![6], Cost(600), Cost(0)));
}

#[test]
fn optional_jobs_can_be_worth_it_only_together() {
    let problem = street(|problem| {
        for index in 0..6 {
            let job = problem.job_mut(logistics_dispatch::JobIndex::new(index)).unwrap();
            *job = job.clone().optional(Cost(if index < 4 { 0 } else { 310 }));
        }
    });
    // The last two doors are 600 s away and worth 620 together.
    let (_, costs) = costs(&problem);
    assert_eq!((costs.driving, costs.left_out), (Cost(600), Cost(0)));
}
