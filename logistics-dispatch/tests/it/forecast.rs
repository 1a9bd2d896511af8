//! Forecasts of fixed plans: they say what the schedule and the checker say, and slack is
//! exactly what can be lost.

use logistics_dispatch::forecast::forecast;
use logistics_dispatch::{
    Cost, Job, JobIndex, Location, Matrix, Problem, Route, Seconds, Solution, TimeWindow, Travel,
    Vehicle, VehicleIndex, ViolationKind, check, savings, schedule,
};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use crate::answers::{rebuilt, scattered};
use crate::generate::{full, rich, soft, soft_rich, with_breaks};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn it_is_what_schedule_and_checker_say(
        seed: u64, jobs in 0_usize..20, vehicles in 0_usize..4, scatter: bool,
        late: bool,
    ) {
        let problem = if late { soft } else { full }(seed, jobs, vehicles);
        let plan = if scatter { scattered(&problem, seed) } else { savings(&problem) };
        let forecast = forecast(&problem, &plan);
        let verdict = check(&problem, &plan);
        prop_assert_eq!(&forecast.violations, &verdict.violations);
        prop_assert_eq!(forecast.score, verdict.score);
        let cost: Cost = forecast.routes.iter().map(|route| route.totals.cost).sum();
        prop_assert_eq!(cost + verdict.costs.left_out, verdict.cost());
        prop_assert_eq!(forecast.costs, verdict.costs);
        let late: Cost = forecast.routes.iter().map(|route| route.totals.late_cost).sum();
        prop_assert_eq!(late, verdict.costs.lateness);
        for (route, planned) in forecast.routes.iter().zip(&plan.routes) {
            let times = schedule(&problem, planned);
            let out = forecast_times(route);
            let expected: Vec<_> =
                times.stops.iter().map(|s| (s.job, s.arrival, s.start, s.late)).collect();
            prop_assert_eq!(out, expected);
            if planned.jobs.is_empty() { continue; }
            let totals = route.totals;
            let busy = totals.travel_time + totals.service + totals.loading + totals.breaks;
            prop_assert_eq!(totals.duration, busy + totals.wait);
            prop_assert_eq!(&route.breaks, &times.breaks);
        }
    }

    /// Starting the shift later moves the first service; forward slack tells how far it may.
    #[test]
    fn forward_slack_is_what_can_be_lost(
        seed: u64, jobs in 1_usize..8, lost in 0_i64..4000, late: bool,
    ) {
        let problem = if late { soft_rich } else { rich }(seed, jobs, 1);
        let problem = unlimited(&problem, Seconds::ZERO);
        let route = Route::new(VehicleIndex::new(0), (0..jobs).map(JobIndex::new).collect());
        let plan = Solution { routes: vec![route], unassigned: vec![] };
        let now = forecast(&problem, &plan);
        let first = &now.routes[0].stops[0];
        let later = forecast(&unlimited(&problem, Seconds(lost)), &plan);
        let moved = later.routes[0].stops[0].time.start - first.time.start;
        let in_time = later.is_feasible() && later.routes[0].totals.late == Seconds::ZERO;
        prop_assert_eq!(in_time, moved <= first.forward_slack,
            "moved by {}, slack {}, {:?}", moved, first.forward_slack, later.violations);
    }

    /// The same with breaks, where the first stop alone is put off.
    #[test]
    fn with_breaks_too(seed: u64, jobs in 1_usize..8, lost in 0_i64..2000) {
        let problem = unlimited(&with_breaks(seed, jobs, 1), Seconds::ZERO);
        let vehicle = VehicleIndex::new(0);
        let route = Route::new(vehicle, (0..jobs).map(JobIndex::new).collect());
        let plan = Solution { routes: vec![route], unassigned: vec![] };
        let first = &forecast(&problem, &plan).routes[0].stops[0];
        let earliest = first.time.start + Seconds(lost);
        let later = rebuilt(&problem, |_, _| {}, |job, spec| if job.index() == 0 {
            if spec.windows.is_empty() {
                spec.windows.push(TimeWindow::ALWAYS);
            }
            spec.windows.iter_mut().for_each(|window| window.start = window.start.max(earliest));
            spec.windows.retain(|window| window.start <= window.end);
            if spec.windows.is_empty() {
                spec.windows.push(TimeWindow::new(Seconds(0), Seconds(0)));
                spec.service = Seconds(100_000);
            }
        });
        let verdict = check(&later, &plan);
        prop_assert_eq!(verdict.is_feasible(), Seconds(lost) <= first.forward_slack,
            "slack {}, {:?}", first.forward_slack, verdict.violations);
    }
}

fn forecast_times(
    route: &logistics_dispatch::forecast::RouteForecast,
) -> Vec<(JobIndex, Seconds, Seconds, Seconds)> {
    route.stops.iter().map(|s| (s.time.job, s.time.arrival, s.time.start, s.time.late)).collect()
}

/// The same problem with nothing but time to keep, and the shift so much shorter at its
/// beginning.
fn unlimited(problem: &Problem, lost: Seconds) -> Problem {
    rebuilt(
        problem,
        |_, vehicle| {
            let mut plain = Vehicle::new(&vehicle.id, vehicle.profile);
            plain = plain.shift(vehicle.shift.start + lost, Seconds(9000));
            (plain.start, plain.end) = (vehicle.start, vehicle.end);
            plain.breaks.clone_from(&vehicle.breaks);
            *vehicle = plain;
        },
        |_, job| {
            let mut plain = Job::new(&job.id, job.location).service(job.service);
            plain.windows.clone_from(&job.windows);
            plain.lateness = job.lateness;
            *job = plain;
        },
    )
}

#[test]
fn a_broken_plan_gets_all_its_times_loads_and_faults() {
    let mut problem = Problem::builder();
    let road = Matrix::from_fn(4, |i, j| if i == j { 0 } else { 100 }).unwrap();
    let bike = problem.add_profile(Travel::durations(road));
    let depot = Location::new(0);
    let vehicle = problem.add_vehicle(
        Vehicle::new("v", bike)
            .start(depot)
            .end(depot)
            .shift(Seconds(0), Seconds(400))
            .capacity([5]),
    );
    let first = problem.add_job(
        Job::new("first", Location::new(1))
            .delivery([4])
            .service(Seconds(60))
            .window(Seconds(150), Seconds(200)),
    );
    let second = problem.add_job(
        Job::new("second", Location::new(2))
            .delivery([3])
            .pickup([1])
            .skills([9])
            .window(Seconds(0), Seconds(200)),
    );
    let problem = problem.build().unwrap();
    let (ghost, nobody) = (JobIndex::new(8), VehicleIndex::new(5));
    let plan = Solution {
        routes: vec![Route::new(vehicle, vec![first, ghost, second]), Route::new(nobody, vec![])],
        unassigned: vec![],
    };
    let forecast = forecast(&problem, &plan);
    let kinds: Vec<_> = forecast.violations.iter().map(|violation| violation.kind).collect();
    assert_eq!(
        kinds,
        [
            ViolationKind::UnknownJob,
            ViolationKind::Late(Seconds(110)),
            ViolationKind::ShiftEnd(Seconds(10)),
            ViolationKind::Skill(9),
            ViolationKind::Overload { dimension: 0, excess: 2 },
            ViolationKind::UnknownVehicle,
        ]
    );
    assert_eq!(forecast.at(second).count(), 2);
    let route = &forecast.routes[0];
    assert_eq!((route.departure, route.finish, &route.load), (Seconds(50), Seconds(410), &vec![7]));
    let [one, two] = &route.stops[..] else { panic!("{route:?}") };
    assert_eq!((one.time.arrival, one.time.wait, one.load[0]), (Seconds(150), Seconds(0), 3));
    assert_eq!((one.slack, one.forward_slack), (Some(Seconds(50)), Seconds(-110)));
    assert_eq!((two.time.start, two.time.late, two.load[0]), (Seconds(310), Seconds(110), 1));
    assert_eq!((two.slack, two.forward_slack), (Some(Seconds(-110)), Seconds(-110)));
    assert_eq!((route.totals.late, route.totals.service), (Seconds(110), Seconds(60)));
    assert!(forecast.routes[1].stops.is_empty());
}
