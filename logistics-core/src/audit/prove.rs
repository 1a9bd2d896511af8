//! Making proofs: reading a part of the feed once and keeping the hashes that they need.

use std::collections::BTreeMap;
use std::ops::Range;

use super::anchor::{Anchor, ConsistencyProof, InclusionProof};
use super::auditor::{AuditError, Finding, Mark};
use super::tree::Frontier;
use crate::eventsourcing::{EventStore, Position};
use crate::values::Sha256Digest;

/// Proves that the events at `positions` are in the tree of `anchor`: one proof for each, in their
/// order; positions that the anchor does not cover are left out.
///
/// Reads the feed from `mark` to the anchor. [`Mark::START`] serves for all positions, a later mark
/// for those behind it.
///
/// # Errors
/// [`AuditError::BeforeMark`] for a position, [`AuditError::Found`] when the store does not hold
/// what the anchor covers, [`AuditError::Store`].
pub async fn prove_inclusion(
    store: &dyn EventStore,
    mark: &Mark,
    anchor: &Anchor,
    positions: &[Position],
) -> Result<Vec<InclusionProof>, AuditError> {
    let at = mark.cursor().position;
    if let Some(&position) = positions.iter().find(|&&position| position <= at) {
        return Err(AuditError::BeforeMark { position, mark: at });
    }
    let size = anchor.size;
    let covered = positions.iter().map(|position| position.get()).filter(|&at| at <= size);
    let wanted: Vec<(u64, Vec<Range<u64>>)> =
        covered.map(|at| (at - 1, InclusionProof::subtrees(at - 1, size))).collect();
    let roots = Subtrees::wanting(wanted.iter().flat_map(|(_, subtrees)| subtrees));
    let roots = roots.pick_up(store, mark.clone(), anchor).await?;
    let proof = |(index, subtrees): (u64, Vec<_>)| {
        let path = roots.path(&subtrees);
        InclusionProof { index, size, path }
    };
    Ok(wanted.into_iter().map(proof).collect())
}

/// Proves that the tree of `earlier` is the beginning of that of `later`. Reads the feed from
/// `mark`, which lies at `earlier` or before it, to `later`.
///
/// The proof of an `earlier` that is not of this feed does not hold ([`ConsistencyProof::holds`]).
///
/// # Errors
/// [`AuditError::BeforeMark`] when `earlier` lies before the mark, or `later` before `earlier`;
/// [`AuditError::Found`] when the store does not hold what `later` covers; [`AuditError::Store`].
pub async fn prove_consistency(
    store: &dyn EventStore,
    mark: &Mark,
    earlier: &Anchor,
    later: &Anchor,
) -> Result<ConsistencyProof, AuditError> {
    let (from, to) = (earlier.size, later.size);
    for (behind, before) in [(from, mark.anchor().size), (to, from)] {
        if behind < before {
            let (position, mark) = (Position::new(behind), Position::new(before));
            return Err(AuditError::BeforeMark { position, mark });
        }
    }
    let subtrees = ConsistencyProof::subtrees(from, to);
    let roots = Subtrees::wanting(&subtrees).pick_up(store, mark.clone(), later).await?;
    Ok(ConsistencyProof { from, to, path: roots.path(&subtrees) })
}

/// Roots of subtrees that are picked up while a tree grows.
#[derive(Debug, Default)]
struct Subtrees(BTreeMap<(u64, u64), Option<Sha256Digest>>);

impl Subtrees {
    fn wanting<'a>(subtrees: impl IntoIterator<Item = &'a Range<u64>>) -> Self {
        Self(subtrees.into_iter().map(|leaves| ((leaves.start, leaves.end), None)).collect())
    }

    /// Grows the tree from `mark` to `anchor`, which must hold.
    async fn pick_up(
        mut self,
        store: &dyn EventStore,
        mut mark: Mark,
        anchor: &Anchor,
    ) -> Result<Self, AuditError> {
        // What lies before the mark and is needed is one of these: a subtree beside the way to a
        // leaf behind the mark lies in no larger one that is full at the mark.
        mark.frontier().full().for_each(|(leaves, root)| self.see(&leaves, root));
        while mark.anchor().size < anchor.size {
            let page = mark.page(store, anchor.size - mark.anchor().size).await?;
            if page.is_empty() {
                let size = mark.anchor().size;
                return Err(Finding::Truncated { anchor: *anchor, size }.into());
            }
            page.iter().for_each(|event| mark.pass(event, |leaves, root| self.see(&leaves, root)));
        }
        let root = mark.frontier().root();
        if root != anchor.root {
            return Err(Finding::Root { anchor: *anchor, root }.into());
        }
        self.see_edge(mark.frontier());
        Ok(self)
    }

    fn see(&mut self, leaves: &Range<u64>, root: Sha256Digest) {
        if let Some(wanted) = self.0.get_mut(&(leaves.start, leaves.end)) {
            *wanted = Some(root);
        }
    }

    /// The subtrees at the right edge of the grown tree, which need not be full.
    fn see_edge(&mut self, grown: &Frontier) {
        for ((start, end), root) in &mut self.0 {
            if root.is_none() && *end == grown.size() {
                *root = grown.root_from(*start);
            }
        }
    }

    /// The roots of `subtrees`, in their order.
    fn path(&self, subtrees: &[Range<u64>]) -> Vec<Sha256Digest> {
        let root = |leaves: &Range<u64>| self.0.get(&(leaves.start, leaves.end)).copied().flatten();
        subtrees.iter().filter_map(root).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(hex: &[&str]) -> Vec<Sha256Digest> {
        hex.iter().map(|digits| digits.parse().unwrap()).collect()
    }

    /// The leaves of the reference tests of Certificate Transparency.
    const LEAVES: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    /// And the roots over the first 1 to 8 of them.
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    /// The path over `subtrees` of the first `size` leaves, from a frontier at `mark`.
    fn path(subtrees: &[Range<u64>], mark: u64, size: u64) -> Vec<Sha256Digest> {
        let mut roots = Subtrees::wanting(subtrees);
        let mut frontier = Frontier::EMPTY;
        LEAVES.iter().zip(0..mark).for_each(|(leaf, _)| frontier.push(leaf));
        frontier.full().for_each(|(leaves, root)| roots.see(&leaves, root));
        for (leaf, _) in LEAVES.iter().zip(0..size).skip_while(|(_, at)| *at < mark) {
            frontier.push_and_see(leaf, |leaves, root| roots.see(&leaves, root));
        }
        roots.see_edge(&frontier);
        roots.path(subtrees)
    }

    #[test]
    fn roots_are_the_published_ones() {
        let mut frontier = Frontier::EMPTY;
        assert_eq!(frontier.root(), Sha256Digest::of(b""));
        for (leaf, root) in LEAVES.iter().zip(digests(&ROOTS)) {
            frontier.push(leaf);
            assert_eq!(frontier.root(), root, "of {} leaves", frontier.size());
        }
    }

    #[test]
    fn inclusion_paths_are_the_published_ones() {
        let published: [(u64, u64, &[&str]); 5] = [
            (0, 1, &[]),
            (
                0,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                5,
                8,
                &[
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    ROOTS[3],
                ],
            ),
            (2, 3, &[ROOTS[1]]),
            (
                1,
                5,
                &[
                    ROOTS[0],
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ],
            ),
        ];
        for (index, size, expected) in published {
            let path = path(&InclusionProof::subtrees(index, size), 0, size);
            assert_eq!(path, digests(expected), "leaf {index} of {size}");
        }
    }

    #[test]
    fn consistency_paths_are_the_published_ones() {
        let published: [(u64, u64, &[&str]); 4] = [
            (1, 1, &[]),
            (
                1,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                6,
                8,
                &[
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    ROOTS[3],
                ],
            ),
            (
                2,
                5,
                &[
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ],
            ),
        ];
        for (from, to, expected) in published {
            let path = path(&ConsistencyProof::subtrees(from, to), 0, to);
            assert_eq!(path, digests(expected), "{from} to {to}");
        }
    }

    #[test]
    fn paths_do_not_depend_on_where_reading_began() {
        for size in 1..=8_u64 {
            for index in 0..size {
                let subtrees = InclusionProof::subtrees(index, size);
                let whole = path(&subtrees, 0, size);
                for mark in 0..=index {
                    assert_eq!(path(&subtrees, mark, size), whole);
                }
            }
            for from in 1..=size {
                let subtrees = ConsistencyProof::subtrees(from, size);
                let whole = path(&subtrees, 0, size);
                for mark in 0..=from {
                    assert_eq!(path(&subtrees, mark, size), whole);
                }
            }
        }
    }
}
