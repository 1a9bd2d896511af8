//! Which zones cover a point.

use geo_types::Coord;

use super::cell::{Group, Leaf, Square};
use super::lattice::whole;
use super::{Index, Part};
use crate::locate::{Position, position_in};
use crate::orient::estimate;
use crate::set::ZoneHit;

/// The undivided square that a point is in; nothing off the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    square: Option<(usize, Square)>,
}

impl Place {
    /// Whether no edge is between this place and another one, because both are in one square
    /// without edges.
    #[inline]
    pub(crate) fn is_joined_to(self, other: Self) -> bool {
        self == other && matches!(self.square, Some((_, Square::Plain { .. })))
    }
}

impl Index {
    #[inline]
    pub(crate) fn place(&self, c: Coord) -> Place {
        let at = self.lattice.units(c);
        // Not a number, or below or left of the grid.
        if !(at.x >= 0.0 && at.y >= 0.0) {
            return Place { square: None };
        }
        let (x, y) = (whole(at.x), whole(at.y));
        let mut bits = self.root.bits;
        let (column, row) = (x >> bits, y >> bits);
        if column >= self.root.columns || row >= self.root.rows {
            return Place { square: None };
        }
        let mut word = row as usize * self.root.columns as usize + column as usize;
        loop {
            let square = Square::decode(self.words[word]);
            let Square::Divided { bits: inner, at } = square else {
                return Place { square: Some((word, square)) };
            };
            bits -= inner;
            let mask = (1 << inner) - 1;
            word = at as usize + ((((y >> bits) & mask) << inner) | ((x >> bits) & mask)) as usize;
        }
    }

    /// Adds the zones that cover a point, in order; `place` is that of the point.
    #[inline]
    pub(crate) fn hits(&self, place: Place, c: Coord, hits: &mut Vec<ZoneHit>) {
        match place.square {
            Some((_, Square::Plain { set })) => hits.extend_from_slice(self.sets.get(set)),
            Some((_, Square::Leaf { at })) => self.leaf_hits(&self.leaves.get(at), c, hits),
            _ => {}
        }
    }

    fn leaf_hits(&self, leaf: &Leaf<'_>, c: Coord, hits: &mut Vec<ZoneHit>) {
        let first = hits.len();
        hits.extend_from_slice(self.sets.get(leaf.set));
        let after = hits.len();
        for group in leaf.groups() {
            let at = match self.covers(&group, leaf.reference, c) {
                Some(true) => Position::Interior,
                Some(false) => continue,
                None => by_definition(&self.parts[group.part], c),
            };
            let before = hits[after..].last_mut().filter(|hit| hit.zone == group.zone);
            if let Some(hit) = before {
                hit.at = hit.at.or(at);
            } else if at != Position::Exterior {
                hits.push(ZoneHit { zone: group.zone, at });
            }
        }
        if first < after && after < hits.len() {
            join(hits);
        }
    }

    /// Whether a part covers a place that is on none of its edges.
    pub(super) fn part_covers(&self, place: Place, part: usize, c: Coord) -> bool {
        let zone = self.parts[part].zone;
        let is_in = |set| self.sets.get(set).iter().any(|hit| hit.zone == zone);
        // Which part of a zone it is that covers a square, sets do not say.
        let by_set = |set| (self.parts_of(zone).len() == 1).then(|| is_in(set));
        let known = match place.square {
            Some((_, Square::Plain { set })) => by_set(set),
            Some((_, Square::Leaf { at })) => {
                let leaf = self.leaves.get(at);
                match leaf.groups().find(|group| group.part == part) {
                    Some(group) => self.covers(&group, leaf.reference, c),
                    None => by_set(leaf.set),
                }
            }
            _ => None,
        };
        known.unwrap_or_else(|| by_definition(&self.parts[part], c) == Position::Interior)
    }

    /// Whether the part covers the point; nothing when a sign is in doubt.
    ///
    /// Of the edges listed, those with one end on each side of the line reference→point, and the
    /// reference and the point on each side of theirs, are crossed.
    #[inline]
    fn covers(&self, group: &Group<'_>, reference: Coord, c: Coord) -> Option<bool> {
        let mut inside = group.inside;
        for (first, count) in group.runs() {
            let positions = self.positions.get(first..=first + count)?;
            let (&start, rest) = positions.split_first()?;
            let mut a = start;
            let mut a_left = left_of(reference, c, a)?;
            for &b in rest {
                let b_left = left_of(reference, c, b)?;
                inside ^= a_left != b_left && left_of(a, b, reference)? != left_of(a, b, c)?;
                (a, a_left) = (b, b_left);
            }
        }
        Some(inside)
    }
}

/// Puts hits in order and joins those of one zone: of a place on the antimeridian, looked up on both
/// of its sides, or of parts that overlap.
pub(crate) fn join(hits: &mut Vec<ZoneHit>) {
    hits.sort_unstable_by_key(|hit| hit.zone);
    hits.dedup_by(|next, kept| {
        let same = next.zone == kept.zone;
        if same {
            kept.at = kept.at.or(next.at);
        }
        same
    });
}

#[cold]
fn by_definition(part: &Part, c: Coord) -> Position {
    position_in(&part.edges, c)
}

/// Whether the way from→to crosses the edge a→b; nothing when rounding may decide.
pub(super) fn crosses(from: Coord, to: Coord, a: Coord, b: Coord) -> Option<bool> {
    let parts_ends = left_of(from, to, a)? != left_of(from, to, b)?;
    Some(parts_ends && left_of(a, b, from)? != left_of(a, b, to)?)
}

/// Whether `p` is left of the line a→b; nothing when rounding may decide.
#[inline]
fn left_of(a: Coord, b: Coord, p: Coord) -> Option<bool> {
    let det = estimate(b, p, a);
    if det.value > det.error {
        Some(true)
    } else if det.value < -det.error {
        Some(false)
    } else {
        None
    }
}
