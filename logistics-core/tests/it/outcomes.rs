//! What `execute` tells its caller of an outcome that it does not know.

use std::sync::Mutex;

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    CommandEnvelope, CommandRecord, Commit, CommitError, Committed, EventStore, ExecuteError,
    FeedOrder, Page, Position, RecordedEvent, Retry, StoreError, StoreErrorKind, StreamId, Version,
    execute,
};
use logistics_core::ids::{CommandId, ShipmentId};
use logistics_core::memory::MemoryStore;
use logistics_core::shipment::{
    CreateShipment, Destination, Shipment, ShipmentPolicy, shipment_stream,
};

use crate::fixtures::{minute as at, place, shipment};

/// Takes the first commit without saying so, then answers nothing.
struct Interrupted {
    store: MemoryStore,
    interrupted: Mutex<bool>,
}

fn unavailable() -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unavailable,
        retry: Retry::Later,
        operation: "be there",
        source: "interrupted".into(),
    }
}

impl Interrupted {
    fn check(&self) -> Result<(), StoreError> {
        if *self.interrupted.lock().unwrap() { Err(unavailable()) } else { Ok(()) }
    }
}

#[async_trait]
impl EventStore for Interrupted {
    fn feed_order(&self) -> FeedOrder {
        self.store.feed_order()
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        self.check().map_err(CommitError::Store)?;
        self.store.commit(commit).await?;
        *self.interrupted.lock().unwrap() = true;
        Err(CommitError::OutcomeUnknown(unavailable()))
    }

    async fn load(&self, of: &StreamId, after: Version, limit: u32) -> Result<Page, StoreError> {
        self.check()?;
        self.store.load(of, after, limit).await
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.check()?;
        self.store.command(stream, command).await
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.check()?;
        self.store.feed(after, limit).await
    }
}

/// A store that fails after a commit of unknown outcome does not make that outcome known: the
/// caller must not hear that nothing took effect.
#[test]
fn a_failure_after_an_unknown_outcome_leaves_it_unknown() {
    let store = MemoryStore::new();
    let interrupted = Interrupted { store: store.clone(), interrupted: Mutex::new(false) };
    let stream = shipment_stream(&ShipmentId::new("S-1").unwrap());
    let command = CommandEnvelope::new(CommandId::new("c").unwrap(), at(0), create("S-1").into());
    let policy = ShipmentPolicy::default();
    futures::executor::block_on(async {
        let run = execute::<Shipment>(&interrupted, &stream, &command, at(0), &policy);
        let answer = run.await;
        assert!(matches!(answer, Err(ExecuteError::OutcomeUnknown(_))), "{answer:?}");
        // It was taken, as sending it again shows.
        let again = execute::<Shipment>(&store, &stream, &command, at(9), &policy).await;
        assert!(again.unwrap().replayed);
        // A store that fails before anything is offered has done nothing.
        let other = CommandEnvelope { command_id: CommandId::new("d").unwrap(), ..command };
        let failed = execute::<Shipment>(&interrupted, &stream, &other, at(0), &policy).await;
        assert!(matches!(failed, Err(ExecuteError::Store(_))), "{failed:?}");
    });
}

fn create(id: &str) -> CreateShipment {
    let client = "acme".parse().unwrap();
    CreateShipment::new(shipment(id), client, Destination::new(place()))
}
