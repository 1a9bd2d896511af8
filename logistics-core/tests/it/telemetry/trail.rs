//! A day's line: thinned within its tolerance, and written as text.

use geo_types::Point;
use logistics_core::telemetry::polyline::{self, PolylineError};
use logistics_core::telemetry::{Fix, Trail, distance_to_segment_m};
use proptest::prelude::*;

use super::{at, partner};

fn fixes(points: &[Point<f64>]) -> Vec<Fix> {
    let fix = |(position, ts): (&Point<f64>, i64)| Fix {
        partner: partner("DP-1"),
        ts: at(ts * 1_000),
        position: *position,
        accuracy_m: 10.0,
        accuracy_assumed: false,
        speed_mps: None,
        bearing_deg: None,
        battery: None,
        mocked: false,
    };
    points.iter().zip(0..).map(fix).collect()
}

#[test]
fn the_format_s_own_example_comes_out() {
    let line = [(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)].map(Point::from);
    assert_eq!(polyline::encode(&line), "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
    assert_eq!(polyline::decode("_p~iF~ps|U_ulLnnqC_mqNvxq`@"), Ok(line.to_vec()));
    assert_eq!(polyline::encode(&[]), "");
    for (text, error) in [
        ("_p~iF", PolylineError::Cut),
        ("_p~iF~ps|", PolylineError::Cut),
        ("_p~iF ", PolylineError::Malformed { at: 5 }),
        ("_______?", PolylineError::Malformed { at: 5 }),
    ] {
        assert_eq!(polyline::decode(text), Err(error), "{text}");
    }
}

#[test]
fn a_straight_way_is_two_points_and_a_corner_stays() {
    let way = |lon: &dyn Fn(f64) -> f64, lat: &dyn Fn(f64) -> f64| {
        let points: Vec<_> = (0..100).map(f64::from).map(|n| Point::new(lon(n), lat(n))).collect();
        Trail::of(&fixes(&points), 10.0)
    };
    let straight = way(&|n| 73.8 + n * 1e-4, &|_| 18.5);
    assert_eq!(straight.coordinates(), [[73.8, 18.5], [73.8 + 99.0 * 1e-4, 18.5]]);
    let corner = way(&|n| 73.8 + n.min(50.0) * 1e-4, &|n| 18.5 + (n - 50.0).max(0.0) * 1e-4);
    assert_eq!(corner.points().len(), 3);
    assert!((corner.length_m() - (50.0 * 10.545 + 49.0 * 11.12)).abs() < 1.0);
    assert_eq!(polyline::decode(&corner.encoded()).unwrap().len(), 3);
    let standing = way(&|n| 73.8 + (n % 2.0) * 1e-5, &|_| 18.5);
    assert!(standing.points().len() <= 2 && standing.length_m() < 2.0);
    assert_eq!(Trail::of(&[], 10.0), Trail::default());
}

proptest! {
    #[test]
    fn no_fix_is_further_from_the_line_than_its_tolerance(
        steps in proptest::collection::vec((-40i32..40, -40i32..40), 1..150),
        tolerance_m in 1.0..100.0,
    ) {
        let mut here = (73.8, 18.5);
        let points: Vec<_> = steps
            .iter()
            .map(|&(east, north)| {
                here = (here.0 + f64::from(east) * 1e-5, here.1 + f64::from(north) * 1e-5);
                Point::from(here)
            })
            .collect();
        let trail = Trail::of(&fixes(&points), tolerance_m);
        prop_assert_eq!(trail.points().first(), points.first());
        prop_assert_eq!(trail.points().last(), points.last());
        let kept = trail.points();
        for &point in &points {
            let nearest_m = kept
                .windows(2)
                .map(|pair| distance_to_segment_m(point, pair[0], pair[1]))
                .chain([distance_to_segment_m(point, kept[0], kept[0])])
                .fold(f64::INFINITY, f64::min);
            // Thinning may add to what spacing left out.
            prop_assert!(nearest_m <= 1.25 * tolerance_m + 0.01, "{nearest_m} of {tolerance_m}");
        }
    }

    #[test]
    fn text_gives_the_line_back_to_five_decimals(
        line in proptest::collection::vec((-180.0..=180.0, -90.0..=90.0), 0..50),
    ) {
        let line: Vec<Point<f64>> = line.into_iter().map(Point::from).collect();
        let back = polyline::decode(&polyline::encode(&line)).unwrap();
        prop_assert_eq!(back.len(), line.len());
        for (back, point) in back.iter().zip(&line) {
            prop_assert!((back.x() - point.x()).abs() <= 5.001e-6);
            prop_assert!((back.y() - point.y()).abs() <= 5.001e-6);
        }
    }

    #[test]
    fn no_text_makes_the_decoder_panic(text in ".{0,60}") {
        let decoded = polyline::decode(&text);
        prop_assert!(decoded.is_err() || decoded.is_ok_and(|line| 2 * line.len() <= text.len()));
    }
}
