//! The line that a partner drew over a day, thinned to what a map can show.

use geo_types::Point;

use super::distance::{distance_m, distance_to_segment_m};
use super::fix::Fix;
use super::polyline;

/// A thinned line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trail {
    points: Vec<Point<f64>>,
    length_m: f64,
}

impl Trail {
    /// The line through `fixes`, which are in the order of their times, without the points that lie
    /// within `tolerance_m` of the line through the others.
    ///
    /// Douglas and Peucker, "Algorithms for the reduction of the number of points required to
    /// represent a digitized line or its caricature", 1973, doi:10.3138/FM57-6770-U75U-7727. What
    /// lies within a quarter of the tolerance of the point before it is left out beforehand: a
    /// standing partner's noise would cost the most and show the least. So no fix is further from
    /// the line than one and a quarter of the tolerance.
    #[must_use]
    pub fn of(fixes: &[Fix], tolerance_m: f64) -> Self {
        let spaced = space(fixes, tolerance_m / 4.0);
        let points = thin(&spaced, tolerance_m);
        let length_m = points.windows(2).map(|pair| distance_m(pair[0], pair[1])).sum();
        Self { points, length_m }
    }

    /// Its points.
    #[must_use]
    pub fn points(&self) -> &[Point<f64>] {
        &self.points
    }

    /// Its length in metres.
    #[must_use]
    pub fn length_m(&self) -> f64 {
        self.length_m
    }

    /// The coordinates of a GeoJSON `LineString` (RFC 7946), longitude first. A valid one has at
    /// least two.
    #[must_use]
    pub fn coordinates(&self) -> Vec<[f64; 2]> {
        self.points.iter().map(|point| [point.x(), point.y()]).collect()
    }

    /// The line as an encoded polyline: see [`polyline`].
    #[must_use]
    pub fn encoded(&self) -> String {
        polyline::encode(&self.points)
    }
}

/// The fixes' points at least `gap_m` from the one before, and the last.
fn space(fixes: &[Fix], gap_m: f64) -> Vec<Point<f64>> {
    let mut spaced: Vec<Point<f64>> = Vec::with_capacity(fixes.len());
    for (at, fix) in fixes.iter().enumerate() {
        let far = spaced.last().is_none_or(|&before| distance_m(before, fix.position) > gap_m);
        let end = at + 1 == fixes.len() && spaced.last() != Some(&fix.position);
        if far || end {
            spaced.push(fix.position);
        }
    }
    spaced
}

/// `points` without those within `tolerance_m` of the line through the others.
pub(super) fn thin(points: &[Point<f64>], tolerance_m: f64) -> Vec<Point<f64>> {
    let Some(last) = points.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut kept = vec![false; points.len()];
    kept[0] = true;
    kept[last] = true;
    // A stack of its own: a day's line is long enough for recursion to matter.
    let mut pending = vec![(0, last)];
    while let Some((start, end)) = pending.pop() {
        let off_m = |at: usize| distance_to_segment_m(points[at], points[start], points[end]);
        let inner = (start + 1..end).map(|at| (at, off_m(at)));
        match inner.max_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((at, off_m)) if off_m > tolerance_m => {
                kept[at] = true;
                pending.extend([(start, at), (at, end)]);
            }
            _ => {}
        }
    }
    points.iter().zip(kept).filter(|(_, kept)| *kept).map(|(point, _)| *point).collect()
}
