//! A made-up city at a real place: about 60 zones that share borders, hubs, and random addresses.

use std::collections::BTreeMap;

use fastrand::Rng;
use geo_types::Point;
use serde_json::{Value, json};

/// Pune, Maharashtra: x = longitude, y = latitude, in degrees.
pub(crate) const CENTRE: Point<f64> = Point(geo_types::Coord { x: 73.8567, y: 18.5204 });
/// The name under which the zones are published.
pub(crate) const NAME: &str = "pune";

/// Cells along each side of the grid that the zones are bent from.
const CELLS: usize = 8;
/// Half the width of the city, in metres.
const RADIUS_M: f64 = 8_500.0;
/// Points put on each border between two corners.
const BENDS: usize = 5;
const METERS_PER_DEGREE: f64 = 111_195.0;

type Corner = (usize, usize);

/// The city that `seed` makes.
#[derive(Debug)]
pub(crate) struct City {
    corners: BTreeMap<Corner, Point<f64>>,
    borders: BTreeMap<(Corner, Corner), Vec<Point<f64>>>,
}

impl City {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut corners = BTreeMap::new();
        for row in 0..=CELLS {
            for column in 0..=CELLS {
                corners.insert((row, column), corner(row, column, &mut rng));
            }
        }
        let mut borders = BTreeMap::new();
        for (&from @ (row, column), &start) in &corners {
            for to in [(row + 1, column), (row, column + 1)] {
                if let Some(&end) = corners.get(&to) {
                    borders.insert((from, to), bent(start, end, &mut rng));
                }
            }
        }
        Self { corners, borders }
    }

    /// The zones as GeoJSON.
    pub(crate) fn zones(&self) -> Value {
        let mut features = Vec::new();
        for row in 0..CELLS {
            for column in 0..CELLS {
                let edge = |at: usize| at == 0 || at == CELLS - 1;
                if edge(row) && edge(column) {
                    continue;
                }
                let number = features.len() + 1;
                features.push(json!({
                    "type": "Feature",
                    "id": format!("ward-{number:02}"),
                    "properties": { "name": format!("Ward {number}") },
                    "geometry": { "type": "Polygon", "coordinates": [self.ring(row, column)] },
                }));
            }
        }
        json!({ "type": "FeatureCollection", "features": features })
    }

    /// The closed outline of one cell, counter-clockwise.
    fn ring(&self, row: usize, column: usize) -> Vec<[f64; 2]> {
        let around = [
            (row, column),
            (row, column + 1),
            (row + 1, column + 1),
            (row + 1, column),
            (row, column),
        ];
        let mut ring: Vec<Point<f64>> = Vec::new();
        for pair in around.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            ring.extend(self.corners.get(&from));
            if let Some(border) = self.borders.get(&(from, to)) {
                ring.extend(border);
            } else if let Some(border) = self.borders.get(&(to, from)) {
                ring.extend(border.iter().rev());
            }
        }
        ring.extend(self.corners.get(&(row, column)));
        ring.into_iter().map(|point| [point.x(), point.y()]).collect()
    }

    /// Somewhere to deliver to: more likely near the centre.
    pub(crate) fn address(rng: &mut Rng) -> Point<f64> {
        let angle = rng.f64() * std::f64::consts::TAU;
        let distance = rng.f64().powf(0.7) * RADIUS_M * 0.85;
        offset(CENTRE, distance * angle.cos(), distance * angle.sin())
    }

    /// The sorting hubs, by id.
    pub(crate) fn hubs() -> [(&'static str, Point<f64>); 4] {
        let hub = |east: f64, north: f64| offset(CENTRE, east * RADIUS_M, north * RADIUS_M);
        [
            ("HUB-N", hub(0.1, 0.45)),
            ("HUB-E", hub(0.5, -0.1)),
            ("HUB-S", hub(-0.1, -0.5)),
            ("HUB-W", hub(-0.5, 0.15)),
        ]
    }
}

/// `from`, moved by metres east and north.
pub(crate) fn offset(from: Point<f64>, east_m: f64, north_m: f64) -> Point<f64> {
    let latitude_scale = from.y().to_radians().cos();
    Point::new(
        from.x() + east_m / (METERS_PER_DEGREE * latitude_scale),
        from.y() + north_m / METERS_PER_DEGREE,
    )
}

/// Metres east and north from one point to another.
pub(crate) fn metres(from: Point<f64>, to: Point<f64>) -> (f64, f64) {
    let latitude_scale = from.y().to_radians().cos();
    (
        (to.x() - from.x()) * METERS_PER_DEGREE * latitude_scale,
        (to.y() - from.y()) * METERS_PER_DEGREE,
    )
}

/// A corner of the grid, rounded towards a disc and moved a little, to about a centimetre.
fn corner(row: usize, column: usize, rng: &mut Rng) -> Point<f64> {
    let unit = |at: usize| {
        let steps = u32::try_from(at).unwrap_or_default();
        f64::from(steps) / f64::from(u32::try_from(CELLS).unwrap_or(1)) * 2.0 - 1.0
    };
    let (x, y) = (unit(column), unit(row));
    let jitter = 0.15 / f64::from(u32::try_from(CELLS).unwrap_or(1)) * 2.0;
    let east = x * (1.0 - 0.28 * y * y) + (rng.f64() - 0.5) * 2.0 * jitter;
    let north = y * (1.0 - 0.28 * x * x) + (rng.f64() - 0.5) * 2.0 * jitter;
    rounded(offset(CENTRE, east * RADIUS_M, north * RADIUS_M))
}

/// Points between two corners, moved sideways: streets and rivers are not straight.
fn bent(start: Point<f64>, end: Point<f64>, rng: &mut Rng) -> Vec<Point<f64>> {
    let (east, north) = metres(start, end);
    let parts = f64::from(u32::try_from(BENDS + 1).unwrap_or(1));
    (1..=BENDS)
        .map(|part| {
            let share = f64::from(u32::try_from(part).unwrap_or_default()) / parts;
            let sideways = (rng.f64() - 0.5) * 0.07;
            let along = (east * share - north * sideways, north * share + east * sideways);
            rounded(offset(start, along.0, along.1))
        })
        .collect()
}

/// Seven decimals of a degree, about a centimetre.
fn rounded(point: Point<f64>) -> Point<f64> {
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    Point::new(round(point.x()), round(point.y()))
}

#[cfg(test)]
mod tests {
    use logistics_geofence::{LoadOptions, ZoneSet};

    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_city() {
        assert_eq!(City::new(7).zones(), City::new(7).zones());
        assert_ne!(City::new(7).zones(), City::new(8).zones());
    }

    #[test]
    fn every_seed_makes_sixty_valid_zones() {
        for seed in 0..40 {
            let zones = City::new(seed).zones().to_string();
            let loaded = ZoneSet::from_geojson(zones.as_bytes(), &LoadOptions::default());
            assert_eq!(loaded.expect("valid").set.zones().len(), 60, "seed {seed}");
        }
    }
}
