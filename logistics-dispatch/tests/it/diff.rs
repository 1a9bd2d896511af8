//! Differences of plans: whoever applies them to the first plan gets the second, and
//! nobody could tell them with fewer.

use logistics_dispatch::diff::{Change, PlanDiff, between};
use logistics_dispatch::{
    Cost, JobIndex, PlanError, Problem, Route, Solution, VehicleIndex, check,
};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use crate::answers::{disturbed, rebuilt, scattered};
use crate::generate::{full, rich, soft};

fn plan(routes: &[&[usize]]) -> Solution {
    let route = |(vehicle, jobs): (usize, &&[usize])| {
        let jobs = jobs.iter().copied().map(JobIndex::new);
        Route::new(VehicleIndex::new(vehicle), jobs.collect())
    };
    Solution { routes: routes.iter().enumerate().map(route).collect(), unassigned: vec![] }
}

fn words(problem: &Problem, before: &[&[usize]], after: &[&[usize]]) -> Vec<String> {
    let diff = between(problem, &plan(before), &plan(after)).unwrap();
    let words = diff.words(problem);
    let about_jobs = words.sentences().count() - diff.vehicles.len();
    words.sentences().take(about_jobs).collect()
}

#[test]
fn each_change_has_its_words() {
    let problem = rich(3, 9, 3);
    let all: &[&[usize]] = &[&[0, 1, 2], &[3, 4], &[]];
    let cases: [(&[&[usize]], &[&str]); 12] = [
        (
            &[&[], &[3, 0, 1, 2, 4], &[]],
            &[
                "vehicle-0 no longer has a route",
                "job-0, job-1 and job-2 move from vehicle-0 to vehicle-1 between job-3 and job-4",
            ],
        ),
        (
            &[&[], &[], &[0, 1, 3, 4, 2]],
            &[
                "vehicle-0 no longer has a route",
                "vehicle-1 no longer has a route",
                "vehicle-2 gets a route",
                "job-0 and job-1 move from vehicle-0 to vehicle-2 as the first stops, before job-3",
                "job-3 and job-4 move from vehicle-1 to vehicle-2 between job-1 and job-2",
                "job-2 moves from vehicle-0 to vehicle-2 as the last stop, after job-4",
            ],
        ),
        (
            &[&[0, 1, 2], &[3, 4], &[5, 6]],
            &[
                "vehicle-2 gets a route",
                "job-5 and job-6 are newly served by vehicle-2 as the only stops",
            ],
        ),
        (&[&[0, 1, 2], &[3, 4], &[]], &[]),
        (
            &[&[0, 2], &[3, 1, 4], &[]],
            &["job-1 moves from vehicle-0 to vehicle-1 between job-3 and job-4"],
        ),
        (
            &[&[1, 2, 0], &[3, 4], &[]],
            &["job-0 stays with vehicle-0, now as the last stop, after job-2"],
        ),
        (
            &[&[2, 0, 1], &[3, 4], &[]],
            &["job-2 stays with vehicle-0, now as the first stop, before job-0"],
        ),
        (
            &[&[0, 1, 2, 5], &[3, 4], &[]],
            &["job-5 is newly served by vehicle-0 as the last stop, after job-2"],
        ),
        (&[&[0, 1], &[3, 4], &[]], &["job-2 of vehicle-0 is no longer served"]),
        (
            &[&[0, 1, 2], &[], &[]],
            &[
                "vehicle-1 no longer has a route",
                "job-3 and job-4 of vehicle-1 are no longer served",
            ],
        ),
        (
            &[&[0, 1, 2], &[3], &[4]],
            &["vehicle-2 gets a route", "job-4 moves from vehicle-1 to vehicle-2 as the only stop"],
        ),
        (
            &[&[5, 0, 6, 1, 2], &[3, 4], &[]],
            &[
                "job-5 is newly served by vehicle-0 as the first stop, before job-0",
                "job-6 is newly served by vehicle-0 between job-0 and job-1",
            ],
        ),
    ];
    for (after, expected) in cases {
        assert_eq!(words(&problem, all, after), expected, "{after:?}");
    }
    let same = between(&problem, &plan(all), &plan(all)).unwrap();
    assert_eq!((same.is_empty(), same.words(&problem).to_string()), (true, "no change".into()));
}

#[test]
fn a_plan_of_another_problem_is_refused_by_name() {
    let problem = rich(3, 4, 2);
    let sound = plan(&[&[0], &[1]]);
    let refused = |after: &Solution| between(&problem, &sound, after).unwrap_err();
    assert_eq!(
        refused(&plan(&[&[0, 7], &[]])),
        PlanError::UnknownJob { vehicle: "vehicle-0".into(), index: 7, count: 4 }
    );
    assert_eq!(refused(&plan(&[&[], &[], &[0]])), PlanError::UnknownVehicle { index: 2, count: 2 });
    assert_eq!(refused(&plan(&[&[0], &[0]])), PlanError::JobRepeated("job-0".into()));
    let mut twice = plan(&[&[0], &[1]]);
    twice.routes[1].vehicle = VehicleIndex::new(0);
    assert_eq!(refused(&twice), PlanError::VehicleRepeated("vehicle-0".into()));
}

/// The first plan with the changes made, as a list of stops per vehicle.
fn apply(problem: &Problem, before: &Solution, diff: &PlanDiff) -> Vec<Vec<JobIndex>> {
    let mut routes = vec![Vec::new(); problem.vehicles().len()];
    for route in &before.routes {
        routes[route.vehicle.index()].clone_from(&route.jobs);
    }
    for change in &diff.changes {
        if let Change::Moved { job, .. }
        | Change::Reordered { job, .. }
        | Change::Unserved { job, .. } = change
        {
            routes
                .iter_mut()
                .for_each(|route: &mut Vec<JobIndex>| route.retain(|other| other != job));
        }
    }
    for change in &diff.changes {
        if let Change::Moved { job, to, .. }
        | Change::Reordered { job, to, .. }
        | Change::Served { job, to } = change
        {
            routes[to.vehicle.index()].insert(to.position, *job);
        }
    }
    routes
}

/// Length of the longest common subsequence, by the table.
fn common(one: &[JobIndex], two: &[JobIndex]) -> usize {
    let mut row = vec![0; two.len() + 1];
    for a in one {
        let mut diagonal = 0;
        for (at, b) in two.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if a == b { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[two.len()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn changes_lead_from_one_plan_to_the_other_and_none_is_too_many(
        seed: u64, jobs in 0_usize..30, vehicles in 1_usize..5, moves in 0_usize..40,
        late: bool,
    ) {
        let problem = if late { soft } else { full }(seed, jobs, vehicles);
        let before = scattered(&problem, seed);
        let after = disturbed(&before, seed, moves);
        let diff = between(&problem, &before, &after).unwrap();
        let reached = apply(&problem, &before, &diff);
        let wanted: Vec<_> = after.routes.iter().map(|route| route.jobs.clone()).collect();
        prop_assert_eq!(reached, wanted);

        let staying: usize = before.routes.iter().zip(&after.routes)
            .map(|(was, is)| common(&was.jobs, &is.jobs)).sum();
        let on_routes: usize = after.routes.iter().map(|route| route.jobs.len()).sum();
        let told = diff.changes.iter().filter(|change| matches!(
            change, Change::Moved { .. } | Change::Reordered { .. } | Change::Served { .. }
        ));
        prop_assert_eq!(told.count(), on_routes - staying);

        let cost = |plan: &Solution| check(&problem, plan).cost();
        prop_assert_eq!(diff.cost(), cost(&after) - cost(&before));
    }
}

#[test]
fn what_optional_jobs_left_out_cost_is_told() {
    let plain = rich(3, 4, 2);
    let problem = rebuilt(
        &plain,
        |_, _| {},
        |job, spec| {
            if job.index() == 1 {
                *spec = spec.clone().optional(Cost(70));
            }
        },
    );
    let diff = between(&problem, &plan(&[&[0, 1]]), &plan(&[&[0]])).unwrap();
    assert_eq!(diff.left_out, Cost(70));
    let told = diff.words(&problem).to_string();
    assert!(told.ends_with("; optional jobs left out: cost +70"), "{told}");
}
