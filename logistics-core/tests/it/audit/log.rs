//! Stored events as rows that can be tampered with, and chance that can be repeated.

use async_trait::async_trait;
use futures::executor::block_on;
use logistics_core::eventsourcing::{
    Actor, CommandRecord, Commit, CommitError, Committed, EventId, EventStore, Expected, FeedOrder,
    NewEvent, Occurred, Page, Position, RecordedEvent, Retry, StoreError, StoreErrorKind, StreamId,
    Version,
};
use logistics_core::memory::MemoryStore;
use logistics_core::values::Sha256Digest;
use logistics_core::{CommandId, CorrelationId};

use crate::fixtures::{minute, partner};

/// The rows of a store, in any order.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) rows: Vec<RecordedEvent>,
    /// Answers with this stream whatever stream is asked for.
    pub(crate) exchanged: Option<StreamId>,
}

#[async_trait]
impl EventStore for Log {
    fn feed_order(&self) -> FeedOrder {
        FeedOrder::Commit
    }

    async fn commit(&self, _: Commit) -> Result<Committed, CommitError> {
        Err(CommitError::Store(StoreError {
            kind: StoreErrorKind::Invalid,
            retry: Retry::Never,
            operation: "commit",
            source: "what is looked at is not written".into(),
        }))
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let stream = self.exchanged.as_ref().unwrap_or(stream);
        let behind = |row: &&RecordedEvent| row.stream == *stream && row.version > after;
        let mut events: Vec<_> = self.rows.iter().filter(behind).cloned().collect();
        events.sort_by_key(|event| event.version);
        let more = events.len() > limit as usize;
        events.truncate(limit as usize);
        Ok(Page { events, more })
    }

    async fn command(
        &self,
        _: &StreamId,
        _: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        Ok(None)
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut events: Vec<_> =
            self.rows.iter().filter(|row| row.position > after).cloned().collect();
        events.sort_by_key(|event| event.position);
        events.truncate(limit as usize);
        Ok(events)
    }
}

impl Log {
    pub(crate) fn of(rows: impl Into<Vec<RecordedEvent>>) -> Self {
        Self { rows: rows.into(), exchanged: None }
    }

    /// Gives the events of `stream` from `version` on the hashes that they would have.
    pub(crate) fn rehash(&mut self, stream: &StreamId, version: u64) {
        self.rows.sort_by_key(|row| row.version);
        let rows = self.rows.iter_mut().filter(|row| row.stream == *stream);
        let mut previous = Sha256Digest::ZERO;
        for row in rows {
            if row.version.get() >= version {
                row.event = chained(row, previous).event;
            }
            previous = row.event.hash;
        }
    }

    /// Numbers the rows anew in the order of their positions.
    pub(crate) fn close_up(&mut self) {
        self.rows.sort_by_key(|row| row.position);
        for (position, row) in (1..).zip(&mut self.rows) {
            row.position = Position::new(position);
        }
    }
}

/// `row` as the successor of the event with the hash `previous`.
pub(crate) fn chained(row: &RecordedEvent, previous: Sha256Digest) -> RecordedEvent {
    let before = Version::new(row.version.get() - 1);
    let commit = commit(&row.stream, before, &row.command_id, vec![row.event.clone()]);
    let event = commit.chained(previous).events.remove(0);
    RecordedEvent { event, ..row.clone() }
}

fn commit(
    stream: &StreamId,
    before: Version,
    command: &CommandId,
    events: Vec<NewEvent>,
) -> Commit {
    let after = before.plus(events.len() as u64);
    Commit {
        stream: stream.clone(),
        expected: Expected::from_version(before),
        command: CommandRecord { command_id: command.clone(), digest: [0; 32], before, after },
        events,
        outbox: Vec::new(),
        timers: Vec::new(),
        index: None,
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

pub(crate) fn stream(number: usize) -> StreamId {
    StreamId::new("TST", number).unwrap()
}

/// An event of the command `command`, with something in each field.
pub(crate) fn event(
    chance: &mut Chance,
    stream: &StreamId,
    command: &CommandId,
    nth: u32,
) -> NewEvent {
    let actors = [
        Actor::System,
        Actor::Partner(partner("DP-1")),
        Actor::Api("shop".to_owned()),
        Actor::Operator("desk".to_owned()),
    ];
    let event_id = EventId::derive(stream, command, minute(0), nth);
    let offset_min = [None, Some(0), Some(330)];
    NewEvent {
        event_id,
        event_type: (*chance.pick(&["Made", "Moved", "Ended"])).to_owned(),
        schema: 1 + u16::try_from(chance.below(3)).unwrap(),
        payload: format!(r#"{{"n":{}}}"#, chance.below(1_000)).into_bytes(),
        occurred: Occurred {
            at: minute(i64::try_from(chance.below(100)).unwrap()),
            offset_min: *chance.pick(&offset_min),
            suspect: chance.below(2) == 0,
        },
        recorded_at: minute(i64::try_from(chance.below(100)).unwrap()),
        actor: chance.pick(&actors).clone(),
        correlation_id: CorrelationId::from(command),
        causation_id: (chance.below(2) == 0).then_some(event_id),
        hash: Sha256Digest::ZERO,
    }
}

/// A store with at least `events` events in `streams` streams, written by commits of one to four.
pub(crate) fn written(chance: &mut Chance, events: usize, streams: usize) -> MemoryStore {
    let store = MemoryStore::new();
    let mut heads = vec![(Version::NONE, Sha256Digest::ZERO); streams];
    let mut count = 0;
    while count < events {
        let number = chance.below(streams);
        let (before, previous) = heads[number];
        let (stream, command) = (stream(number), CommandId::new(format!("c-{count}")).unwrap());
        let size = 1 + u32::try_from(chance.below(4)).unwrap();
        let made = (0..size).map(|nth| event(chance, &stream, &command, nth)).collect();
        let commit = commit(&stream, before, &command, made).chained(previous);
        let committed = block_on(store.commit(commit)).unwrap();
        heads[number] = (committed.version, committed.events.last().unwrap().event.hash);
        count += committed.events.len();
    }
    store
}

/// What `store` holds, as rows.
pub(crate) fn rows(store: &MemoryStore) -> Log {
    let mut rows: Vec<RecordedEvent> = Vec::new();
    loop {
        let after = rows.last().map_or(Position::START, |row| row.position);
        let page = block_on(store.feed(after, 1_000)).unwrap();
        if page.is_empty() {
            return Log::of(rows);
        }
        rows.extend(page);
    }
}
