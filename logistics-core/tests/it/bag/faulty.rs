//! A store that crashes, garbles and lets others go first, on demand; and hubs that work with it.

use std::sync::Mutex;
use std::task::Poll;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::executor::block_on;
use logistics_core::bag::{Bag, BagCommand, BagPolicy, BagState, bag_stream};
use logistics_core::eventsourcing::{
    CommandEnvelope, CommandRecord, Commit, CommitError, Committed, Decider, EventStore, FeedOrder,
    Page, Position, RecordedEvent, Retry, StoreError, StoreErrorKind, StreamId, Version, execute,
    load, load_all,
};
use logistics_core::memory::MemoryStore;
use logistics_core::shipment::{
    ConfirmPickup, CreateShipment, Destination, ScanInbound, Shipment, ShipmentCommand,
    ShipmentPolicy, ShipmentState, shipment_stream,
};
use logistics_core::{ClientId, CommandId};

use super::bag;
use crate::fixtures::{hub, minute, place, shipment};

/// What goes wrong.
#[derive(Debug, Clone, Default)]
pub(super) enum Fault {
    #[default]
    Nothing,
    /// The process dies before its commit after so many.
    DiesBefore(u32),
    /// The process dies after its commit after so many, before it hears of it.
    DiesAfter(u32),
    /// The events of this stream cannot be read.
    Unreadable(StreamId),
}

/// Hubs with a store, and what goes wrong with it.
#[derive(Default)]
pub(super) struct Hubs {
    pub(super) store: MemoryStore,
    pub(super) fault: Mutex<Fault>,
    commands: Mutex<u32>,
}

impl Hubs {
    /// Shipments that lie at HUB-1.
    pub(super) fn with(shipments: &[&str]) -> Self {
        let hubs = Self::default();
        for id in shipments {
            hubs.tell(id, order(id).into());
            hubs.tell(id, ConfirmPickup::default().into());
            hubs.tell(id, ScanInbound { hub: hub("HUB-1") }.into());
        }
        hubs
    }

    pub(super) fn tell(&self, id: &str, command: ShipmentCommand) {
        let policy = ShipmentPolicy::default();
        self.run::<Shipment>(&shipment_stream(&shipment(id)), command, &policy);
    }

    /// Gives BAG-1 these commands.
    pub(super) fn handle(&self, commands: impl IntoIterator<Item = BagCommand>) {
        for command in commands {
            self.run::<Bag>(&bag_stream(&bag("BAG-1")), command, &BagPolicy);
        }
    }

    fn run<D: Decider>(&self, stream: &StreamId, command: D::Command, policy: &D::Policy) {
        let number = {
            let mut commands = self.commands.lock().unwrap();
            *commands += 1;
            *commands
        };
        let id = CommandId::new(format!("c-{number}")).unwrap();
        let now = minute(number.into());
        let command = CommandEnvelope::new(id, now, command);
        block_on(execute::<D>(&self.store, stream, &command, now, policy)).unwrap();
    }

    pub(super) fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    pub(super) fn shipment(&self, id: &str) -> ShipmentState {
        let stream = shipment_stream(&shipment(id));
        block_on(load::<Shipment>(&self.store, &stream)).unwrap().state
    }

    pub(super) fn bag(&self) -> BagState {
        block_on(load::<Bag>(&self.store, &bag_stream(&bag("BAG-1")))).unwrap().state
    }

    pub(super) fn events(&self, stream: &StreamId) -> Vec<RecordedEvent> {
        block_on(load_all(&self.store, stream)).unwrap()
    }

    /// Everything that happened, stream by stream, as one can read it.
    pub(super) fn history(&self) -> Vec<String> {
        let feed = block_on(self.store.feed(Position::START, 1_000)).unwrap();
        let line = |event: &RecordedEvent| {
            let payload = String::from_utf8_lossy(&event.event.payload);
            format!("{} {} {} {payload}", event.stream, event.version, event.event.event_type)
        };
        let mut lines: Vec<_> = feed.iter().map(line).collect();
        lines.sort();
        lines
    }
}

fn order(id: &str) -> CreateShipment {
    CreateShipment::new(shipment(id), ClientId::new("acme").unwrap(), Destination::new(place()))
}

pub(super) fn evening() -> DateTime<Utc> {
    minute(600)
}

fn died() -> CommitError {
    CommitError::Store(StoreError {
        kind: StoreErrorKind::Unavailable,
        retry: Retry::Later,
        operation: "commit",
        source: "the process died".into(),
    })
}

/// Lets others go first, once.
pub(super) async fn pause() {
    let mut paused = false;
    futures::future::poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[async_trait]
impl EventStore for Hubs {
    fn feed_order(&self) -> FeedOrder {
        self.store.feed_order()
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        pause().await;
        if let Fault::DiesBefore(left) = &mut *self.fault.lock().unwrap() {
            *left = left.checked_sub(1).ok_or_else(died)?;
        }
        let committed = self.store.commit(commit).await?;
        if let Fault::DiesAfter(left) = &mut *self.fault.lock().unwrap() {
            *left = left.checked_sub(1).ok_or_else(died)?;
        }
        Ok(committed)
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        pause().await;
        let mut page = self.store.load(stream, after, limit).await?;
        if matches!(&*self.fault.lock().unwrap(), Fault::Unreadable(which) if which == stream) {
            for recorded in &mut page.events {
                "FromTheFuture".clone_into(&mut recorded.event.event_type);
            }
        }
        Ok(page)
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        pause().await;
        self.store.command(stream, command).await
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.store.feed(after, limit).await
    }
}
