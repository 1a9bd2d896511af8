//! Times of a fixed route.

use logistics_dispatch::{
    Job, Location, Matrix, Problem, Route, Seconds, Travel, Vehicle, schedule,
};

#[test]
fn waits_for_windows_and_leaves_no_earlier_than_it_must() {
    let mut problem = Problem::builder();
    let road = Matrix::from_fn(3, |i, j| if i == j { 0 } else { 100 }).unwrap();
    let bike = problem.add_profile(Travel::durations(road));
    let depot = Location::new(0);
    let shift = (Seconds(1000), Seconds(9000));
    let vehicle = problem
        .add_vehicle(Vehicle::new("v", bike).start(depot).end(depot).shift(shift.0, shift.1));
    let first = problem.add_job(
        Job::new("first", Location::new(1))
            .service(Seconds(60))
            .window(Seconds(1500), Seconds(1600)),
    );
    let second = problem.add_job(
        Job::new("second", Location::new(2))
            .service(Seconds(30))
            .window(Seconds(2000), Seconds(2100)),
    );
    let problem = problem.build().unwrap();

    let times = schedule(&problem, &Route::new(vehicle, vec![first, second]));
    assert_eq!(times.departure, Seconds(1400));
    let stops: Vec<_> = times
        .stops
        .iter()
        .map(|s| [s.arrival, s.wait, s.start, s.departure, s.late].map(Seconds::get))
        .collect();
    assert_eq!(stops, [[1500, 0, 1500, 1560, 0], [1660, 340, 2000, 2030, 0]]);
    assert_eq!(times.finish, Seconds(2130));
    assert_eq!(times.travel_time, Seconds(300));

    let turned = schedule(&problem, &Route::new(vehicle, vec![second, first]));
    assert_eq!(turned.stops[1].late, Seconds(530));
    assert_eq!(turned.stops[1].start, Seconds(2130));
    let none = schedule(&problem, &Route::new(vehicle, vec![]));
    assert_eq!((none.departure, none.finish), (Seconds(1000), Seconds(1000)));
}
