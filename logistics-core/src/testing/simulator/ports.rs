//! The ports as a process sees them: calls take time, fail, and leave open what they did.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::history::Tried;
use super::trace::Who;
use super::world::{Kind, World};
use crate::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, Cursor, EventStore, FeedOrder, IndexQuery,
    ListedRow, ModelRow, Outbox, OutboxItem, Page, Position, ReadModels, RecordedEvent, Retry,
    StoreError, StoreErrorKind, StreamId, Timer, Timers, Version,
};
use crate::ids::{CommandId, EffectId};
use crate::testing::stores::Stores;

/// The stores below, in which nothing goes wrong but what they do wrong themselves.
#[derive(Clone)]
pub(super) struct Below {
    events: Arc<dyn EventStore>,
    models: Arc<dyn ReadModels>,
    outbox: Arc<dyn Outbox>,
    timers: Arc<dyn Timers>,
}

impl Below {
    pub(super) fn of(stores: &Stores) -> Self {
        Self {
            events: Arc::clone(&stores.events),
            models: Arc::clone(&stores.models),
            outbox: Arc::clone(&stores.outbox),
            timers: Arc::clone(&stores.timers),
        }
    }

    pub(super) fn events(&self) -> &dyn EventStore {
        &*self.events
    }

    pub(super) fn models(&self) -> &dyn ReadModels {
        &*self.models
    }
}

/// The ports of one process.
#[derive(Clone)]
pub(super) struct Ports {
    pub(super) world: World,
    pub(super) who: Who,
    pub(super) below: Below,
}

fn unavailable(operation: &'static str) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unavailable,
        retry: Retry::Later,
        operation,
        source: "the simulation lets it fail".into(),
    }
}

/// The number of a command, as clients count them.
fn number_of(command: &CommandId) -> u64 {
    command.as_str().parse().unwrap_or_default()
}

impl Ports {
    /// On the way to the store: this takes time, and the call may not get there.
    async fn there(&self, operation: &'static str) -> Result<(), StoreError> {
        self.there_with(operation, 0).await
    }

    /// As [`Self::there`], with a number for the trace.
    async fn there_with(&self, operation: &'static str, number: u64) -> Result<(), StoreError> {
        let (delay, fails) = self.world.with(|state| {
            state.note(self.who, operation, number);
            let fails = state.goes_wrong(state.faults.unavailable, self.who, "store unavailable");
            (state.delay(self.who), fails)
        });
        self.world.sleep(delay).await;
        if fails { Err(unavailable(operation)) } else { Ok(()) }
    }

    /// On the way back.
    async fn back(&self) {
        let delay = self.world.with(|state| state.delay(self.who));
        self.world.sleep(delay).await;
    }

    /// On the way back from a write: the answer may get lost.
    async fn written<T>(&self, operation: &'static str, answer: T) -> Result<T, StoreError> {
        self.back().await;
        let lost = self.world.with(|state| {
            state.goes_wrong(state.faults.unknown, self.who, "answer to a write lost")
        });
        if lost { Err(unavailable(operation)) } else { Ok(answer) }
    }

    /// Does with `commit` what its caller is not told: takes it, drops it, or takes it later.
    async fn in_the_dark(&self, commit: Commit) {
        let (fate, delay) =
            self.world.with(|state| (state.random.below(3), state.random.below(2_000_000)));
        match fate {
            0 => drop(self.below.events.commit(commit).await),
            1 => {}
            _ => {
                let (world, events) = (self.world.clone(), Arc::clone(&self.below.events));
                let command = commit.command.command_id.clone();
                let later = async move {
                    world.sleep(delay).await;
                    let taken = events.commit(commit).await.is_ok();
                    let what = if taken { "committed late" } else { "too late to commit" };
                    world.note(Who::Outside, what, number_of(&command));
                };
                self.world.start(Who::Outside, Kind::Work, Box::pin(later));
            }
        }
    }
}

#[async_trait]
impl EventStore for Ports {
    fn feed_order(&self) -> FeedOrder {
        self.below.events.feed_order()
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let number = number_of(&commit.command.command_id);
        self.there_with("commit", number).await.map_err(CommitError::Store)?;
        let unknown = self.world.with(|state| {
            state.history.tried.extend(Tried::of(&commit));
            state.goes_wrong(state.faults.unknown, self.who, "commit of unknown outcome")
        });
        if unknown {
            self.in_the_dark(commit).await;
            self.back().await;
            return Err(CommitError::OutcomeUnknown(unavailable("commit")));
        }
        let answer = self.below.events.commit(commit).await;
        self.back().await;
        let what = match &answer {
            Ok(_) => "committed",
            Err(CommitError::Conflict { .. }) => "conflict",
            Err(CommitError::Duplicate(_)) => "duplicate",
            Err(_) => "commit failed",
        };
        self.world.note(self.who, what, number);
        answer
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        self.there("load").await?;
        let page = self.below.events.load(stream, after, limit).await;
        self.back().await;
        page
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.there("command").await?;
        let record = self.below.events.command(stream, command).await;
        self.back().await;
        record
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.there("feed").await?;
        let page = self.below.events.feed(after, limit).await;
        self.back().await;
        page
    }
}

#[async_trait]
impl ReadModels for Ports {
    async fn checkpoint(&self, model: &str) -> Result<Cursor, StoreError> {
        self.there("checkpoint").await?;
        let checkpoint = self.below.models.checkpoint(model).await;
        self.back().await;
        checkpoint
    }

    async fn advance(
        &self,
        model: &str,
        from: Cursor,
        to: Cursor,
        rows: Vec<ModelRow>,
    ) -> Result<bool, StoreError> {
        self.there("advance").await?;
        let advanced = self.below.models.advance(model, from, to, rows).await?;
        self.world.note(self.who, "advanced", to.position.get() * u64::from(advanced));
        self.written("advance", advanced).await
    }

    async fn rows(&self, model: &str, keys: &[String]) -> Result<Vec<ModelRow>, StoreError> {
        self.there("rows").await?;
        let rows = self.below.models.rows(model, keys).await;
        self.back().await;
        rows
    }

    async fn list(&self, model: &str, query: &IndexQuery) -> Result<Vec<ListedRow>, StoreError> {
        self.there("list").await?;
        let listed = self.below.models.list(model, query).await;
        self.back().await;
        listed
    }

    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        self.there("count").await?;
        let counted = self.below.models.count(model, index).await;
        self.back().await;
        counted
    }

    async fn parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ModelRow>, StoreError> {
        self.there("parked").await?;
        let parked = self.below.models.parked(model, after, limit).await;
        self.back().await;
        parked
    }

    async fn replace(&self, model: &str, by: &str) -> Result<bool, StoreError> {
        self.there("replace").await?;
        let replaced = self.below.models.replace(model, by).await?;
        self.written("replace", replaced).await
    }

    async fn remove(&self, model: &str) -> Result<(), StoreError> {
        self.there("remove").await?;
        self.below.models.remove(model).await?;
        self.written("remove", ()).await
    }
}

#[async_trait]
impl Outbox for Ports {
    async fn pending(&self, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        self.there("pending").await?;
        let pending = self.below.outbox.pending(limit).await;
        self.back().await;
        pending
    }

    async fn delivered(&self, effects: &[EffectId]) -> Result<(), StoreError> {
        self.there("delivered").await?;
        self.below.outbox.delivered(effects).await?;
        self.written("delivered", ()).await
    }
}

#[async_trait]
impl Timers for Ports {
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, StoreError> {
        self.there("due").await?;
        let due = self.below.timers.due(now, limit).await;
        self.back().await;
        due
    }

    async fn fired(&self, timer: &Timer) -> Result<(), StoreError> {
        self.there("fired").await?;
        self.below.timers.fired(timer).await?;
        self.written("fired", ()).await
    }
}
