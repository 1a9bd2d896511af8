//! What the tests share: a runtime, commits and fixes by hand.

use std::future::Future;

use chrono::{DateTime, Duration, Utc};
use logistics_core::eventsourcing::{
    Actor, CommandRecord, Commit, Cursor, EventId, EventStore, Expected, IndexEntry, ModelRow,
    NewEvent, Occurred, Outbox, OutboxItem, Position, RecordedEvent, StreamId, Version,
};
use logistics_core::ids::{CommandId, CorrelationId, EffectId, PartnerId};
use logistics_core::telemetry::{Fix, FixStore};
use logistics_core::values::Sha256Digest;

/// A store that takes what the tests write.
pub(crate) trait Store: EventStore + Outbox + FixStore + Clone + 'static {}

impl<S: EventStore + Outbox + FixStore + Clone + 'static> Store for S {}

/// Runs `future` on a runtime with two threads.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap().block_on(future)
}

pub(crate) fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_424_400, 0).unwrap() + Duration::milliseconds(ms)
}

pub(crate) fn stream(id: &str) -> StreamId {
    StreamId::new("TST", id).unwrap()
}

/// A commit of one event by the command `version`, on the stream `id` that stands at `version`. Its
/// hash is the first of a chain of its own.
pub(crate) fn commit(id: &str, version: u64) -> Commit {
    commit_after(id, version, Sha256Digest::ZERO)
}

/// As [`commit`], with a hash that goes on after `previous`.
pub(crate) fn commit_after(id: &str, version: u64, previous: Sha256Digest) -> Commit {
    commit_by(&format!("c{version}"), id, version, previous)
}

/// As [`commit_after`], by another command.
pub(crate) fn commit_by(command: &str, id: &str, version: u64, previous: Sha256Digest) -> Commit {
    let stream = stream(id);
    let command_id = CommandId::new(command).unwrap();
    let before = Version::new(version);
    Commit {
        expected: Expected::from_version(before),
        events: vec![NewEvent {
            event_id: EventId::derive(&stream, &command_id, at(0), 0),
            event_type: "Tested".to_owned(),
            schema: 1,
            payload: format!(r#"{{ "stream": "{id}", "version": {version} }}"#).into_bytes(),
            occurred: Occurred::observed(at(0)),
            recorded_at: at(i64::try_from(version).unwrap()),
            actor: Actor::System,
            correlation_id: CorrelationId::from(&command_id),
            causation_id: None,
            hash: Sha256Digest::ZERO,
        }],
        command: CommandRecord { command_id, digest: [1; 32], before, after: before.next() },
        outbox: Vec::new(),
        timers: Vec::new(),
        index: None,
        stream,
    }
    .chained(previous)
}

pub(crate) fn message(id: &str) -> OutboxItem {
    OutboxItem {
        effect_id: EffectId::new(id).unwrap(),
        kind: "test".to_owned(),
        key: "key".to_owned(),
        body: b"body".to_vec(),
        created_at: at(0),
    }
}

pub(crate) fn fix(partner: &str, ms: i64) -> Fix {
    Fix {
        partner: PartnerId::new(partner).unwrap(),
        ts: at(ms),
        position: (73.85, 18.52).into(),
        accuracy_m: 8.0,
        accuracy_assumed: false,
        speed_mps: Some(4.0),
        bearing_deg: None,
        battery: None,
        mocked: false,
    }
}

/// A cursor at `position`.
pub(crate) fn cursor(position: u64) -> Cursor {
    Cursor { position: Position::new(position), hash: Sha256Digest::of(position.to_be_bytes()) }
}

/// A row under `key` that folds one event.
pub(crate) fn row(key: &str) -> ModelRow {
    ModelRow {
        key: key.to_owned(),
        version: Version::new(1),
        body: b"{}".to_vec(),
        indexes: vec![IndexEntry::new("i", "p", key)],
        parked: None,
    }
}

/// All events of the feed.
pub(crate) async fn whole_feed(store: &dyn EventStore) -> Vec<RecordedEvent> {
    let mut all: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = all.last().map_or(Position::START, |event| event.position);
        let page = store.feed(after, 1_000).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}
