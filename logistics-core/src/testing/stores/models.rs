//! What the cases of read models are made of: rows by hand, and a small projection.

use super::Stores;
use super::fixtures::{Counted, Tally, TallyEvent, number, query, whole_feed};
use crate::eventsourcing::{
    Cursor, Decider, DomainEvent, IndexEntry, IndexQuery, ListedRow, ModelRow, Parked, Position,
    Projection, RecordedEvent, StreamId, Version, model_name, project,
};
use crate::values::Sha256Digest;
use serde::{Deserialize, Serialize};

/// A row of one event.
pub(super) fn row(key: &str, body: &str, indexes: &[(&str, &str, &str)]) -> ModelRow {
    ModelRow {
        key: key.to_owned(),
        version: Version::new(1),
        body: body.as_bytes().to_vec(),
        indexes: indexes.iter().map(|(i, p, s)| IndexEntry::new(*i, *p, *s)).collect(),
        parked: None,
    }
}

/// `row`, parked in the stream that bears its key.
pub(super) fn parked(row: ModelRow, reason: &str) -> ModelRow {
    let stream = super::fixtures::stream(&row.key);
    ModelRow { parked: Some(Parked { stream, reason: reason.to_owned() }), ..row }
}

/// A cursor at `position`, with a hash that tells it from others.
pub(super) fn cursor(position: u64) -> Cursor {
    if position == 0 {
        return Cursor::START;
    }
    let hash = Sha256Digest::of(position.to_be_bytes());
    Cursor { position: Position::new(position), hash }
}

pub(super) async fn advance(
    stores: &Stores,
    model: &str,
    from: u64,
    to: u64,
    rows: Vec<ModelRow>,
) -> bool {
    let (from, to) = (cursor(from), cursor(to));
    stores.models.advance(model, from, to, rows).await.expect("answered")
}

/// The rows with these keys, by key.
pub(super) async fn rows(stores: &Stores, model: &str, keys: &[&str]) -> Vec<ModelRow> {
    let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
    let mut rows = stores.models.rows(model, &keys).await.expect("answered");
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    rows
}

pub(super) async fn list(stores: &Stores, model: &str, query: &IndexQuery) -> Vec<ListedRow> {
    stores.models.list(model, query).await.expect("answered")
}

/// The keys of a partition.
pub(super) async fn listed(
    stores: &Stores,
    model: &str,
    index: &str,
    partition: &str,
) -> Vec<String> {
    let rows = list(stores, model, &query(index, partition, false, 1_000)).await;
    rows.into_iter().map(|row| row.key).collect()
}

/// The keys of the rows that are parked.
pub(super) async fn parked_keys(stores: &Stores, model: &str) -> Vec<String> {
    let parked = stores.models.parked(model, None, 1_000).await.expect("answered");
    parked.into_iter().map(|row| row.key).collect()
}

/// The sum of a stream and how many events made it, found by the parity of the sum.
pub(super) struct Sums;

/// [`Sums`] in a newer program, which reads [`Uncounted`] too.
pub(super) struct NewerSums;

/// What an older program has never heard of: something was taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Uncounted {
    /// How much.
    pub(super) by: u32,
}

crate::domain_events! {
    /// What can happen to a tally, as a newer program knows it.
    pub(super) enum NewerEvent { Counted = 1, Uncounted = 1 }
}

type Row = (u64, u64);

fn key(stream: &StreamId) -> Option<String> {
    (stream.category() == Tally::CATEGORY).then(|| stream.id().to_owned())
}

fn by_parity((sum, _): &Row) -> Vec<IndexEntry> {
    let parity = if sum.is_multiple_of(2) { "even" } else { "odd" };
    vec![IndexEntry::new("parity", parity, format!("{sum:08}"))]
}

impl Projection for Sums {
    const NAME: &'static str = "sums";
    const REVISION: u16 = 1;
    type Row = Row;
    type Event = TallyEvent;

    fn key(stream: &StreamId) -> Option<String> {
        key(stream)
    }

    fn apply(row: Option<Row>, TallyEvent::Counted(counted): TallyEvent, _: &RecordedEvent) -> Row {
        let (sum, events) = row.unwrap_or_default();
        (sum + u64::from(counted.by), events + 1)
    }

    fn indexes(row: &Row) -> Vec<IndexEntry> {
        by_parity(row)
    }
}

impl Projection for NewerSums {
    const NAME: &'static str = Sums::NAME;
    const REVISION: u16 = Sums::REVISION;
    type Row = Row;
    type Event = NewerEvent;

    fn key(stream: &StreamId) -> Option<String> {
        key(stream)
    }

    fn apply(row: Option<Row>, event: NewerEvent, _: &RecordedEvent) -> Row {
        let (sum, events) = row.unwrap_or_default();
        let sum = match event {
            NewerEvent::Counted(counted) => sum + u64::from(counted.by),
            NewerEvent::Uncounted(uncounted) => sum.saturating_sub(u64::from(uncounted.by)),
        };
        (sum, events + 1)
    }

    fn indexes(row: &Row) -> Vec<IndexEntry> {
        by_parity(row)
    }
}

/// The name of the model of [`Sums`], and of [`NewerSums`].
pub(super) fn sums_model() -> String {
    model_name::<Sums>()
}

/// The rows of the model with these keys, by key.
pub(super) async fn sums(stores: &Stores, ids: &[&str]) -> Vec<(String, Row)> {
    let found = rows(stores, &sums_model(), ids).await;
    let read = |row: ModelRow| (row.key, serde_json::from_slice(&row.body).expect("a row"));
    found.into_iter().map(read).collect()
}

/// Waits until the feed holds `events` events, then projects all of them with `P`, in pages of
/// `page`. Returns how many rows were parked on the way.
pub(super) async fn catch_up<P: Projection>(stores: &Stores, events: usize, page: u32) -> u32 {
    whole_feed(stores, events, 1_000).await;
    let mut parked = 0;
    loop {
        let step = project::<P>(&*stores.events, &*stores.models, page).await.expect("projected");
        parked += step.parked;
        if step.events == 0 {
            assert_eq!(step.position.get(), number(events));
            return parked;
        }
    }
}

/// The payload of an event that only a newer program can read.
pub(super) fn uncounted(by: u32) -> (String, u16, Vec<u8>) {
    let event = NewerEvent::from(Uncounted { by });
    (event.event_type().to_owned(), event.schema(), event.encode().expect("JSON"))
}
