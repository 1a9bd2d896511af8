//! Distances of a few kilometres on the ground, in metres.
//!
//! A local equirectangular projection: east and north offsets from one point, with the scale of its
//! latitude on a sphere of the Earth's mean radius. Within 50 km and 60° of the equator it is
//! within 1 % of the distance on the ellipsoid, which is less than what a fix is uncertain by. Not
//! for deciding on which side of a border a point lies.

use geo_types::Point;

/// Mean radius of the Earth (IUGG), in metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// East and north offsets of `to` from `from`, in metres.
fn offset_m(from: Point<f64>, to: Point<f64>) -> (f64, f64) {
    // The short way round where the two are on different sides of the antimeridian.
    let lon_deg = (to.x() - from.x() + 180.0).rem_euclid(360.0) - 180.0;
    let mid_lat = f64::midpoint(from.y(), to.y()).to_radians();
    let east = lon_deg.to_radians() * mid_lat.cos() * EARTH_RADIUS_M;
    (east, (to.y() - from.y()).to_radians() * EARTH_RADIUS_M)
}

/// Distance between two points, in metres.
#[must_use]
pub fn distance_m(a: Point<f64>, b: Point<f64>) -> f64 {
    let (east, north) = offset_m(a, b);
    east.hypot(north)
}

/// Distance of `point` from the segment between `a` and `b`, in metres.
#[must_use]
pub fn distance_to_segment_m(point: Point<f64>, a: Point<f64>, b: Point<f64>) -> f64 {
    let (ax, ay) = offset_m(point, a);
    let (bx, by) = offset_m(point, b);
    let (dx, dy) = (bx - ax, by - ay);
    let length_squared = dx * dx + dy * dy;
    // How far along the segment the nearest point lies, 0 at a and 1 at b.
    let along = if length_squared > 0.0 {
        (-(ax * dx + ay * dy) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (ax + along * dx).hypot(ay + along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Metres of a degree of latitude.
    const DEGREE_M: f64 = 111_195.08;

    #[test]
    fn a_degree_has_its_length_everywhere() {
        for (a, b, expected_m) in [
            ((73.0, 18.0), (73.0, 19.0), DEGREE_M),
            ((73.0, 0.0), (74.0, 0.0), DEGREE_M),
            ((73.0, 60.0), (74.0, 60.0), DEGREE_M / 2.0),
            ((179.5, 0.0), (-179.5, 0.0), DEGREE_M),
        ] {
            let found_m = distance_m(Point::from(a), Point::from(b));
            assert!((found_m - expected_m).abs() < 0.5, "{a:?} {b:?}: {found_m}");
        }
    }

    #[test]
    fn the_nearest_point_of_a_segment_is_within_it() {
        let (a, b) = (Point::new(73.0, 0.0), Point::new(73.1, 0.0));
        for (point, expected_m) in [
            ((73.05, 0.01), DEGREE_M / 100.0),
            ((73.05, 0.0), 0.0),
            ((72.99, 0.0), DEGREE_M / 100.0),
            ((73.13, 0.04), DEGREE_M / 20.0),
        ] {
            for (from, to) in [(a, b), (b, a)] {
                let found_m = distance_to_segment_m(Point::from(point), from, to);
                assert!((found_m - expected_m).abs() < 0.5, "{point:?}: {found_m}");
            }
        }
        let alone_m = distance_to_segment_m(Point::new(73.0, 0.01), a, a);
        assert!((alone_m - DEGREE_M / 100.0).abs() < 0.5);
    }
}
