//! Which edges are near a way, and what the parts they are of cover of it.

use std::ops::ControlFlow;

use geo_types::Coord;

use super::lattice::{Site, Way};
use super::leaf::{Group, Leaf};
use super::lookup::Place;
use super::sides::Point;
use super::{Index, Part};
use crate::along::Scratch;
use crate::edges::EdgeSource;
use crate::set::ZoneIndex;

/// An edge that a way may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Met {
    pub(crate) zone: ZoneIndex,
    part: u32,
    edge: u32,
}

impl Index {
    /// Adds the edges that the way may meet, each once, in order. A zone without any covers all of the
    /// way or none. `start` and `end` are the places of its ends.
    pub(crate) fn edges_met(
        &self,
        [from, to]: [Coord; 2],
        [start, end]: [Place; 2],
        met: &mut Vec<Met>,
    ) {
        let mut add = |site: Site, leaf: &Leaf<'_>| {
            for (edge, own) in self.leaf_edges_met(site, leaf, [from, to]) {
                let Group { zone, part } = leaf.group(own.trailing_zeros());
                met.push(Met { zone, part, edge });
            }
        };
        self.leaves_along([from, to], [start, end], &mut add);
        met.sort_unstable();
        met.dedup();
    }

    /// Whether no edge is on the way: then the same zones cover all of it.
    pub(crate) fn is_free(&self, way: [Coord; 2], [start, end]: [Place; 2]) -> bool {
        let mut is_free = true;
        self.leaves_along(way, [start, end], &mut |site, leaf| {
            is_free = is_free && self.leaf_edges_met(site, leaf, way).next().is_none();
        });
        is_free
    }

    /// Every edge of a leaf that a way may meet: its number, and the bit of its group.
    #[inline]
    fn leaf_edges_met<'a>(
        &'a self,
        site: Site,
        leaf: &Leaf<'a>,
        way: [Coord; 2],
    ) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        let reference = self.reference(site, leaf);
        let way = way.map(|c| Point::new(c - reference));
        leaf.edges().filter(move |&(edge, _)| self.seen(edge, reference).may_be_met(way))
    }

    /// Calls `visit` with the leaves along a way; `start` and `end` are the places of its ends.
    #[inline]
    fn leaves_along(
        &self,
        [from, to]: [Coord; 2],
        [start, end]: [Place; 2],
        visit: &mut impl FnMut(Site, &Leaf<'_>),
    ) {
        // Mostly a step does not leave its square.
        if let Some((site, at)) = start.leaf().filter(|_| start == end) {
            self.visit_leaf(site, at, visit);
        } else if !start.is_joined_to(end) {
            self.leaves(&Way::new(self.lattice.units(from), self.lattice.units(to)), visit);
        }
    }

    /// Adds what a zone covers of a way that begins in `from`, from the edges of it that are met.
    pub(crate) fn add_zone(
        &self,
        start: Place,
        from: Coord,
        met: &[Met],
        scratch: &mut Scratch<'_>,
    ) {
        let Some(&Met { zone, .. }) = met.first() else { return };
        for part in self.parts_of(zone) {
            let is_before = |met: &Met| (met.part as usize) < part;
            let first = met.partition_point(is_before);
            let count = met[first..].partition_point(|met| met.part as usize == part);
            let own = &met[first..first + count];
            let edges =
                EdgesMet { index: self, part: &self.parts[part], number: part, start, met: own };
            if !own.is_empty() {
                scratch.add_part(zone, &edges);
            } else if edges.part.is_around(from) && edges.covers(from) {
                scratch.add_whole_part(zone);
            }
        }
    }
}

/// The edges of a part, those along one way known.
struct EdgesMet<'a> {
    index: &'a Index,
    part: &'a Part,
    number: usize,
    /// Where the way begins.
    start: Place,
    met: &'a [Met],
}

impl EdgeSource for EdgesMet<'_> {
    fn in_band(
        &self,
        low: f64,
        high: f64,
        visit: &mut impl FnMut(Coord, Coord) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.part.edges.in_band(low, high, visit)
    }

    fn along(&self, _: Coord, _: Coord, visit: &mut impl FnMut(Coord, Coord)) {
        for met in self.met {
            let [a, b] = self.index.ends(met.edge);
            visit(a, b);
        }
    }

    fn covers(&self, from: Coord) -> bool {
        self.index.part_covers(self.start, self.number, from)
    }
}
