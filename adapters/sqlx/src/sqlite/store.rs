//! The store itself: readers, and the way to the one writer.

use std::path::Path;
use std::sync::Arc;

use logistics_core::eventsourcing::StoreError;
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

use super::config::SqliteConfig;
use super::error::{OpenError, WriteError};
use super::keys::KeyFile;
use super::schema;
use super::writer::{Work, Writer};

/// All storage ports of `logistics-core` on one SQLite file, and one for the subjects' keys.
///
/// Cheap to clone; clones are the same store.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    pub(crate) readers: SqlitePool,
    pub(crate) writer: Writer,
    pub(crate) keys: KeyFile,
    pub(crate) dead_letters_max: u32,
}

impl SqliteStore {
    /// Opens the database, makes or updates its tables, and starts its writer on the current
    /// tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`] naming the path and the reason. A database has one writing process at a time.
    pub async fn open(config: SqliteConfig) -> Result<Self, OpenError> {
        let lock = schema::lock(&config.path)?;
        let (options, key_options) =
            (schema::writer_options(&config), schema::key_writer_options(&config));
        schema::migrate(&options, &schema::MIGRATIONS).await?;
        schema::migrate(&key_options, &schema::KEY_MIGRATIONS).await?;
        // What is gone after this is not made anew behind our back.
        let (options, key_options) =
            (options.create_if_missing(false), key_options.create_if_missing(false));
        let store = Self {
            readers: readers(&config.path, &config),
            writer: Writer::start(options, &config, Arc::clone(&lock)),
            keys: KeyFile::new(
                readers(&config.keys, &config),
                Writer::start(key_options, &config, lock),
            ),
            dead_letters_max: config.dead_letters_max,
        };
        store.clear_in_background();
        Ok(store)
    }

    /// Lets the writes that wait finish, then closes the file and releases it for others.
    ///
    /// Later calls on clones answer that the store is closed. Dropping the last clone closes it
    /// too, without waiting.
    pub async fn close(self) {
        self.writer.close().await;
        self.readers.close().await;
        self.keys.close().await;
    }

    /// Has the writer do `work`.
    pub(crate) async fn write<W: Work>(
        &self,
        operation: &'static str,
        work: W,
    ) -> Result<W::Output, StoreError> {
        self.writer.run(work).await.map_err(|error: WriteError| error.into_store_error(operation))
    }
}

fn readers(path: &Path, config: &SqliteConfig) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(config.readers.max(1))
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(schema::reader_options(path, config))
}
