//! Sides of edges as seen from the reference place of a leaf, with bounds on what rounding does.
//! Whatever they leave in doubt is decided exactly elsewhere.
//!
//! p × q is the signed area that two places span with the reference. A point p is left of the edge a→b
//! when a × b + p × a − p × b is positive.

use geo_types::Coord;

/// Rounding moves an area by less than this share of the products it is bounded by: two rounded
/// factors, the product, and up to four sums, 2⁻⁵³ each, with room to spare.
const ERROR: f64 = 1.0 / (1_u64 << 49) as f64;
/// Smaller areas may have lost bits to underflow.
const TINY: f64 = 1e-280;

/// A place as seen from the reference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    at: Coord,
    size: f64,
}

/// The ends of an edge as seen from the reference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) a: Coord,
    pub(super) b: Coord,
}

impl Point {
    #[inline]
    pub(super) fn new(at: Coord) -> Self {
        Self { at, size: size(at) }
    }
}

impl Edge {
    /// False when the reference is on the edge, as far as rounding lets that be told, or so near to its
    /// line and ends that underflow decides at which angles they are seen.
    pub(super) fn is_off_reference(self) -> bool {
        let Self { a, b } = self;
        let is_on_line = area(a, b).abs() <= 2.0 * ERROR * size(a) * size(b) + TINY;
        !is_on_line || a.x * b.x + a.y * b.y > TINY / ERROR
    }

    /// Whether the way from the reference to a point crosses the edge, and whether that is sure. The edge
    /// has to be off the reference.
    ///
    /// With the reference left of a→b, it does when the point is left of reference→a, right of
    /// reference→b and right of a→b: the least of three areas decides. When reference, a and b are nearly
    /// on a line, a and b are seen at the same angle: then which way the edge is turned does not matter,
    /// points at that angle are in doubt.
    #[inline]
    pub(super) fn is_crossed_to(self, point: Point) -> (bool, bool) {
        let Self { a, b } = self;
        let (size_a, size_b) = (size(a), size(b));
        let (edge, a_side, b_side) = (area(a, b), area(point.at, a), area(point.at, b));
        let side = edge + a_side - b_side;
        // An edge that has the reference on its right is taken backwards.
        let turn = 1_f64.copysign(edge);
        let least = lesser(lesser(-turn * a_side, turn * b_side), -turn * side);
        let error = ERROR * (size_a * size_b + point.size * (size_a + size_b)) + TINY;
        // What is not a number is in doubt.
        (least > error, least.abs() > error)
    }

    /// False only when the edge is certainly apart from the way between two points: both of its ends on
    /// one side of that, or both points on one side of the edge.
    #[inline]
    pub(super) fn may_be_met(self, [from, to]: [Point; 2]) -> bool {
        let Self { a, b } = self;
        let (size_a, size_b) = (size(a), size(b));
        let [from_a, from_b] = [a, b].map(|end| area(from.at, end));
        let [to_a, to_b] = [a, b].map(|end| area(to.at, end));
        let (edge, way) = (area(a, b), area(from.at, to.at));
        let sizes = (from.size + to.size) * (size_a + size_b) + from.size * to.size;
        let error = ERROR * (size_a * size_b + sizes) + TINY;
        let is_apart = |v: f64, w: f64| lesser(v, w) > error || lesser(-v, -w) > error;
        !is_apart(edge + from_a - from_b, edge + to_a - to_b)
            && !is_apart(way + to_a - from_a, way + to_b - from_b)
    }
}

#[inline]
fn area(p: Coord, q: Coord) -> f64 {
    p.x * q.y - p.y * q.x
}

/// At least as much as the larger coordinate.
#[inline]
fn size(p: Coord) -> f64 {
    p.x.abs() + p.y.abs()
}

/// The lesser of two; not a number when both are none.
#[inline]
fn lesser(v: f64, w: f64) -> f64 {
    if v < w { v } else { w }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c(x: f64, y: f64) -> Coord {
        Coord { x, y }
    }

    #[test]
    fn an_edge_is_crossed_whichever_way_it_runs() {
        for edge in
            [Edge { a: c(1.0, -1.0), b: c(1.0, 2.0) }, Edge { a: c(1.0, 2.0), b: c(1.0, -1.0) }]
        {
            let to = |x, y| edge.is_crossed_to(Point::new(c(x, y)));
            assert_eq!(to(2.0, 0.5), (true, true));
            assert_eq!(to(0.5, 0.5), (false, true));
            assert_eq!(to(-2.0, -0.5), (false, true));
            assert_eq!(to(2.0, 8.0), (false, true));
            // On it, through an end of it, not a number.
            assert!(!to(1.0, 0.5).1 && !to(2.0, 4.0).1 && !to(f64::NAN, f64::NAN).1);
        }
    }

    #[test]
    fn a_reference_on_an_edge_is_told_from_one_on_its_line() {
        assert!(!Edge { a: c(-1.0, -1.0), b: c(3.0, 3.0) }.is_off_reference());
        assert!(!Edge { a: c(0.0, 0.0), b: c(3.0, 3.0) }.is_off_reference());
        assert!(!Edge { a: c(1e-160, 1e-160), b: c(1e-160, 1.001e-160) }.is_off_reference());
        assert!(Edge { a: c(1.0, 1.0), b: c(3.0, 3.0) }.is_off_reference());
        assert!(Edge { a: c(-1.0, 1.0), b: c(3.0, 3.0) }.is_off_reference());
    }

    #[test]
    fn only_what_is_certainly_apart_is_not_met() {
        let edge = Edge { a: c(1.0, -1.0), b: c(1.0, 2.0) };
        let met = |from, to| edge.may_be_met([from, to].map(Point::new));
        assert!(met(c(0.0, 0.0), c(2.0, 0.0)) && met(c(0.0, 0.0), c(1.0, 0.0)));
        assert!(met(c(0.0, 2.0), c(2.0, 2.0)) && met(c(1.0, 3.0), c(1.0, 4.0)));
        assert!(!met(c(0.0, 0.0), c(0.9, 0.0)) && !met(c(0.0, 3.0), c(2.0, 2.5)));
    }
}
