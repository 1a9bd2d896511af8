//! Sets of zones: the index gives what the definition gives, by point and along segments.

use geo_types::{Coord, Line, MultiPolygon, Point, coord, point, polygon};
use logistics_geofence::{
    LoadOptions, LocateError, Passage, Passages, Policy, Position, Zone, ZoneId, ZoneSet, classify,
};
use proptest::prelude::*;

use crate::oracle;
use crate::shapes::{Scale, grid_position, multi_polygon, near_grid, nudge, nudged, scale};

fn set_of(geometries: impl IntoIterator<Item = MultiPolygon<f64>>) -> ZoneSet {
    let mut options = LoadOptions::default();
    options.policy = Policy::EvenOdd;
    let zones = geometries.into_iter().enumerate();
    let zones = zones.map(|(k, geometry)| Zone::new(ZoneId::from_index(k), geometry));
    ZoneSet::from_zones(zones, &options).unwrap().set
}

pub(crate) fn on_earth() -> impl Strategy<Value = Scale> {
    let earthly = |scale: &Scale| {
        let corner = scale.coord(coord!(x: 5.0, y: 5.0));
        corner.x.abs() <= 80.0 && scale.coord(Coord::zero()).x.abs() <= 80.0
    };
    scale().prop_filter("a place on earth", earthly)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn lookup_is_the_definition(
        geometries in prop::collection::vec(multi_polygon(), 1..5),
        scale in on_earth(),
        points in prop::collection::vec((near_grid(), nudge()), 10),
    ) {
        let geometries: Vec<_> = geometries.iter().map(|g| scale.multi_polygon(g)).collect();
        let zones = set_of(geometries.clone());
        let mut hits = Vec::new();
        for (c, by) in points {
            let c = nudged(scale.coord(c), by);
            zones.zones_at(Point(c), &mut hits).unwrap();
            let got: Vec<_> = hits.iter().map(|hit| (hit.zone.get(), hit.at)).collect();
            let positions = geometries.iter().map(|g| classify(g, Point(c)).unwrap()).enumerate();
            let expected: Vec<_> = positions.filter(|(_, at)| *at != Position::Exterior).collect();
            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn passages_are_what_the_definition_covers(
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
        let cuts = oracle::cut(&geometry, line);
        let mut expected: Vec<Passage> = Vec::new();
        let zones = set_of([geometry]);
        let zone = zones.find(&ZoneId::from_index(0)).unwrap();
        let last = cuts.t.len() - 1;
        let mut open = false;
        for k in 0..=last {
            let (entry, exit) = (cuts.t[k], cuts.t[k]);
            if cuts.at[k] == Position::Exterior {
                open = false;
            } else if !open {
                open = true;
                expected.push(Passage { zone, entry, exit, at: cuts.at[k], from_start: k == 0, to_end: k == last });
            }
            let Some(passage) = expected.last_mut().filter(|_| open) else { continue };
            if cuts.at[k] == Position::Interior {
                passage.at = Position::Interior;
            }
            passage.exit = cuts.t[k];
            passage.to_end = k == last;
            match cuts.between.get(k) {
                Some(Position::Exterior) | None => open = false,
                Some(Position::Interior) => passage.at = Position::Interior,
                Some(Position::Boundary) => {}
            }
        }
        let mut passages = Passages::default();
        zones.zones_along(line, &mut passages).unwrap();
        let got = passages.as_slice();
        prop_assert_eq!(got.len(), expected.len(), "{:?} {:?}", got, expected);
        for (g, e) in got.iter().zip(&expected) {
            let same_times = (g.entry - e.entry).abs() < 1e-9 && (g.exit - e.exit).abs() < 1e-9;
            prop_assert!(same_times, "{:?} {:?}", g, e);
            prop_assert_eq!((g.at, g.from_start, g.to_end), (e.at, e.from_start, e.to_end), "{:?} {:?}", g, e);
        }
    }
}

fn square(x: f64, y: f64, size: f64) -> MultiPolygon<f64> {
    polygon![(x: x, y: y), (x: x + size, y: y), (x: x + size, y: y + size), (x: x, y: y + size)]
        .into()
}

#[test]
fn passages_come_in_order_of_entry() {
    let zones = set_of([square(2., 0., 2.), square(0., 0., 2.), square(1., 0., 2.)]);
    let mut passages = Passages::default();
    zones
        .zones_along(Line::new(coord!(x: -1., y: 1.), coord!(x: 3., y: 1.)), &mut passages)
        .unwrap();
    let got: Vec<_> =
        passages.as_slice().iter().map(|p| (p.zone.get(), p.entry, p.exit, p.to_end)).collect();
    assert_eq!(got, [(1, 0.25, 0.75, false), (2, 0.5, 1.0, true), (0, 0.75, 1.0, true)]);
}

#[test]
fn a_segment_without_length_is_covered_where_its_point_is() {
    let zones = set_of([square(0., 0., 2.), square(2., 0., 2.), square(5., 0., 1.)]);
    let mut passages = Passages::default();
    let here = coord!(x: 2., y: 1.);
    zones.zones_along(Line::new(here, here), &mut passages).unwrap();
    let got: Vec<_> = passages.as_slice().iter().map(|p| (p.zone.get(), p.at)).collect();
    assert_eq!(got, [(0, Position::Boundary), (1, Position::Boundary)]);
}

#[test]
fn the_antimeridian_is_one_line_and_is_crossed_the_short_way() {
    let zones = set_of([square(178., 0., 2.), square(-180., 0., 2.), square(0., 0., 2.)]);
    let mut hits = Vec::new();
    for lon in [180., -180.] {
        zones.zones_at(point!(x: lon, y: 1.), &mut hits).unwrap();
        assert_eq!(hits.iter().map(|hit| hit.zone.get()).collect::<Vec<_>>(), [0, 1], "{lon}");
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
fn places_that_are_none_are_refused() {
    let zones = set_of([square(0., 0., 2.)]);
    let mut hits = Vec::new();
    zones.zones_at(point!(x: 1., y: 1.), &mut hits).unwrap();
    let swapped = zones.zones_at(point!(x: 18.5, y: 173.8), &mut hits);
    assert_eq!(swapped, Err(LocateError::OutOfRange { lon_deg: 18.5, lat_deg: 173.8 }));
    assert!(hits.is_empty());
    assert!(matches!(
        zones.zones_at(point!(x: f64::NAN, y: 1.), &mut hits),
        Err(LocateError::NotFinite { .. })
    ));
    let far = Line::new(coord!(x: 0., y: 0.), coord!(x: 181., y: 0.));
    assert!(zones.zones_along(far, &mut Passages::default()).is_err());
}

#[test]
fn a_set_knows_its_zones() {
    let zones = set_of([square(1., 1., 2.), square(5., 2., 3.)]);
    let around = zones.bbox().unwrap();
    assert_eq!((around.min(), around.max()), (coord!(x: 1., y: 1.), coord!(x: 8., y: 5.)));
    assert!(set_of([]).bbox().is_none());
    let second = zones.find(&"#1".parse().unwrap()).unwrap();
    assert_eq!(zones.zone(second).unwrap().id().as_str(), "#1");
    assert!(zones.find(&"#2".parse().unwrap()).is_none());

    // The hash is of the content: of every bit, not of the version.
    let hash = zones.content_hash();
    assert_eq!(set_of([square(1., 1., 2.), square(5., 2., 3.)]).content_hash(), hash);
    assert_ne!(set_of([square(1., 1., 2.), square(5., 2f64.next_up(), 3.)]).content_hash(), hash);
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(hash.to_string().len(), 64);

    fn shared_between_threads<T: Send + Sync>(_: &T) {}
    shared_between_threads(&zones);
}
