//! To whom a boundary belongs: to both of its sides, or to exactly one.
//!
//! The half-open rule moves a place by a symbolic step, not by a number: east by ε and north by ε², with
//! ε smaller than every positive number. So moved it is on no edge at all, and every question about it
//! is a comparison of coordinates, exact and the same on every machine. It is the "simulation of
//! simplicity" of H. Edelsbrunner and E. P. Mücke, ACM Transactions on Graphics 9 (1990),
//! <https://doi.org/10.1145/77635.77639>, applied to the place that is asked for.

use std::cmp::Ordering;

use geo_types::Coord;

/// Which places on its boundary a zone covers. A [`ZoneSet`](crate::ZoneSet) has one rule for
/// lookups, segments and tracking alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BoundaryRule {
    /// All: a place on a border that two zones share is in both.
    #[default]
    Covers,
    /// Those that are inside once they are moved by an infinitesimal step east, and a still smaller
    /// one north. Where zones share a border, vertices too, a place on it is in exactly one of them:
    /// the one to the east or, on a level edge, to the north.
    ///
    /// A place on an outer border that has its zone to the west or, level, to the south is in none;
    /// so is the north pole. The meridians 180 and −180 are one: what lies on it is in the zone that
    /// begins at −180.
    HalfOpen,
}

/// Whether the symbolic step, from any place on the line a→b, leads to its left; false for a = b.
///
/// The sign of the cross product of a→b with (ε, ε²): unless the line is level, the step's eastern
/// part decides.
#[allow(clippy::float_cmp, reason = "a level line is one whose ends have the same height")]
pub(crate) fn steps_to_left(a: Coord, b: Coord) -> bool {
    if a.y == b.y { b.x > a.x } else { b.y < a.y }
}

/// Whether a ray from `v` to `other`, on the left or the right of a line through `v`, lies between
/// the line's way back from `v` and the symbolic step from `v`; that leads to the same side.
pub(crate) fn steps_past(v: Coord, other: Coord, side: Ordering) -> bool {
    match side {
        Ordering::Greater => !steps_to_left(v, other),
        Ordering::Less => steps_to_left(v, other),
        Ordering::Equal => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_goes_east_and_then_north() {
        let c = |x, y| Coord { x, y };
        let o = c(0.0, 0.0);
        // North of a line to the east, east of one to the north is right, and so on.
        for (to, left) in [
            (c(1.0, 0.0), true),
            (c(-1.0, 0.0), false),
            (c(0.0, 1.0), false),
            (c(0.0, -1.0), true),
            (c(9.0, 5e-324), false),
            (c(-9.0, 5e-324), false),
            (c(9.0, -5e-324), true),
            (c(-9.0, -5e-324), true),
        ] {
            assert_eq!(steps_to_left(o, to), left, "{to:?}");
        }
    }
}
