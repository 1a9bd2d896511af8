//! Commits by hand.

use chrono::{DateTime, Duration, Utc};
use logistics_core::eventsourcing::{
    Actor, CommandRecord, Commit, EventId, Expected, IndexEntry, NewEvent, Occurred, OutboxItem,
    StreamId, Timer, Version,
};
use logistics_core::ids::{CommandId, CorrelationId, EffectId};
use logistics_core::values::Sha256Digest;

pub(super) fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_424_400, 0).unwrap() + Duration::microseconds(micros)
}

pub(super) fn stream(id: &str) -> StreamId {
    StreamId::new("SHP", id).unwrap()
}

/// A commit of `events` events by `command` on `stream`, which stands at `version`.
pub(super) fn commit(stream: &StreamId, command: &str, version: u64, events: u32) -> Commit {
    let command_id = CommandId::new(command).unwrap();
    let event = |index: u32| NewEvent {
        event_id: EventId::derive(stream, &command_id, at(0), index),
        event_type: format!("Happened{index}"),
        schema: 1,
        payload: format!(r#"{{"n":{index}}}"#).into_bytes(),
        occurred: Occurred::observed(at(0)),
        recorded_at: at(i64::try_from(version).unwrap() + i64::from(index)),
        actor: Actor::System,
        correlation_id: CorrelationId::from(&command_id),
        causation_id: None,
        hash: Sha256Digest::of([7]),
    };
    Commit {
        stream: stream.clone(),
        expected: Expected::from_version(Version::new(version)),
        events: (0..events).map(event).collect(),
        command: CommandRecord {
            command_id: command_id.clone(),
            digest: [7; 32],
            before: Version::new(version),
            after: Version::new(version + u64::from(events)),
        },
        outbox: Vec::new(),
        timers: Vec::new(),
        index: None,
    }
}

pub(super) fn message(id: &str) -> OutboxItem {
    OutboxItem {
        effect_id: EffectId::new(id).unwrap(),
        kind: "kind".to_owned(),
        key: "key".to_owned(),
        body: b"body".to_vec(),
        created_at: at(0),
    }
}

pub(super) fn timer(owner: &str, name: &str, generation: u32, fire_at: i64) -> Timer {
    let (owner, name) = (owner.to_owned(), name.to_owned());
    Timer { owner, name, generation, fire_at: at(fire_at) }
}

pub(super) fn entry(index: &str, partition: &str, sort: &str) -> IndexEntry {
    IndexEntry::new(index, partition, sort)
}
