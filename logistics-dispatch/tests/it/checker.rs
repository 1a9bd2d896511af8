//! The checker fails on every kind of broken plan, and only on those.

use logistics_dispatch::{
    Cost, Job, JobIndex, Location, Matrix, Meters, Problem, Route, Score, Seconds, Solution,
    Travel, Vehicle, VehicleIndex, Violation, ViolationKind, check,
};

/// A line of places 100 m and 100 s apart; vehicle 0 has every limit, vehicle 1 none.
fn problem() -> Problem {
    let mut problem = Problem::builder();
    let row = |i: usize, j: usize| i64::try_from(i.abs_diff(j) * 100).unwrap();
    let profile = problem.add_profile(Travel::Matrices {
        durations: Some(Matrix::from_fn(6, row).unwrap()),
        distances: Some(Matrix::from_fn(6, row).unwrap()),
        costs: None,
    });
    let depot = Location::new(0);
    problem.add_vehicle(
        Vehicle::new("limited", profile)
            .start(depot)
            .end(depot)
            .shift(Seconds(1000), Seconds(1900))
            .capacity([5, 5])
            .skills([7])
            .fixed_cost(Cost(10_000))
            .max_jobs(3)
            .max_travel_time(Seconds(900))
            .max_distance(Meters(850)),
    );
    problem.add_vehicle(Vehicle::new("free", profile));
    let at = |place: usize| Job::new(format!("at-{place}"), Location::new(place));
    problem.add_job(
        at(1)
            .service(Seconds(10))
            .window(Seconds(0), Seconds(50))
            .window(Seconds(1150), Seconds(1200)),
    );
    problem.add_job(at(2).delivery([3, 0]).pickup([0, 3]));
    problem.add_job(at(3).delivery([3, 3]).priority(5));
    problem.add_job(at(4).skills([7, 8]));
    problem.add_job(at(5));
    problem.build().unwrap()
}

fn plan(limited: &[usize], free: &[usize], unassigned: &[usize]) -> Solution {
    let jobs = |list: &[usize]| list.iter().copied().map(JobIndex::new).collect();
    let route = |vehicle, list| Route::new(VehicleIndex::new(vehicle), jobs(list));
    Solution { routes: vec![route(0, limited), route(1, free)], unassigned: jobs(unassigned) }
}

/// (vehicle, job, what) of every violation.
fn faults(plan: &Solution) -> Vec<(Option<usize>, Option<usize>, ViolationKind)> {
    let found = check(&problem(), plan).violations;
    let flat = |fault: Violation| {
        (fault.vehicle.map(VehicleIndex::index), fault.job.map(JobIndex::index), fault.kind)
    };
    found.into_iter().map(flat).collect()
}

#[test]
fn a_sound_plan_has_no_faults_and_its_cost() {
    let plan = plan(&[0, 1], &[4], &[2, 3]);
    let verdict = check(&problem(), &plan);
    assert_eq!(verdict.violations, []);
    let score = Score { unserved_priority: 5, unserved_jobs: 2, cost: Cost(10_400) };
    assert_eq!(verdict.score, score);
    let empty = check(&problem(), &self::plan(&[], &[], &[0, 1, 2, 3, 4]));
    assert!(empty.is_feasible());
    assert_eq!(empty.cost(), Cost(0));
}

#[test]
fn every_broken_constraint_is_named_with_its_excess() {
    use ViolationKind as Kind;
    let cases = [
        // Waits for nobody: 1500 s is 300 after the second window.
        (
            plan(&[1, 2, 0], &[], &[3, 4]),
            vec![
                (Some(0), Some(0), Kind::Late(Seconds(300))),
                (Some(0), None, Kind::Overload { dimension: 0, excess: 1 }),
                (Some(0), None, Kind::Overload { dimension: 1, excess: 1 }),
            ],
        ),
        (
            plan(&[4], &[], &[0, 1, 2, 3]),
            vec![
                (Some(0), None, Kind::ShiftEnd(Seconds(100))),
                (Some(0), None, Kind::TravelTime(Seconds(100))),
                (Some(0), None, Kind::Distance(Meters(150))),
            ],
        ),
        (plan(&[3], &[], &[0, 1, 2, 4]), vec![(Some(0), Some(3), Kind::Skill(8))]),
        (
            plan(&[], &[3], &[0, 1, 2, 4]),
            vec![(Some(1), Some(3), Kind::Skill(7)), (Some(1), Some(3), Kind::Skill(8))],
        ),
        (plan(&[0, 1], &[1], &[2, 3, 4]), vec![(Some(1), Some(1), Kind::JobRepeated)]),
        (plan(&[0, 1], &[], &[1, 2, 3, 4]), vec![(None, Some(1), Kind::JobRepeated)]),
        (plan(&[0, 1], &[], &[2, 3]), vec![(None, Some(4), Kind::JobMissing)]),
        (plan(&[], &[99], &[0, 1, 2, 3, 4]), vec![(Some(1), Some(99), Kind::UnknownJob)]),
    ];
    for (plan, expected) in cases {
        assert_eq!(faults(&plan), expected, "{plan:?}");
    }
}

#[test]
fn too_many_jobs_are_counted() {
    let found = faults(&plan(&[0, 1, 2, 3], &[], &[4]));
    assert!(found.contains(&(Some(0), None, ViolationKind::TooManyJobs(1))), "{found:?}");
}

#[test]
fn vehicles_that_are_unknown_or_drive_twice() {
    let mut twice = plan(&[0], &[], &[1, 2, 3, 4]);
    twice.routes[1].vehicle = VehicleIndex::new(0);
    twice.routes[1].jobs = vec![JobIndex::new(1)];
    twice.unassigned.remove(0);
    assert_eq!(faults(&twice), [(Some(0), None, ViolationKind::VehicleRepeated)]);
    let mut unknown = plan(&[0], &[4], &[1, 2, 3]);
    unknown.routes[1].vehicle = VehicleIndex::new(9);
    assert_eq!(faults(&unknown), [(Some(9), None, ViolationKind::UnknownVehicle)]);
}

#[test]
fn a_load_is_counted_at_its_worst_moment() {
    // Bringing 3 and taking 3 of another quantity is never more than 3 of each; but what
    // is taken first is on board together with what is yet to be brought.
    assert_eq!(faults(&plan(&[0, 1], &[], &[2, 3, 4])), []);
    let overload = |found: Vec<(Option<usize>, Option<usize>, ViolationKind)>| -> Vec<_> {
        let loads = found.into_iter().map(|(_, _, kind)| kind);
        loads.filter(|kind| matches!(kind, ViolationKind::Overload { .. })).collect()
    };
    let brought_last = overload(faults(&plan(&[1, 2], &[], &[0, 3, 4])));
    assert!(brought_last.contains(&ViolationKind::Overload { dimension: 1, excess: 1 }));
    let brought_first = overload(faults(&plan(&[2, 1], &[], &[0, 3, 4])));
    assert_eq!(brought_first, [ViolationKind::Overload { dimension: 0, excess: 1 }]);
}
