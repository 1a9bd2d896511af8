//! Read models: rows that fold streams, kept up to date from the feed.
//!
//! A row remembers the version of the stream that it folds, so an event that arrives twice changes
//! nothing, whatever the order of delivery between streams.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::event::{DecodeError, RecordedEvent};
use super::store::{EventStore, StoreError};
use super::stream::{Position, StreamId, Version};

/// How one kind of read model is made. Each row folds one stream.
pub trait Projection {
    /// Its name in the store.
    const NAME: &'static str;
    /// The revision of its rows. A new revision is built beside the old one, from the first event.
    const REVISION: u16;
    /// What a row holds.
    type Row: Serialize + DeserializeOwned + Send;

    /// The row that the events of `stream` go into; `None` where they concern another model.
    fn key(stream: &StreamId) -> Option<String>;

    /// The row after `event`.
    ///
    /// # Errors
    /// [`DecodeError`] when the event cannot be read; the projection stops there.
    fn apply(row: Option<Self::Row>, event: &RecordedEvent) -> Result<Self::Row, DecodeError>;

    /// Under what the row can be found besides its key.
    fn indexes(row: &Self::Row) -> Vec<IndexEntry>;
}

/// One way to find a row: all rows of a partition of an index, in the order of `sort`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexEntry {
    /// The index, such as `client`.
    pub index: String,
    /// The partition of it, such as a client's id.
    pub partition: String,
    /// The row's place in the partition, such as a time; ties are broken by the row's key.
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
}

/// Which rows of a model to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelQuery {
    /// The index.
    pub index: String,
    /// The partition of it.
    pub partition: String,
    /// Only rows behind this place: the `sort` and key of the last row of the page before.
    pub after: Option<(String, String)>,
    /// Largest `sort` first.
    pub descending: bool,
    /// At most so many rows.
    pub limit: u32,
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
    /// How far `model` has read the feed.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn checkpoint(&self, model: &str) -> Result<Position, StoreError>;

    /// Writes `rows` and moves the checkpoint of `model` from `from` to `to`, as one; false, and
    /// nothing is written, when the checkpoint does not stand at `from`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn advance(
        &self,
        model: &str,
        from: Position,
        to: Position,
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
    async fn list(&self, model: &str, query: &ModelQuery) -> Result<Vec<ListedRow>, StoreError>;

    /// How many rows of `model` each partition of `index` holds.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError>;
}

/// The name under which a store keeps the rows of `P`: name and revision.
#[must_use]
pub fn model_name<P: Projection>() -> String {
    format!("{}@{}", P::NAME, P::REVISION)
}

/// Why a projection could not go on. It stands where it stood; nothing was skipped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectError {
    /// An event cannot be read: this program is older than the store, or it is damaged.
    #[error("{model} cannot read the event at position {position}")]
    Unreadable {
        /// The read model.
        model: String,
        /// The event's position in the feed.
        position: Position,
        /// What the decoder met.
        #[source]
        source: DecodeError,
    },
    /// A row cannot be read or written as JSON: bump the revision of the projection.
    #[error("row {key:?} of {model} cannot be read or written")]
    Row {
        /// The read model.
        model: String,
        /// The row's key.
        key: String,
        /// What the JSON reader or writer met.
        #[source]
        source: serde_json::Error,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// What one step of [`project`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Projected {
    /// How far the model has read now.
    pub position: Position,
    /// How many events were read; fewer than the limit means that it has caught up.
    pub events: u32,
}

/// Reads at most `limit` events of the feed into the rows of `P`.
///
/// Several processes may do this at once: the one that loses changes nothing.
///
/// # Errors
/// [`ProjectError`]; the model stands where it stood.
pub async fn project<P: Projection>(
    events: &dyn EventStore,
    models: &dyn ReadModels,
    limit: u32,
) -> Result<Projected, ProjectError> {
    let model = model_name::<P>();
    let from = models.checkpoint(&model).await?;
    let page = events.feed(from, limit).await?;
    let Some(to) = page.last().map(|event| event.position) else {
        return Ok(Projected { position: from, events: 0 });
    };
    let mut touched: BTreeMap<String, Vec<&RecordedEvent>> = BTreeMap::new();
    for event in &page {
        if let Some(key) = P::key(&event.stream) {
            touched.entry(key).or_default().push(event);
        }
    }
    let keys: Vec<String> = touched.keys().cloned().collect();
    let mut known: BTreeMap<String, ModelRow> =
        models.rows(&model, &keys).await?.into_iter().map(|row| (row.key.clone(), row)).collect();
    let mut rows = Vec::with_capacity(touched.len());
    for (key, events) in touched {
        let row = known.remove(&key);
        rows.extend(fold_row::<P>(&model, key, row, &events)?);
    }
    let advanced = models.advance(&model, from, to, rows).await?;
    let position = if advanced { to } else { models.checkpoint(&model).await? };
    Ok(Projected { position, events: u32::try_from(page.len()).unwrap_or(u32::MAX) })
}

/// The row with the events that it has not seen; `None` when it has seen them all.
fn fold_row<P: Projection>(
    model: &str,
    key: String,
    stored: Option<ModelRow>,
    events: &[&RecordedEvent],
) -> Result<Option<ModelRow>, ProjectError> {
    let row_error = |key: &str| {
        let (model, key) = (model.to_owned(), key.to_owned());
        move |source| ProjectError::Row { model, key, source }
    };
    let before = stored.as_ref().map_or(Version::NONE, |row| row.version);
    let mut row: Option<P::Row> =
        stored.map(|row| serde_json::from_slice(&row.body)).transpose().map_err(row_error(&key))?;
    let mut version = before;
    for event in events.iter().filter(|event| event.version > before) {
        let next = P::apply(row.take(), event).map_err(|source| ProjectError::Unreadable {
            model: model.to_owned(),
            position: event.position,
            source,
        })?;
        row = Some(next);
        version = event.version;
    }
    match row {
        Some(row) if version > before => {
            let body = serde_json::to_vec(&row).map_err(row_error(&key))?;
            Ok(Some(ModelRow { key, version, body, indexes: P::indexes(&row) }))
        }
        _ => Ok(None),
    }
}
