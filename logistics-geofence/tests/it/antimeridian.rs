//! Zones on both sides of the antimeridian against whole numbers, under either rule: on a plane on
//! which 180 and −180 are one line.

use geo_types::{Coord, Line, LineString, MultiPolygon, Point, Polygon};
use logistics_geofence::{BoundaryRule, Passages, Position, ZoneId};
use proptest::prelude::*;

use crate::half_open::ruled;
use crate::oracle;
use crate::passages::{agree, expected};
use crate::shapes::{grid_position, multi_polygon, near_grid, nudge, nudged};

fn moved(geometry: &MultiPolygon<f64>, by: f64) -> MultiPolygon<f64> {
    let ring = |ring: &LineString<f64>| {
        LineString::new(ring.0.iter().map(|c| Coord { x: c.x + by, y: c.y }).collect())
    };
    let part = |part: &Polygon<f64>| {
        Polygon::new(ring(part.exterior()), part.interiors().iter().map(ring).collect())
    };
    MultiPolygon::new(geometry.0.iter().map(part).collect())
}

fn rule() -> impl Strategy<Value = BoundaryRule> {
    prop::sample::select(vec![BoundaryRule::Covers, BoundaryRule::HalfOpen])
}

/// The position under a rule, by whole numbers.
fn position(geometry: &MultiPolygon<f64>, c: Coord, rule: BoundaryRule) -> Position {
    match rule {
        BoundaryRule::HalfOpen if !oracle::owns(geometry, c) => Position::Exterior,
        _ => oracle::classify(geometry, c),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Places of the grid come to lie on the line itself one time in six, on either of its names.
    #[test]
    fn a_place_on_it_is_looked_up_on_both_sides(
        west in multi_polygon(),
        east in multi_polygon(),
        rule in rule(),
        points in prop::collection::vec((near_grid(), nudge(), any::<bool>()), 10),
    ) {
        let geometries = [moved(&west, 175.0), moved(&east, -180.0)];
        let zones = ruled(rule, geometries.clone());
        let mut hits = Vec::new();
        for (place, by, is_west) in points {
            let x = place.x + if is_west { 175.0 } else { -180.0 };
            let c = nudged(Coord { x, y: place.y }, by);
            if c.x.abs() > 180.0 {
                continue;
            }
            zones.zones_at(Point(c), &mut hits).unwrap();
            let got: Vec<_> = hits.iter().map(|hit| (hit.zone.get(), hit.at)).collect();
            // Each zone as it is seen from its own side.
            let seen = |side: f64| if c.x.abs() >= 180.0 { Coord { x: side, y: c.y } } else { c };
            let positions = [(0, seen(180.0)), (1, seen(-180.0))]
                .map(|(k, c)| (k, position(&geometries[k], c, rule)));
            let expected: Vec<_> =
                positions.into_iter().filter(|(_, at)| *at != Position::Exterior).collect();
            prop_assert_eq!(got, expected, "{:?}", c);
        }
    }

    #[test]
    fn a_way_across_it_is_one_way(
        west in multi_polygon(),
        east in multi_polygon(),
        rule in rule(),
        from in grid_position(),
        to in grid_position(),
        turned in any::<bool>(),
    ) {
        // Where it begins or ends on the line, its other side is not swept.
        prop_assume!(from.x < 5.0 && to.x > 0.0);
        let zones = ruled(rule, [moved(&west, 175.0), moved(&east, -180.0)]);
        let start = Coord { x: from.x + 175.0, y: from.y };
        let end = |turn: f64| Coord { x: to.x - 180.0 + turn, y: to.y };
        let line = |end: Coord| if turned { Line::new(end, start) } else { Line::new(start, end) };
        let mut passages = Passages::default();
        zones.zones_along(line(end(0.0)), &mut passages).unwrap();
        let plane = line(end(360.0));
        for (index, geometry) in [moved(&west, 175.0), moved(&east, 180.0)].iter().enumerate() {
            let zone = zones.find(&ZoneId::from_index(index)).unwrap();
            let expected = expected(geometry, plane, rule, zone);
            let got: Vec<_> =
                passages.as_slice().iter().filter(|p| p.zone == zone).copied().collect();
            prop_assert!(agree(&got, &expected), "{:?} {:?}", got, expected);
        }
    }
}
