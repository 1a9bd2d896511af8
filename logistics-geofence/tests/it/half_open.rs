//! The half-open rule against whole numbers: by point, along segments, on the antimeridian.

use geo_types::{Coord, Line, MultiPolygon, Point, coord, point, polygon};
use logistics_geofence::{
    BoundaryRule, LoadOptions, Passage, Passages, Policy, Position, Zone, ZoneId, ZoneSet, classify,
};
use proptest::prelude::*;

use crate::oracle;
use crate::passages::{agree, expected};
use crate::shapes::{grid_position, multi_polygon, near_grid, nudge, nudged};
use crate::zone_set::on_earth;

pub(crate) fn half_open(geometries: impl IntoIterator<Item = MultiPolygon<f64>>) -> ZoneSet {
    ruled(BoundaryRule::HalfOpen, geometries)
}

/// Zones of any shape under a rule.
pub(crate) fn ruled(
    rule: BoundaryRule,
    geometries: impl IntoIterator<Item = MultiPolygon<f64>>,
) -> ZoneSet {
    let mut options = LoadOptions::default();
    options.policy = Policy::EvenOdd;
    options.boundary = rule;
    let zones = geometries.into_iter().enumerate();
    let zones = zones.map(|(k, geometry)| Zone::new(ZoneId::from_index(k), geometry));
    ZoneSet::from_zones(zones, &options).unwrap().set
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_place_on_a_boundary_belongs_where_the_step_leads(
        geometries in prop::collection::vec(multi_polygon(), 1..4),
        scale in on_earth(),
        points in prop::collection::vec((near_grid(), nudge()), 8),
    ) {
        let geometries: Vec<_> = geometries.iter().map(|g| scale.multi_polygon(g)).collect();
        let zones = half_open(geometries.clone());
        let mut hits = Vec::new();
        for (c, by) in points {
            let c = nudged(scale.coord(c), by);
            zones.zones_at(Point(c), &mut hits).unwrap();
            let got: Vec<_> = hits.iter().map(|hit| (hit.zone.get(), hit.at)).collect();
            let owning = geometries.iter().enumerate().filter(|(_, g)| oracle::owns(g, c));
            let owning: Vec<_> = owning.map(|(k, g)| (k, classify(g, Point(c)).unwrap())).collect();
            prop_assert_eq!(got, owning);
        }
    }

    #[test]
    fn passages_are_what_the_rule_gives(
        geometry in multi_polygon(),
        scale in on_earth(),
        from in grid_position(),
        to in grid_position(),
    ) {
        prop_assume!(from != to);
        let geometry = scale.multi_polygon(&geometry);
        let line = Line::new(scale.coord(from), scale.coord(to));
        // Times of what happens within subnormal distances are no concern.
        prop_assume!((line.start.x - line.end.x).abs() + (line.start.y - line.end.y).abs() > 1e-100);
        let zones = half_open([geometry.clone()]);
        let zone = zones.find(&ZoneId::from_index(0)).unwrap();
        let expected = expected(&geometry, line, BoundaryRule::HalfOpen, zone);
        let mut passages = Passages::default();
        zones.zones_along(line, &mut passages).unwrap();
        prop_assert!(agree(passages.as_slice(), &expected), "{:?} {:?}", passages, expected);
    }
}

fn square(x: f64, y: f64, size: f64) -> MultiPolygon<f64> {
    polygon![(x: x, y: y), (x: x + size, y: y), (x: x + size, y: y + size), (x: x, y: y + size)]
        .into()
}

fn zones_at(zones: &ZoneSet, x: f64, y: f64) -> Vec<(usize, Position)> {
    let mut hits = Vec::new();
    zones.zones_at(point!(x: x, y: y), &mut hits).unwrap();
    hits.iter().map(|hit| (hit.zone.get(), hit.at)).collect()
}

#[test]
fn west_and_south_belong_to_a_zone_and_east_and_north_do_not() {
    let zones = half_open([square(0., 0., 2.)]);
    for (x, y) in [(0., 0.), (0., 1.), (1., 0.)] {
        assert_eq!(zones_at(&zones, x, y), [(0, Position::Boundary)], "{x} {y}");
    }
    for (x, y) in [(2., 0.), (0., 2.), (2., 2.), (2., 1.), (1., 2.)] {
        assert_eq!(zones_at(&zones, x, y), [], "{x} {y}");
    }
    assert_eq!(zones_at(&zones, 1., 1.), [(0, Position::Interior)]);
}

#[test]
fn the_antimeridian_belongs_to_the_zone_that_begins_there() {
    let zones = half_open([square(178., 0., 2.), square(-180., 0., 2.)]);
    for lon in [180., -180.] {
        assert_eq!(zones_at(&zones, lon, 1.), [(1, Position::Boundary)], "{lon}");
    }
    let mut passages = Passages::default();
    for (from, to, order) in [(179., -179., [0, 1]), (-179., 179., [1, 0])] {
        let way = Line::new(coord!(x: from, y: 1.), coord!(x: to, y: 1.));
        zones.zones_along(way, &mut passages).unwrap();
        let got: Vec<_> =
            passages.as_slice().iter().map(|p| (p.zone.get(), p.entry, p.exit)).collect();
        assert_eq!(got, [(order[0], 0.0, 0.5), (order[1], 0.5, 1.0)]);
    }
}

#[test]
fn a_stretch_ends_without_its_end_where_the_end_is_the_neighbours() {
    let zones = half_open([square(0., 0., 2.), square(2., 0., 2.)]);
    let ways = [((1., 1.), (2., 1.)), ((2., 1.), (1., 1.)), ((2., 0.), (2., 2.))];
    let found = ways.map(|((x, y), (to_x, to_y))| {
        let way = Line::new(coord!(x: x, y: y), coord!(x: to_x, y: to_y));
        let mut passages = Passages::default();
        zones.zones_along(way, &mut passages).unwrap();
        let tell = |p: &Passage| (p.zone.get(), p.entry, p.exit, p.from_start, p.to_end);
        passages.as_slice().iter().map(tell).collect::<Vec<_>>()
    });
    assert_eq!(found[0], [(0, 0., 1., true, false), (1, 1., 1., false, true)]);
    assert_eq!(found[1], [(0, 0., 1., false, true), (1, 0., 0., true, false)]);
    // Along the shared border, up to the outer one.
    assert_eq!(found[2], [(1, 0., 1., true, false)]);
}

#[test]
fn another_rule_is_another_content() {
    let zones = [Zone::new(ZoneId::from_index(0), square(0., 0., 2.))];
    let covers = ZoneSet::from_zones(zones, &LoadOptions::default()).unwrap().set;
    let half_open = half_open([square(0., 0., 2.)]);
    assert_eq!(covers.boundary_rule(), BoundaryRule::Covers);
    assert_eq!(half_open.boundary_rule(), BoundaryRule::HalfOpen);
    assert_ne!(covers.content_hash(), half_open.content_hash());
}

#[test]
fn the_longest_number_is_moved_by_less_than_its_ulp() {
    let zones = half_open([square(0.1, 0.1, 0.2)]);
    let edge = 0.1 + 0.2;
    assert_eq!(zones_at(&zones, edge, 0.2), []);
    assert_eq!(zones_at(&zones, edge.next_down(), 0.2).len(), 1);
    let corner = Coord { x: 0.1, y: 0.1 };
    assert_eq!(zones_at(&zones, corner.x, corner.y).len(), 1);
    assert_eq!(zones_at(&zones, corner.x.next_down(), corner.y), []);
}
