//! A segment against a polygon: where its ends lie, what it meets, how often it runs inside.
//! Exact and planar; it gives relations, not coordinates of intersections.

use geo_types::{Line, MultiPolygon};
use serde::{Deserialize, Serialize};

use crate::edges::RawEdges;
use crate::locate::{LocateError, Position, check_finite, check_polygon, classify};
use crate::stretch::{Place, Segment, Step, walk};

/// How a closed segment lies to a polygon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SegmentRelation {
    /// Position of the segment's start.
    pub start: Position,
    /// Position of the segment's end.
    pub end: Position,
    /// Whether any point of the segment, ends included, is interior.
    pub meets_interior: bool,
    /// Whether any point of the segment, ends included, is on the boundary.
    pub meets_boundary: bool,
    /// Number of maximal open stretches of the segment all of whose points are interior.
    pub interior_runs: usize,
}

/// Relates a segment to a multipolygon, exactly, for any finite coordinates.
///
/// "Interior" and "boundary" are those of [`classify`], point by point. A run of interior points
/// therefore ends at every boundary point: where a hole touches the segment, at a vertex that
/// pokes into it, and where it passes from one part to another across a border they share (that
/// border is boundary of both). Where parts overlap, the border of one inside the other is interior
/// and ends nothing. A segment of length zero is a point: it has a position but no run.
///
/// # Errors
/// [`LocateError::NotFinite`] when an end or a vertex is NaN or infinite.
///
/// # Complexity
/// O(n + k log k) for n vertices and k contacts.
///
/// # Example
/// ```
/// use geo_types::{Line, MultiPolygon, coord, polygon};
/// use logistics_geofence::{Position, segment_relation};
///
/// let ring_road = MultiPolygon::from(polygon!(
///     exterior: [(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.), (x: 0., y: 9.)],
///     interiors: [[(x: 3., y: 3.), (x: 6., y: 3.), (x: 6., y: 6.), (x: 3., y: 6.)]],
/// ));
/// let through = Line::new(coord!(x: 1., y: 5.), coord!(x: 9., y: 5.));
/// let relation = segment_relation(&ring_road, through)?;
/// assert_eq!((relation.start, relation.end), (Position::Interior, Position::Boundary));
/// assert_eq!(relation.interior_runs, 2);
/// # Ok::<(), logistics_geofence::LocateError>(())
/// ```
pub fn segment_relation(
    geometry: &MultiPolygon<f64>,
    segment: Line<f64>,
) -> Result<SegmentRelation, LocateError> {
    check_finite(segment.start)?;
    check_finite(segment.end)?;
    geometry.0.iter().try_for_each(check_polygon)?;
    let start = classify(geometry, segment.start.into())?;
    let end = classify(geometry, segment.end.into())?;
    if segment.start == segment.end {
        return Ok(SegmentRelation {
            start,
            end,
            meets_interior: start == Position::Interior,
            meets_boundary: start == Position::Boundary,
            interior_runs: 0,
        });
    }
    let s = Segment { p: segment.start, q: segment.end };
    let (mut runs, mut touches, mut contacts) = (Vec::new(), Vec::new(), Vec::new());
    for part in &geometry.0 {
        let touched = touches.len();
        let inside = runs.len();
        walk(&RawEdges(part), &s, &mut contacts, |step| match step {
            Step::Touch { at, .. } => touches.push(at),
            Step::Stretch { from, to, position: Position::Interior, .. } => {
                runs.push(Run { from, to, holds_start: false, holds_end: false });
            }
            Step::Stretch { .. } => {}
        });
        open_at_ends(&s, &mut runs[inside..], &touches[touched..]);
    }
    let runs = union(&s, runs);
    let meets_boundary = touches.iter().any(|place| !runs.iter().any(|run| run.holds(&s, place)));
    Ok(SegmentRelation {
        start,
        end,
        meets_interior: !runs.is_empty(),
        meets_boundary,
        interior_runs: runs.len(),
    })
}

/// An interior stretch. Its ends are boundary points and not part of it, unless they are an end of
/// the segment that is interior itself.
struct Run {
    from: Place,
    to: Place,
    holds_start: bool,
    holds_end: bool,
}

impl Run {
    fn holds(&self, s: &Segment, place: &Place) -> bool {
        let after_from = self.holds_start || s.compare(&self.from, place).is_lt();
        let before_to = self.holds_end || s.compare(place, &self.to).is_lt();
        after_from && before_to
    }
}

/// Marks the runs of one part that hold an end of the segment: those that reach an end at which
/// the part's boundary is not touched.
fn open_at_ends(s: &Segment, runs: &mut [Run], touches: &[Place]) {
    let touched = |end: &Place| touches.iter().any(|place| s.compare(place, end).is_eq());
    if let Some(run) = runs.first_mut() {
        run.holds_start = s.compare(&run.from, &s.start()).is_eq() && !touched(&s.start());
    }
    if let Some(run) = runs.last_mut() {
        run.holds_end = s.compare(&run.to, &s.end()).is_eq() && !touched(&s.end());
    }
}

/// The union of open runs: two that only share an end stay apart.
fn union(s: &Segment, mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_by(|a, b| s.compare(&a.from, &b.from));
    let mut merged: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        match merged.last_mut() {
            Some(last) if s.compare(&run.from, &last.to).is_lt() => {
                last.holds_start |= run.holds_start;
                match s.compare(&run.to, &last.to) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => last.holds_end |= run.holds_end,
                    std::cmp::Ordering::Greater => {
                        last.to = run.to;
                        last.holds_end = run.holds_end;
                    }
                }
            }
            _ => merged.push(run),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use geo_types::{Polygon, coord, polygon};

    use super::*;

    use Position::{Boundary as B, Exterior as E, Interior as I};

    fn square(x: f64, y: f64, size: f64) -> Polygon<f64> {
        polygon![(x: x, y: y), (x: x + size, y: y), (x: x + size, y: y + size), (x: x, y: y + size)]
    }

    fn check(
        parts: &[Polygon<f64>],
        [x1, y1, x2, y2]: [f64; 4],
        expected: (Position, Position, bool, bool, usize),
    ) {
        let geometry = MultiPolygon::new(parts.to_vec());
        for (line, swapped) in [([x1, y1, x2, y2], false), ([x2, y2, x1, y1], true)] {
            let [x1, y1, x2, y2] = line;
            let line = Line::new(coord!(x: x1, y: y1), coord!(x: x2, y: y2));
            let r = segment_relation(&geometry, line).unwrap();
            let (start, end) = if swapped { (r.end, r.start) } else { (r.start, r.end) };
            let got = (start, end, r.meets_interior, r.meets_boundary, r.interior_runs);
            assert_eq!(got, expected, "{line:?}");
        }
    }

    #[test]
    fn one_square() {
        let parts = [square(0., 0., 4.)];
        check(&parts, [-1., 2., 5., 2.], (E, E, true, true, 1));
        check(&parts, [1., 1., 3., 2.], (I, I, true, false, 1));
        check(&parts, [0., 0., 4., 4.], (B, B, true, true, 1));
        check(&parts, [-1., -1., 5., 5.], (E, E, true, true, 1));
        check(&parts, [-1., 1., 1., -1.], (E, E, false, true, 0));
        check(&parts, [0., 0., 4., 0.], (B, B, false, true, 0));
        check(&parts, [-3., 0., 9., 0.], (E, E, false, true, 0));
        check(&parts, [1., 0., 2., 0.], (B, B, false, true, 0));
        check(&parts, [5., 0., 9., 0.], (E, E, false, false, 0));
        check(&parts, [2., 0., 2., 4.], (B, B, true, true, 1));
        check(&parts, [2., 2., 2., 4.], (I, B, true, true, 1));
        check(&parts, [2., 4., 2., 9.], (B, E, false, true, 0));
        check(&parts, [2., 2., 2., 2.], (I, I, true, false, 0));
        check(&parts, [4., 2., 4., 2.], (B, B, false, true, 0));
    }

    #[test]
    fn touching_parts_split_a_run_and_overlapping_parts_do_not() {
        let touching = [square(0., 0., 4.), square(4., 0., 4.)];
        check(&touching, [-1., 2., 9., 2.], (E, E, true, true, 2));
        check(&touching, [4., 1., 4., 3.], (B, B, false, true, 0));
        let at_a_corner = [square(0., 0., 4.), square(4., 4., 4.)];
        check(&at_a_corner, [1., 1., 7., 7.], (I, I, true, true, 2));
        let overlapping = [square(0., 0., 4.), square(3., 0., 4.)];
        check(&overlapping, [1., 2., 6., 2.], (I, I, true, false, 1));
        check(&overlapping, [4., 2., 6., 2.], (I, I, true, false, 1));
        check(&overlapping, [-1., 2., 4., 2.], (E, I, true, true, 1));
        check(&overlapping, [4., 1., 4., 3.], (I, I, true, false, 1));
        check(&overlapping, [4., 0., 4., 3.], (B, I, true, true, 1));
    }

    #[test]
    fn holes_split_where_they_touch() {
        let hole = polygon!(exterior: [(x: 0., y: 0.), (x: 8., y: 0.), (x: 8., y: 8.), (x: 0., y: 8.)], interiors: [[(x: 4., y: 4.), (x: 6., y: 6.), (x: 2., y: 6.)]]);
        let parts = [hole];
        check(&parts, [1., 4., 7., 4.], (I, I, true, true, 2));
        check(&parts, [1., 5., 7., 5.], (I, I, true, true, 2));
        check(&parts, [1., 6., 7., 6.], (I, I, true, true, 2));
        check(&parts, [4., 5., 4., 7.], (E, I, true, true, 1));
        check(&parts, [2., 6., 6., 6.], (B, B, false, true, 0));
    }

    #[test]
    fn spikes_are_boundary() {
        let spike = [
            polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 2.), (x: 9., y: 2.), (x: 4., y: 2.), (x: 4., y: 4.), (x: 0., y: 4.)],
        ];
        check(&spike, [5., 2., 8., 2.], (B, B, false, true, 0));
        check(&spike, [6., 1., 6., 3.], (E, E, false, true, 0));
        check(&spike, [1., 2., 10., 2.], (I, E, true, true, 1));
    }
}
