//! The store in memory against the suite that every store must pass; and a store that promises
//! less, so that the suite is tried with that too.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use logistics_core::CommandId;
use logistics_core::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, EventId, EventStore, FeedOrder, Page, Position,
    RecordedEvent, StoreError, StreamId, Version,
};
use logistics_core::memory::MemoryStore;
use logistics_core::testing::stores::Stores;

const DEAD_LETTERS_MAX: usize = 40;

async fn memory() -> Stores {
    let store = MemoryStore::new().with_dead_letters_max(DEAD_LETTERS_MAX);
    Stores::of(store, u64::try_from(DEAD_LETTERS_MAX).unwrap())
}

logistics_core::store_conformance!(memory, futures::executor::block_on, memory());

pub(crate) async fn late() -> Stores {
    let store = MemoryStore::new();
    let late = Late { store: store.clone(), numbered: Mutex::default() };
    let mut stores = Stores::of(store, 100).without_unique_event_ids();
    stores.events = Arc::new(late);
    stores
}

logistics_core::store_conformance!(late, futures::executor::block_on, late(), [
    commits limits isolation commands concurrency reading chain feed follow projecting parking
    rebuilding
]);

/// A store that numbers its events some time after they are committed, stream by stream, and does
/// not compare event ids.
#[derive(Debug)]
struct Late {
    store: MemoryStore,
    numbered: Mutex<Numbered>,
}

#[derive(Debug, Default)]
struct Numbered {
    /// How far the feed of the store below is numbered.
    until: Position,
    feed: Vec<RecordedEvent>,
    /// How often the feed was asked for.
    asked: u32,
    /// The ids as they were committed; below there are others.
    ids: BTreeMap<(StreamId, Version), EventId>,
}

impl Late {
    /// The event as its writer made it, without a position.
    fn unplaced(&self, mut event: RecordedEvent) -> RecordedEvent {
        let numbered = self.numbered.lock().unwrap();
        if let Some(id) = numbered.ids.get(&(event.stream.clone(), event.version)) {
            event.event.event_id = *id;
        }
        RecordedEvent { position: Position::START, ..event }
    }

    /// Numbers what was committed since the last time: the streams in an order of its own.
    async fn number(&self) -> Result<(), StoreError> {
        let from = self.numbered.lock().unwrap().until;
        let new = self.store.feed(from, u32::MAX).await?;
        let until = new.last().map_or(from, |event| event.position);
        let mut streams: BTreeMap<StreamId, Vec<RecordedEvent>> = BTreeMap::new();
        for event in new {
            streams.entry(event.stream.clone()).or_default().push(self.unplaced(event));
        }
        let numbered = &mut *self.numbered.lock().unwrap();
        if numbered.until != from {
            return Ok(());
        }
        numbered.until = until;
        for mut event in streams.into_values().rev().flatten() {
            event.position = Position::new(u64::try_from(numbered.feed.len()).unwrap() + 1);
            numbered.feed.push(event);
        }
        Ok(())
    }
}

#[async_trait]
impl EventStore for Late {
    fn feed_order(&self) -> FeedOrder {
        FeedOrder::Stream
    }

    async fn commit(&self, mut commit: Commit) -> Result<Committed, CommitError> {
        let mut version = commit.expected.version();
        let mut ids = BTreeMap::new();
        for event in &mut commit.events {
            version = version.next();
            ids.insert((commit.stream.clone(), version), event.event_id);
            let command = &commit.command.command_id;
            let index = u32::try_from(version.get()).unwrap();
            event.event_id = EventId::derive(&commit.stream, command, event.recorded_at, index);
        }
        let Committed { version, events } = self.store.commit(commit).await?;
        self.numbered.lock().unwrap().ids.extend(ids);
        let events = events.into_iter().map(|event| self.unplaced(event)).collect();
        Ok(Committed { version, events })
    }

    async fn load(&self, of: &StreamId, after: Version, limit: u32) -> Result<Page, StoreError> {
        let Page { events, more } = self.store.load(of, after, limit).await?;
        Ok(Page { events: events.into_iter().map(|event| self.unplaced(event)).collect(), more })
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.store.command(stream, command).await
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let asked = {
            let mut numbered = self.numbered.lock().unwrap();
            numbered.asked += 1;
            numbered.asked
        };
        if asked.is_multiple_of(3) {
            self.number().await?;
        }
        let numbered = self.numbered.lock().unwrap();
        let behind = numbered.feed.iter().filter(|event| event.position > after);
        let limit = usize::try_from(limit.min(logistics_core::eventsourcing::PAGE_EVENTS_MAX));
        Ok(behind.take(limit.unwrap()).cloned().collect())
    }
}
