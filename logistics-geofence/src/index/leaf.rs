//! Leaves: what is kept of a square with edges in it.
//!
//! A leaf has a reference place and lists the parts that have edges in the square, with a bit for each:
//! whether it covers the reference. An edge has the bit of its part. So a lookup goes over the edges
//! once, whoever they are of, and flips the bits of those between reference and point.

use super::cell::number;
use super::sides::{Edge, Point};
use crate::set::ZoneIndex;

/// Leaves, one after another: set; bits of the groups that cover the reference; which reference, number
/// of groups, and whether another leaf follows; number of edges. Then the groups: zone, part. Then the
/// edges: number, bit of the group.
#[derive(Debug, Default)]
pub(super) struct Leaves(pub(super) Vec<u32>);

/// Memory in bytes of a leaf with a group, and of an edge.
pub(super) const LEAF_BYTES: usize = 24;
pub(super) const EDGE_BYTES: usize = 8;
/// Groups of a leaf; others are in the leaf that follows it.
pub(super) const GROUPS_MAX: usize = 32;
/// Marks a leaf that another one of the same square follows.
const FOLLOWED: u32 = 1 << 31;

/// Where in a square its reference may be, in sides from the lower left corner: the middle, or else
/// somewhere without a pattern that borders could share; nowhere when none of them is off all edges.
pub(super) const REFERENCES: [[f64; 2]; 5] =
    [[0.5, 0.5], [0.382, 0.587], [0.645, 0.271], [0.239, 0.793], [f64::NAN, f64::NAN]];

/// A leaf, read.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'a> {
    /// The zones that cover the whole square.
    pub(super) set: u32,
    /// Which of [`REFERENCES`] is its own.
    pub(super) reference: usize,
    /// The groups that cover the reference.
    inside: u32,
    groups: &'a [[u32; 2]],
    edges: &'a [[u32; 2]],
    /// Behind it, where another one of the same square follows.
    next: Option<&'a [u32]>,
}

/// A part with edges in a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) zone: ZoneIndex,
    pub(super) part: u32,
}

/// Which groups cover a point, and for which that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Covering {
    pub(super) groups: u32,
    pub(super) in_doubt: u32,
}

impl<'a> Leaf<'a> {
    #[inline]
    fn read(words: &'a [u32]) -> Self {
        let (head, rest) = words.split_at(4);
        let (groups, rest) = rest.split_at(2 * (head[2] >> 8 & 0xff) as usize);
        let (edges, rest) = rest.split_at(2 * head[3] as usize);
        Self {
            set: head[0],
            reference: (head[2] & 0xff) as usize,
            inside: head[1],
            groups: groups.as_chunks().0,
            edges: edges.as_chunks().0,
            next: (head[2] & FOLLOWED != 0).then_some(rest),
        }
    }

    /// The leaf with more groups of the same square.
    #[inline]
    pub(super) fn next(&self) -> Option<Self> {
        self.next.map(Self::read)
    }

    /// A group by the number of its bit.
    #[inline]
    pub(super) fn group(&self, bit: u32) -> Group {
        let [zone, part] = self.groups[bit as usize];
        Group { zone: ZoneIndex::from_number(zone), part }
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = Group> {
        (0..number(self.groups.len())).map(|bit| self.group(bit))
    }

    /// The bits of the groups of a zone.
    pub(super) fn groups_of(&self, zone: ZoneIndex) -> u32 {
        let bits = (0..).zip(self.groups());
        bits.fold(0, |bits, (bit, group)| bits | u32::from(group.zone == zone) << bit)
    }

    /// Number of every edge, and the bit of its group.
    #[inline]
    pub(super) fn edges(&self) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        self.edges.iter().map(|&[number, groups]| (number, groups))
    }

    /// Which groups cover a point of the square: those that cover the reference, unless the way from
    /// there crosses their edges an odd number of times. Point and edges, by number, are given as seen
    /// from the reference.
    #[inline]
    pub(super) fn covering(&self, point: Point, edge: impl Fn(u32) -> Edge) -> Covering {
        let (mut covering, mut in_doubt) = (self.inside, 0);
        for &[number, groups] in self.edges {
            let (crossed, is_sure) = edge(number).is_crossed_to(point);
            covering ^= if crossed { groups } else { 0 };
            in_doubt |= if is_sure { 0 } else { groups };
        }
        Covering { groups: covering, in_doubt }
    }
}

/// The groups of which the bits are set, by the numbers of their bits.
#[inline]
pub(super) fn bits(groups: u32) -> impl Iterator<Item = u32> {
    let mut rest = groups;
    std::iter::from_fn(move || {
        let bit = rest.trailing_zeros();
        rest &= rest.wrapping_sub(1);
        (bit < u32::BITS).then_some(bit)
    })
}

impl Leaves {
    #[inline]
    pub(super) fn get(&self, at: u32) -> Leaf<'_> {
        Leaf::read(&self.0[at as usize..])
    }

    /// Adds a leaf and returns its offset: groups, each with whether it covers the reference, and edges,
    /// each with the bit of its group. With `is_followed`, the one added next is of the same square.
    pub(super) fn add(
        &mut self,
        reference: usize,
        set: u32,
        groups: &[(Group, bool)],
        edges: &[(u32, u32)],
        is_followed: bool,
    ) -> u32 {
        let at = number(self.0.len());
        let inside =
            groups.iter().rev().fold(0, |bits, (_, inside)| bits << 1 | u32::from(*inside));
        let mark = if is_followed { FOLLOWED } else { 0 };
        let third = number(reference) | number(groups.len()) << 8 | mark;
        self.0.extend([set, inside, third, number(edges.len())]);
        self.0.extend(groups.iter().flat_map(|(g, _)| [number(g.zone.get()), g.part]));
        self.0.extend(edges.iter().flat_map(|&(number, groups)| [number, groups]));
        at
    }
}

#[cfg(test)]
mod tests {
    use geo_types::Coord;

    use super::*;

    #[test]
    fn leaves_give_back_what_they_were_made_of() {
        let mut leaves = Leaves::default();
        leaves.add(0, 3, &[], &[], false);
        let group = |n, part| Group { zone: ZoneIndex::from_number(n), part };
        let groups = [(group(7, 9), true), (group(8, 10), false)];
        let at = leaves.add(2, 5, &groups, &[(5, 1), (6, 2)], true);
        leaves.add(2, 5, &[(group(9, 11), false)], &[], false);

        let leaf = leaves.get(at);
        assert_eq!((leaf.reference, leaf.set), (2, 5));
        assert!(leaf.groups().eq([group(7, 9), group(8, 10)]));
        assert!(leaf.edges().eq([(5, 1), (6, 2)]));
        assert_eq!(leaf.groups_of(ZoneIndex::from_number(8)), 2);
        let next = leaf.next().unwrap();
        assert!(next.groups().eq([group(9, 11)]) && next.next().is_none());

        // An upright edge east of the reference, and one west of it.
        let x = |number| if number == 5 { 1.0 } else { -3.0 };
        let edge =
            |number| Edge { a: Coord { x: x(number), y: -1.0 }, b: Coord { x: x(number), y: 1.0 } };
        let covering = |x, y| leaf.covering(Point::new(Coord { x, y }), edge);
        let sure = |groups| Covering { groups, in_doubt: 0 };
        assert_eq!(covering(2.0, 0.1), sure(0));
        assert_eq!(covering(-4.0, 0.1), sure(3));
        assert_eq!(covering(-4.0, 1.5), sure(1));
        assert_eq!(covering(1.0, 0.1).in_doubt, 1);
    }

    #[test]
    fn bits_are_counted_from_the_lowest() {
        assert!(bits(0b1001_0010).eq([1, 4, 7]));
        assert!(bits(0).next().is_none() && bits(u32::MAX).eq(0..32));
    }
}
