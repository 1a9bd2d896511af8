//! Breaks: taken by every vehicle that drives, where they fit best.

use logistics_dispatch::{
    Break, Cost, Job, JobIndex, Location, Matrix, Problem, Route, Schedule, Seconds, Solution,
    StopTime, Travel, Vehicle, VehicleIndex, ViolationKind, check, savings, schedule,
};
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

use crate::answers::scattered;
use crate::generate::{full, soft};
use crate::sound::{run, sound};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn plans_keep_the_constraints_and_cost_what_they_say(
        seed: u64, jobs in 0_usize..40, vehicles in 0_usize..7,
    ) {
        sound(&full(seed, jobs, vehicles), seed)?;
    }

    /// No other places for the breaks make fewer stops too late, or make them less late, or
    /// cost less, or get the vehicle home sooner; and what the schedule says of its own places
    /// is so.
    #[test]
    fn no_other_places_are_better(seed: u64, jobs in 0_usize..7, scatter: bool, late: bool) {
        let problem = if late { soft } else { full }(seed, jobs, 2);
        let plan = if scatter { scattered(&problem, seed) } else { savings(&problem) };
        for route in plan.routes.iter().filter(|route| !route.jobs.is_empty()) {
            let times = schedule(&problem, route);
            let vehicle = &problem.vehicles()[route.vehicle.index()];
            prop_assert_eq!(times.breaks.len(), vehicle.breaks.len());
            let all = placements(route.jobs.len() + route.reloads.len(), vehicle.breaks.len());
            let ways = all.into_iter().filter_map(|on_legs| driven(&problem, route, &on_legs));
            let best = ways.min().unwrap();
            prop_assert_eq!(outcome(&problem, route, &times), best);
            prop_assert!(is_sound(vehicle, &times), "{times:?}");
        }
    }
}

/// (stops later than they may be and late ends of shift, by how much, cost of lateness,
/// finish)
type Outcome = (usize, Seconds, Cost, Seconds);

/// By how much a job may be late, and the price of being so late.
fn terms(job: &Job, late: Seconds) -> (Seconds, Cost) {
    let Some(lateness) = job.lateness else { return (Seconds::ZERO, Cost::ZERO) };
    (lateness.most.unwrap_or(late), Cost(late.get() * lateness.per_second))
}

fn outcome(problem: &Problem, route: &Route, times: &Schedule) -> Outcome {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let frozen = vehicle.frozen().zip(&route.jobs).take_while(|(a, b)| a == *b).count();
    let over = (times.finish - vehicle.shift.end).max(Seconds::ZERO);
    let terms = |stop: &StopTime| terms(&problem.jobs()[stop.job.index()], stop.late);
    let excess = |stop: &StopTime| stop.late - stop.late.min(terms(stop).0);
    let late = times.stops[frozen..].iter().map(excess).chain([over]);
    let late: Vec<Seconds> = late.filter(|&late| late > Seconds::ZERO).collect();
    let cost = times.stops[times.served..].iter().map(|stop| terms(stop).1).sum();
    (late.len(), late.iter().copied().sum(), cost, times.finish)
}

/// Every way to spread breaks over so many visits, and the leg behind them.
fn placements(visits: usize, breaks: usize) -> Vec<Vec<usize>> {
    if visits == 0 {
        return vec![vec![breaks]];
    }
    let first = |here: usize| {
        let rest = placements(visits - 1, breaks - here).into_iter();
        rest.map(move |rest| core::iter::once(here).chain(rest).collect::<Vec<usize>>())
    };
    (0..=breaks).flat_map(first).collect()
}

/// Drives a route second by second of its breaks, with so many on each leg; none if one
/// cannot begin there.
fn driven(problem: &Problem, route: &Route, on_legs: &[usize]) -> Option<Outcome> {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let frozen = vehicle.frozen().zip(&route.jobs).take_while(|(a, b)| a == *b).count();
    let served = frozen.min(vehicle.served.len());
    let (mut clock, mut at, mut legs) = (vehicle.shift.start, vehicle.start, on_legs.iter());
    let mut breaks = vehicle.breaks.iter();
    let (mut late, mut lateness, mut cost) = (0, Seconds::ZERO, Cost::ZERO);
    let mut go = |clock: &mut Seconds, at: &mut Option<Location>, to: Option<Location>| {
        let mut left = match (*at, to) {
            (Some(from), Some(to)) => problem.duration(vehicle.profile, from, to),
            _ => Seconds::ZERO,
        };
        for rest in breaks.by_ref().take(*legs.next().unwrap()) {
            let mut windows = rest.windows.iter().filter(|window| *clock <= window.end);
            let start = match (rest.windows.is_empty(), windows.next()) {
                (true, _) => *clock,
                (false, window) => window?.start.max(*clock),
            };
            left = left - left.min(start - *clock);
            *clock = start + rest.duration;
        }
        *clock += left;
        *at = to.or(*at);
        Some(())
    };
    for (position, job) in route.jobs.iter().enumerate().skip(served) {
        if let (Some(reload), true) = (vehicle.reload, route.reloads.contains(&position)) {
            go(&mut clock, &mut at, Some(reload.location))?;
            clock += reload.service;
        }
        let job = &problem.jobs()[job.index()];
        go(&mut clock, &mut at, Some(job.location))?;
        if let Some(window) = job.windows.iter().find(|window| clock <= window.end) {
            clock = clock.max(window.start);
        } else if let Some(last) = job.windows.last() {
            let by = clock - last.end;
            let (most, price) = terms(job, by);
            cost += price;
            if by > most && position >= frozen {
                late += 1;
                lateness += by - most;
            }
        }
        clock += job.service;
    }
    // Legs to what is served, and to reloads before that, do not exist.
    let unused = on_legs.len() - 1 - legs_of(route, vehicle, served);
    if on_legs[on_legs.len() - unused..].iter().any(|&breaks| breaks > 0) {
        return None;
    }
    go(&mut clock, &mut at, vehicle.end)?;
    if clock > vehicle.shift.end {
        late += 1;
        lateness += clock - vehicle.shift.end;
    }
    Some((late, lateness, cost, clock))
}

fn legs_of(route: &Route, vehicle: &Vehicle, served: usize) -> usize {
    let ahead = |at: &&usize| vehicle.reload.is_some() && **at >= served;
    route.jobs.len() - served + route.reloads.iter().filter(ahead).count()
}

/// Breaks are in their windows, as long as stated, one behind the other, between the stops
/// that they are said to be between.
fn is_sound(vehicle: &Vehicle, times: &Schedule) -> bool {
    let in_window = times.breaks.iter().zip(&vehicle.breaks).all(|(time, rest)| {
        let inside = |start| rest.windows.iter().any(|w| (w.start..=w.end).contains(&start));
        (rest.windows.is_empty() || inside(time.start))
            && time.end == time.start + rest.duration
            && time.start == time.arrival + time.wait
    });
    let in_order = times.breaks.windows(2).all(|pair| pair[0].end <= pair[1].arrival);
    let between = times.breaks.iter().all(|rest| {
        let before = times.stops.get(times.served..rest.position);
        let before = before.and_then(|stops| stops.last()).map_or(times.departure, |s| s.departure);
        let after = times.stops.get(rest.position).map_or(times.finish, |stop| stop.arrival);
        before <= rest.arrival && rest.end <= after
    });
    in_window && in_order && between
}

/// A street of doors 600 s apart, and lunch of half an hour between 1000 s and 1500 s.
fn street(doors: usize, change: impl Fn(Vehicle) -> Vehicle) -> (Problem, VehicleIndex) {
    let mut problem = Problem::builder();
    let row = |i: usize, j: usize| i64::try_from(i.abs_diff(j) * 600).unwrap();
    let road = Matrix::from_fn(doors + 1, row).unwrap();
    let road = problem.add_profile(Travel::durations(road));
    let lunch = Break::new("lunch", Seconds(1800)).window(Seconds(1000), Seconds(1500));
    let rider = Vehicle::new("rider", road).start(Location::new(0)).rest(lunch);
    let rider = problem.add_vehicle(change(rider));
    for door in 1..=doors {
        problem.add_job(Job::new(door.to_string(), Location::new(door)).service(Seconds(60)));
    }
    (problem.build().unwrap(), rider)
}

#[test]
fn a_break_is_on_the_way_where_its_window_says() {
    let (problem, rider) = street(3, |rider| rider);
    let jobs = (0..3).map(JobIndex::new).collect();
    let times = schedule(&problem, &Route::new(rider, jobs));
    let [lunch] = times.breaks[..] else { panic!("{times:?}") };
    // At the second door it is 1260 s; lunch behind that, at 1320 s, is the latest place.
    assert_eq!((lunch.position, lunch.number), (2, 0));
    assert_eq!((lunch.start, lunch.end, lunch.driven), (Seconds(1320), Seconds(3120), Seconds(0)));
    let starts: Vec<Seconds> = times.stops.iter().map(|stop| stop.start).collect();
    assert_eq!(starts, [Seconds(600), Seconds(1260), Seconds(3720)]);
    assert_eq!(times.finish, Seconds(3780));
    let one = schedule(&problem, &Route::new(rider, vec![JobIndex::new(2)]));
    // 1000 s of the way are behind it when lunch may begin.
    let [lunch] = one.breaks[..] else { panic!("{one:?}") };
    assert_eq!(
        (lunch.driven, lunch.arrival, lunch.wait),
        (Seconds(1000), Seconds(1000), Seconds(0))
    );
    assert_eq!(one.stops[0].arrival, Seconds(3600));
}

#[test]
fn the_checker_counts_the_break() {
    let plan = |problem: &Problem, rider| {
        let plan = Solution {
            routes: vec![Route::new(rider, vec![JobIndex::new(0)])],
            unassigned: vec![],
        };
        check(problem, &plan).violations
    };
    // The door is 600 s away, lunch is over at 2800 s at the earliest.
    let (enough, rider) = street(1, |rider| rider.shift(Seconds(0), Seconds(2800)));
    assert_eq!(plan(&enough, rider), []);
    let with =
        |end| street(1, move |rider| rider.end(Location::new(0)).shift(Seconds(0), Seconds(end)));
    let (enough, rider) = with(3060);
    assert_eq!(plan(&enough, rider), []);
    let (short, rider) = with(3059);
    let found = plan(&short, rider);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, ViolationKind::ShiftEnd(Seconds(1)));
    // The solver says the same.
    assert_eq!(run(&enough, 1, 200).solution.unassigned, []);
    assert_eq!(run(&short, 1, 200).solution.unassigned.len(), 1);
}
