//! Doubts about whole plans: near-ties against brute force through the checker.

use logistics_dispatch::{
    Cost, Doubt, DoubtLimits, Job, JobIndex, Location, Matrix, Problem, Route, Seconds, Solution,
    Travel, Vehicle, VehicleIndex, check, doubts, plan_doubts, savings,
};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use crate::generate::{rich, soft_rich};

/// The cheapest change of cost of any feasible plan in which only this job is elsewhere.
fn cheapest_elsewhere(
    problem: &Problem,
    plan: &Solution,
    job: JobIndex,
) -> Option<(Cost, VehicleIndex)> {
    let before = check(problem, plan).cost();
    let home = plan.routes.iter().find(|route| route.jobs.contains(&job))?.vehicle;
    let mut best = None;
    for vehicle in (0..problem.vehicles().len()).map(VehicleIndex::new).filter(|&v| v != home) {
        let mut without = plan.clone();
        without.routes.iter_mut().for_each(|route| route.jobs.retain(|&other| other != job));
        if without.routes.iter().all(|route| route.vehicle != vehicle) {
            without.routes.push(Route::new(vehicle, vec![]));
        }
        let at = without.routes.iter().position(|route| route.vehicle == vehicle)?;
        for position in 0..=without.routes[at].jobs.len() {
            let mut moved = without.clone();
            moved.routes[at].jobs.insert(position, job);
            let verdict = check(problem, &moved);
            if verdict.is_feasible() {
                let this = (verdict.cost() - before, vehicle);
                best = Some(best.map_or(this, |best: (Cost, VehicleIndex)| best.min(this)));
            }
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn near_ties_are_all_stops_that_cost_hardly_more_elsewhere(
        seed: u64, jobs in 1_usize..14, vehicles in 1_usize..5, limit in 0_i64..1000,
        late: bool,
    ) {
        let problem = if late { soft_rich } else { rich }(seed, jobs, vehicles);
        let plan = savings(&problem);
        let limits = DoubtLimits { near_tie: Some(Cost(limit)), ..DoubtLimits::default() };
        let mut found = plan_doubts(&problem, &plan, &limits).unwrap().into_iter().peekable();
        for route in &plan.routes {
            let mut expected = doubts(&problem, route, &limits);
            for &job in &route.jobs {
                let Some((extra_cost, vehicle)) = cheapest_elsewhere(&problem, &plan, job) else { continue };
                if extra_cost <= Cost(limit) {
                    expected.push(Doubt::NearTie { job, vehicle, extra_cost });
                }
            }
            let here = found.next_if(|found| found.vehicle == route.vehicle);
            prop_assert_eq!(here.map(|here| here.doubts).unwrap_or_default(), expected);
        }
        prop_assert_eq!(found.next(), None);
    }
}

/// Without the stop on the way the other one would be late: the way round is no choice.
#[test]
fn a_stop_that_its_route_needs_is_not_tied() {
    let tied = |closes: i64| {
        let mut problem = Problem::builder();
        // From the start (0) to 2 it is quicker by way of 1.
        let rows = [vec![0, 100, 1000], vec![100, 0, 100], vec![100, 100, 0]];
        let bike = problem.add_profile(Travel::durations(Matrix::from_rows(&rows).unwrap()));
        let [one, _] = ["one", "two"]
            .map(|id| problem.add_vehicle(Vehicle::new(id, bike).start(Location::new(0))));
        let on_the_way = problem.add_job(Job::new("on the way", Location::new(1)));
        let behind = Job::new("behind", Location::new(2)).window(Seconds(0), Seconds(closes));
        let behind = problem.add_job(behind);
        let problem = problem.build().unwrap();
        let routes = vec![Route::new(one, vec![on_the_way, behind])];
        let limits = DoubtLimits { near_tie: Some(Cost(5000)), ..DoubtLimits::default() };
        let found = plan_doubts(&problem, &Solution { routes, unassigned: vec![] }, &limits);
        let doubts = found.unwrap().into_iter().flat_map(|route| route.doubts);
        let tied = doubts.filter(|doubt| matches!(doubt, Doubt::NearTie { .. }));
        tied.filter_map(|doubt| doubt.job()).collect::<Vec<_>>()
    };
    let (on_the_way, behind) = (JobIndex::new(0), JobIndex::new(1));
    assert_eq!(tied(1000), [on_the_way, behind]);
    assert_eq!(tied(999), [], "and nobody else can be in time for the other");
}

#[test]
fn a_doubt_says_which_stop_and_why() {
    let job = JobIndex::new(4);
    let tie = Doubt::NearTie { job, vehicle: VehicleIndex::new(1), extra_cost: Cost(7) };
    assert_eq!(tie.to_string(), "would cost 7 more on another vehicle");
    assert_eq!(tie.job(), Some(job));
    let sure = Doubt::LowConfidence { job, confidence_pct: 49 };
    assert_eq!(sure.to_string(), "its place is 49 % sure");
}
