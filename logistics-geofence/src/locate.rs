//! Where a point lies with respect to a polygon: ray casting, three-way and exact, planar.
//!
//! This is the definition; the indexes of a [`ZoneSet`](crate::ZoneSet) only shorten the list of
//! edges that are looked at.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use geo_types::{Coord, MultiPolygon, Point, Polygon};
use serde::{Deserialize, Serialize};

use crate::boundary::BoundaryRule;
use crate::edges::{EdgeSource, RawEdges};
use crate::orient::side;

/// Where a point lies with respect to a polygon or zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Position {
    /// Inside, not on any edge.
    Interior,
    /// Exactly on an edge or a vertex.
    Boundary,
    /// Outside.
    Exterior,
}

impl Position {
    /// The position with respect to a union, from those with respect to two of its parts.
    #[must_use]
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Interior, _) | (_, Self::Interior) => Self::Interior,
            (Self::Boundary, _) | (_, Self::Boundary) => Self::Boundary,
            (Self::Exterior, Self::Exterior) => Self::Exterior,
        }
    }
}

/// Why a place cannot be looked up.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LocateError {
    /// A coordinate is NaN or infinite. Check where the position comes from.
    #[error("coordinate ({x}, {y}) is not finite")]
    NotFinite {
        /// First coordinate (longitude).
        x: f64,
        /// Second coordinate (latitude).
        y: f64,
    },
    /// A longitude beyond ±180° or a latitude beyond ±90°. Most often the two are swapped.
    #[error("lon {lon_deg}, lat {lat_deg} is not a place on earth")]
    OutOfRange {
        /// Longitude in degrees.
        lon_deg: f64,
        /// Latitude in degrees.
        lat_deg: f64,
    },
}

/// Locates a point with respect to a multipolygon. Planar; any finite coordinates; exact.
///
/// Within one polygon a point that is on no edge is interior when a ray from it crosses the edges
/// of all its rings an odd number of times (even-odd rule), whatever the rings' winding and
/// whether they are valid or not. Parts are combined as a union: interior to any part is
/// interior; else on the boundary of any part is boundary, also where two parts touch.
///
/// # Errors
/// [`LocateError::NotFinite`] when the point or a vertex is NaN or infinite.
///
/// # Complexity
/// Linear in the number of vertices. To ask many points, load a [`ZoneSet`](crate::ZoneSet).
///
/// # Example
/// ```
/// use geo_types::{MultiPolygon, point, polygon};
/// use logistics_geofence::{Position, classify};
///
/// let square = MultiPolygon::from(polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.), (x: 0., y: 4.)]);
/// assert_eq!(classify(&square, point!(x: 1., y: 1.))?, Position::Interior);
/// assert_eq!(classify(&square, point!(x: 4., y: 1.))?, Position::Boundary);
/// assert_eq!(classify(&square, point!(x: 4_f64.next_up(), y: 1.))?, Position::Exterior);
/// # Ok::<(), logistics_geofence::LocateError>(())
/// ```
pub fn classify(geometry: &MultiPolygon<f64>, point: Point<f64>) -> Result<Position, LocateError> {
    check_finite(point.0)?;
    geometry.0.iter().try_fold(Position::Exterior, |so_far, part| {
        check_polygon(part)?;
        Ok(so_far.or(position_in(&RawEdges(part), point.0)))
    })
}

/// [`classify`] for a single polygon.
///
/// # Errors
/// As [`classify`].
pub fn classify_polygon(
    polygon: &Polygon<f64>,
    point: Point<f64>,
) -> Result<Position, LocateError> {
    check_finite(point.0)?;
    check_polygon(polygon)?;
    Ok(position_in(&RawEdges(polygon), point.0))
}

pub(crate) fn check_finite(c: Coord) -> Result<(), LocateError> {
    if c.x.is_finite() && c.y.is_finite() {
        Ok(())
    } else {
        Err(LocateError::NotFinite { x: c.x, y: c.y })
    }
}

pub(crate) fn check_polygon(polygon: &Polygon<f64>) -> Result<(), LocateError> {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    rings.flat_map(|ring| &ring.0).try_for_each(|&c| check_finite(c))
}

/// Ray casting towards +x over the edges of one part.
pub(crate) fn position_in(edges: &impl EdgeSource, p: Coord) -> Position {
    let mut odd = false;
    let stopped = edges.in_band(p.y, p.y, &mut |a, b| match cast(a, b, p) {
        Ray::On => ControlFlow::Break(()),
        Ray::Crosses => {
            odd = !odd;
            ControlFlow::Continue(())
        }
        Ray::Misses => ControlFlow::Continue(()),
    });
    match (stopped, odd) {
        (ControlFlow::Break(()), _) => Position::Boundary,
        (_, true) => Position::Interior,
        (_, false) => Position::Exterior,
    }
}

/// The position under a rule: exterior for a place on the boundary that does not belong to the part.
pub(crate) fn ruled_position_in(rule: BoundaryRule, edges: &impl EdgeSource, p: Coord) -> Position {
    match rule {
        BoundaryRule::Covers => position_in(edges, p),
        BoundaryRule::HalfOpen => half_open_position_in(edges, p),
    }
}

/// The ray starts from where the symbolic step leads. Edges own their lower ends already; one that `p`
/// is on is level, ends in `p`, or has the ray's start to its east: it is not crossed.
fn half_open_position_in(edges: &impl EdgeSource, p: Coord) -> Position {
    let (mut odd, mut on) = (false, false);
    let _ = edges.in_band(p.y, p.y, &mut |a, b| {
        match cast(a, b, p) {
            Ray::On => on = true,
            Ray::Crosses => odd = !odd,
            Ray::Misses => {}
        }
        ControlFlow::Continue(())
    });
    match (odd, on) {
        (true, true) => Position::Boundary,
        (true, false) => Position::Interior,
        (false, _) => Position::Exterior,
    }
}

enum Ray {
    On,
    Crosses,
    Misses,
}

/// The ray from `p` to +x against one edge. An edge owns its lower end and not its upper one, so a
/// ray through a vertex counts right.
#[inline]
#[allow(clippy::float_cmp, reason = "equality of coordinates is what a vertex or level edge is")]
fn cast(a: Coord, b: Coord, p: Coord) -> Ray {
    let (a_above, b_above) = (a.y > p.y, b.y > p.y);
    if a_above == b_above {
        if a_above || (a.y < p.y && b.y < p.y) {
            return Ray::Misses;
        }
        // At least one end at the height of p, the other not above it.
        let on =
            if a.y == b.y { a.x.min(b.x) <= p.x && p.x <= a.x.max(b.x) } else { p == a || p == b };
        return if on { Ray::On } else { Ray::Misses };
    }
    if p.x < a.x.min(b.x) {
        return Ray::Crosses;
    }
    if p.x > a.x.max(b.x) {
        return Ray::Misses;
    }
    let (low, high) = if a_above { (b, a) } else { (a, b) };
    match side(low, high, p) {
        Ordering::Equal => Ray::On,
        Ordering::Greater => Ray::Crosses,
        Ordering::Less => Ray::Misses,
    }
}

#[cfg(test)]
mod tests {
    use geo_types::{LineString, polygon};

    use super::*;

    fn check(polygon: &Polygon<f64>, x: f64, y: f64, expected: Position) {
        let got = classify_polygon(polygon, Point::new(x, y)).unwrap();
        assert_eq!(got, expected, "({x}, {y})");
    }

    #[test]
    fn vertices_level_edges_and_rays_through_vertices() {
        // A crown: rays from outside pass through its points, its base is level.
        let crown = polygon![(x: 0., y: 0.), (x: 6., y: 0.), (x: 6., y: 3.), (x: 4., y: 1.), (x: 3., y: 3.), (x: 2., y: 1.), (x: 0., y: 3.)];
        for (x, y) in [(0., 0.), (6., 3.), (4., 1.), (3., 3.), (3., 0.), (0., 1.5), (5., 2.)] {
            check(&crown, x, y, Position::Boundary);
        }
        for (x, y) in [(1., 1.), (3., 1.), (5., 1.), (3., 2.)] {
            check(&crown, x, y, Position::Interior);
        }
        for (x, y) in [(-1., 0.), (-1., 1.), (-1., 3.), (7., 0.), (2., 2.), (1., 3.), (4., 2.)] {
            check(&crown, x, y, Position::Exterior);
        }
    }

    #[test]
    fn a_hole_wound_like_its_shell_is_still_a_hole() {
        let square =
            |a: f64, b: f64| LineString::from(vec![(a, a), (b, a), (b, b), (a, b), (a, a)]);
        let polygon = Polygon::new(square(0., 10.), vec![square(4., 6.)]);
        check(&polygon, 5., 5., Position::Exterior);
        check(&polygon, 4., 5., Position::Boundary);
        check(&polygon, 1., 5., Position::Interior);
    }

    #[test]
    fn invalid_rings_have_the_even_odd_answer() {
        let bow_tie = polygon![(x: 0., y: 0.), (x: 4., y: 4.), (x: 4., y: 0.), (x: 0., y: 4.)];
        check(&bow_tie, 2., 2., Position::Boundary);
        check(&bow_tie, 3., 2., Position::Interior);
        check(&bow_tie, 2., 3., Position::Exterior);
        let twice_round = polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 0., y: 4.), (x: 0., y: 0.), (x: 4., y: 0.), (x: 0., y: 4.)];
        check(&twice_round, 1., 1., Position::Exterior);
        let spike = polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 2.), (x: 9., y: 2.), (x: 4., y: 2.), (x: 4., y: 4.), (x: 0., y: 4.)];
        check(&spike, 7., 2., Position::Boundary);
        check(&spike, 2., 2., Position::Interior);
        check(&spike, 7., 2f64.next_up(), Position::Exterior);
        let repeated = polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.), (x: 0., y: 4.)];
        check(&repeated, 1., 1., Position::Interior);
        check(&repeated, 5., 0., Position::Exterior);
    }

    #[test]
    fn not_finite_is_refused() {
        let square = polygon![(x: 0., y: 0.), (x: 4., y: 0.), (x: 4., y: 4.)];
        assert!(classify_polygon(&square, Point::new(f64::NAN, 0.)).is_err());
        let broken = polygon![(x: 0., y: 0.), (x: f64::INFINITY, y: 0.), (x: 4., y: 4.)];
        assert!(classify(&MultiPolygon::from(broken), Point::new(1., 1.)).is_err());
    }
}
