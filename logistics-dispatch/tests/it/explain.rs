//! Reasons: each constraint is named when it is the one that blocks, and the relaxation
//! that is said to be enough is enough, and not a unit more than enough.

use logistics_dispatch::{
    Block, Control, Cost, Half, Job, JobIndex, Location, Matrix, Meters, Problem, Route, Seconds,
    Solution, SolveOptions, Travel, Vehicle, VehicleIndex, VehicleReason, ViolationKind, check,
    explain, savings, solve,
};
use proptest::prelude::{ProptestConfig, prop_assert, proptest};

use crate::answers::rebuilt;
use crate::generate::{full, rich, soft, soft_rich, with_breaks};
use crate::sound::run;

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
    let plan =
        Solution { routes: vec![Route::new(id, vec![served])], unassigned: vec![JobIndex::new(1)] };
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
    assert_eq!(block(|v| v.max_jobs(1), plain), Block::MaxJobs { short: 1 });
    assert_eq!(
        block(|v| v.shift(Seconds(0), Seconds(645)), plain),
        Block::ShiftEnd { late: Seconds(5) }
    );
    let early = |job: Job| job.window(Seconds(0), Seconds(190));
    // On the way out it is 10 s late, but then "served" is late too; on the way back
    // 220 s are enough.
    assert_eq!(block(same, early), Block::Window { late: Seconds(220) });
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
    for seed in 0..80 {
        let problem = if seed < 40 { rich } else { with_breaks }(seed, 40, 3);
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

/// The problem with one constraint relaxed for a vehicle and a job left out; with `less`
/// one unit less than the block says.
fn relaxed(
    problem: &Problem,
    (who, left): (VehicleIndex, JobIndex),
    block: Block,
    less: bool,
) -> Problem {
    let amount = |stated: i64| stated - i64::from(less);
    rebuilt(
        problem,
        |index, vehicle| {
            if index != who {
                return;
            }
            match block {
                Block::Skill(skill) if !less => {
                    vehicle.skills.insert(skill);
                }
                Block::Capacity { dimension, short } => {
                    vehicle.capacity[dimension] += amount(short)
                }
                Block::MaxJobs { short } => {
                    *vehicle.max_jobs.as_mut().unwrap() += short - usize::from(less);
                }
                Block::TravelTime { short } => {
                    *vehicle.max_travel_time.as_mut().unwrap() += Seconds(amount(short.get()));
                }
                Block::Distance { short } => {
                    *vehicle.max_distance.as_mut().unwrap() += Meters(amount(short.get()));
                }
                Block::ShiftEnd { late } => vehicle.shift.end += Seconds(amount(late.get())),
                _ => {}
            }
        },
        |index, job| {
            if let (Block::Worth { short }, true) = (block, index == left) {
                *job.optional.as_mut().unwrap() += Cost(amount(short.get()));
            }
            let late = match block {
                Block::Window { late } if index == left => late,
                Block::LaterStop { job, late } if index == job => late,
                _ => return,
            };
            let late = Seconds(amount(late.get()));
            match job.lateness.as_mut().and_then(|lateness| lateness.most.as_mut()) {
                Some(most) => *most += late,
                None => job.windows.last_mut().unwrap().end += late,
            }
        },
    )
}

/// The route with the job at every position, on both sides of a reload there, and with the
/// other half of its pair, if that is on no route, at every other one.
fn ways(problem: &Problem, route: &Route, job: JobIndex) -> Vec<(usize, Route)> {
    let frozen = problem.vehicles()[route.vehicle.index()].frozen_count();
    let everywhere = |route: &Route, job: JobIndex| -> Vec<Route> {
        let places = (frozen..=route.jobs.len()).flat_map(|at| [(at, false), (at, true)]);
        let places = places.filter(|(at, before)| !before || route.reloads.contains(at));
        let with = |(position, before)| {
            let mut route = route.clone();
            route.jobs.insert(position, job);
            for at in &mut route.reloads {
                *at += usize::from(*at > position || before && *at == position);
            }
            route
        };
        places.map(with).collect()
    };
    let frozen_anywhere = |job: JobIndex| {
        problem.vehicles().iter().any(|vehicle| vehicle.frozen().any(|own| own == job))
    };
    let other = problem.half(job).map(Half::other);
    let other = other.filter(|&job| !frozen_anywhere(job) && !route.jobs.contains(&job));
    let alone = everywhere(route, job).into_iter();
    let ways: Vec<Route> = match other {
        None => alone.collect(),
        Some(other) => alone.flat_map(|one| everywhere(&one, other)).collect(),
    };
    let place = |route: &Route| route.jobs.iter().position(|&own| own == job).unwrap();
    ways.into_iter().map(|route| (place(&route), route)).collect()
}

/// Is a load in the way at some place, so that a reload may help?
fn is_loaded(problem: &Problem, route: &Route, job: JobIndex) -> bool {
    let overload = |(_, with): &(usize, Route)| {
        let alone = Solution { routes: vec![with.clone()], unassigned: vec![] };
        let faults = check(problem, &alone).violations;
        faults.iter().any(|fault| matches!(fault.kind, ViolationKind::Overload { .. }))
    };
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    vehicle.reload.is_some() && ways(problem, route, job).iter().any(overload)
}

/// What a route costs, whatever is left out.
fn driven(problem: &Problem, route: &Route) -> Cost {
    let costs = check(problem, &Solution { routes: vec![route.clone()], unassigned: vec![] }).costs;
    costs.total() - costs.left_out
}

/// Can the vehicle take the job, at this position or at any, perhaps with a reload? What the
/// route costs `now` is what an optional job is weighed against.
fn admits(
    problem: &Problem,
    (route, now): (&Route, Cost),
    (job, reload): (JobIndex, bool),
    only: Option<usize>,
) -> bool {
    let alone = |route: &Route| {
        check(problem, &Solution { routes: vec![route.clone()], unassigned: vec![] })
    };
    let worth = |with: &Route| {
        let mut new = with.jobs.iter().filter(|job| !route.jobs.contains(job));
        new.try_fold(Cost(0), |sum, job| Some(sum + problem.jobs()[job.index()].optional?))
    };
    let ways = ways(problem, route, job).into_iter();
    let mut ways = ways.flat_map(|(at, with)| {
        let places = if reload { with.jobs.len() } else { 0 };
        let more = (0..places).map({
            let with = with.clone();
            move |place| {
                let mut with = with.clone();
                with.reloads.push(place);
                with.reloads.sort_unstable();
                (at, with)
            }
        });
        core::iter::once((at, with)).chain(more).collect::<Vec<_>>()
    });
    ways.any(|(at, with)| {
        let (at, with) = (&at, &with);
        let faults = alone(with).violations;
        worth(with).is_none_or(|worth| driven(problem, with) - now <= worth)
            && only.is_none_or(|only| only == *at)
            && !faults.iter().any(|fault| fault.vehicle == Some(route.vehicle))
    })
}

/// True if the reason holds to the unit.
fn is_exact(problem: &Problem, route: &Route, job: JobIndex, reason: &VehicleReason) -> bool {
    let route = (route, driven(problem, route));
    let whole: Vec<Block> =
        core::iter::once(reason.block).chain(reason.also.iter().copied()).collect();
    if reason.block == Block::Pair {
        // The other half is frozen, and not here.
        let other = problem.half(job).unwrap().other();
        return !problem.vehicles()[reason.vehicle.index()].frozen().any(|own| own == other);
    }
    let wanted = (job, is_loaded(problem, route.0, job));
    if reason.block == Block::Fits {
        return reason.also.is_empty() && admits(problem, route, wanted, Some(reason.position));
    }
    let pair = (reason.vehicle, job);
    let all_but = |short: Option<usize>| {
        let mut problem = problem.clone();
        for (index, &block) in whole.iter().enumerate() {
            problem = relaxed(&problem, pair, block, Some(index) == short);
        }
        problem
    };
    admits(&all_but(None), route, wanted, Some(reason.position))
        && (0..whole.len()).all(|index| !admits(&all_but(Some(index)), route, wanted, None))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_is_said_to_be_enough_is_enough_and_a_unit_less_is_not(
        seed: u64, jobs in 1_usize..16, vehicles in 1_usize..4, parts in 0_usize..4,
        searched: bool,
    ) {
        let problem = [rich, full, soft_rich, soft][parts](seed, jobs, vehicles);
        let plan =
            if searched { run(&problem, seed, 200).solution } else { savings(&problem) };
        for reason in explain(&problem, &plan) {
            for (vehicle, kept) in reason.vehicles.iter().enumerate() {
                let vehicle = VehicleIndex::new(vehicle);
                prop_assert!(kept.vehicle == vehicle);
                let own = plan.routes.iter().find(|route| route.vehicle == vehicle);
                let route = own.cloned().unwrap_or(Route::new(vehicle, vec![]));
                prop_assert!(is_exact(&problem, &route, reason.job, kept), "{:?}: {kept:?}", reason.job);
            }
        }
    }
}
