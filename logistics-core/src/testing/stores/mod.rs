//! The conformance suite of the storage ports: what every store must do, one function a case.
//!
//! Call [`store_conformance!`](crate::store_conformance) in the tests of an adapter; it makes one
//! test of each case.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a case fails by panicking, as a test does"
)]

mod cases;
pub mod chain;
pub mod commands;
pub mod commits;
pub mod concurrency;
pub mod day_routes;
pub mod dead_letters;
pub mod documents;
pub mod feed;
pub mod fixes;
mod fixtures;
pub mod follow;
pub mod index;
pub mod isolation;
pub mod keys;
pub mod limits;
mod meddling;
mod models;
pub mod outbox;
pub mod parking;
pub mod presences;
pub mod projecting;
pub mod read_models;
pub mod reading;
pub mod rebuilding;
pub mod sequences;
pub mod snapshots;
pub mod timers;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::documents::Documents;
use crate::eventsourcing::{EventStore, Outbox, ReadModels, Snapshots, StreamIndex, Timers};
use crate::privacy::KeyStore;
use crate::telemetry::{DayRoutes, DeadLetters, FixStore, PresenceStore};

/// What stores may promise or not. Cases check what is promised, in either case.
///
/// In which order its feed gives the events a store says itself:
/// [`EventStore::feed_order`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// It refuses an event whose id is there already. Ids are derived from stream and command, so a
    /// store that compares only these loses nothing.
    pub unique_event_ids: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self { unique_event_ids: true }
    }
}

/// The ports of one store under test, empty at the start of a case.
pub struct Stores {
    /// Its events.
    pub events: Arc<dyn EventStore>,
    /// Its index of streams.
    pub index: Arc<dyn StreamIndex>,
    /// Its snapshots.
    pub snapshots: Arc<dyn Snapshots>,
    /// Its outbox.
    pub outbox: Arc<dyn Outbox>,
    /// Its timers.
    pub timers: Arc<dyn Timers>,
    /// Its read models.
    pub models: Arc<dyn ReadModels>,
    /// Its position history.
    pub fixes: Arc<dyn FixStore>,
    /// Its partners' last presence.
    pub presences: Arc<dyn PresenceStore>,
    /// Its subjects' keys.
    pub keys: Arc<dyn KeyStore>,
    /// Its dead letters.
    pub dead_letters: Arc<dyn DeadLetters>,
    /// How many dead letters it was told to keep: at least 3, at most 1,000.
    pub dead_letters_max: u64,
    /// Its day routes.
    pub day_routes: Arc<dyn DayRoutes>,
    /// Its documents.
    pub documents: Arc<dyn Documents>,
    /// What it promises.
    pub capabilities: Capabilities,
    guard: Option<Box<dyn Any>>,
}

impl Stores {
    /// The ports of a store that implements all of them and keeps `dead_letters_max` dead letters.
    pub fn of<S>(store: S, dead_letters_max: u64) -> Self
    where
        S: EventStore
            + StreamIndex
            + Snapshots
            + Outbox
            + Timers
            + ReadModels
            + FixStore
            + PresenceStore
            + KeyStore
            + DeadLetters
            + DayRoutes
            + Documents
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            events: Arc::<S>::clone(&store),
            index: Arc::<S>::clone(&store),
            snapshots: Arc::<S>::clone(&store),
            outbox: Arc::<S>::clone(&store),
            timers: Arc::<S>::clone(&store),
            models: Arc::<S>::clone(&store),
            fixes: Arc::<S>::clone(&store),
            presences: Arc::<S>::clone(&store),
            keys: Arc::<S>::clone(&store),
            dead_letters: Arc::<S>::clone(&store),
            dead_letters_max,
            day_routes: Arc::<S>::clone(&store),
            documents: store,
            capabilities: Capabilities::default(),
            guard: None,
        }
    }

    /// The same stores, which take an event whose id is there already.
    #[must_use]
    pub const fn without_unique_event_ids(mut self) -> Self {
        self.capabilities.unique_event_ids = false;
        self
    }

    /// Keeps `guard`, such as a temporary directory, until the case is over.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any) -> Self {
        self.guard = Some(Box::new(guard));
        self
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores").field("guarded", &self.guard.is_some()).finish_non_exhaustive()
    }
}
