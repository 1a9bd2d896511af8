//! Streams, the feed, command records, the outbox and timers: what one commit changes together.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};

use super::index::matching;
use super::{MemoryStore, at_most, invalid, whole_micros};
use crate::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, EventId, EventStore, FeedOrder, FoundStream,
    IndexEntry, IndexQuery, Outbox, OutboxItem, PAGE_EVENTS_MAX, Page, Position, RecordedEvent,
    Snapshot, Snapshots, StoreError, StreamId, StreamIndex, Timer, TimerOp, Timers, Version,
};
use crate::ids::{CommandId, EffectId};

#[derive(Debug, Default)]
pub(super) struct State {
    /// All events; the one at index `n` has position `n + 1`.
    feed: Vec<RecordedEvent>,
    /// For each stream the indexes of its events in `feed`.
    streams: BTreeMap<StreamId, Vec<usize>>,
    event_ids: BTreeSet<EventId>,
    commands: BTreeMap<(StreamId, CommandId), CommandRecord>,
    /// In commit order.
    outbox: Vec<OutboxItem>,
    timers: BTreeMap<(String, String), Timer>,
    index: BTreeSet<(IndexEntry, StreamId)>,
    /// The entries of each stream in `index`.
    entries: BTreeMap<StreamId, Vec<IndexEntry>>,
    snapshots: BTreeMap<StreamId, Snapshot>,
}

impl State {
    /// Takes `commit` as a whole or not at all.
    fn take(&mut self, commit: Commit) -> Result<Committed, CommitError> {
        let command = (commit.stream.clone(), commit.command.command_id.clone());
        if let Some(record) = self.commands.get(&command) {
            return Err(CommitError::Duplicate(record.clone()));
        }
        let actual = Version::new(number(self.streams.get(&commit.stream).map_or(0, Vec::len)));
        if actual != commit.expected.version() {
            return Err(CommitError::Conflict { actual });
        }
        self.check_identities(&commit).map_err(CommitError::Store)?;
        let mut version = actual;
        let mut events = Vec::with_capacity(commit.events.len());
        for mut event in commit.events {
            version = version.next();
            event.recorded_at = whole_micros(event.recorded_at);
            event.occurred.at = whole_micros(event.occurred.at);
            self.event_ids.insert(event.event_id);
            let recorded = RecordedEvent {
                stream: commit.stream.clone(),
                version,
                position: Position::new(number(self.feed.len() + 1)),
                command_id: commit.command.command_id.clone(),
                event,
            };
            self.streams.entry(commit.stream.clone()).or_default().push(self.feed.len());
            self.feed.push(recorded.clone());
            events.push(recorded);
        }
        self.commands.insert(command, commit.command);
        for mut item in commit.outbox {
            item.created_at = whole_micros(item.created_at);
            self.outbox.push(item);
        }
        commit.timers.into_iter().for_each(|op| self.change_timer(op));
        if let Some(entries) = commit.index {
            self.put_entries(&commit.stream, entries);
        }
        Ok(Committed { version, events })
    }

    /// Events and messages are told apart by their ids, so none may come twice.
    fn check_identities(&self, commit: &Commit) -> Result<(), StoreError> {
        let mut events = BTreeSet::new();
        for id in commit.events.iter().map(|event| event.event_id) {
            if self.event_ids.contains(&id) || !events.insert(id) {
                return Err(invalid("commit", format!("event {id} exists")));
            }
        }
        let mut effects: BTreeSet<_> = self.outbox.iter().map(|item| &item.effect_id).collect();
        match commit.outbox.iter().find(|item| !effects.insert(&item.effect_id)) {
            Some(item) => Err(invalid("commit", format!("message {} exists", item.effect_id))),
            None => Ok(()),
        }
    }

    fn put_entries(&mut self, stream: &StreamId, entries: Vec<IndexEntry>) {
        for entry in self.entries.remove(stream).unwrap_or_default() {
            self.index.remove(&(entry, stream.clone()));
        }
        self.index.extend(entries.iter().map(|entry| (entry.clone(), stream.clone())));
        self.entries.insert(stream.clone(), entries);
    }

    fn change_timer(&mut self, op: TimerOp) {
        match op {
            TimerOp::Arm(timer) => {
                let timer = Timer { fire_at: micros_up(timer.fire_at), ..timer };
                let key = (timer.owner.clone(), timer.name.clone());
                let armed = self.timers.entry(key).or_insert_with(|| timer.clone());
                if timer.generation >= armed.generation {
                    *armed = timer;
                }
            }
            TimerOp::Disarm { owner, name } => {
                self.timers.remove(&(owner, name));
            }
        }
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The first whole microsecond that is not before `at`: a timer must not fire early.
fn micros_up(at: DateTime<Utc>) -> DateTime<Utc> {
    let down = whole_micros(at);
    if down == at { at } else { down + Duration::microseconds(1) }
}

#[async_trait]
impl EventStore for MemoryStore {
    fn feed_order(&self) -> FeedOrder {
        FeedOrder::Commit
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        commit.check_limits()?;
        self.lock().events.take(commit)
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let state = &self.lock().events;
        let all = state.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let rest = all.get(index(after.get())..).unwrap_or_default();
        let page = &rest[..rest.len().min(at_most(limit.min(PAGE_EVENTS_MAX)))];
        let events = page.iter().filter_map(|&at| state.feed.get(at).cloned()).collect();
        Ok(Page { events, more: rest.len() > page.len() })
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        Ok(self.lock().events.commands.get(&(stream.clone(), command.clone())).cloned())
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let state = &self.lock().events;
        let rest = state.feed.get(index(after.get())..).unwrap_or_default();
        Ok(rest.iter().take(at_most(limit.min(PAGE_EVENTS_MAX))).cloned().collect())
    }
}

#[async_trait]
impl StreamIndex for MemoryStore {
    async fn find(&self, query: &IndexQuery) -> Result<Vec<FoundStream>, StoreError> {
        let state = &self.lock().events;
        let found = matching(&state.index, query, StreamId::as_str);
        let found = found.map(|(entry, stream)| FoundStream {
            sort: entry.sort.clone(),
            stream: stream.clone(),
        });
        Ok(found.collect())
    }
}

#[async_trait]
impl Snapshots for MemoryStore {
    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        Ok(self.lock().events.snapshots.get(stream).cloned())
    }

    async fn save_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let recorded_at = whole_micros(snapshot.recorded_at);
        let snapshot = Snapshot { recorded_at, ..snapshot.clone() };
        let kept = &mut self.lock().events.snapshots;
        let place = |snapshot: &Snapshot| (snapshot.revision, snapshot.version);
        if kept.get(stream).is_none_or(|old| place(old) <= place(&snapshot)) {
            kept.insert(stream.clone(), snapshot);
        }
        Ok(())
    }
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn pending(&self, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        Ok(self.lock().events.outbox.iter().take(at_most(limit)).cloned().collect())
    }

    async fn delivered(&self, effects: &[EffectId]) -> Result<(), StoreError> {
        let effects: BTreeSet<_> = effects.iter().collect();
        self.lock().events.outbox.retain(|item| !effects.contains(&item.effect_id));
        Ok(())
    }
}

#[async_trait]
impl Timers for MemoryStore {
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, StoreError> {
        let state = &self.lock().events;
        let mut due: Vec<&Timer> =
            state.timers.values().filter(|timer| timer.fire_at <= now).collect();
        due.sort_by_key(|timer| timer.fire_at);
        Ok(due.into_iter().take(at_most(limit)).cloned().collect())
    }

    async fn fired(&self, timer: &Timer) -> Result<(), StoreError> {
        let fired = Timer { fire_at: micros_up(timer.fire_at), ..timer.clone() };
        let key = (timer.owner.clone(), timer.name.clone());
        let timers = &mut self.lock().events.timers;
        // The time too: a timer may have been set anew under the same generation.
        if timers.get(&key) == Some(&fired) {
            timers.remove(&key);
        }
        Ok(())
    }
}
