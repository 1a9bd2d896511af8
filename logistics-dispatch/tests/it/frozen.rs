//! The middle of the day: what is settled stays, whatever else is planned.

use logistics_dispatch::{
    Cost, Job, JobIndex, Location, Matrix, Problem, Route, Seconds, Solution, Travel, Vehicle,
    VehicleIndex, ViolationKind, check, savings, schedule,
};
use proptest::prelude::{ProptestConfig, TestCaseError, prop_assert_eq, proptest};

use crate::generate::midday;
use crate::sound::{run, sound};

/// Every vehicle's route begins with its frozen stops, the served ones at their times.
fn is_settled(problem: &Problem, plan: &Solution) -> Result<(), TestCaseError> {
    for (index, vehicle) in problem.vehicles().iter().enumerate() {
        let route = plan.routes.iter().find(|route| route.vehicle.index() == index);
        let jobs = route.map_or(&[][..], |route| &route.jobs[..vehicle.frozen_count()]);
        prop_assert_eq!(jobs.to_vec(), vehicle.frozen().collect::<Vec<_>>());
        let Some(route) = route else { continue };
        for (stop, served) in schedule(problem, route).stops.iter().zip(&vehicle.served) {
            prop_assert_eq!((stop.job, stop.start), (served.job, served.start));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_is_settled_stays_and_the_rest_keeps_the_limits(
        seed: u64, jobs in 0_usize..40, vehicles in 0_usize..7,
    ) {
        let problem = midday(seed, jobs, vehicles);
        is_settled(&problem, &savings(&problem))?;
        is_settled(&problem, &sound(&problem, seed)?.solution)?;
    }
}

/// A line of places 100 s apart. The rider has served the stop at 1 and stands at 2, with
/// one stop pinned that it comes to 50 s late.
fn under_way() -> (Problem, VehicleIndex, [JobIndex; 3]) {
    let mut problem = Problem::builder();
    let row = |i: usize, j: usize| i64::try_from(i.abs_diff(j) * 100).unwrap();
    let road = problem.add_profile(Travel::durations(Matrix::from_fn(6, row).unwrap()));
    let job = |id: &str, place| Job::new(id, Location::new(place)).service(Seconds(10));
    let served = problem.add_job(job("served", 1).delivery([4]).pickup([1]));
    let pinned = problem.add_job(job("pinned", 3).delivery([1]).window(Seconds(0), Seconds(1050)));
    let free = problem.add_job(job("free", 4).delivery([2]));
    let rider = problem.add_vehicle(
        Vehicle::new("rider", road)
            .start(Location::new(2))
            .end(Location::new(0))
            .shift(Seconds(1000), Seconds(2000))
            .capacity([4])
            .max_jobs(3)
            .fixed_cost(Cost(7))
            .served(served, Seconds(900))
            .pinned(pinned),
    );
    (problem.build().unwrap(), rider, [served, pinned, free])
}

#[test]
fn planning_goes_on_from_where_the_vehicle_is_now() {
    let (problem, rider, [served, pinned, free]) = under_way();
    let route = Route::new(rider, vec![served, pinned, free]);
    let plan = run(&problem, 1, 300).solution;
    assert_eq!(plan.routes, std::slice::from_ref(&route));
    // From place 2 by 3 and 4 to 0; what was driven before costs nothing.
    assert_eq!(check(&problem, &plan).cost(), Cost(7 + 100 + 100 + 400));
    let times = schedule(&problem, &route);
    let starts: Vec<_> = times.stops.iter().map(|stop| stop.start).collect();
    assert_eq!(starts, [Seconds(900), Seconds(1100), Seconds(1210)]);
    assert_eq!((times.served, times.stops[1].late), (1, Seconds(50)));
    assert_eq!((times.departure, times.travel_time), (Seconds(1000), Seconds(600)));
}

#[test]
fn a_plan_that_moves_what_is_settled_is_refused() {
    let (problem, rider, [served, pinned, free]) = under_way();
    let kinds = |jobs: &[JobIndex], unassigned: &[JobIndex]| -> Vec<_> {
        let routes = vec![Route::new(rider, jobs.to_vec())];
        let plan = Solution { routes, unassigned: unassigned.to_vec() };
        let found = check(&problem, &plan).violations.into_iter();
        found.map(|fault| (fault.job, fault.kind)).collect()
    };
    let frozen = |job| (Some(job), ViolationKind::Frozen);
    assert_eq!(kinds(&[served, pinned], &[free]), []);
    assert_eq!(kinds(&[served, free, pinned], &[])[0], frozen(pinned));
    assert_eq!(kinds(&[served], &[pinned, free]), [frozen(pinned)]);
    assert_eq!(kinds(&[], &[served, pinned, free]), [frozen(served), frozen(pinned)]);
    let nobody = Solution { routes: vec![], unassigned: vec![served, pinned, free] };
    let found = check(&problem, &nobody).violations;
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|fault| fault.kind == ViolationKind::Frozen));
}
