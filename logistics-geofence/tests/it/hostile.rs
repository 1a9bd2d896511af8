//! Zones made to be slow to check: refused or taken, but soon.

use std::f64::consts::TAU;

use geo_types::{LineString, Polygon};
use logistics_geofence::{DiagnosticCode as Code, LoadOptions, Policy, Zone, ZoneId, ZoneSet};

/// What is found in a polygon; whether it is taken.
fn load(polygon: Polygon<f64>, policy: Policy) -> (Vec<Code>, bool) {
    let mut options = LoadOptions::default();
    options.policy = policy;
    let zone = Zone::new(ZoneId::new("z").unwrap(), polygon.into());
    let loaded = ZoneSet::from_zones([zone], &options);
    let (found, taken) = match &loaded {
        Ok(loaded) => (loaded.diagnostics.as_slice(), true),
        Err(error) => (error.diagnostics(), false),
    };
    (found.iter().map(|d| d.code).collect(), taken)
}

/// A ring around the origin of `count` vertices, at distances of 1 down to 1 - `depth`.
fn jagged(count: u32, depth: f64) -> LineString<f64> {
    let vertex = |k: u32| {
        let angle = f64::from(k) / f64::from(count) * TAU;
        // Any sequence without a pattern: the golden ratio's multiples.
        let radius = 1.0 - depth * (f64::from(k) * 0.618_033_988_749_894_9).fract();
        (radius * angle.cos(), radius * angle.sin())
    };
    (0..count).map(vertex).collect()
}

#[test]
fn a_tangle_is_known_by_the_first_crossing() {
    // Every edge crosses a good share of all others.
    let vertex = |k: u32| {
        let at = |share: f64| (f64::from(k) * share).fract() * 80.0;
        (at(0.618_033_988_749_894_9), at(0.754_877_666_246_692_8))
    };
    let tangle = Polygon::new((0..100_000).map(vertex).collect(), vec![]);
    assert_eq!(load(tangle, Policy::Reject), (vec![Code::SelfIntersection], false));
    let small = Polygon::new((0..2_000).map(vertex).collect(), vec![]);
    assert_eq!(load(small, Policy::EvenOdd), (vec![Code::SelfIntersection], true));
}

#[test]
fn a_jagged_ring_is_taken() {
    assert_eq!(load(Polygon::new(jagged(20_000, 0.1), vec![]), Policy::Reject), (vec![], true));
}

#[test]
fn holes_that_all_touch_in_one_point_are_too_complex_in_number() {
    let star = |count: u32| {
        let hole = |k: u32| {
            let angle = f64::from(k) / f64::from(count) * TAU;
            let next = angle + 0.5 * TAU / f64::from(count);
            let tip = |angle: f64| (angle.cos(), angle.sin());
            LineString::from(vec![(0.0, 0.0), tip(angle), tip(next)])
        };
        let shell = LineString::from(vec![(-9.0, -9.0), (9.0, -9.0), (9.0, 9.0), (-9.0, 9.0)]);
        Polygon::new(shell, (0..count).map(hole).collect())
    };
    assert_eq!(load(star(300), Policy::Reject), (vec![], true));
    for policy in [Policy::Reject, Policy::EvenOdd] {
        assert_eq!(load(star(5_000), policy), (vec![Code::TooComplex], false));
    }
}
