//! Strategies for polygons that are hard on purpose: few grid positions, so that vertices, edges
//! and holes fall on one another; then moved off the grid by scales and single ulps.

use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use proptest::prelude::*;

/// Positions are drawn from 0..=GRID on both axes.
const GRID: i8 = 5;

pub(crate) fn grid_position() -> impl Strategy<Value = Coord> + Clone {
    (0..=GRID, 0..=GRID).prop_map(|(x, y)| Coord { x: f64::from(x), y: f64::from(y) })
}

fn ring() -> impl Strategy<Value = LineString<f64>> {
    prop::collection::vec(grid_position(), 1..9).prop_map(|mut positions| {
        positions.push(positions[0]);
        LineString::new(positions)
    })
}

/// Up to three parts with up to two holes, valid only by chance.
pub(crate) fn multi_polygon() -> impl Strategy<Value = MultiPolygon<f64>> {
    let part = (ring(), prop::collection::vec(ring(), 0..3));
    let part = part.prop_map(|(shell, holes)| Polygon::new(shell, holes));
    prop::collection::vec(part, 1..4).prop_map(MultiPolygon::new)
}

/// How grid positions become doubles.
pub(crate) fn scale() -> impl Strategy<Value = Scale> {
    prop::sample::select(vec![
        Scale { unit: 1.0, origin: 0.0 },
        Scale { unit: 0.1, origin: 73.8 },
        Scale { unit: 1e-7, origin: 17.4267554 },
        Scale { unit: -1.0 / 3.0, origin: 1e6 },
        Scale { unit: 5e-324, origin: 0.0 },
        Scale { unit: 1e-310, origin: -2e-310 },
        Scale { unit: 3e307, origin: -7e307 },
        Scale { unit: 1e200, origin: -1e-200 },
    ])
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    unit: f64,
    origin: f64,
}

impl Scale {
    pub(crate) fn coord(self, c: Coord) -> Coord {
        Coord { x: self.origin + c.x * self.unit, y: self.origin + c.y * self.unit }
    }

    pub(crate) fn multi_polygon(self, geometry: &MultiPolygon<f64>) -> MultiPolygon<f64> {
        let ring = |ring: &LineString<f64>| {
            LineString::new(ring.0.iter().map(|&c| self.coord(c)).collect())
        };
        let part = |part: &Polygon<f64>| {
            Polygon::new(ring(part.exterior()), part.interiors().iter().map(ring).collect())
        };
        MultiPolygon::new(geometry.0.iter().map(part).collect())
    }
}

/// A grid position, the middle between two, or the crossing that halves and thirds make.
pub(crate) fn near_grid() -> impl Strategy<Value = Coord> {
    let middle =
        (grid_position(), grid_position(), prop::sample::select(vec![0.0, 0.5, 1.0 / 3.0]));
    middle.prop_map(|(a, b, t)| Coord { x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t })
}

/// A step of at most one ulp on each axis.
pub(crate) fn nudge() -> impl Strategy<Value = [i8; 2]> {
    [-1..=1_i8, -1..=1_i8]
}

pub(crate) fn nudged(c: Coord, [dx, dy]: [i8; 2]) -> Coord {
    let step = |v: f64, d: i8| match d {
        -1 => v.next_down(),
        1 => v.next_up(),
        _ => v,
    };
    let moved = Coord { x: step(c.x, dx), y: step(c.y, dy) };
    if moved.x.is_finite() && moved.y.is_finite() { moved } else { c }
}
