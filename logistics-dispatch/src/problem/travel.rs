//! How far it is from place to place: matrices given, or computed as the crow flies.

use geo_types::Point;
use thiserror::Error;

use super::{Location, TravelCost};

/// Mean radius of the Earth, in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A square table of whole numbers from 0 to `i32::MAX`, row = from, column = to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    size: usize,
    cells: Vec<i32>,
    greatest: i32,
}

/// Why a table is no [`Matrix`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// A row is longer or shorter than the number of rows.
    #[error("row {row} has {found} cells instead of {expected}")]
    RowLength {
        /// Which row, from 0.
        row: usize,
        /// Cells in it.
        found: usize,
        /// Rows of the table.
        expected: usize,
    },
    /// A value is negative or too large.
    #[error("cell {from} to {to} is {value}, outside 0..={max}", max = i32::MAX)]
    OutOfRange {
        /// Row, from 0.
        from: usize,
        /// Column, from 0.
        to: usize,
        /// The value.
        value: i64,
    },
}

impl Matrix {
    /// Takes over a table of rows.
    ///
    /// # Errors
    /// When it is not square or a value is out of range.
    pub fn from_rows(rows: &[Vec<i64>]) -> Result<Self, MatrixError> {
        let size = rows.len();
        for (row, cells) in rows.iter().enumerate() {
            if cells.len() != size {
                return Err(MatrixError::RowLength { row, found: cells.len(), expected: size });
            }
        }
        Self::from_fn(size, |from, to| rows[from][to])
    }

    /// Asks a function for every cell.
    ///
    /// # Errors
    /// When a value is out of range.
    pub fn from_fn(
        size: usize,
        mut cell: impl FnMut(usize, usize) -> i64,
    ) -> Result<Self, MatrixError> {
        let mut cells = Vec::with_capacity(size * size);
        for from in 0..size {
            for to in 0..size {
                let value = cell(from, to);
                match i32::try_from(value) {
                    Ok(fits) if fits >= 0 => cells.push(fits),
                    _ => return Err(MatrixError::OutOfRange { from, to, value }),
                }
            }
        }
        let greatest = cells.iter().copied().max().unwrap_or(0);
        Ok(Self { size, cells, greatest })
    }

    /// Rows, which are as many as columns.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    pub(super) fn max(&self) -> i64 {
        i64::from(self.greatest)
    }

    pub(crate) fn at(&self, from: usize, to: usize) -> i64 {
        i64::from(self.cells[from * self.size + to])
    }
}

/// Great-circle distance times a detour factor, driven at a steady speed: for those
/// who have no matrix.
///
/// Deterministic on every platform: transcendental functions come from `libm`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Haversine {
    /// Road metres per metre as the crow flies; 1.3 to 1.4 is usual in cities.
    pub detour: f64,
    /// Kilometres per hour.
    pub speed_kmh: f64,
}

impl Haversine {
    /// Road distance between two points (x = longitude, y = latitude, degrees), in
    /// metres, unrounded.
    #[must_use]
    pub fn road_m(&self, from: Point<f64>, to: Point<f64>) -> f64 {
        let (lat_1, lat_2) = (from.y().to_radians(), to.y().to_radians());
        let half_lat = libm::sin((lat_2 - lat_1) / 2.0);
        let half_lon = libm::sin((to.x() - from.x()).to_radians() / 2.0);
        let chord = half_lat * half_lat + libm::cos(lat_1) * libm::cos(lat_2) * half_lon * half_lon;
        2.0 * EARTH_RADIUS_M * libm::asin(chord.min(1.0).sqrt()) * self.detour
    }

    pub(super) fn is_valid(&self) -> bool {
        self.detour.is_finite()
            && (0.1..=100.0).contains(&self.detour)
            && self.speed_kmh.is_finite()
            && (0.1..=1000.0).contains(&self.speed_kmh)
    }

    pub(super) fn legs(&self, points: &[Point<f64>]) -> Result<Legs, MatrixError> {
        let size = points.len();
        let meters_per_second = self.speed_kmh / 3.6;
        let mut road_m = vec![0.0; size * size];
        for from in 0..size {
            for to in from + 1..size {
                let leg = self.road_m(points[from], points[to]);
                road_m[from * size + to] = leg;
                road_m[to * size + from] = leg;
            }
        }
        let distances = Matrix::from_fn(size, |i, j| whole(road_m[i * size + j]))?;
        let durations =
            Matrix::from_fn(size, |i, j| whole(road_m[i * size + j] / meters_per_second))?;
        Ok(Legs { durations: Some(durations), distances: Some(distances), costs: None })
    }
}

/// The nearest whole number, halves away from zero. (Rounding and square roots of the
/// standard library are exact on every platform; its sines and logarithms are not.)
#[allow(
    clippy::cast_possible_truncation,
    reason = "distances on Earth are far inside i64, and the cast saturates"
)]
pub(crate) fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// A way of travelling: where durations, distances and costs come from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Travel {
    /// Tables over the problem's locations; those of one problem are equally large.
    Matrices {
        /// Seconds of driving. `None`: driving takes no time.
        durations: Option<Matrix>,
        /// Metres of driving.
        distances: Option<Matrix>,
        /// Cost of driving, for vehicles with [`TravelCost::Matrix`].
        costs: Option<Matrix>,
    },
    /// Computed from the coordinates of the locations.
    Haversine(Haversine),
}

impl Travel {
    /// Seconds of driving only.
    #[must_use]
    pub fn durations(durations: Matrix) -> Self {
        Self::Matrices { durations: Some(durations), distances: None, costs: None }
    }

    /// Metres of driving only: driving takes no time.
    #[must_use]
    pub fn distances(distances: Matrix) -> Self {
        Self::Matrices { durations: None, distances: Some(distances), costs: None }
    }
}

/// The tables of one profile, as the problem keeps them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Legs {
    pub(crate) durations: Option<Matrix>,
    pub(crate) distances: Option<Matrix>,
    pub(crate) costs: Option<Matrix>,
}

impl Legs {
    #[inline]
    fn cell(table: Option<&Matrix>, from: Location, to: Location) -> i64 {
        table.map_or(0, |table| table.at(from.index(), to.index()))
    }

    pub(crate) fn duration_s(&self, from: Location, to: Location) -> i64 {
        Self::cell(self.durations.as_ref(), from, to)
    }

    pub(crate) fn distance_m(&self, from: Location, to: Location) -> i64 {
        Self::cell(self.distances.as_ref(), from, to)
    }

    #[inline]
    pub(crate) fn cost(&self, rate: TravelCost, from: Location, to: Location) -> i64 {
        match rate {
            TravelCost::PerUnit { per_second, per_meter } => per_second
                .saturating_mul(self.duration_s(from, to))
                .saturating_add(per_meter.saturating_mul(self.distance_m(from, to))),
            TravelCost::Matrix => Self::cell(self.costs.as_ref(), from, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_latitude_is_111_km() {
        let straight = Haversine { detour: 1.0, speed_kmh: 36.0 };
        let metres = straight.road_m(Point::new(73.8, 18.0), Point::new(73.8, 19.0));
        assert!((metres - 111_195.08).abs() < 0.1, "{metres}");
    }

    #[test]
    fn speed_and_detour_enter_the_tables() {
        let bike = Haversine { detour: 1.35, speed_kmh: 18.0 };
        let legs = bike.legs(&[Point::new(73.8, 18.0), Point::new(73.8, 18.01)]).unwrap();
        let (here, there) = (Location::new(0), Location::new(1));
        assert_eq!(legs.distance_m(here, there), 1501);
        assert_eq!(legs.duration_s(here, there), 300);
    }

    #[test]
    fn a_matrix_is_square_and_in_range() {
        assert_eq!(
            Matrix::from_rows(&[vec![0, 1], vec![2]]),
            Err(MatrixError::RowLength { row: 1, found: 1, expected: 2 })
        );
        assert_eq!(
            Matrix::from_rows(&[vec![0, -1], vec![2, 0]]),
            Err(MatrixError::OutOfRange { from: 0, to: 1, value: -1 })
        );
    }
}
