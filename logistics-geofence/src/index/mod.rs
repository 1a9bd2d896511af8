//! The index over the edges of all zones: an adaptive grid. It only chooses which edges are looked
//! at; ray casting ([`position_in`]) stays the definition and decides whatever is in doubt.
//!
//! The area is a grid of squares. A square that no edge meets knows the zones that cover it. One
//! that few edges meet is a leaf: it lists them, with the parts they are of, and knows for a reference
//! place in it whether each part covers that; a point of the square is on the same side unless the way
//! to it from the reference crosses the part's edges an odd number of times. A square with more edges
//! is divided again, as far as the memory allowed goes.
//!
//! The idea is that of cells with a known point in S2 (<https://s2geometry.io/devguide/s2shapeindex>);
//! here on a plane, with sets of covering zones shared by number.

mod along;
mod build;
mod cell;
mod lattice;
mod leaf;
mod lookup;
mod nearby;
mod sides;

use std::ops::Range;

use geo_types::{Coord, Rect};

use crate::edges::BandedEdges;
use crate::set::ZoneIndex;
use crate::zone::{Zone, bbox};
use cell::{Sets, Square, divided};
use lattice::{Grid, Lattice, Shape, Site};
use leaf::{Leaf, Leaves, REFERENCES};
use sides::Edge;

pub(crate) use along::Met;
pub(crate) use lookup::join;

/// All edges, filed by square.
#[derive(Debug)]
pub(crate) struct Index {
    lattice: Lattice,
    root: Grid,
    words: Vec<u32>,
    leaves: Leaves,
    sets: Sets,
    parts: Vec<Part>,
    /// The positions of all rings, one after another; edge k runs from position k to the next.
    positions: Vec<Coord>,
}

/// One polygon of a zone.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) zone: ZoneIndex,
    /// The box around all its rings: under even-odd a hole may reach out of its shell.
    pub(crate) around: Rect<f64>,
    pub(crate) edges: BandedEdges,
    /// Where each of its rings ends among the positions: from there no edge runs.
    lasts: Vec<u32>,
    /// One behind the last.
    edges_end: u32,
}

impl Part {
    /// Whether a place is in the box around all rings.
    fn is_around(&self, c: Coord) -> bool {
        let (min, max) = (self.around.min(), self.around.max());
        (min.x..=max.x).contains(&c.x) && (min.y..=max.y).contains(&c.y)
    }

    fn is_edge(&self, edge: u32) -> bool {
        self.lasts.binary_search(&edge).is_err()
    }
}

impl Index {
    pub(crate) fn new(zones: &[Zone]) -> Self {
        let (mut parts, mut positions) = (Vec::new(), Vec::new());
        for (zone, index) in zones.iter().zip((0..).map(ZoneIndex::from_number)) {
            for polygon in &zone.geometry().0 {
                let mut lasts = Vec::new();
                let first = positions.len();
                let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
                for ring in rings.filter(|ring| !ring.0.is_empty()) {
                    // A lone position is an edge without length.
                    let lone = if ring.0.len() == 1 { &ring.0[..] } else { &[] };
                    positions.extend(ring.0.iter().chain(lone));
                    lasts.push(cell::number(positions.len() - 1));
                }
                let Some(around) = bbox(positions[first..].iter().copied()) else { continue };
                let edges_end = cell::number(positions.len());
                let edges = BandedEdges::new(polygon);
                parts.push(Part { zone: index, around, edges, lasts, edges_end });
            }
        }
        let corners = parts.iter().flat_map(|part| [part.around.min(), part.around.max()]);
        let nowhere = || Rect::new(Coord::zero(), Coord::zero());
        build::build(bbox(corners).unwrap_or_else(nowhere), parts, positions)
    }

    /// Memory in bytes, all of it: squares, leaves and the edges themselves.
    pub(crate) fn bytes(&self) -> usize {
        let parts = self.parts.iter();
        size_of_val(self.words.as_slice())
            + size_of_val(self.leaves.0.as_slice())
            + self.sets.bytes()
            + size_of_val(self.positions.as_slice())
            + parts
                .map(|part| {
                    size_of::<Part>() + size_of_val(part.lasts.as_slice()) + part.edges.bytes()
                })
                .sum::<usize>()
    }

    /// The ends of an edge.
    #[inline]
    fn ends(&self, edge: u32) -> [Coord; 2] {
        [edge as usize, edge as usize + 1].map(|end| self.positions[end])
    }

    /// The reference place of a leaf.
    #[inline]
    fn reference(&self, site: Site, leaf: &Leaf<'_>) -> Coord {
        self.lattice.degrees(site.at(REFERENCES[leaf.reference]))
    }

    /// An edge as seen from a reference.
    #[inline]
    fn seen(&self, edge: u32, reference: Coord) -> Edge {
        let [a, b] = self.ends(edge).map(|end| end - reference);
        Edge { a, b }
    }

    /// The parts of a zone, by number.
    fn parts_of(&self, zone: ZoneIndex) -> Range<usize> {
        let first = self.parts.partition_point(|part| part.zone < zone);
        first..first + self.parts[first..].partition_point(|part| part.zone == zone)
    }

    /// Calls `visit` with every leaf whose square the shape meets.
    #[inline]
    fn leaves(&self, shape: &impl Shape, mut visit: impl FnMut(Site, &Leaf<'_>)) {
        self.leaves_of(&self.root, 0, shape, &mut visit);
    }

    /// Calls `visit` with a leaf and those that follow it.
    #[inline]
    fn visit_leaf(&self, site: Site, at: u32, visit: &mut impl FnMut(Site, &Leaf<'_>)) {
        let mut rest = Some(self.leaves.get(at));
        while let Some(leaf) = rest {
            visit(site, &leaf);
            rest = leaf.next();
        }
    }

    fn leaves_of(
        &self,
        grid: &Grid,
        first: usize,
        shape: &impl Shape,
        visit: &mut impl FnMut(Site, &Leaf<'_>),
    ) {
        grid.squares(shape, |column, row| {
            let word = self.words[first + (row * grid.columns + column) as usize];
            match Square::decode(word) {
                Square::Plain { .. } => {}
                Square::Leaf { at } => {
                    let site = Site { corner: grid.corner(column, row), bits: grid.bits };
                    self.visit_leaf(site, at, visit);
                }
                Square::Divided { bits, at } => {
                    let inner = divided(grid.corner(column, row), grid.bits, bits);
                    self.leaves_of(&inner, at as usize, shape, visit);
                }
            }
        });
    }
}
