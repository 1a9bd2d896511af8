//! Pickup and delivery: both or none, on one vehicle, in this order, within its capacity.

use logistics_dispatch::forecast::forecast;
use logistics_dispatch::{
    Half, Job, JobIndex, Location, Matrix, Problem, Route, Seconds, Solution, Travel, Vehicle,
    VehicleIndex, ViolationKind, check,
};
use proptest::prelude::{ProptestConfig, proptest};

use crate::answers::unbuilt;
use crate::generate::paired;
use crate::sound::{run, sound};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn plans_keep_the_constraints_and_cost_what_they_say(
        seed: u64, jobs in 0_usize..40, vehicles in 0_usize..7,
    ) {
        let problem = paired(seed, jobs, vehicles);
        sound(&problem, seed)?;
    }
}

/// A street of places 100 s apart; the rider carries one parcel at a time, and two wait, from
/// 1 to 4 and from 2 to 3.
fn street(change: impl Fn(Vehicle) -> Vehicle) -> (Problem, VehicleIndex, [JobIndex; 4]) {
    let mut problem = Problem::builder();
    let row = |i: usize, j: usize| i64::try_from(i.abs_diff(j) * 100).unwrap();
    let road = problem.add_profile(Travel::durations(Matrix::from_fn(6, row).unwrap()));
    let rider = Vehicle::new("rider", road).start(Location::new(0)).capacity([1]);
    let rider = problem.add_vehicle(change(rider));
    let [from_1, to_4, from_2, to_3] = [1, 4, 2, 3].map(|place| {
        let job = Job::new(format!("at {place}"), Location::new(place));
        let job = if place < 3 { job.pickup([1]) } else { job.delivery([1]) };
        problem.add_job(job)
    });
    problem.pair(from_1, to_4);
    problem.pair(from_2, to_3);
    (problem.build().unwrap(), rider, [from_1, to_4, from_2, to_3])
}

fn solved(problem: &Problem) -> Vec<JobIndex> {
    let plan = run(problem, 1, 1_000).solution;
    assert!(check(problem, &plan).is_feasible());
    plan.routes.into_iter().next().map_or(Vec::new(), |route| route.jobs)
}

#[test]
fn a_parcel_is_on_board_from_its_pickup_to_its_delivery() {
    let (problem, vehicle, [from_1, to_4, from_2, to_3]) = street(|rider| rider.capacity([2]));
    assert_eq!(problem.half(from_1), Some(Half::Pickup { delivery: to_4 }));
    let jobs = vec![from_1, from_2, to_3, to_4];
    assert_eq!(solved(&problem), jobs);
    let plan = Solution { routes: vec![Route::new(vehicle, jobs)], unassigned: vec![] };
    let stops = &forecast(&problem, &plan).routes[0].stops;
    let loads: Vec<i64> = stops.iter().map(|stop| stop.load[0]).collect();
    assert_eq!(loads, [1, 2, 1, 0]);
    // With room for one it takes them one after the other.
    let (problem, ..) = street(|rider| rider);
    assert_eq!(solved(&problem), [from_1, to_4, from_2, to_3]);
}

#[test]
fn a_pair_is_served_whole_or_left_out_whole() {
    let (problem, ..) = street(|rider| rider.max_jobs(3));
    assert_eq!(solved(&problem).len(), 2);
    let (problem, ..) = street(|rider| rider.shift(Seconds(0), Seconds(399)));
    assert_eq!(solved(&problem).len(), 2);
    let (problem, ..) = street(|rider| rider.shift(Seconds(0), Seconds(299)));
    assert_eq!(solved(&problem).len(), 0);
}

#[test]
fn the_checker_names_what_is_split_or_turned_round() {
    let (problem, vehicle, [from_1, to_4, from_2, to_3]) = street(|rider| rider);
    let kinds = |jobs: &[JobIndex]| -> Vec<_> {
        let rest = [from_1, to_4, from_2, to_3].into_iter().filter(|job| !jobs.contains(job));
        let routes = vec![Route::new(vehicle, jobs.to_vec())];
        let plan = Solution { routes, unassigned: rest.collect() };
        let found = check(&problem, &plan).violations.into_iter();
        found.map(|fault| (fault.job, fault.kind)).collect()
    };
    assert_eq!(kinds(&[from_1, to_4]), []);
    assert_eq!(kinds(&[from_1]), [(Some(from_1), ViolationKind::PairSplit)]);
    assert_eq!(kinds(&[to_3]), [(Some(to_3), ViolationKind::PairSplit)]);
    assert_eq!(kinds(&[to_4, from_1]), [(Some(to_4), ViolationKind::PairOrder)]);
    let overload = ViolationKind::Overload { dimension: 0, excess: 1 };
    assert_eq!(kinds(&[from_1, from_2, to_3, to_4]), [(None, overload)]);
}

#[test]
fn what_is_on_board_only_its_vehicle_delivers() {
    let (morning, _, [from_1, to_4, from_2, to_3]) = street(|rider| rider);
    let mut problem = unbuilt(&morning);
    let rider = problem.vehicle_mut(VehicleIndex::new(0)).unwrap();
    *rider = rider.clone().served(from_1, Seconds(0)).start(Location::new(1));
    let profile = rider.profile;
    // Another rider stands at the door, and cannot help.
    problem.add_vehicle(Vehicle::new("other", profile).start(Location::new(4)).capacity([1]));
    let problem = problem.build().unwrap();
    let plan = run(&problem, 1, 1_000).solution;
    assert!(check(&problem, &plan).is_feasible());
    assert!(plan.unassigned.is_empty());
    assert_eq!(plan.routes[0].jobs[..2], [from_1, to_4]);
    let route = |vehicle, jobs| Route::new(VehicleIndex::new(vehicle), jobs);
    let routes = vec![route(0, vec![from_1]), route(1, vec![to_4])];
    let elsewhere = Solution { routes, unassigned: vec![from_2, to_3] };
    let found = check(&problem, &elsewhere).violations;
    assert_eq!((found.len(), found[0].kind), (1, ViolationKind::PairSplit));
}
