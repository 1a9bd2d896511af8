//! The port for read models: rows that fold streams, under their keys and in indexes.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::feed::Cursor;
use super::index::{IndexEntry, IndexQuery};
use super::store::StoreError;
use super::stream::{StreamId, Version};

/// A row as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRow {
    /// Its key.
    pub key: String,
    /// The version of the stream that it folds.
    pub version: Version,
    /// The row as JSON.
    pub body: Vec<u8>,
    /// Under what it can be found. Entries of an earlier write are replaced.
    pub indexes: Vec<IndexEntry>,
    /// Set where the row stands still. It is as it was before the event that could not be read;
    /// with version 0 it holds nothing, and its body is empty.
    pub parked: Option<Parked>,
}

/// Why a row stands still: the event after its version cannot be read by this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The stream that the row folds.
    pub stream: StreamId,
    /// What the decoder met.
    pub reason: String,
}

/// A row of a listing, with its place in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRow {
    /// Its place in the partition.
    pub sort: String,
    /// Its key.
    pub key: String,
    /// The row as JSON.
    pub body: Vec<u8>,
}

/// Storage of read models.
#[async_trait]
pub trait ReadModels: Send + Sync {
    /// How far `model` has read the feed; [`Cursor::START`] for a model that is not there.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn checkpoint(&self, model: &str) -> Result<Cursor, StoreError>;

    /// Writes `rows` and moves the checkpoint of `model` from `from` to `to`, as one; false, and
    /// nothing is written, when the checkpoint does not stand at `from`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn advance(
        &self,
        model: &str,
        from: Cursor,
        to: Cursor,
        rows: Vec<ModelRow>,
    ) -> Result<bool, StoreError>;

    /// The rows of `model` with these keys; missing rows are left out.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn rows(&self, model: &str, keys: &[String]) -> Result<Vec<ModelRow>, StoreError>;

    /// The rows of `model` that `query` describes.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn list(&self, model: &str, query: &IndexQuery) -> Result<Vec<ListedRow>, StoreError>;

    /// How many rows of `model` each partition of `index` holds.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError>;

    /// The rows of `model` that are parked, by key, after `after`, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ModelRow>, StoreError>;

    /// Puts `by` in the place of `model`: rows, entries and checkpoint. Whoever reads `model` sees
    /// either all of the old or all of the new; `by` is not there any more. False, and nothing is
    /// changed, when there is no `by`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn replace(&self, model: &str, by: &str) -> Result<bool, StoreError>;

    /// Removes `model` with all that belongs to it. A model that is not there is removed already.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn remove(&self, model: &str) -> Result<(), StoreError>;
}
