//! Where a stream's index entries lie, and where a query finds them.
//!
//! An entry of `client`, `hub`, `partner_day` or `pending_confirmation` is in a global secondary
//! index, by attributes of the stream's head. A head has room for one entry in each of them; what
//! finds none, and every other index, is an item of its own.

use logistics_core::eventsourcing::{IndexEntry, IndexQuery, StreamId};

use crate::keys::{GSI1, GSI2, GSI4, Gsi, Key, PENDING, Range, escape, index_partition, shard};

/// The indexes that heads have room for.
pub(crate) const SLOTS: [Gsi; 3] = [GSI1, GSI2, GSI4];

/// The partition of `pending_confirmation` that is kept in [`GSI4`].
const EVERY_PENDING: &str = "all";

/// Where an entry lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In an index, under this key.
    Slot(Gsi, Key),
    /// In an item of its own.
    Item(Key),
}

/// An own item's key for `entry` of `stream`.
pub(crate) fn own_item(entry: &IndexEntry, stream: &StreamId) -> Key {
    let pk = index_partition(&entry.index, &entry.partition);
    Key::new(pk, format!("{}#{stream}", escape(&entry.sort)))
}

/// Where `entry` of `stream` lies, if its place is free.
pub(crate) fn place(entry: &IndexEntry, stream: &StreamId) -> Place {
    let IndexEntry { index, partition, sort } = entry;
    let sort = format!("{}#{stream}", escape(sort));
    let slot = |gsi, pk: String, sk| Place::Slot(gsi, Key::new(pk, sk));
    match slot_of(index, partition) {
        Some(Slot::One(gsi, pk)) => slot(gsi, pk, sort),
        Some(Slot::Dated { pk, date }) => slot(GSI2, pk, format!("{date}#{sort}")),
        Some(Slot::Pending) => slot(GSI4, pending(shard(stream.id(), PENDING)), sort),
        None => Place::Item(own_item(entry, stream)),
    }
}

/// What a partition of an index is called in the table's own indexes.
enum Slot {
    One(Gsi, String),
    Dated { pk: String, date: String },
    Pending,
}

fn slot_of(index: &str, partition: &str) -> Option<Slot> {
    match index {
        "client" => Some(Slot::One(GSI1, format!("CLIENT#{partition}"))),
        "hub" => Some(Slot::One(GSI1, format!("HUB#{partition}"))),
        "partner_day" => {
            let (partner, date) = partition.rsplit_once('/')?;
            Some(Slot::Dated { pk: format!("DP#{partner}"), date: escape(date) })
        }
        "pending_confirmation" => (partition == EVERY_PENDING).then_some(Slot::Pending),
        _ => None,
    }
}

fn pending(shard: u32) -> String {
    format!("PENDCONF#{shard}")
}

/// A place to look for the entries of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The index, or the table itself.
    pub(crate) gsi: Option<Gsi>,
    pub(crate) range: Range,
    /// What stands before sort and stream in the sort keys.
    pub(crate) prefix: String,
}

/// Where the entries that `query` describes can lie.
pub(crate) fn sources(query: &IndexQuery) -> Vec<Source> {
    let source = |gsi, pk: String, prefix: String| {
        let range = bounds(pk, &prefix, query);
        Source { gsi, range, prefix }
    };
    let mut sources = match slot_of(&query.index, &query.partition) {
        Some(Slot::One(gsi, pk)) => vec![source(Some(gsi), pk, String::new())],
        Some(Slot::Dated { pk, date }) => vec![source(Some(GSI2), pk, format!("{date}#"))],
        Some(Slot::Pending) => {
            (0..PENDING).map(|n| source(Some(GSI4), pending(n), String::new())).collect()
        }
        None => Vec::new(),
    };
    sources.push(source(None, index_partition(&query.index, &query.partition), String::new()));
    sources
}

/// The part of the partition `pk` that `query` describes, in sort keys of `prefix`, escaped sort,
/// `#` and the key of what is found.
pub(crate) fn bounds(pk: String, prefix: &str, query: &IndexQuery) -> Range {
    let mut range =
        if prefix.is_empty() { Range::all(pk) } else { Range::prefixed(pk, prefix.to_owned()) };
    if let Some(below) = &query.below {
        // Nothing is below the empty sort.
        range = range.below(format!("{prefix}{}#", escape(below)));
    }
    if let Some((sort, key)) = &query.after {
        let after = format!("{prefix}{}#{key}", escape(sort));
        range = if query.descending { range.below(after) } else { range.above(after) };
    }
    range
}
