//! How streams and rows of read models are found other than by their ids.

use super::stream::StreamId;

/// One way to find a stream or a row: all entries of a partition of an index, in the order of
/// `sort`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexEntry {
    /// The index, such as `client`.
    pub index: String,
    /// The partition of it, such as a client's id.
    pub partition: String,
    /// The place in the partition, such as a time; ties are broken by the key of what is found.
    pub sort: String,
}

impl IndexEntry {
    /// An entry of `index`.
    #[must_use]
    pub fn new(
        index: impl Into<String>,
        partition: impl Into<String>,
        sort: impl Into<String>,
    ) -> Self {
        Self { index: index.into(), partition: partition.into(), sort: sort.into() }
    }
}

/// Which entries of a partition to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexQuery {
    /// The index.
    pub index: String,
    /// The partition of it.
    pub partition: String,
    /// Only entries behind this place: the `sort` and the key (of a row, or the id of a stream) of
    /// the last entry of the page before.
    pub after: Option<(String, String)>,
    /// Only entries whose `sort` is less than this.
    pub below: Option<String>,
    /// Largest `sort` first.
    pub descending: bool,
    /// At most so many.
    pub limit: u32,
}

/// A stream that an index query found, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundStream {
    /// Its place in the partition.
    pub sort: String,
    /// The stream.
    pub stream: StreamId,
}
