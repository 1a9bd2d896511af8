//! Reasons: each constraint is named when it is the one that blocks, and the relaxation
//! that is said to be enough is enough, and not a unit more than enough.

use logistics_dispatch::{
    Block, Control, Job, JobIndex, Location, Matrix, Meters, Problem, Route, Seconds, Solution,
    SolveOptions, Travel, Vehicle, check, explain, solve,
};

use crate::generate::rich;

/// One vehicle that already serves a job at 300 s, and a job at 200 s that is left out.
fn block(vehicle: impl Fn(Vehicle) -> Vehicle, job: impl Fn(Job) -> Job) -> Block {
    let mut problem = Problem::builder();
    let row = |i: usize, j: usize| i64::try_from(i.abs_diff(j) * 100).unwrap();
    let profile = problem.add_profile(Travel::Matrices {
        durations: Some(Matrix::from_fn(6, row).unwrap()),
        distances: Some(Matrix::from_fn(6, row).unwrap()),
        costs: None,
    });
    let depot = Location::new(0);
    let base = Vehicle::new("v", profile).start(depot).end(depot);
    let id = problem.add_vehicle(vehicle(base));
    let first = Job::new("served", Location::new(3)).delivery([2]).service(Seconds(10));
    let served = problem.add_job(first.window(Seconds(300), Seconds(320)));
    problem.add_job(job(Job::new("left", Location::new(2)).delivery([2]).service(Seconds(40))));
    let problem = problem.build().unwrap();
    let plan = Solution {
        routes: vec![Route { vehicle: id, jobs: vec![served] }],
        unassigned: vec![JobIndex::new(1)],
    };
    assert!(check(&problem, &plan).is_feasible());
    explain(&problem, &plan)[0].vehicles[0].block
}

#[test]
fn the_first_constraint_that_leaves_no_position_is_named() {
    let same = |vehicle: Vehicle| vehicle;
    let plain = |job: Job| job;
    assert_eq!(block(same, plain), Block::Fits);
    assert_eq!(block(same, |job| job.skills([3])), Block::Skill(3));
    let short = Block::Capacity { dimension: 0, short: 1 };
    assert_eq!(block(|v| v.capacity([3]), plain), short);
    assert_eq!(block(|v| v.max_jobs(1), plain), Block::MaxJobs);
    assert_eq!(
        block(|v| v.shift(Seconds(0), Seconds(645)), plain),
        Block::ShiftEnd { late: Seconds(5) }
    );
    let early = |job: Job| job.window(Seconds(0), Seconds(190));
    assert_eq!(block(same, early), Block::Window { late: Seconds(10) });
    // Too early for going there on the way back, and it would make "served" late on the
    // way out.
    let on_the_way = |job: Job| job.window(Seconds(0), Seconds(250));
    let late = Block::LaterStop { job: JobIndex::new(0), late: Seconds(20) };
    assert_eq!(block(same, on_the_way), late);
}

#[test]
fn limits_on_driving_tell_how_much_is_short() {
    let limited = |vehicle: Vehicle| vehicle.max_travel_time(Seconds(600));
    let detour = |job: Job| {
        let mut job = job;
        job.location = Location::new(5);
        job
    };
    assert_eq!(block(limited, detour), Block::TravelTime { short: Seconds(400) });
    let short = Block::Distance { short: Meters(350) };
    assert_eq!(block(|vehicle| vehicle.max_distance(Meters(650)), detour), short);
}

/// After a search nothing that fits is left out, and the reasons cover exactly the jobs
/// that are.
#[test]
fn nothing_that_fits_is_left_out() {
    for seed in 0..40 {
        let problem = rich(seed, 40, 3);
        let options = SolveOptions { seed, iterations: 1_000 };
        let outcome = solve(&problem, &options, &mut |_| Control::Continue);
        let reasons = explain(&problem, &outcome.solution);
        let left: Vec<JobIndex> = reasons.iter().map(|reason| reason.job).collect();
        assert_eq!(left, outcome.solution.unassigned, "seed {seed}");
        for kept in reasons.iter().flat_map(|reason| &reason.vehicles) {
            assert_ne!(kept.block, Block::Fits, "seed {seed}");
        }
    }
}
