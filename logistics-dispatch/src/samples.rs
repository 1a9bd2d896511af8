//! Problems for the tests within this crate.

use crate::rng::Rng;
use crate::{Job, Location, Matrix, Problem, Seconds, Travel, Vehicle};

/// Twelve jobs and two kinds of vehicle; no leg is as long as its way back, nor the shortest. With
/// windows, every other job has one.
pub(crate) fn rough(seed: u64, windows: bool) -> Problem {
    let mut rng = Rng::new(seed);
    let mut problem = Problem::builder();
    for kind in 0..2 {
        let mut leg = |_, _| 1 + i64::try_from(rng.below(1_000)).expect("small");
        let legs = Matrix::from_fn(14, &mut leg).expect("legal");
        let road = problem.add_profile(Travel::durations(legs));
        let vehicle = Vehicle::new(format!("DP-{kind}"), road);
        problem.add_vehicle(vehicle.start(Location::new(12)).end(Location::new(13)));
    }
    for place in 0..12 {
        let mut job = Job::new(format!("SHP-{place}"), Location::new(place)).service(Seconds(60));
        if windows && place % 2 == 0 {
            let open = i64::try_from(rng.below(4_000)).expect("small");
            job = job.window(Seconds(open), Seconds(open + 900));
        }
        problem.add_job(job);
    }
    problem.build().expect("legal")
}
