//! A rectangle in pieces that share edges and vertices: under the half-open rule every place is in
//! exactly one of them, in lookups, along ways and for a tracker.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use geo_types::{Coord, Line, LineString, MultiPolygon, Point, Polygon};
use logistics_geofence::{Fix, Passages, TrackState, Tracker, TrackerOptions, ZoneHit, ZoneSet};
use proptest::prelude::*;

use crate::half_open::half_open;
use crate::shapes::{nudge, nudged};

/// Cells on each side; the outer ones are one zone, a frame with a hole.
const SIDE: usize = 5;

/// A rectangle of cells whose inner corners are moved, each cell in four triangles around a middle
/// that is moved as well, each triangle in one of a few zones or a zone of its own.
#[derive(Clone, Debug)]
struct Cut {
    origin: Coord,
    unit: f64,
    corners: Vec<[f64; 2]>,
    middles: Vec<[f64; 2]>,
    owners: Vec<usize>,
}

fn jitter() -> impl Strategy<Value = [f64; 2]> {
    let step = prop::sample::select(vec![0.0, 0.0, 0.25, -0.25, 0.1, -0.2, 1e-17]);
    [step.clone(), step]
}

fn cut() -> impl Strategy<Value = Cut> {
    let cells = (SIDE - 2) * (SIDE - 2);
    (
        prop::sample::select(vec![(73.8, 0.01), (-3.0, 1.0), (0.1, 1e-7), (17.0, 1.0 / 3.0)]),
        prop::collection::vec(jitter(), (SIDE + 1) * (SIDE + 1)),
        prop::collection::vec(jitter(), cells),
        prop::collection::vec(0..6_usize, cells * 4),
    )
        .prop_map(|((origin, unit), corners, middles, owners)| {
            let origin = Coord { x: origin, y: origin / 4.0 };
            Cut { origin, unit, corners, middles, owners }
        })
}

#[allow(clippy::cast_precision_loss, reason = "small numbers")]
impl Cut {
    fn place(&self, x: f64, y: f64) -> Coord {
        Coord { x: self.origin.x + x * self.unit, y: self.origin.y + y * self.unit }
    }

    /// Corners on the rim stay where they are.
    fn corner(&self, column: usize, row: usize) -> Coord {
        let is_inner = (1..SIDE).contains(&column) && (1..SIDE).contains(&row);
        let [dx, dy] = if is_inner { self.corners[row * (SIDE + 1) + column] } else { [0.0; 2] };
        self.place(column as f64 + dx, row as f64 + dy)
    }

    fn ring(&self, from: usize, to: usize) -> LineString<f64> {
        let south = (from..to).map(|k| self.corner(k, from));
        let east = (from..to).map(|k| self.corner(to, k));
        let north = (from + 1..=to).rev().map(|k| self.corner(k, to));
        let west = (from..=to).rev().map(|k| self.corner(from, k));
        south.chain(east).chain(north).chain(west).collect()
    }

    fn zones(&self) -> Vec<MultiPolygon<f64>> {
        let frame = Polygon::new(self.ring(0, SIDE), vec![self.ring(1, SIDE - 1)]);
        let mut shared: BTreeMap<usize, Vec<Polygon<f64>>> = BTreeMap::new();
        let mut zones = vec![MultiPolygon::from(frame)];
        for (cell, [dx, dy]) in self.middles.iter().enumerate() {
            let (column, row) = (1 + cell % (SIDE - 2), 1 + cell / (SIDE - 2));
            let middle = self.place(column as f64 + 0.5 + dx / 4.0, row as f64 + 0.5 + dy / 4.0);
            let around = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)];
            let around = around.map(|(x, y)| self.corner(column + x, row + y));
            for (side, ends) in around.windows(2).enumerate() {
                let triangle = Polygon::new(vec![ends[0], ends[1], middle].into(), vec![]);
                match self.owners[cell * 4 + side] {
                    owner @ 0..3 => shared.entry(owner).or_default().push(triangle),
                    _ => zones.push(triangle.into()),
                }
            }
        }
        zones.extend(shared.into_values().map(MultiPolygon::new));
        zones
    }

    /// Whether the rule gives the place to the rectangle as a whole.
    fn holds(&self, c: Coord) -> bool {
        let (low, high) = (self.corner(0, 0), self.corner(SIDE, SIDE));
        (low.x..high.x).contains(&c.x) && (low.y..high.y).contains(&c.y)
    }
}

/// Vertices, places on edges as far as doubles go, and places level with vertices.
fn hard_places(zones: &[MultiPolygon<f64>]) -> Vec<Coord> {
    let parts = zones.iter().flat_map(|zone| &zone.0);
    let rings = parts.flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    let edges: Vec<_> = rings.flat_map(|ring| ring.0.windows(2)).collect();
    let middle =
        |e: &&[Coord]| Coord { x: f64::midpoint(e[0].x, e[1].x), y: f64::midpoint(e[0].y, e[1].y) };
    let level = |e: &[&[Coord]]| Coord { x: e[0][0].x, y: e[1][1].y };
    let ends = edges.iter().map(|e| e[0]);
    ends.chain(edges.iter().map(middle)).chain(edges.windows(2).map(level)).collect()
}

fn owners(zones: &ZoneSet, c: Coord, hits: &mut Vec<ZoneHit>) -> usize {
    zones.zones_at(Point(c), hits).unwrap();
    hits.len()
}

#[test]
fn a_way_almost_along_a_border_is_divided_where_it_crosses() {
    // The way begins in the middle of the border that both triangles share, and runs along it as far
    // as doubles go. Whichever has it, together they have all until the corner, at a ninth.
    let (a, b) = (Coord { x: -1.75, y: 3.5 }, Coord { x: -1.25, y: 3.05 });
    let triangle = |c| Polygon::new(vec![a, b, c, a].into(), vec![]).into();
    let set =
        half_open(vec![triangle(Coord { x: -1.5, y: 2.75 }), triangle(Coord { x: -1.25, y: 3.5 })]);
    let mut passages = Passages::default();
    for (from, to) in [((-1.5, 3.275), (0.75, 1.25)), ((0.75, 1.25), (-1.5, 3.275))] {
        let way = Line::new(Coord { x: from.0, y: from.1 }, Coord { x: to.0, y: to.1 });
        set.zones_along(way, &mut passages).unwrap();
        let covered: f64 = passages.as_slice().iter().map(|p| p.exit - p.entry).sum();
        assert!((covered - 1.0 / 9.0).abs() < 1e-9, "{covered} of {way:?}: {passages:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_place_is_in_exactly_one_zone(cut in cut(), by in prop::collection::vec(nudge(), 16)) {
        let geometries = cut.zones();
        let zones = half_open(geometries.clone());
        let mut hits = Vec::new();
        let mut on_border = 0;
        for (k, place) in hard_places(&geometries).into_iter().enumerate() {
            for c in [place, nudged(place, by[k % by.len()])] {
                prop_assert_eq!(owners(&zones, c, &mut hits), usize::from(cut.holds(c)), "{:?}", c);
                on_border += usize::from(hits.iter().any(|hit| hit.at != logistics_geofence::Position::Interior));
            }
        }
        prop_assert!(on_border > 100, "only {} on a border", on_border);
    }

    #[test]
    fn ways_are_divided_among_the_zones(cut in cut(), picks in prop::collection::vec(any::<prop::sample::Index>(), 12)) {
        let geometries = cut.zones();
        let (zones, places) = (half_open(geometries.clone()), hard_places(&geometries));
        let (mut hits, mut passages) = (Vec::new(), Passages::default());
        for pair in picks.windows(2) {
            let (from, to) = (*pair[0].get(&places), *pair[1].get(&places));
            zones.zones_along(Line::new(from, to), &mut passages).unwrap();
            let count = |is: fn(&logistics_geofence::Passage) -> bool| passages.as_slice().iter().filter(|p| is(p)).count();
            prop_assert_eq!(count(|p| p.from_start), owners(&zones, from, &mut hits), "{:?} {:?}", from, to);
            prop_assert_eq!(count(|p| p.to_end), owners(&zones, to, &mut hits), "{:?} {:?}", from, to);
            let covered: f64 = passages.as_slice().iter().map(|p| p.exit - p.entry).sum();
            // Along the eastern or the northern rim nothing is covered.
            if from != to && cut.holds(from) && cut.holds(to) {
                prop_assert!((covered - 1.0).abs() < 1e-9, "{} of {:?} {:?}", covered, from, to);
            }
        }
    }

    #[test]
    fn a_tracker_is_in_exactly_one_zone(cut in cut(), picks in prop::collection::vec(any::<prop::sample::Index>(), 12)) {
        let geometries = cut.zones();
        let (zones, places) = (half_open(geometries.clone()), hard_places(&geometries));
        let mut options = TrackerOptions::without_hysteresis();
        options.max_speed_mps = f64::INFINITY;
        let mut tracker = Tracker::new(options);
        let (mut state, mut at) = (TrackState::default(), DateTime::<Utc>::UNIX_EPOCH);
        for pick in picks {
            at += TimeDelta::minutes(1);
            let c = *pick.get(&places);
            let position = Point(c);
            let observation = tracker.observe(&zones, &mut state, Fix { position, at, accuracy_m: Some(0.0) });
            prop_assert_eq!(observation.ignored, None);
            prop_assert_eq!(state.inside().count(), usize::from(cut.holds(c)), "{:?}", c);
        }
    }
}
