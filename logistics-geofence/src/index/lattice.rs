//! The plane of the index: degrees to small whole units, and which squares of a grid a shape meets.
//!
//! Rounding moves a place by less than 2⁻³² units. Shapes are widened by [`MARGIN`], so whatever
//! meets a square is found in it; that it may be found in a neighbour as well costs time only.

use geo_types::{Coord, Rect};

/// Units along the longer side of the box around all zones.
const UNITS: f64 = 1_048_576.0;
/// Exponent of [`UNITS`].
pub(super) const UNIT_BITS: u32 = 20;
/// The smallest unit in degrees, about a tenth of a millimetre.
const UNIT_MIN_DEG: f64 = 1e-9;
/// In units; far above what rounding does.
const MARGIN: f64 = 1.0 / 1024.0;

/// Maps degrees to units and back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lattice {
    origin: Coord,
    unit: f64,
    per_unit: f64,
}

impl Lattice {
    pub(super) fn over(area: Rect<f64>) -> Self {
        let unit = (area.width().max(area.height()) / UNITS).max(UNIT_MIN_DEG);
        Self { origin: area.min(), unit, per_unit: 1.0 / unit }
    }

    #[inline]
    pub(super) fn units(&self, c: Coord) -> Coord {
        Coord { x: (c.x - self.origin.x) * self.per_unit, y: (c.y - self.origin.y) * self.per_unit }
    }

    #[inline]
    pub(super) fn degrees(&self, units: Coord) -> Coord {
        Coord { x: self.origin.x + units.x * self.unit, y: self.origin.y + units.y * self.unit }
    }
}

/// A square of the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// Lower left corner, in units.
    pub(super) corner: (u32, u32),
    /// Binary logarithm of its side in units.
    pub(super) bits: u32,
}

impl Site {
    /// A place in the square, in units: so many sides right of and above its corner.
    #[inline]
    pub(super) fn at(self, [x, y]: [f64; 2]) -> Coord {
        let side = f64::from(1_u32 << self.bits);
        Coord { x: f64::from(self.corner.0) + x * side, y: f64::from(self.corner.1) + y * side }
    }
}

/// The whole unit a coordinate lies in; negative ones count as 0, too large ones as the last.
#[inline]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float-to-integer cast saturates, which is the clamping wanted here"
)]
pub(super) fn whole(units: f64) -> u32 {
    units as u32
}

/// What can be looked for in squares. All in units, without margin.
pub(super) trait Shape {
    /// Its lowest and highest y.
    fn height(&self) -> [f64; 2];
    /// Its least and greatest x between two heights.
    fn width_between(&self, low: f64, high: f64) -> [f64; 2];
}

/// An upright box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) min: Coord,
    pub(super) max: Coord,
}

impl Shape for Window {
    fn height(&self) -> [f64; 2] {
        [self.min.y, self.max.y]
    }

    fn width_between(&self, _: f64, _: f64) -> [f64; 2] {
        [self.min.x, self.max.x]
    }
}

/// A straight way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) from: Coord,
    pub(super) to: Coord,
    /// Share of the way for a unit of height; not finite when it is level, or as good as.
    per_height: f64,
}

impl Way {
    #[inline]
    pub(super) fn new(from: Coord, to: Coord) -> Self {
        Self { from, to, per_height: 1.0 / (to.y - from.y) }
    }
}

impl Shape for Way {
    #[inline]
    fn height(&self) -> [f64; 2] {
        [self.from.y.min(self.to.y), self.from.y.max(self.to.y)]
    }

    #[inline]
    fn width_between(&self, low: f64, high: f64) -> [f64; 2] {
        if !self.per_height.is_finite() {
            return [self.from.x.min(self.to.x), self.from.x.max(self.to.x)];
        }
        let at = |y: f64| {
            let t = ((y - self.from.y) * self.per_height).clamp(0.0, 1.0);
            self.from.x + t * (self.to.x - self.from.x)
        };
        let (a, b) = (at(low), at(high));
        [a.min(b), a.max(b)]
    }
}

/// A grid of squares with sides of 2^`bits` units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    /// Lower left corner, in units.
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) bits: u32,
    pub(super) columns: u32,
    pub(super) rows: u32,
}

impl Grid {
    pub(super) fn len(&self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// Lower left corner of a square.
    pub(super) fn corner(&self, column: u32, row: u32) -> (u32, u32) {
        (self.x + (column << self.bits), self.y + (row << self.bits))
    }

    /// Calls `visit` with column and row of every square that the shape meets.
    #[inline]
    pub(super) fn squares(&self, shape: &impl Shape, mut visit: impl FnMut(u32, u32)) {
        let side = f64::from(1_u32 << self.bits);
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        let [low, high] = shape.height();
        let Some((first, last)) = range(low - y, high - y, side, self.rows) else { return };
        for row in first..=last {
            let below = y + f64::from(row) * side;
            let [left, right] =
                shape.width_between(below - 2.0 * MARGIN, below + side + 2.0 * MARGIN);
            let Some((first, last)) = range(left - x, right - x, side, self.columns) else {
                continue;
            };
            for column in first..=last {
                visit(column, row);
            }
        }
    }
}

/// The squares between two places of an axis; nothing when all of them are off the grid.
#[inline]
fn range(low: f64, high: f64, side: f64, count: u32) -> Option<(u32, u32)> {
    let (low, high) = (low - MARGIN, high + MARGIN);
    if !(high >= 0.0 && low < f64::from(count) * side) {
        return None;
    }
    // Exact: a side is a power of two.
    let per_side = 1.0 / side;
    Some((whole(low * per_side), whole(high * per_side).min(count - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(shape: &impl Shape) -> Vec<(u32, u32)> {
        let grid = Grid { x: 8, y: 8, bits: 2, columns: 4, rows: 4 };
        let mut found = Vec::new();
        grid.squares(shape, |column, row| found.push((column, row)));
        found
    }

    #[test]
    fn a_way_meets_the_squares_it_runs_through_and_those_it_touches() {
        let c = |x, y| Coord { x, y };
        assert_eq!(squares(&Way::new(c(9.0, 9.0), c(11.0, 10.0))), [(0, 0)]);
        assert_eq!(
            squares(&Way::new(c(9.0, 10.0), c(23.0, 10.0))),
            [(0, 0), (1, 0), (2, 0), (3, 0)]
        );
        // On the line between two rows: both.
        assert_eq!(squares(&Way::new(c(9.0, 12.0), c(10.0, 12.0))), [(0, 0), (0, 1)]);
        // Up the diagonal, through corners.
        let diagonal = squares(&Way::new(c(0.0, 0.0), c(40.0, 40.0)));
        assert!((0..4).all(|k| diagonal.contains(&(k, k))) && diagonal.len() <= 10);
        assert_eq!(squares(&Way::new(c(0.0, 0.0), c(7.0, 40.0))), []);
        assert_eq!(squares(&Way::new(c(10.0, 40.0), c(10.0, 25.0))), []);
        assert_eq!(squares(&Way::new(c(13.0, 13.0), c(13.0, 13.0))), [(1, 1)]);
    }

    #[test]
    fn a_window_meets_what_it_covers() {
        let window = Window { min: Coord { x: 11.0, y: 0.0 }, max: Coord { x: 13.0, y: 17.0 } };
        assert_eq!(squares(&window), [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]);
    }
}
