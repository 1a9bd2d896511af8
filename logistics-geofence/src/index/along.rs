//! Which zones have edges near a way: those whose border it may meet.

use geo_types::{Coord, Rect};

use super::Index;
use super::lattice::Way;
use crate::orient::estimate;
use crate::set::ZoneIndex;

impl Index {
    /// Replaces `zones` by those whose border may meet the way, in order. Every other zone covers all
    /// of it or none.
    pub(crate) fn zones_met(&self, from: Coord, to: Coord, zones: &mut Vec<ZoneIndex>) {
        zones.clear();
        let around = Rect::new(from, to);
        let way = Way { from: self.lattice.units(from), to: self.lattice.units(to) };
        self.leaves(&way, |leaf| {
            for group in leaf.groups() {
                if zones.contains(&group.zone) {
                    continue;
                }
                let mut runs = group.runs();
                if runs.any(|(first, count)| {
                    let positions = &self.positions[first..=first + count];
                    positions.windows(2).any(|edge| may_meet(from, to, &around, edge))
                }) {
                    zones.push(group.zone);
                }
            }
        });
        zones.sort_unstable();
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
