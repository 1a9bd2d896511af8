//! What the tests share: a runtime, commits by hand, the whole feed.

use std::future::Future;

use chrono::{DateTime, Duration, Utc};
use logistics_core::eventsourcing::{
    Actor, CommandRecord, Commit, EventId, EventStore, Expected, NewEvent, Occurred, Position,
    RecordedEvent, StreamId, Version,
};
use logistics_core::ids::{CommandId, CorrelationId};
use logistics_core::values::Sha256Digest;
use logistics_dynamodb::DynamoStore;

/// Runs `future` on a runtime with two threads.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap().block_on(future)
}

/// How much more than usual is tried: `LOGISTICS_TEST_SCALE`.
pub(crate) fn scale() -> u64 {
    std::env::var("LOGISTICS_TEST_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

pub(crate) fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_424_400, 0).unwrap() + Duration::milliseconds(ms)
}

pub(crate) fn stream(id: &str) -> StreamId {
    StreamId::new("TST", id).unwrap()
}

/// A commit of `events` events on the stream `id`, which stands at `version`.
pub(crate) fn commit(id: &str, version: u64, events: u32) -> Commit {
    let stream = stream(id);
    let command_id = CommandId::new(format!("c{version}")).unwrap();
    let before = Version::new(version);
    let event = |index: u32| NewEvent {
        event_id: EventId::derive(&stream, &command_id, at(0), index),
        event_type: "Tested".to_owned(),
        schema: 1,
        payload: format!(r#"{{ "stream": "{id}", "n": {index} }}"#).into_bytes(),
        occurred: Occurred::observed(at(0)),
        recorded_at: at(i64::try_from(version).unwrap()) + Duration::microseconds(index.into()),
        actor: Actor::System,
        correlation_id: CorrelationId::from(&command_id),
        causation_id: None,
        hash: Sha256Digest::ZERO,
    };
    Commit {
        expected: Expected::from_version(before),
        events: (0..events).map(event).collect(),
        command: CommandRecord {
            command_id: command_id.clone(),
            digest: [1; 32],
            before,
            after: before.plus(events.into()),
        },
        outbox: Vec::new(),
        timers: Vec::new(),
        index: None,
        stream,
    }
}

/// All events of the feed, in pages of `page`.
pub(crate) async fn whole_feed(store: &DynamoStore, page: u32) -> Vec<RecordedEvent> {
    let mut all: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = all.last().map_or(Position::START, |event| event.position);
        let events = store.feed(after, page).await.unwrap();
        if events.is_empty() {
            return all;
        }
        all.extend(events);
    }
}
