//! Which zones cover a point.

use geo_types::Coord;

use super::cell::Square;
use super::lattice::{Site, whole};
use super::leaf::{Covering, Group, Leaf, bits};
use super::sides::Point;
use super::{Index, Part};
use crate::boundary::BoundaryRule;
use crate::locate::{Position, position_in, ruled_position_in};
use crate::orient::estimate;
use crate::set::{ZoneHit, ZoneIndex};

/// The undivided square that a point is in; nothing off the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    square: Option<(Site, Square)>,
}

impl Place {
    /// The square, and where its leaf is, if it has one.
    #[inline]
    pub(super) fn leaf(self) -> Option<(Site, u32)> {
        match self.square {
            Some((site, Square::Leaf { at })) => Some((site, at)),
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
                let corner = (x >> bits << bits, y >> bits << bits);
                return Place { square: Some((Site { corner, bits }, square)) };
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
            // Few mostly: not worth the call that copying a slice is.
            Some((_, Square::Plain { set })) => {
                self.sets.get(set).iter().for_each(|hit| hits.push(*hit))
            }
            Some((site, Square::Leaf { at })) => {
                self.leaf_hits(site, self.leaves.get(at), c, rule, hits);
            }
            _ => {}
        }
    }

    fn leaf_hits(
        &self,
        site: Site,
        leaf: Leaf<'_>,
        c: Coord,
        rule: BoundaryRule,
        hits: &mut Vec<ZoneHit>,
    ) {
        let mut covering = self.sets.get(leaf.set);
        let mut rest = Some(leaf);
        while let Some(leaf) = rest {
            let Covering { groups, in_doubt } = self.covering(site, &leaf, c);
            for bit in bits(groups | in_doubt) {
                let Group { zone, part } = leaf.group(bit);
                while let Some((hit, others)) =
                    covering.split_first().filter(|(h, _)| h.zone <= zone)
                {
                    hits.push(*hit);
                    covering = others;
                }
                let at = if in_doubt >> bit & 1 == 0 {
                    Position::Interior
                } else {
                    by_definition(&self.parts[part as usize], c, rule)
                };
                add_part(hits, zone, at);
            }
            rest = leaf.next();
        }
        covering.iter().for_each(|hit| hits.push(*hit));
    }

    #[inline]
    fn covering(&self, site: Site, leaf: &Leaf<'_>, c: Coord) -> Covering {
        let reference = self.reference(site, leaf);
        leaf.covering(Point::new(c - reference), |edge| self.seen(edge, reference))
    }

    /// Whether a part with edges in a leaf covers a point, as far as that is known; nothing when it has
    /// none.
    fn leaf_covers(
        &self,
        site: Site,
        leaf: Leaf<'_>,
        part: usize,
        c: Coord,
    ) -> Option<Option<bool>> {
        let mut rest = Some(leaf);
        while let Some(leaf) = rest {
            if let Some(bit) = leaf.groups().position(|group| group.part as usize == part) {
                let Covering { groups, in_doubt } = self.covering(site, &leaf, c);
                return Some((in_doubt >> bit & 1 == 0).then_some(groups >> bit & 1 == 1));
            }
            rest = leaf.next();
        }
        None
    }

    /// Whether a part covers a place that is on none of its edges.
    pub(super) fn part_covers(&self, place: Place, part: usize, c: Coord) -> bool {
        let zone = self.parts[part].zone;
        let is_in = |set| self.sets.get(set).iter().any(|hit| hit.zone == zone);
        // Which part of a zone it is that covers a square, sets do not say.
        let by_set = |set| (self.parts_of(zone).len() == 1).then(|| is_in(set));
        let known = match place.square {
            Some((_, Square::Plain { set })) => by_set(set),
            Some((site, Square::Leaf { at })) => {
                let leaf = self.leaves.get(at);
                match self.leaf_covers(site, leaf, part, c) {
                    Some(covers) => covers,
                    None => by_set(leaf.set),
                }
            }
            _ => None,
        };
        known.unwrap_or_else(|| position_in(&self.parts[part].edges, c) == Position::Interior)
    }
}

/// Adds what one part of a zone says to hits that are in order.
#[inline]
fn add_part(hits: &mut Vec<ZoneHit>, zone: ZoneIndex, at: Position) {
    match hits.last_mut().filter(|hit| hit.zone == zone) {
        Some(hit) => hit.at = hit.at.or(at),
        None if at == Position::Exterior => {}
        None => hits.push(ZoneHit { zone, at }),
    }
}

/// Puts hits in order and joins those of one zone: of a place on the antimeridian, looked up on both
/// of its sides.
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
