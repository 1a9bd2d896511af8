//! The edges of one polygon part, in full or by height: what ray casting and the sweep read.

use std::ops::ControlFlow;

use geo_types::{Coord, LineString, Polygon};

use crate::locate::{Position, position_in};

/// Gives edges by height. Rings closed, even-odd: which ring an edge is of does not matter.
pub(crate) trait EdgeSource {
    /// Calls `visit` once for every edge that shares a height with `[low, high]`, and maybe for
    /// others, until it breaks.
    fn in_band(
        &self,
        low: f64,
        high: f64,
        visit: &mut impl FnMut(Coord, Coord) -> ControlFlow<()>,
    ) -> ControlFlow<()>;

    /// Calls `visit` once for every edge that meets the way from→to, and maybe for others.
    fn along(&self, from: Coord, to: Coord, visit: &mut impl FnMut(Coord, Coord)) {
        let _ = self.in_band(from.y.min(to.y), from.y.max(to.y), &mut |a, b| {
            visit(a, b);
            ControlFlow::Continue(())
        });
    }

    /// Whether a place on no edge, where a way begins, is interior.
    fn covers(&self, from: Coord) -> bool
    where
        Self: Sized,
    {
        position_in(self, from) == Position::Interior
    }
}

/// A polygon as it is, without an index.
pub(crate) struct RawEdges<'a>(pub(crate) &'a Polygon<f64>);

impl EdgeSource for RawEdges<'_> {
    fn in_band(
        &self,
        _low: f64,
        _high: f64,
        visit: &mut impl FnMut(Coord, Coord) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        ring_edges(self.0).try_for_each(|[a, b]| visit(a, b))
    }
}

/// The edges of all rings of a polygon. A ring of a single position is one edge without length.
pub(crate) fn ring_edges(polygon: &Polygon<f64>) -> impl Iterator<Item = [Coord; 2]> {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    rings.flat_map(edges_of)
}

fn edges_of(ring: &LineString<f64>) -> impl Iterator<Item = [Coord; 2]> {
    let lone = match ring.0.as_slice() {
        [only] => Some([*only, *only]),
        _ => None,
    };
    lone.into_iter().chain(ring.0.windows(2).filter_map(|pair| <[Coord; 2]>::try_from(pair).ok()))
}

/// The edges of one polygon, filed by level bands of equal height. An edge is listed in every
/// band it reaches, so a lookup reads one band.
#[derive(Clone, Debug)]
pub(crate) struct BandedEdges {
    edges: Vec<[Coord; 2]>,
    /// Band k lists `filed[starts[k]..starts[k + 1]]`.
    starts: Vec<u32>,
    filed: Vec<u32>,
    scale: BandScale,
}

/// Maps a height to its band. Monotone, so an edge's bands are those between its ends'.
#[derive(Clone, Copy, Debug)]
struct BandScale {
    low: f64,
    per_unit: f64,
    last: usize,
}

impl BandScale {
    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float-to-integer cast saturates, which is the clamping wanted here"
    )]
    fn band(self, y: f64) -> usize {
        (((y - self.low) * self.per_unit) as usize).min(self.last)
    }
}

/// An edge may be filed in this many bands on average; past it the bands get higher.
const FILED_PER_EDGE: usize = 4;

impl BandedEdges {
    pub(crate) fn new(polygon: &Polygon<f64>) -> Self {
        let edges: Vec<_> = ring_edges(polygon).collect();
        let low = edges.iter().map(|e| e[0].y).fold(f64::INFINITY, f64::min);
        let high = edges.iter().map(|e| e[0].y).fold(f64::NEG_INFINITY, f64::max);
        let mut bands = edges.len().max(1);
        let scale = loop {
            let scale = BandScale { low, per_unit: per_unit(bands, high - low), last: bands - 1 };
            let filed: usize = edges.iter().map(|e| reach(scale, e).count()).sum();
            if bands == 1 || filed <= FILED_PER_EDGE * edges.len() {
                break scale;
            }
            bands /= 2;
        };
        let mut starts = vec![0_u32; bands + 1];
        for band in edges.iter().flat_map(|e| reach(scale, e)) {
            starts[band + 1] += 1;
        }
        for band in 0..bands {
            starts[band + 1] += starts[band];
        }
        let mut next = starts.clone();
        let mut filed = vec![0; starts.last().map_or(0, |&n| n as usize)];
        for (index, edge) in (0_u32..).zip(&edges) {
            for band in reach(scale, edge) {
                filed[next[band] as usize] = index;
                next[band] += 1;
            }
        }
        Self { edges, starts, filed, scale }
    }

    /// Memory in bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.edges.as_slice())
            + size_of_val(self.starts.as_slice())
            + size_of_val(self.filed.as_slice())
    }
}

#[allow(clippy::cast_precision_loss, reason = "a number of bands is far below 2⁵³")]
fn per_unit(bands: usize, height: f64) -> f64 {
    let per_unit = bands as f64 / height;
    if per_unit.is_finite() { per_unit } else { 0.0 }
}

fn reach(scale: BandScale, [a, b]: &[Coord; 2]) -> std::ops::RangeInclusive<usize> {
    scale.band(a.y.min(b.y))..=scale.band(a.y.max(b.y))
}

impl EdgeSource for BandedEdges {
    #[inline]
    fn in_band(
        &self,
        low: f64,
        high: f64,
        visit: &mut impl FnMut(Coord, Coord) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (first, last) = (self.scale.band(low), self.scale.band(high));
        for band in first..=last {
            let listed = self.starts[band] as usize..self.starts[band + 1] as usize;
            for &index in &self.filed[listed] {
                let [a, b] = self.edges[index as usize];
                // Filed in several of the bands asked for: taken in the first only.
                if band > first && self.scale.band(a.y.min(b.y)) < band {
                    continue;
                }
                visit(a, b)?;
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use geo_types::polygon;

    use super::*;

    #[test]
    fn a_band_gives_each_edge_it_shares_a_height_with_once() {
        let comb = polygon![(x: 0., y: 0.), (x: 1., y: 9.), (x: 2., y: 1.), (x: 3., y: 8.), (x: 4., y: 2.), (x: 5., y: 2.), (x: 6., y: 7.)];
        let banded = BandedEdges::new(&comb);
        for (low, high) in [(0., 0.), (2., 2.), (1.5, 7.5), (9., 9.), (-1., 10.), (8.5, 8.75)] {
            let mut seen = Vec::new();
            let _ = banded.in_band(low, high, &mut |a, b| {
                seen.push([a, b]);
                ControlFlow::Continue(())
            });
            for edge in ring_edges(&comb) {
                let times = seen.iter().filter(|e| **e == edge).count();
                let shares = edge[0].y.min(edge[1].y) <= high && low <= edge[0].y.max(edge[1].y);
                assert!(times <= 1 && (times == 1 || !shares), "{edge:?} {low}..{high}: {times}");
            }
        }
    }
}
