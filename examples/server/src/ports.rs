//! The storage that a server runs on, behind the ports of the core crate.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use logistics_core::documents::Documents;
use logistics_core::eventsourcing::{EventStore, Outbox, ReadModels, StoreError};
use logistics_core::privacy::KeyStore;
use logistics_core::telemetry::{DayRoutes, DeadLetters, FixStore};
use logistics_sqlx::{Forget, SqliteConfig, SqliteStore};

/// The storage ports that the server uses, whatever database is behind them.
#[derive(Clone)]
pub(crate) struct Ports {
    pub(crate) events: Arc<dyn EventStore>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) models: Arc<dyn ReadModels>,
    pub(crate) fixes: Arc<dyn FixStore>,
    pub(crate) dead_letters: Arc<dyn DeadLetters>,
    pub(crate) day_routes: Arc<dyn DayRoutes>,
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) documents: Arc<dyn Documents>,
}

/// An open database.
#[derive(Clone)]
pub(crate) struct Storage(SqliteStore);

impl Storage {
    /// Opens the SQLite database at `path`; makes it when it is not there.
    pub(crate) async fn open(path: &Path) -> anyhow::Result<Self> {
        let store = SqliteStore::open(SqliteConfig::new(path))
            .await
            .with_context(|| format!("cannot open the database {}", path.display()))?;
        Ok(Self(store))
    }

    pub(crate) fn ports(&self) -> Ports {
        let store = Arc::new(self.0.clone());
        Ports {
            events: Arc::clone(&store) as _,
            outbox: Arc::clone(&store) as _,
            models: Arc::clone(&store) as _,
            fixes: Arc::clone(&store) as _,
            dead_letters: Arc::clone(&store) as _,
            day_routes: Arc::clone(&store) as _,
            keys: Arc::clone(&store) as _,
            documents: store,
        }
    }

    /// Removes streams of `category` that are idle since then, with their rows in `models`.
    pub(crate) async fn forget(
        &self,
        category: &str,
        models: Vec<String>,
        idle_since: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let category = category.to_owned();
        self.0.forget_streams(Forget { category, idle_since, models, limit }).await
    }

    /// Lets what waits be committed, and closes.
    pub(crate) async fn close(self) {
        self.0.close().await;
    }
}
