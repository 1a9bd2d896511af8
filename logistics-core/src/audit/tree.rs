//! The Merkle tree of RFC 9162 (Certificate Transparency 2.0), section 2.1, grown leaf by leaf.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::values::Sha256Digest;

/// The hash of a leaf: SHA-256 over 0 and `leaf`.
pub(super) fn leaf_hash(leaf: &[u8]) -> Sha256Digest {
    digest(&[&[0], leaf])
}

/// The hash of an inner node: SHA-256 over 1 and the hashes below it.
pub(super) fn node_hash(left: &Sha256Digest, right: &Sha256Digest) -> Sha256Digest {
    digest(&[&[1], left.as_bytes(), right.as_bytes()])
}

fn digest(parts: &[&[u8]]) -> Sha256Digest {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    Sha256Digest::from_bytes(hasher.finalize().into())
}

/// Where a tree of `size` leaves, at least two, is split: the largest power of two below `size`.
pub(super) const fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// The right edge of a tree that is growing: enough to go on, and to know its root, without the
/// leaves that it holds. At most 64 hashes.
///
/// ```
/// use logistics_core::audit::Frontier;
///
/// let mut tree = Frontier::EMPTY;
/// tree.push(b"first");
/// let (size, root) = (tree.size(), tree.root());
/// tree.push(b"second");
/// assert_eq!((size, tree.size()), (1, 2));
/// assert_ne!(root, tree.root());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawFrontier")]
pub struct Frontier {
    size: u64,
    /// The roots of the full subtrees side by side, the largest first: one for each bit of `size`.
    peaks: Vec<Sha256Digest>,
}

#[derive(Deserialize)]
struct RawFrontier {
    size: u64,
    peaks: Vec<Sha256Digest>,
}

/// A frontier has one hash for each bit of its size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves has {} full subtrees, not {peaks}", .size.count_ones())]
pub struct FrontierError {
    /// The number of leaves.
    pub size: u64,
    /// The number of hashes.
    pub peaks: usize,
}

impl Frontier {
    /// A tree without leaves.
    pub const EMPTY: Self = Self { size: 0, peaks: Vec::new() };

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        self.push_and_see(leaf, |_, _| {});
    }

    /// Adds a leaf and shows each full subtree that is complete with it.
    pub(super) fn push_and_see(
        &mut self,
        leaf: &[u8],
        mut see: impl FnMut(Range<u64>, Sha256Digest),
    ) {
        let end = self.size.saturating_add(1);
        let (mut hash, mut leaves) = (leaf_hash(leaf), 1);
        see(end - leaves..end, hash);
        // As in adding one to a binary number: each carry joins two subtrees of one size.
        while self.size & leaves != 0
            && let Some(left) = self.peaks.pop()
        {
            hash = node_hash(&left, &hash);
            leaves *= 2;
            see(end - leaves..end, hash);
        }
        self.peaks.push(hash);
        self.size = end;
    }

    /// The root; of a tree without leaves, the digest of nothing.
    #[must_use]
    pub fn root(&self) -> Sha256Digest {
        self.root_from(0).unwrap_or_else(|| digest(&[]))
    }

    /// The root of the leaves from `start` on, where full subtrees begin there.
    pub(super) fn root_from(&self, start: u64) -> Option<Sha256Digest> {
        let behind = self.full().filter(|(leaves, _)| leaves.start >= start);
        let hashes: Vec<Sha256Digest> = behind.map(|(_, hash)| hash).collect();
        hashes.into_iter().rev().reduce(|right, left| node_hash(&left, &right))
    }

    /// The full subtrees side by side: their leaves and roots.
    pub(super) fn full(&self) -> impl Iterator<Item = (Range<u64>, Sha256Digest)> {
        let sizes =
            (0..u64::BITS).rev().map(|bit| 1 << bit).filter(|leaves| self.size & leaves != 0);
        self.peaks.iter().zip(sizes).scan(0, |start, (hash, leaves): (_, u64)| {
            let range = *start..*start + leaves;
            *start = range.end;
            Some((range, *hash))
        })
    }
}

impl TryFrom<RawFrontier> for Frontier {
    type Error = FrontierError;

    fn try_from(RawFrontier { size, peaks }: RawFrontier) -> Result<Self, FrontierError> {
        let fits = u32::try_from(peaks.len()).is_ok_and(|count| count == size.count_ones());
        if fits {
            Ok(Self { size, peaks })
        } else {
            Err(FrontierError { size, peaks: peaks.len() })
        }
    }
}
