//! Anchors, and what a few hashes prove against one.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::tree::{Frontier, leaf_hash, node_hash, split};
use crate::values::Sha256Digest;

/// The state of a whole feed in 40 bytes: how many events, and the root of the Merkle tree over
/// their hashes.
///
/// Kept outside the store, where whoever can write the store cannot: then nothing that it covers
/// can be changed, removed or put in between unnoticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// How many events it covers: those with positions 1 to `size`.
    pub size: u64,
    /// The root of the tree.
    pub root: Sha256Digest,
}

impl Anchor {
    /// The anchor of what a frontier stands for.
    #[must_use]
    pub fn of(frontier: &Frontier) -> Self {
        Self { size: frontier.size(), root: frontier.root() }
    }
}

/// Proves that a leaf is in the tree of an anchor (RFC 9162, section 2.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InclusionProof {
    /// Which leaf, counted from 0: one less than the event's position.
    pub index: u64,
    /// How many leaves the tree has.
    pub size: u64,
    /// The roots of the subtrees beside the way from leaf to root.
    pub path: Vec<Sha256Digest>,
}

impl InclusionProof {
    /// Whether it proves that `leaf` is in the tree of `anchor` at this index.
    #[must_use]
    pub fn holds(&self, leaf: &[u8], anchor: &Anchor) -> bool {
        let (mut index, mut last) = (self.index, self.size.wrapping_sub(1));
        if self.size != anchor.size || self.index >= self.size {
            return false;
        }
        let mut hash = leaf_hash(leaf);
        for sibling in &self.path {
            if last == 0 {
                return false;
            }
            if index & 1 == 1 || index == last {
                hash = node_hash(sibling, &hash);
                // Levels on which the way has no sibling.
                while index & 1 == 0 && index != 0 {
                    (index, last) = (index >> 1, last >> 1);
                }
            } else {
                hash = node_hash(&hash, sibling);
            }
            (index, last) = (index >> 1, last >> 1);
        }
        last == 0 && hash == anchor.root
    }

    /// The leaves of the subtrees whose roots make up the path.
    pub(super) fn subtrees(index: u64, size: u64) -> Vec<Range<u64>> {
        let (mut start, mut end) = (0, size);
        let mut beside = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                beside.push(middle..end);
                end = middle;
            } else {
                beside.push(start..middle);
                start = middle;
            }
        }
        beside.reverse();
        beside
    }
}

/// Proves that the tree of one anchor is the beginning of that of a later one: that between them
/// events were only added (RFC 9162, section 2.1.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsistencyProof {
    /// How many leaves the earlier tree has.
    pub from: u64,
    /// How many the later one has.
    pub to: u64,
    /// Roots of subtrees.
    pub path: Vec<Sha256Digest>,
}

impl ConsistencyProof {
    /// Whether it proves that `later` continues `earlier`.
    #[must_use]
    pub fn holds(&self, earlier: &Anchor, later: &Anchor) -> bool {
        if (self.from, self.to) != (earlier.size, later.size) || self.from > self.to {
            return false;
        }
        if self.from == self.to {
            return self.path.is_empty() && earlier.root == later.root;
        }
        if self.from == 0 {
            return self.path.is_empty() && earlier.root == Frontier::EMPTY.root();
        }
        // Where the earlier tree is one full subtree its root is the first hash, and known.
        let known = self.from.is_power_of_two().then_some(earlier.root);
        let mut path = known.iter().chain(&self.path);
        let (mut index, mut last) = (self.from - 1, self.to - 1);
        while index & 1 == 1 {
            (index, last) = (index >> 1, last >> 1);
        }
        let Some(&first) = path.next() else { return false };
        let (mut old, mut new) = (first, first);
        for sibling in path {
            if last == 0 {
                return false;
            }
            if index & 1 == 1 || index == last {
                old = node_hash(sibling, &old);
                new = node_hash(sibling, &new);
                while index & 1 == 0 && index != 0 {
                    (index, last) = (index >> 1, last >> 1);
                }
            } else {
                new = node_hash(&new, sibling);
            }
            (index, last) = (index >> 1, last >> 1);
        }
        last == 0 && (old, new) == (earlier.root, later.root)
    }

    /// The leaves of the subtrees whose roots make up the path.
    pub(super) fn subtrees(from: u64, to: u64) -> Vec<Range<u64>> {
        if from == 0 {
            return Vec::new();
        }
        let (mut start, mut end) = (0, to);
        let mut beside = Vec::new();
        while from != end {
            let middle = start + split(end - start);
            if from <= middle {
                beside.push(middle..end);
                end = middle;
            } else {
                beside.push(start..middle);
                start = middle;
            }
        }
        // The earlier tree as a whole is known already.
        if start > 0 {
            beside.push(start..end);
        }
        beside.reverse();
        beside
    }
}
