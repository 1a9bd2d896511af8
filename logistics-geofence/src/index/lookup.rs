//! Which zones cover a point.

use geo_types::Coord;

use super::cell::{Group, Leaf, Square};
use super::lattice::whole;
use super::{Index, Part};
use crate::boundary::BoundaryRule;
use crate::locate::{Position, position_in, ruled_position_in};
use crate::orient::estimate;
use crate::set::ZoneHit;

/// The undivided square that a point is in; nothing off the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    square: Option<(usize, Square)>,
}

impl Place {
    /// Where the leaf of the square is, if it has one.
    pub(super) fn leaf(self) -> Option<u32> {
        match self.square {
            Some((_, Square::Leaf { at })) => Some(at),
            _ => None,
        }
    }

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

    /// Adds the zones that cover a point under a rule, in order; `place` is that of the point.
    #[inline]
    pub(crate) fn hits(&self, place: Place, c: Coord, rule: BoundaryRule, hits: &mut Vec<ZoneHit>) {
        match place.square {
            Some((_, Square::Plain { set })) => hits.extend_from_slice(self.sets.get(set)),
            Some((_, Square::Leaf { at })) => self.leaf_hits(&self.leaves.get(at), c, rule, hits),
            _ => {}
        }
    }

    fn leaf_hits(&self, leaf: &Leaf<'_>, c: Coord, rule: BoundaryRule, hits: &mut Vec<ZoneHit>) {
        let first = hits.len();
        hits.extend_from_slice(self.sets.get(leaf.set));
        let after = hits.len();
        for group in leaf.groups() {
            let at = match covers(&group, leaf.reference, c) {
                Some(true) => Position::Interior,
                Some(false) => continue,
                None => by_definition(&self.parts[group.part], c, rule),
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
                    Some(group) => covers(&group, leaf.reference, c),
                    None => by_set(leaf.set),
                }
            }
            _ => None,
        };
        known.unwrap_or_else(|| position_in(&self.parts[part].edges, c) == Position::Interior)
    }
}

/// Whether the part of a group covers a point; nothing when a sign is in doubt.
///
/// Of the edges listed, those with one end on each side of the line reference→point, and the
/// reference and the point on each side of theirs, are crossed. Seen from the reference, with × for
/// the signed area that two places span with it, an end e is on the side of the sign of point × e;
/// the edge a→b has the reference on the side of a × b and the point on that of
/// a × b + point × a − point × b.
#[inline]
fn covers(group: &Group<'_>, reference: Coord, c: Coord) -> Option<bool> {
    let point = single(c - reference);
    let mut inside = group.inside;
    for run in group.runs() {
        let mut ends = run.ends();
        let mut a = ends.next()?;
        let mut a_side = Area::of(point, a);
        let mut a_left = a_side.is_left()?;
        for b in ends {
            let b_side = Area::of(point, b);
            let b_left = b_side.is_left()?;
            if a_left != b_left {
                let own = Area::of(a, b);
                inside ^= own.is_left()? != own.plus(a_side).minus(b_side).is_left()?;
            }
            (a, a_side, a_left) = (b, b_side, b_left);
        }
    }
    Some(inside)
}

/// In single precision, to within 2⁻²⁴ of its size.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "rounding, which the bound on errors covers")]
pub(super) fn single(c: Coord) -> [f32; 2] {
    [c.x as f32, c.y as f32]
}

/// A signed area with the sum of the magnitudes it was made of.
#[derive(Clone, Copy)]
struct Area {
    value: f32,
    sum: f32,
}

impl Area {
    /// The area is wrong by less than this share of the sum: two rounded factors, the product, and up
    /// to three sums, 2⁻²⁴ each, with room to spare.
    const ERROR: f32 = 1.0 / (1 << 20) as f32;
    /// Smaller areas may have lost bits to underflow.
    const TINY: f32 = 1e-30;

    #[inline]
    fn of(p: [f32; 2], q: [f32; 2]) -> Self {
        let (left, right) = (p[0] * q[1], p[1] * q[0]);
        Self { value: left - right, sum: left.abs() + right.abs() }
    }

    #[inline]
    fn plus(self, other: Self) -> Self {
        Self { value: self.value + other.value, sum: self.sum + other.sum }
    }

    #[inline]
    fn minus(self, other: Self) -> Self {
        Self { value: self.value - other.value, sum: self.sum + other.sum }
    }

    /// The sign; nothing when rounding may decide it.
    #[inline]
    fn is_left(self) -> Option<bool> {
        // What is not a number is in doubt, too.
        let is_sure = self.value.abs() > Self::ERROR * self.sum + Self::TINY;
        is_sure.then_some(self.value > 0.0)
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
fn by_definition(part: &Part, c: Coord, rule: BoundaryRule) -> Position {
    ruled_position_in(rule, &part.edges, c)
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
