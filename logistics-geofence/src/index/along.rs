//! Which edges are near a way, and what the parts they are of cover of it.

use std::ops::ControlFlow;

use geo_types::{Coord, Rect};

use super::cell::Leaf;
use super::lattice::Way;
use super::lookup::Place;
use super::{Index, Part};
use crate::along::Scratch;
use crate::edges::EdgeSource;
use crate::orient::estimate;
use crate::set::ZoneIndex;

/// An edge that a way may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Met {
    pub(crate) zone: ZoneIndex,
    part: usize,
    edge: usize,
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
        let around = Rect::new(from, to);
        let mut add = |leaf: &Leaf<'_>| {
            for group in leaf.groups() {
                for run in group.runs() {
                    let edges = self.positions[run.first..=run.first + run.count].windows(2);
                    for (edge, ends) in (run.first..).zip(edges) {
                        if may_meet(from, to, &around, ends) {
                            met.push(Met { zone: group.zone, part: group.part, edge });
                        }
                    }
                }
            }
        };
        // Mostly a step does not leave its square.
        if let Some(at) = start.leaf().filter(|_| start == end) {
            add(&self.leaves.get(at));
        } else if !start.is_joined_to(end) {
            self.leaves(&Way::new(self.lattice.units(from), self.lattice.units(to)), add);
        }
        met.sort_unstable();
        met.dedup();
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
            let first = met.partition_point(|met| met.part < part);
            let count = met[first..].partition_point(|met| met.part == part);
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
            visit(self.index.positions[met.edge], self.index.positions[met.edge + 1]);
        }
    }

    fn covers(&self, from: Coord) -> bool {
        self.index.part_covers(self.start, self.number, from)
    }
}

/// False only when the edge is certainly apart from the way from→to, whose box is `around`.
#[inline]
fn may_meet(from: Coord, to: Coord, around: &Rect<f64>, edge: &[Coord]) -> bool {
    let &[a, b] = edge else { return false };
    let (min, max) = (around.min(), around.max());
    let apart = a.x.max(b.x) < min.x
        || a.x.min(b.x) > max.x
        || a.y.max(b.y) < min.y
        || a.y.min(b.y) > max.y;
    if apart {
        return false;
    }
    let side = |p: Coord| estimate(to, p, from);
    let (a, b) = (side(a), side(b));
    let left = a.value > a.error && b.value > b.error;
    let right = a.value < -a.error && b.value < -b.error;
    !left && !right
}
