//! Zones, points, tracks and segments made from a seed, for those who have no file at hand.

use std::f64::consts::TAU;

use geo_types::{Coord, Line, Point, Rect};
use serde_json::{Value, json};

/// Length of a track in fixes.
pub(crate) const FIXES_OF_A_TRACK: usize = 500;
/// Metres from one fix of a track to the next: 5 s at 32 km/h.
const STEP_M: f64 = 44.0;
const METRES_PER_DEGREE: f64 = 111_195.0;

/// Named sets as GeoJSON: a metropolis, the cities of a country, one very long border.
pub(crate) fn sets(seed: u64) -> Vec<(String, Vec<u8>)> {
    let mut random = fastrand::Rng::with_seed(seed);
    let pune = Coord { x: 73.85, y: 18.52 };
    let metro = city(&mut random, pune, 0.17, 120, 100);
    let mut country = Vec::new();
    for _ in 0..500 {
        let center =
            Coord { x: between(&mut random, 72.0, 87.0), y: between(&mut random, 10.0, 28.0) };
        country.extend(city(&mut random, center, 0.1, 20, 40));
    }
    let ring = [feature(0, &[vec![ring(&mut random, pune, 0.2, [0.9, 1.0], 100_000)]])];
    let named = |name: &str, features: &[Value]| {
        let text = json!({"type": "FeatureCollection", "features": features}).to_string();
        (name.to_owned(), text.into_bytes())
    };
    vec![
        named("120 zones of a metropolis", &metro),
        named("10,000 zones of 500 cities", &country),
        named("one ring of 100,000 vertices", &ring),
    ]
}

/// Overlapping zones scattered over a square: one in ten has a hole, one in fourteen a second part.
fn city(
    random: &mut fastrand::Rng,
    center: Coord,
    half_side: f64,
    zones: usize,
    vertices: usize,
) -> Vec<Value> {
    #[allow(clippy::cast_precision_loss, reason = "a few zones")]
    let radius = 1.2 * half_side / (zones as f64).sqrt();
    let of_zone = |k: usize, random: &mut fastrand::Rng| {
        let at = Coord {
            x: center.x + between(random, -half_side, half_side),
            y: center.y + between(random, -half_side, half_side),
        };
        let count = random.usize(vertices / 2..vertices + vertices / 2);
        let mut shell_and_holes = vec![ring(random, at, radius, [0.7, 1.3], count)];
        if k % 10 == 3 {
            shell_and_holes.push(ring(random, at, radius, [0.2, 0.5], count / 3));
        }
        let mut parts = vec![shell_and_holes];
        if k % 14 == 5 {
            let apart = Coord { x: at.x + 3.0 * radius, y: at.y };
            parts.push(vec![ring(random, apart, radius, [0.5, 1.0], count / 2)]);
        }
        feature(k, &parts)
    };
    (0..zones).map(|k| of_zone(k, random)).collect()
}

fn feature(k: usize, parts: &[Vec<Vec<[f64; 2]>>]) -> Value {
    let geometry = json!({"type": "MultiPolygon", "coordinates": parts});
    json!({"type": "Feature", "properties": {"name": format!("Zone {k}")}, "geometry": geometry})
}

/// A closed ring round a center whose distance wanders between two shares of a radius.
fn ring(
    random: &mut fastrand::Rng,
    center: Coord,
    radius: f64,
    [least, most]: [f64; 2],
    vertices: usize,
) -> Vec<[f64; 2]> {
    let mut share = f64::midpoint(least, most);
    let step = 0.2 * (most - least);
    #[allow(clippy::cast_precision_loss, reason = "a number of vertices")]
    let mut positions: Vec<_> = (0..vertices)
        .map(|k| {
            let angle = TAU * k as f64 / vertices as f64;
            share = (share + between(random, -step, step)).clamp(least, most);
            let digits = |v: f64| (v * 1e7).round() / 1e7;
            let away = radius * share;
            [digits(center.x + away * angle.cos()), digits(center.y + away * angle.sin())]
        })
        .collect();
    positions.extend(positions.first().copied());
    positions
}

/// Points all over an area.
pub(crate) fn points(seed: u64, area: Rect<f64>, count: usize) -> Vec<Point<f64>> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..count).map(|_| anywhere(&mut random, area)).collect()
}

/// Segments of a length all over an area, in every direction.
pub(crate) fn segments(seed: u64, area: Rect<f64>, count: usize, length_m: f64) -> Vec<Line<f64>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let segment = |random: &mut fastrand::Rng| {
        let from = anywhere(random, area);
        let heading = between(random, 0.0, TAU);
        Line::new(from, moved(from, heading, length_m))
    };
    (0..count).map(|_| segment(&mut random)).collect()
}

/// Tracks one after another, each of [`FIXES_OF_A_TRACK`] places: mostly straight on, and back from
/// the edge of the area.
pub(crate) fn tracks(seed: u64, area: Rect<f64>, count: usize) -> Vec<Point<f64>> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut places = Vec::with_capacity(count * FIXES_OF_A_TRACK);
    for _ in 0..count {
        let mut at = anywhere(&mut random, area);
        let mut heading = between(&mut random, 0.0, TAU);
        for _ in 0..FIXES_OF_A_TRACK {
            places.push(at);
            heading += between(&mut random, -0.3, 0.3);
            let next = moved(at, heading, STEP_M);
            let (min, max) = (area.min(), area.max());
            let is_in = (min.x..=max.x).contains(&next.x()) && (min.y..=max.y).contains(&next.y());
            if is_in { at = next } else { heading += TAU / 2.0 }
        }
    }
    places
}

fn anywhere(random: &mut fastrand::Rng, area: Rect<f64>) -> Point<f64> {
    let (min, max) = (area.min(), area.max());
    Point::new(between(random, min.x, max.x), between(random, min.y, max.y))
}

fn moved(from: Point<f64>, heading: f64, metres: f64) -> Point<f64> {
    let north = metres / METRES_PER_DEGREE;
    let east = north / from.y().to_radians().cos();
    Point::new(from.x() + east * heading.cos(), from.y() + north * heading.sin())
}

fn between(random: &mut fastrand::Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * random.f64()
}
