//! What the cases are made of: a small aggregate, commits by hand, writers that take turns.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::task::Poll;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::Stores;
use crate::eventsourcing::{
    Actor, CommandEnvelope, CommandRecord, Commit, CommitError, Committed, DecideContext, Decider,
    EventId, EventStore, Expected, FeedOrder, FoundStream, IndexEntry, IndexQuery, NewEvent,
    Occurred, OutboxItem, Page, Position, RecordedEvent, StoreError, StreamId, Timer, Version,
};
use crate::ids::{CommandId, CorrelationId, EffectId, PartnerId};
use crate::values::Sha256Digest;

/// Something was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Counted {
    /// How much.
    pub(super) by: u32,
}

crate::domain_events! {
    /// What can happen to a [`Tally`].
    pub(super) enum TallyEvent { Counted = 1 }
}

/// Counts; `decide` makes one event for each number that is not zero.
#[derive(Debug)]
pub(super) struct Tally;

/// Nothing is ever refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("refused")]
pub(super) struct Never;

impl Decider for Tally {
    const CATEGORY: &'static str = "TLY";
    type Command = Vec<u32>;
    type Event = TallyEvent;
    type State = u64;
    type Rejection = Never;
    type Policy = ();

    fn decide(
        _: &u64,
        command: &Vec<u32>,
        _: &DecideContext<'_, ()>,
    ) -> Result<Vec<TallyEvent>, Never> {
        let counted = command.iter().filter(|&&by| by > 0);
        Ok(counted.map(|&by| Counted { by }.into()).collect())
    }

    fn evolve(state: u64, TallyEvent::Counted(counted): &TallyEvent) -> u64 {
        state.saturating_add(u64::from(counted.by))
    }

    fn index(state: &u64) -> Vec<IndexEntry> {
        let parity = if state.is_multiple_of(2) { "even" } else { "odd" };
        (*state > 0).then(|| entry("parity", parity, &format!("{state:08}"))).into_iter().collect()
    }
}

/// `seconds` after a moment in November 2026.
pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_424_400, 0).unwrap_or_default() + Duration::seconds(seconds)
}

pub(super) fn stream(id: &str) -> StreamId {
    StreamId::new(Tally::CATEGORY, id).expect("a legal stream id")
}

pub(super) fn command_id(id: impl AsRef<str>) -> CommandId {
    CommandId::new(id).expect("a legal command id")
}

pub(super) fn partner(id: impl AsRef<str>) -> PartnerId {
    PartnerId::new(id).expect("a legal partner id")
}

/// A command for [`Tally`].
pub(super) fn count(command: impl AsRef<str>, by: &[u32]) -> CommandEnvelope<Vec<u32>> {
    CommandEnvelope::new(command_id(command), at(0), by.to_vec())
}

/// A commit of `events` events by `command` on `stream`, which stands at `version`.
pub(super) fn commit(stream: &StreamId, command: &str, version: u64, events: u32) -> Commit {
    let command_id = command_id(command);
    let before = Version::new(version);
    let event = |index| NewEvent {
        event_id: EventId::derive(stream, &command_id, at(0), index),
        event_type: "Counted".to_owned(),
        schema: 1,
        payload: format!(r#"{{"by":{}}}"#, index + 1).into_bytes(),
        occurred: Occurred::observed(at(0)),
        recorded_at: at(0)
            + Duration::microseconds(i64::try_from(version).unwrap_or(0))
            + Duration::microseconds(i64::from(index)),
        actor: Actor::System,
        correlation_id: CorrelationId::from(&command_id),
        causation_id: None,
        hash: Sha256Digest::ZERO,
    };
    Commit {
        stream: stream.clone(),
        expected: Expected::from_version(before),
        events: (0..events).map(event).collect(),
        command: CommandRecord {
            command_id: command_id.clone(),
            digest: [7; 32],
            before,
            after: before.plus(u64::from(events)),
        },
        outbox: Vec::new(),
        timers: Vec::new(),
        index: None,
    }
    .chained(Sha256Digest::of(version.to_be_bytes()))
}

/// How often a feed that may lag behind its commits is asked again before that is a failure.
const PATIENCE: u32 = 100_000;

/// All events of the feed, read in pages of `page`. A store that numbers its events later is asked
/// again until `wanted` are there.
pub(super) async fn whole_feed(stores: &Stores, wanted: usize, page: u32) -> Vec<RecordedEvent> {
    let mut patience = match stores.events.feed_order() {
        FeedOrder::Commit => 0,
        FeedOrder::Stream => PATIENCE,
    };
    let mut all: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = all.last().map_or(Position::START, |event| event.position);
        let events = stores.events.feed(after, page).await.expect("the feed");
        if events.is_empty() {
            if all.len() >= wanted || patience == 0 {
                return all;
            }
            patience -= 1;
            yield_now().await;
        }
        all.extend(events);
    }
}

/// Checks the feed, read in pages of `page`, against what the writers were told: positions count
/// from 1, every event is there once as it was committed, each stream in its order. Returns it.
pub(super) async fn check_feed(
    stores: &Stores,
    told: &[RecordedEvent],
    page: u32,
) -> Vec<RecordedEvent> {
    let feed = whole_feed(stores, told.len(), page).await;
    assert!(positions(&feed).into_iter().eq(1..=number(feed.len())), "the feed has a gap");
    let mut stands: BTreeMap<&StreamId, Version> = BTreeMap::new();
    for event in &feed {
        let version = stands.entry(&event.stream).or_default();
        assert_eq!(event.version, version.next(), "{} is out of order", event.stream);
        *version = event.version;
    }
    let place = |event: &RecordedEvent| (event.stream.clone(), event.version);
    let mut told: Vec<_> = told.to_vec();
    let mut seen = feed.clone();
    told.sort_by_key(place);
    seen.sort_by_key(place);
    if stores.events.feed_order() == FeedOrder::Stream {
        for (told, seen) in told.iter_mut().zip(&seen) {
            if told.position == Position::START {
                told.position = seen.position;
            }
        }
    }
    assert_eq!(seen, told, "the feed differs from what the writers were told");
    feed
}

/// Checks that what the only writer was told has the positions from `first` on, where the store
/// numbers events as it commits them.
pub(super) fn check_positions(stores: &Stores, told: &[RecordedEvent], first: u64) {
    if stores.events.feed_order() == FeedOrder::Commit {
        assert_eq!(positions(told), (first..first + number(told.len())).collect::<Vec<_>>());
    }
}

/// `events` without their positions, which a store that numbers later need not answer with.
pub(super) fn unplaced(events: &[RecordedEvent]) -> Vec<RecordedEvent> {
    let unplaced =
        |event: &RecordedEvent| RecordedEvent { position: Position::START, ..event.clone() };
    events.iter().map(unplaced).collect()
}

/// Commits, which must be taken; what the writer is told.
pub(super) async fn take(stores: &Stores, made: Commit) -> Vec<RecordedEvent> {
    stores.events.commit(made).await.expect("taken").events
}

/// An entry of an index.
pub(super) fn entry(index: &str, partition: &str, sort: &str) -> IndexEntry {
    IndexEntry::new(index, partition, sort)
}

/// Asks for the first `limit` entries of a partition.
pub(super) fn query(index: &str, partition: &str, descending: bool, limit: u32) -> IndexQuery {
    IndexQuery {
        index: index.to_owned(),
        partition: partition.to_owned(),
        descending,
        limit,
        ..IndexQuery::default()
    }
}

/// The streams of a partition of the stream index.
pub(super) async fn find(stores: &Stores, index: &str, partition: &str) -> Vec<FoundStream> {
    stores.index.find(&query(index, partition, false, 1_000)).await.expect("answered")
}

/// A message with this id.
pub(super) fn message(id: &str) -> OutboxItem {
    OutboxItem {
        effect_id: EffectId::new(id).expect("a legal effect id"),
        kind: "manifest.publish".to_owned(),
        key: format!("key of {id}"),
        body: vec![0, 255, b'{'],
        created_at: at(0) + Duration::microseconds(7),
    }
}

/// A timer of `owner`.
pub(super) fn timer(owner: &str, name: &str, generation: u32, fire_at: DateTime<Utc>) -> Timer {
    Timer { owner: owner.to_owned(), name: name.to_owned(), generation, fire_at }
}

pub(super) fn number(count: usize) -> u64 {
    u64::try_from(count).expect("a small count")
}

pub(super) fn positions(events: &[RecordedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.position.get()).collect()
}

pub(super) fn versions(events: &[RecordedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.version.get()).collect()
}

/// Runs `futures` side by side in this task.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, output) in running.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *output = Some(ready);
            }
        }
        if outputs.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

/// Lets the others go on first, once.
pub(super) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A store that lets others go on before each call, so that calls of different writers mix even
/// where the store itself answers at once.
#[derive(Clone, Copy)]
pub(super) struct TakingTurns<'a>(pub(super) &'a dyn EventStore);

#[async_trait]
impl EventStore for TakingTurns<'_> {
    fn feed_order(&self) -> FeedOrder {
        self.0.feed_order()
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        yield_now().await;
        self.0.commit(commit).await
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        yield_now().await;
        self.0.load(stream, after, limit).await
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        yield_now().await;
        self.0.command(stream, command).await
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        yield_now().await;
        self.0.feed(after, limit).await
    }
}
