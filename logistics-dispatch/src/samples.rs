//! Problems for the tests within this crate.

use crate::rng::Rng;
use crate::{Job, Location, Matrix, Problem, Travel, Vehicle};

/// Twelve jobs and two kinds of vehicle; no leg is as long as its way back, nor the shortest.
pub(crate) fn rough(seed: u64) -> Problem {
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
        problem.add_job(Job::new(format!("SHP-{place}"), Location::new(place)));
    }
    problem.build().expect("legal")
}
