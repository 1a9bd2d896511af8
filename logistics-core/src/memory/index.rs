//! Listing the entries of one partition of an index.

use std::collections::BTreeSet;

use super::at_most;
use crate::eventsourcing::{IndexEntry, IndexQuery};

/// The entries that `query` describes, in its order; `name` gives the key that breaks ties.
pub(super) fn matching<'a, K: Ord>(
    entries: &'a BTreeSet<(IndexEntry, K)>,
    query: &IndexQuery,
    name: impl Fn(&K) -> &str,
) -> impl Iterator<Item = &'a (IndexEntry, K)> {
    let within = |entry: &IndexEntry| {
        entry.index == query.index
            && entry.partition == query.partition
            && query.below.as_ref().is_none_or(|below| entry.sort < *below)
    };
    let behind = |entry: &IndexEntry, key: &K| {
        query.after.as_ref().is_none_or(|(sort, last)| {
            let (place, after) = ((entry.sort.as_str(), name(key)), (sort.as_str(), last.as_str()));
            if query.descending { place < after } else { place > after }
        })
    };
    let mut found: Vec<_> =
        entries.iter().filter(|(entry, key)| within(entry) && behind(entry, key)).collect();
    if query.descending {
        found.reverse();
    }
    found.into_iter().take(at_most(query.limit))
}
