//! Stores that are wrong in one way each: a simulation must see it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use logistics_core::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, Cursor, EventId, EventStore, Expected,
    FeedOrder, IndexQuery, ListedRow, ModelRow, Outbox, OutboxItem, Page, Position, ReadModels,
    RecordedEvent, StoreError, StreamId, Timer, Timers, Version, load_all,
};
use logistics_core::memory::MemoryStore;
use logistics_core::testing::stores::Stores;
use logistics_core::values::Sha256Digest;
use logistics_core::{CommandId, EffectId};

/// One way to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Answers a commit, and does not keep it.
    LosesAfterAnswer,
    /// Takes a commit again that is sent again.
    TakesTwice,
    /// Shows a later event in the feed before an earlier one.
    SkipsPosition,
    /// Keeps the events of a command and not its record.
    ForgetsRecord,
    /// Reads a stream as it was before.
    ReadsStale,
    /// Keeps the first event of a commit and not the others.
    TearsCommit,
    /// Takes a commit whatever the version is.
    IgnoresVersion,
    /// Keeps a payload otherwise than it was written.
    ChangesPayload,
    /// Keeps the events of a commit and not its messages.
    DropsMessages,
    /// Keeps the events of a commit and not its timers.
    DropsTimers,
    /// Moves the checkpoint of a model and does not write the rows.
    AdvancesWithoutRows,
    /// Moves the checkpoint of a model from wherever it stands.
    AdvancesFromAnywhere,
    /// Forgets one message more than was delivered.
    DeliversTooMuch,
    /// Takes a timer that was set anew for the one that has fired.
    FiresAnyGeneration,
    /// Fires ahead of time.
    FiresEarly,
}

impl Flaw {
    pub(super) const ALL: [Self; 15] = [
        Self::LosesAfterAnswer,
        Self::TakesTwice,
        Self::SkipsPosition,
        Self::ForgetsRecord,
        Self::ReadsStale,
        Self::TearsCommit,
        Self::IgnoresVersion,
        Self::ChangesPayload,
        Self::DropsMessages,
        Self::DropsTimers,
        Self::AdvancesWithoutRows,
        Self::AdvancesFromAnywhere,
        Self::DeliversTooMuch,
        Self::FiresAnyGeneration,
        Self::FiresEarly,
    ];
}

/// A store with this flaw.
pub(super) fn stores(flaw: Flaw) -> Stores {
    let store = MemoryStore::new();
    let flawed = Arc::new(Flawed { store: store.clone(), flaw, state: Mutex::default() });
    let mut stores = Stores::of(store, 100);
    stores.events = Arc::<Flawed>::clone(&flawed);
    stores.models = Arc::<Flawed>::clone(&flawed);
    stores.outbox = Arc::<Flawed>::clone(&flawed);
    stores.timers = flawed;
    stores
}

struct Flawed {
    store: MemoryStore,
    flaw: Flaw,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: u64,
    /// What events that are kept under other names look like from outside.
    shown: BTreeMap<(StreamId, Version), (CommandId, EventId)>,
}

impl Flawed {
    /// Whether this is the flaw, and this the time for it: one in `times` calls.
    fn now_and_then(&self, flaw: Flaw, times: u64) -> bool {
        if self.flaw != flaw {
            return false;
        }
        let mut state = self.state.lock().unwrap();
        state.calls += 1;
        state.calls.is_multiple_of(times)
    }

    fn shown(&self, mut event: RecordedEvent) -> RecordedEvent {
        let state = self.state.lock().unwrap();
        if let Some((command, id)) = state.shown.get(&(event.stream.clone(), event.version)) {
            event.command_id = command.clone();
            event.event.event_id = *id;
        }
        event
    }

    /// Takes `commit` behind whatever is there, under names by which the store below does not know
    /// it again.
    async fn take_in_disguise(&self, mut commit: Commit) -> Result<Committed, CommitError> {
        let there = load_all(self, &commit.stream).await.map_err(CommitError::Store)?;
        let last = there.last();
        let mut version = last.map_or(Version::NONE, |event| event.version);
        commit.expected = Expected::from_version(version);
        let mut commit = commit.chained(last.map_or(Sha256Digest::ZERO, |event| event.event.hash));
        let (command, n) = {
            let mut state = self.state.lock().unwrap();
            state.calls += 1;
            (commit.command.command_id.clone(), state.calls)
        };
        commit.command.command_id = CommandId::new(format!("{command}~{n}")).unwrap();
        for event in &mut commit.events {
            version = version.next();
            let name = (commit.stream.clone(), version);
            self.state.lock().unwrap().shown.insert(name, (command.clone(), event.event_id));
            let other = u32::try_from(version.get()).unwrap();
            let command = &commit.command.command_id;
            event.event_id = EventId::derive(&commit.stream, command, event.recorded_at, other);
        }
        commit.outbox.clear();
        let Committed { version, events } = self.store.commit(commit).await?;
        let events = events.into_iter().map(|event| self.shown(event)).collect();
        Ok(Committed { version, events })
    }
}

#[async_trait]
impl EventStore for Flawed {
    fn feed_order(&self) -> FeedOrder {
        FeedOrder::Commit
    }

    async fn commit(&self, mut commit: Commit) -> Result<Committed, CommitError> {
        if self.now_and_then(Flaw::LosesAfterAnswer, 9) {
            let end = self.store.feed(Position::START, u32::MAX).await.unwrap().len();
            let (mut version, mut place) = (commit.expected.version(), u64::try_from(end).unwrap());
            let mut events = Vec::new();
            for event in commit.events {
                (version, place) = (version.next(), place + 1);
                let (stream, position) = (commit.stream.clone(), Position::new(place));
                let command_id = commit.command.command_id.clone();
                events.push(RecordedEvent { stream, version, position, command_id, event });
            }
            return Ok(Committed { version, events });
        }
        if self.now_and_then(Flaw::ForgetsRecord, 3) {
            let known = self.store.command(&commit.stream, &commit.command.command_id).await;
            let stands = load_all(self, &commit.stream).await.unwrap().len();
            let expected = commit.expected.version().get() == u64::try_from(stands).unwrap();
            if known.unwrap().is_none() && expected {
                return self.take_in_disguise(commit).await;
            }
        }
        if self.now_and_then(Flaw::TearsCommit, 5) {
            commit.events.truncate(1);
        }
        if self.now_and_then(Flaw::ChangesPayload, 9) {
            commit.events.iter_mut().for_each(|event| event.payload.push(b' '));
        }
        if self.now_and_then(Flaw::DropsMessages, 9) {
            commit.outbox.clear();
        }
        if self.now_and_then(Flaw::DropsTimers, 3) {
            commit.timers.clear();
        }
        match self.store.commit(commit.clone()).await {
            Err(CommitError::Duplicate(_)) if self.flaw == Flaw::TakesTwice => {
                self.take_in_disguise(commit).await
            }
            Err(CommitError::Conflict { .. }) if self.flaw == Flaw::IgnoresVersion => {
                self.take_in_disguise(commit).await
            }
            answer => answer,
        }
    }

    async fn load(&self, of: &StreamId, after: Version, limit: u32) -> Result<Page, StoreError> {
        let mut page = self.store.load(of, after, limit).await?;
        if self.now_and_then(Flaw::ReadsStale, 9) {
            page.events.pop();
        }
        page.events = page.events.into_iter().map(|event| self.shown(event)).collect();
        Ok(page)
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.store.command(stream, command).await
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut page = self.store.feed(after, limit).await?;
        if self.now_and_then(Flaw::SkipsPosition, 2) && page.len() > 2 {
            page.remove(page.len() - 2);
        }
        Ok(page.into_iter().map(|event| self.shown(event)).collect())
    }
}

#[async_trait]
impl ReadModels for Flawed {
    async fn checkpoint(&self, model: &str) -> Result<Cursor, StoreError> {
        self.store.checkpoint(model).await
    }

    async fn advance(
        &self,
        model: &str,
        from: Cursor,
        to: Cursor,
        rows: Vec<ModelRow>,
    ) -> Result<bool, StoreError> {
        if self.now_and_then(Flaw::AdvancesWithoutRows, 9) {
            return self.store.advance(model, from, to, Vec::new()).await;
        }
        let anywhere = self.flaw == Flaw::AdvancesFromAnywhere;
        let from = if anywhere { self.store.checkpoint(model).await? } else { from };
        self.store.advance(model, from, to, rows).await
    }

    async fn rows(&self, model: &str, keys: &[String]) -> Result<Vec<ModelRow>, StoreError> {
        self.store.rows(model, keys).await
    }

    async fn list(&self, model: &str, query: &IndexQuery) -> Result<Vec<ListedRow>, StoreError> {
        ReadModels::list(&self.store, model, query).await
    }

    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        self.store.count(model, index).await
    }

    async fn parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ModelRow>, StoreError> {
        self.store.parked(model, after, limit).await
    }

    async fn replace(&self, model: &str, by: &str) -> Result<bool, StoreError> {
        self.store.replace(model, by).await
    }

    async fn remove(&self, model: &str) -> Result<(), StoreError> {
        self.store.remove(model).await
    }
}

#[async_trait]
impl Outbox for Flawed {
    async fn pending(&self, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        self.store.pending(limit).await
    }

    async fn delivered(&self, effects: &[EffectId]) -> Result<(), StoreError> {
        self.store.delivered(effects).await?;
        if self.flaw == Flaw::DeliversTooMuch {
            let next = self.store.pending(1).await?;
            let next: Vec<_> = next.into_iter().map(|item| item.effect_id).collect();
            self.store.delivered(&next).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Timers for Flawed {
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, StoreError> {
        let early = Duration::seconds(if self.flaw == Flaw::FiresEarly { 3 } else { 0 });
        self.store.due(now + early, limit).await
    }

    async fn fired(&self, timer: &Timer) -> Result<(), StoreError> {
        if self.flaw == Flaw::FiresAnyGeneration {
            let far = timer.fire_at + Duration::days(1_000);
            for set in self.store.due(far, u32::MAX).await? {
                if (&set.owner, &set.name) == (&timer.owner, &timer.name) {
                    self.store.fired(&set).await?;
                }
            }
        }
        self.store.fired(timer).await
    }
}
