//! How squares are kept, one word each, and the sets of zones that cover them.

use super::lattice::Grid;
use crate::set::ZoneHit;

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
        /// Offset into [`Leaves`](super::leaf::Leaves).
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

/// A number of things that the limits of loading keep far below 2³².
pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::Position;
    use crate::set::ZoneIndex;

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
