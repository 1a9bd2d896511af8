//! Judges a geometry: places on earth, rings that enclose something, nothing that crosses.

use geo_types::{Coord, LineString, MultiPolygon};

use super::diagnostic::{About, DiagnosticCode as Code};
use super::pairs::Effort;
use super::rings;
use crate::orient::side;

/// Reports everything wrong with a geometry of closed rings, one diagnostic per code.
pub(super) fn check(geometry: &MultiPolygon<f64>, effort: &mut Effort, about: &mut About<'_>) {
    if check_places(geometry, about) && check_each_ring(geometry, about) {
        rings::check(geometry, effort, about);
    }
}

fn rings_of(geometry: &MultiPolygon<f64>) -> impl Iterator<Item = (String, &LineString<f64>)> {
    geometry.0.iter().enumerate().flat_map(|(part, polygon)| {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        rings.enumerate().map(move |(number, ring)| (format!("{part}/{number}"), ring))
    })
}

/// Whether all positions are on earth and no edge goes more than half round it.
fn check_places(geometry: &MultiPolygon<f64>, about: &mut About<'_>) -> bool {
    let mut good = true;
    let mut once = |code, seen: &mut bool, message: &dyn Fn() -> String| {
        if !std::mem::replace(seen, true) {
            about.add(code, message());
        }
        good = false;
    };
    let [mut swapped, mut far, mut odd, mut span, mut empty] = [false; 5];
    if geometry.0.is_empty() {
        once(Code::EmptyGeometry, &mut empty, &|| "no polygon".to_owned());
    }
    for (ring, line) in rings_of(geometry) {
        if line.0.is_empty() {
            once(Code::EmptyGeometry, &mut empty, &|| format!("ring {ring} has no position"));
        }
        for (k, &Coord { x, y }) in line.0.iter().enumerate() {
            let here = |what: &str| format!("{what}: {x}, {y} in ring {ring}, position {k}");
            if !x.is_finite() || !y.is_finite() {
                once(Code::NotANumber, &mut odd, &|| here("not finite"));
            } else if y.abs() > 90.0 && x.abs() <= 90.0 && y.abs() <= 180.0 {
                once(Code::SwappedLatLon, &mut swapped, &|| here("latitude seems to come first"));
            } else if x.abs() > 180.0 || y.abs() > 90.0 {
                once(Code::OutOfRange, &mut far, &|| here("no longitude, latitude"));
            }
        }
        let wide = |w: &[Coord]| matches!(w, [a, b] if (a.x - b.x).abs() > 180.0);
        if !far
            && !swapped
            && !odd
            && let Some(k) = line.0.windows(2).position(wide)
        {
            let message = || format!("ring {ring}, edge {k} spans more than 180° of longitude");
            once(Code::AntimeridianSpan, &mut span, &message);
        }
    }
    good
}

/// Whether every ring has four positions that do not lie on one line.
fn check_each_ring(geometry: &MultiPolygon<f64>, about: &mut About<'_>) -> bool {
    let (mut few, mut flat) = (None, None);
    for (ring, line) in rings_of(geometry) {
        if line.0.len() < 4 {
            few.get_or_insert_with(|| format!("ring {ring} has {} positions", line.0.len()));
        } else if is_flat(&line.0) {
            flat.get_or_insert_with(|| format!("ring {ring} lies on one line"));
        }
    }
    let good = few.is_none() && flat.is_none();
    few.into_iter().for_each(|message| about.add(Code::TooFewPositions, message));
    flat.into_iter().for_each(|message| about.add(Code::ZeroArea, message));
    good
}

fn is_flat(positions: &[Coord]) -> bool {
    let Some((&first, rest)) = positions.split_first() else { return true };
    let Some(&second) = rest.iter().find(|&&c| c != first) else { return true };
    rest.iter().all(|&c| side(first, second, c).is_eq())
}
