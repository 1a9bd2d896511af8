//! Read models: rows that fold streams, kept up to date from the feed.
//!
//! A row remembers the version of the stream that it folds, so an event that arrives twice changes
//! nothing, whatever the order of delivery between streams.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::domain_event::DomainEvent;
use super::event::RecordedEvent;
use super::feed::{Cursor, FollowError, follow};
use super::index::IndexEntry;
use super::read_models::{ModelRow, Parked, ReadModels};
use super::store::{EventStore, StoreError, load_after};
use super::stream::{Position, StreamId, Version};

/// How one kind of read model is made. Each row folds one stream.
pub trait Projection {
    /// Its name in the store.
    const NAME: &'static str;
    /// The revision of its rows. A new revision is built beside the old one, from the first event.
    const REVISION: u16;
    /// What a row holds.
    type Row: Serialize + DeserializeOwned + Send;
    /// The events that it folds.
    type Event: DomainEvent;

    /// The row that the events of `stream` go into; `None` where they concern another model.
    fn key(stream: &StreamId) -> Option<String>;

    /// The row after `event`, which was recorded as `recorded`.
    fn apply(row: Option<Self::Row>, event: Self::Event, recorded: &RecordedEvent) -> Self::Row;

    /// Under what the row can be found besides its key.
    fn indexes(row: &Self::Row) -> Vec<IndexEntry>;
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
    /// The store does not hold what the model has read: it was restored from a backup.
    /// [`rebuild`](super::rebuild) the model.
    #[error("{model} has read an event at position {position} that the store does not hold")]
    Rewound {
        /// The read model.
        model: String,
        /// How far it has read.
        position: Position,
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
    /// How many rows were parked, for an event that this program cannot read.
    pub parked: u32,
}

/// Reads at most `limit` events of the feed into the rows of `P`.
///
/// A row whose next event cannot be read is parked as it stands; the others go on, and
/// [`unpark`] takes it up again. Several processes may do this at once: the one that loses changes
/// nothing.
///
/// # Errors
/// [`ProjectError`]; the model stands where it stood.
pub async fn project<P: Projection>(
    events: &dyn EventStore,
    models: &dyn ReadModels,
    limit: u32,
) -> Result<Projected, ProjectError> {
    project_into::<P>(&model_name::<P>(), events, models, limit).await
}

/// As [`project`], into the model called `model`.
pub(super) async fn project_into<P: Projection>(
    model: &str,
    events: &dyn EventStore,
    models: &dyn ReadModels,
    limit: u32,
) -> Result<Projected, ProjectError> {
    let from = models.checkpoint(model).await?;
    let page = match follow(events, from, limit).await {
        Ok(page) => page,
        Err(FollowError::Store(error)) => return Err(error.into()),
        Err(FollowError::Rewound { position }) => {
            return Err(ProjectError::Rewound { model: model.to_owned(), position });
        }
    };
    let Some(to) = page.last().map(Cursor::behind) else {
        return Ok(Projected { position: from.position, events: 0, parked: 0 });
    };
    let mut touched: BTreeMap<String, Vec<&RecordedEvent>> = BTreeMap::new();
    for event in &page {
        if let Some(key) = P::key(&event.stream) {
            touched.entry(key).or_default().push(event);
        }
    }
    let keys: Vec<String> = touched.keys().cloned().collect();
    let mut known: BTreeMap<String, ModelRow> =
        models.rows(model, &keys).await?.into_iter().map(|row| (row.key.clone(), row)).collect();
    let (mut rows, mut parked) = (Vec::with_capacity(touched.len()), 0_u32);
    for (key, new) in touched {
        let row = known.remove(&key).unwrap_or_else(|| empty(key));
        let (before, stands_still) = (row.version, row.parked.is_some());
        let first = new.iter().find(|event| event.version > before).filter(|_| !stands_still);
        // A row that is parked, or has the events already, is written as it was read: whoever
        // writes it meanwhile without moving the checkpoint may know less of this page.
        let row = match first {
            None => row,
            Some(first) if first.version == before.next() => {
                fold::<P>(model, row, new.into_iter().filter(|event| event.version > before))?
            }
            // An event between is not in this page. What was missed is in the stream.
            Some(first) => {
                let missed = load_after(events, &first.stream, before).await?;
                fold::<P>(model, row, &missed)?
            }
        };
        parked += u32::from(row.parked.is_some() && !stands_still);
        rows.push(row);
    }
    let advanced = models.advance(model, from, to, rows).await?;
    let position = if advanced { to } else { models.checkpoint(model).await? }.position;
    let events = u32::try_from(page.len()).unwrap_or(u32::MAX);
    Ok(Projected { position, events, parked })
}

/// Takes up the parked rows of `P` again, such as after an update of the program: folds what their
/// streams hold by now. Returns how many are still parked.
///
/// A projector that runs meanwhile may park a row again that was taken up, never lose what it
/// holds: where [`ReadModels::parked`] still lists some, call this again.
///
/// # Errors
/// [`ProjectError`]; what was taken up until then stays so.
pub async fn unpark<P: Projection>(
    events: &dyn EventStore,
    models: &dyn ReadModels,
) -> Result<u32, ProjectError> {
    let model = model_name::<P>();
    let (mut after, mut still) = (None, 0_u32);
    loop {
        let parked = models.parked(&model, after.as_deref(), UNPARK_PAGE).await?;
        let Some(last) = parked.last() else { return Ok(still) };
        after = Some(last.key.clone());
        for row in parked {
            let parked = take_up::<P>(&model, row.key, events, models).await?;
            still = still.saturating_add(u32::from(parked));
        }
    }
}

/// Parked rows read at a time.
const UNPARK_PAGE: u32 = 100;

/// Folds what the stream of a parked row holds by now; whether the row is still parked.
async fn take_up<P: Projection>(
    model: &str,
    key: String,
    events: &dyn EventStore,
    models: &dyn ReadModels,
) -> Result<bool, ProjectError> {
    let keys = [key];
    loop {
        // The checkpoint first: what a projector writes after this makes the write below fail.
        let at = models.checkpoint(model).await?;
        let Some(now) = models.rows(model, &keys).await?.pop() else {
            return Ok(false);
        };
        let (Some(parked), version) = (now.parked.clone(), now.version) else {
            return Ok(false);
        };
        let missed = load_after(events, &parked.stream, version).await?;
        let folded = fold::<P>(model, ModelRow { parked: None, ..now }, &missed)?;
        let still = folded.parked.is_some();
        if still && folded.version == version {
            return Ok(true);
        }
        if models.advance(model, at, at, vec![folded]).await? {
            return Ok(still);
        }
    }
}

fn empty(key: String) -> ModelRow {
    ModelRow { key, version: Version::NONE, body: Vec::new(), indexes: Vec::new(), parked: None }
}

/// `row` with `events`, which follow it; parked before the first that cannot be read.
fn fold<'a, P: Projection>(
    model: &str,
    mut row: ModelRow,
    events: impl IntoIterator<Item = &'a RecordedEvent>,
) -> Result<ModelRow, ProjectError> {
    let row_error = |key: &str, source| {
        let (model, key) = (model.to_owned(), key.to_owned());
        ProjectError::Row { model, key, source }
    };
    let mut folded: Option<P::Row> = None;
    if row.version > Version::NONE {
        let read = serde_json::from_slice(&row.body);
        folded = Some(read.map_err(|source| row_error(&row.key, source))?);
    }
    for event in events {
        match event.decode::<P::Event>() {
            Ok(decoded) => {
                folded = Some(P::apply(folded.take(), decoded, event));
                row.version = event.version;
            }
            Err(error) => {
                let reason = error.to_string();
                row.parked = Some(Parked { stream: event.stream.clone(), reason });
                break;
            }
        }
    }
    if let Some(folded) = folded {
        row.body = serde_json::to_vec(&folded).map_err(|source| row_error(&row.key, source))?;
        row.indexes = P::indexes(&folded);
    }
    Ok(row)
}
