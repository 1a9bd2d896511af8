//! The morning of one zone of a metropolis, made from a seed. No real city: partners where
//! they happen to be, stops thicker towards the middle, a third of them with a window.

use fastrand::Rng;
use geo_types::Point;
use logistics_dispatch::{
    Haversine, Job, Location, Problem, ProblemBuilder, ProblemError, Seconds, Travel, Vehicle,
};

/// Stops for each partner.
const STOPS_EACH: u32 = 11;
/// Half the side of the square in degrees: about 5 km.
const HALF_SIDE: f64 = 0.045;
const HOUR: i64 = 3600;
const OPEN: i64 = 9 * HOUR;
const DETOUR: f64 = 1.35;

/// Bikes and every fifth time a car; some go home in the end, some have skills.
pub(crate) fn zone(seed: u64, stops: u32) -> Result<Problem, ProblemError> {
    let mut random = Rng::with_seed(seed);
    let mut problem = Problem::builder();
    let [bike, car] = [18.0, 15.0].map(|speed_kmh| {
        problem.add_profile(Travel::Haversine(Haversine { detour: DETOUR, speed_kmh }))
    });
    let depot = problem.add_point(Point::new(73.85, 18.52));
    for number in 0..stops.div_ceil(STOPS_EACH) {
        let is_car = number % 5 == 1;
        let profile = if is_car { car } else { bike };
        let room = if is_car { random.i64(110..=124) } else { random.i64(22..=28) };
        let here = somewhere(&mut random, &mut problem);
        let end = Seconds(OPEN + HOUR * random.i64(5..=9));
        let partner = Vehicle::new(format!("DP-{number}"), profile).start(here);
        let partner = partner.capacity([room]).shift(Seconds(OPEN), end);
        let partner = if random.u8(0..2) == 0 { partner.end(depot) } else { partner };
        // The cars and every other bike carry what is fragile.
        problem.add_vehicle(if number % 2 == 1 { partner.skills([1]) } else { partner });
    }
    for number in 0..stops {
        let door = somewhere(&mut random, &mut problem);
        let stop = Job::new(format!("SHP-{number}"), door).service(Seconds(180));
        let stop = stop.delivery([random.i64(1..=5)]);
        let stop = match random.u8(0..3) {
            0 => {
                let from = OPEN + HOUR / 2 * random.i64(0..=8);
                stop.window(Seconds(from), Seconds(from + 2 * HOUR))
            }
            _ => stop,
        };
        problem.add_job(if random.u8(0..20) == 0 { stop.skills([1]) } else { stop });
    }
    problem.build()
}

/// Nearer to the middle more often than to the border.
fn somewhere(random: &mut Rng, problem: &mut ProblemBuilder) -> Location {
    let mut along = || HALF_SIDE * (random.f64() + random.f64() - 1.0);
    problem.add_point(Point::new(73.85 + along(), 18.52 + along()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_zone() {
        let [one, again, other] = [1, 1, 2].map(|seed| zone(seed, 40).unwrap());
        let doors = |problem: &Problem| problem.jobs().to_vec();
        assert_eq!((one.jobs().len(), one.vehicles().len()), (40, 4));
        assert_eq!(doors(&one), doors(&again));
        assert_ne!(doors(&one), doors(&other));
    }
}
