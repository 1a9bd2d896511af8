//! How squares are kept: one word each, and for a square with edges in it a leaf.

use geo_types::Coord;

use super::lattice::Grid;
use crate::set::{ZoneHit, ZoneIndex};

/// What a square is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Square {
    /// No edge meets it; the zones of a set cover it.
    Plain {
        /// Which set, see [`Sets`].
        set: u32,
    },
    /// Edges meet it; its leaf begins there.
    Leaf {
        /// Offset into [`Leaves`].
        at: u32,
    },
    /// Divided into 2^`bits` times 2^`bits` squares, row by row.
    Divided {
        /// Binary logarithm of squares to a side.
        bits: u32,
        /// Offset of the first of their words.
        at: u32,
    },
}

/// Highest offset of a leaf and number of a set: 30 bits.
pub(super) const LEAF_MAX: usize = (1 << 30) - 1;
/// Highest offset of a divided square: 27 bits.
pub(super) const DIVIDED_MAX: usize = (1 << 27) - 1;

impl Square {
    pub(super) fn encode(self) -> u32 {
        match self {
            Self::Plain { set } => set << 2,
            Self::Leaf { at } => at << 2 | 1,
            Self::Divided { bits, at } => at << 5 | bits << 2 | 2,
        }
    }

    #[inline]
    pub(super) fn decode(word: u32) -> Self {
        match word & 3 {
            0 => Self::Plain { set: word >> 2 },
            1 => Self::Leaf { at: word >> 2 },
            _ => Self::Divided { bits: word >> 2 & 7, at: word >> 5 },
        }
    }
}

/// The grid of a divided square's squares.
#[inline]
pub(super) fn divided(corner: (u32, u32), bits_of_square: u32, bits: u32) -> Grid {
    Grid {
        x: corner.0,
        y: corner.1,
        bits: bits_of_square - bits,
        columns: 1 << bits,
        rows: 1 << bits,
    }
}

/// Sets of zones, each kept once, numbered; number 0 is the empty one.
#[derive(Debug)]
pub(super) struct Sets {
    /// Set k is `zones[starts[k]..starts[k + 1]]`.
    starts: Vec<u32>,
    zones: Vec<ZoneHit>,
}

impl Sets {
    pub(super) fn new() -> Self {
        Self { starts: vec![0, 0], zones: Vec::new() }
    }

    /// The zones of a set, in order, each as an interior hit.
    #[inline]
    pub(super) fn get(&self, set: u32) -> &[ZoneHit] {
        let set = set as usize;
        match self.starts.get(set..set + 2) {
            Some(&[first, end]) => &self.zones[first as usize..end as usize],
            _ => &[],
        }
    }

    /// Adds a set and returns its number.
    pub(super) fn push(&mut self, zones: impl Iterator<Item = ZoneHit>) -> u32 {
        self.zones.extend(zones);
        self.starts.push(number(self.zones.len()));
        number(self.starts.len() - 2)
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.starts.as_slice()) + size_of_val(self.zones.as_slice())
    }
}

/// Leaves, one after another: reference place (four words), set, number of groups, then groups:
/// zone, part with a bit, number of words, then runs: first edge, number of edges, and x and y of
/// their ends as seen from the reference, in single precision.
#[derive(Debug, Default)]
pub(super) struct Leaves(pub(super) Vec<u32>);

/// The edges of one part in a leaf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group<'a> {
    pub(super) zone: ZoneIndex,
    pub(super) part: usize,
    /// Whether the part covers the reference place.
    pub(super) inside: bool,
    runs: &'a [u32],
}

/// Edges of a part one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    pub(super) first: usize,
    pub(super) count: usize,
    ends: &'a [u32],
}

impl<'a> Group<'a> {
    #[inline]
    pub(super) fn runs(&self) -> impl Iterator<Item = Run<'a>> + use<'a> {
        let mut rest = self.runs;
        std::iter::from_fn(move || {
            let (&[first, count], after) = rest.split_first_chunk()?;
            let count = count as usize;
            let (ends, after) = after.split_at_checked(2 * (count + 1))?;
            rest = after;
            Some(Run { first: first as usize, count, ends })
        })
    }
}

impl<'a> Run<'a> {
    /// The ends of the edges as seen from the reference, rounded.
    #[inline]
    pub(super) fn ends(&self) -> impl Iterator<Item = [f32; 2]> + use<'a> {
        self.ends.chunks_exact(2).map(|end| [f32::from_bits(end[0]), f32::from_bits(end[1])])
    }
}

/// A leaf, read.
pub(super) struct Leaf<'a> {
    /// A place in the square that is on no edge; not a number when none was found.
    pub(super) reference: Coord,
    /// The zones that cover the whole square, with none of their edges listed.
    pub(super) set: u32,
    groups: u32,
    rest: &'a [u32],
}

const HEAD: usize = 6;

impl Leaves {
    #[inline]
    pub(super) fn get(&self, at: u32) -> Leaf<'_> {
        let (head, rest) = self.0[at as usize..].split_at(HEAD);
        let double = |k: usize| f64::from_bits(u64::from(head[k]) | u64::from(head[k + 1]) << 32);
        Leaf {
            reference: Coord { x: double(0), y: double(2) },
            set: head[4],
            groups: head[5],
            rest,
        }
    }

    /// Begins a leaf and returns its offset.
    pub(super) fn begin(&mut self, reference: Coord, set: u32, groups: usize) -> u32 {
        let at = number(self.0.len());
        for double in [reference.x, reference.y] {
            let bits = double.to_bits();
            let halves = [bits & u64::from(u32::MAX), bits >> 32];
            self.0.extend(halves.map(|half| u32::try_from(half).unwrap_or_default()));
        }
        self.0.extend([set, number(groups)]);
        at
    }

    /// Adds a group to the leaf begun last. Its edges ascend; each runs from its position to the next.
    pub(super) fn add(
        &mut self,
        zone: ZoneIndex,
        part: u32,
        inside: bool,
        edges: &[u32],
        from_reference: impl Fn(u32) -> [f32; 2],
    ) {
        self.0.extend([number(zone.get()), part << 1 | u32::from(inside), 0]);
        let first_run = self.0.len();
        for run in edges.chunk_by(|a, b| a + 1 == *b) {
            self.0.extend([run[0], number(run.len())]);
            let ends = run[0]..=run[0] + number(run.len());
            self.0.extend(ends.flat_map(|end| from_reference(end).map(f32::to_bits)));
        }
        let words = number(self.0.len() - first_run);
        self.0[first_run - 1] = words;
    }
}

impl<'a> Leaf<'a> {
    #[inline]
    pub(super) fn groups(&self) -> impl Iterator<Item = Group<'a>> {
        let mut rest = self.rest;
        (0..self.groups).map(move |_| {
            let (head, after) = rest.split_at(3);
            let (runs, after) = after.split_at(head[2] as usize);
            rest = after;
            Group {
                zone: ZoneIndex::from_number(head[0]),
                part: (head[1] >> 1) as usize,
                inside: head[1] & 1 == 1,
                runs,
            }
        })
    }
}

/// A number of things that the limits of loading keep far below 2³².
pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::Position;

    #[test]
    fn words_give_back_what_they_were_made_of() {
        for square in [
            Square::Plain { set: 0 },
            Square::Plain { set: 77 },
            Square::Leaf { at: number(LEAF_MAX) },
            Square::Divided { bits: 5, at: number(DIVIDED_MAX) },
        ] {
            assert_eq!(Square::decode(square.encode()), square);
        }
    }

    #[test]
    fn leaves_give_back_what_they_were_made_of() {
        let mut leaves = Leaves::default();
        leaves.begin(Coord { x: 0.0, y: 0.0 }, 3, 0);
        let reference = Coord { x: 73.8, y: -0.1 };
        let at = leaves.begin(reference, 5, 2);
        let end = |k: u32| [f32::from_bits(k), 0.5];
        leaves.add(ZoneIndex::from_number(7), 9, true, &[2, 3, 4, 8, 11, 12], end);
        leaves.add(ZoneIndex::from_number(8), 10, false, &[13], end);
        let leaf = leaves.get(at);
        assert_eq!((leaf.reference, leaf.set), (reference, 5));
        let groups: Vec<_> = leaf
            .groups()
            .map(|g| {
                let runs = g.runs().map(|run| (run.first, run.count)).collect::<Vec<_>>();
                (g.zone.get(), g.part, g.inside, runs)
            })
            .collect();
        assert_eq!(
            groups,
            [(7, 9, true, vec![(2, 3), (8, 1), (11, 2)]), (8, 10, false, vec![(13, 1)])]
        );
        let run = leaf.groups().next().and_then(|group| group.runs().nth(1)).unwrap();
        assert!(run.ends().eq([end(8), end(9)]));
    }

    #[test]
    fn sets_are_numbered() {
        let mut sets = Sets::new();
        let hit = |n| ZoneHit { zone: ZoneIndex::from_number(n), at: Position::Interior };
        assert_eq!(
            (sets.push([hit(4), hit(6)].into_iter()), sets.push([hit(1)].into_iter())),
            (1, 2)
        );
        assert_eq!((sets.get(0), sets.get(1)), (&[][..], &[hit(4), hit(6)][..]));
        assert_eq!(sets.get(2), [hit(1)]);
    }
}
