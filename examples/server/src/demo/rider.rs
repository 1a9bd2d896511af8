//! How a simulated delivery partner moves: along street-like legs from stop to stop, reported with
//! the noise of a phone. Pure: time passes by the seconds that the caller says.

use std::collections::VecDeque;

use fastrand::Rng;
use geo_types::Point;
use logistics_core::ShipmentId;
use serde_json::{Value, json};

use super::city::{City, metres, offset};

/// Longest stretch of a rider's way along one street.
const BLOCK_M: f64 = 350.0;
/// The noise that a rider's phone adds wanders instead of jumping: it keeps this share a fix.
const NOISE_MEMORY: f64 = 0.7;

/// A stop still to be made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stop {
    pub(crate) shipment: ShipmentId,
    pub(crate) position: Point<f64>,
}

/// A delivery partner on the road.
#[derive(Debug)]
pub(crate) struct Rider {
    rng: Rng,
    position: Point<f64>,
    /// Corner points still to pass on the way to the next stop.
    way: VecDeque<Point<f64>>,
    stops: VecDeque<Stop>,
    cruise_mps: f64,
    /// Seconds that the rider still stands at a door.
    standing_s: f64,
    noise: (f64, f64),
    heading: (f64, f64),
    battery: f64,
}

impl Rider {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let position = City::address(&mut rng);
        let cruise_mps = 6.0 + rng.f64() * 6.0;
        let battery = 0.4 + rng.f64() * 0.6;
        Self {
            rng,
            position,
            way: VecDeque::new(),
            stops: VecDeque::new(),
            cruise_mps,
            standing_s: 0.0,
            noise: (0.0, 0.0),
            heading: (0.0, 1.0),
            battery,
        }
    }

    /// Where the rider really is.
    pub(crate) const fn position(&self) -> Point<f64> {
        self.position
    }

    /// Seconds until the next fix: phones do not report in step.
    pub(crate) fn next_fix_in_s(&mut self) -> f64 {
        2.0 + self.rng.f64() * 8.0
    }

    /// A number between 0 and 1, from the rider's own luck.
    pub(crate) fn luck(&mut self) -> f64 {
        self.rng.f64()
    }

    /// Takes a new list of stops; the way to an unchanged next stop is kept.
    pub(crate) fn plan(&mut self, stops: Vec<Stop>) {
        let unchanged = stops.first() == self.stops.front();
        self.stops = stops.into();
        if !unchanged {
            self.way.clear();
        }
    }

    /// Rides for `seconds`; gives the stop at whose door the rider has finished.
    pub(crate) fn ride(&mut self, mut seconds: f64) -> Option<Stop> {
        self.battery = (self.battery - seconds * 5e-6).max(0.05);
        while seconds > 0.0 {
            if self.standing_s > 0.0 {
                let stood = self.standing_s.min(seconds);
                self.standing_s -= stood;
                seconds -= stood;
                if self.standing_s <= 0.0 && !self.stops.is_empty() {
                    return self.stops.pop_front();
                }
                continue;
            }
            let target = self.target();
            let (east, north) = metres(self.position, target);
            let distance = east.hypot(north);
            let reach = self.cruise_mps * seconds;
            if distance > reach {
                self.heading = (east / distance, north / distance);
                self.position =
                    offset(self.position, self.heading.0 * reach, self.heading.1 * reach);
                return None;
            }
            self.position = target;
            seconds -= distance / self.cruise_mps;
            self.way.pop_front();
            if self.way.is_empty() {
                // At a door for a while; without stops, a short rest before strolling on.
                self.standing_s = 8.0 + self.rng.f64() * 22.0;
            }
        }
        None
    }

    /// The next corner to pass. Legs run along two street directions, as in most towns.
    fn target(&mut self) -> Point<f64> {
        if self.way.is_empty() {
            let goal = match self.stops.front() {
                Some(stop) => stop.position,
                None => City::address(&mut self.rng),
            };
            let (east, north) = metres(self.position, goal);
            // Street by street: never far from the straight line, as a rider who knows the way.
            let blocks = (east.abs().max(north.abs()) / BLOCK_M).ceil().max(1.0);
            let eastwards = self.rng.bool();
            let mut block = 0.0;
            while block < blocks {
                let turn = |along: f64| along * (block + 1.0) / blocks;
                let stay = |along: f64| along * block / blocks;
                let corner =
                    if eastwards { (turn(east), stay(north)) } else { (stay(east), turn(north)) };
                self.way.push_back(offset(self.position, corner.0, corner.1));
                self.way.push_back(offset(self.position, turn(east), turn(north)));
                block += 1.0;
            }
            self.way.pop_back();
            self.way.push_back(goal);
        }
        self.way.front().copied().unwrap_or(self.position)
    }

    /// The position report that the phone would send at `ts_ms`.
    pub(crate) fn fix(&mut self, ts_ms: i64) -> Value {
        let accuracy_m = 4.0 + self.rng.f64() * 12.0;
        let mut drift = |old: f64| {
            old * NOISE_MEMORY + (self.rng.f64() - 0.5) * accuracy_m * (1.0 - NOISE_MEMORY)
        };
        self.noise = (drift(self.noise.0), drift(self.noise.1));
        let seen = offset(self.position, self.noise.0, self.noise.1);
        let moving = self.standing_s <= 0.0;
        let bearing = self.heading.0.atan2(self.heading.1).to_degrees().rem_euclid(360.0);
        json!({
            "lat": (seen.y() * 1e6).round() / 1e6,
            "lon": (seen.x() * 1e6).round() / 1e6,
            "acc": (accuracy_m * 10.0).round() / 10.0,
            "spd": if moving { (self.cruise_mps * 10.0).round() / 10.0 } else { 0.0 },
            "brg": bearing.round(),
            "bat": (self.battery * 100.0).round() / 100.0,
            "ts": ts_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::city::CENTRE;

    fn stop(id: &str, east_m: f64) -> Stop {
        let shipment = ShipmentId::new(id).expect("legal");
        Stop { shipment, position: offset(CENTRE, east_m, 0.0) }
    }

    #[test]
    fn stops_are_finished_in_order_at_a_believable_speed() {
        let mut rider = Rider::new(3);
        rider.plan(vec![stop("a", 500.0), stop("b", -700.0)]);
        let mut finished = Vec::new();
        let mut before = rider.position();
        for _ in 0..4_000 {
            if let Some(stop) = rider.ride(1.0) {
                let (east, north) = metres(rider.position(), stop.position);
                assert!(east.hypot(north) < 5.0, "at the door");
                finished.push(stop.shipment.to_string());
            }
            let (east, north) = metres(before, rider.position());
            assert!(east.hypot(north) <= 12.1, "no jumps");
            before = rider.position();
        }
        assert_eq!(finished, ["a", "b"]);
    }

    #[test]
    fn fixes_stay_near_the_truth() {
        let mut rider = Rider::new(9);
        for second in 0..500 {
            rider.ride(1.0);
            let fix = rider.fix(second * 1_000);
            let degrees = |name: &str| fix[name].as_f64().expect("a number");
            let seen = Point::new(degrees("lon"), degrees("lat"));
            let (east, north) = metres(rider.position(), seen);
            assert!(east.hypot(north) < 20.0);
        }
    }
}
