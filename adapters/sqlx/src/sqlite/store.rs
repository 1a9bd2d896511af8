//! The store itself: readers, and the way to the one writer.

use std::sync::Arc;

use logistics_core::eventsourcing::StoreError;
use rusqlite::Connection;
use tokio::task::spawn_blocking;

use super::batch::Work;
use super::config::SqliteConfig;
use super::error::OpenError;
use super::file::DatabaseFile;
use super::keys::KeyFile;
use super::lock::{WriterLock, lock};
use super::readers::Readers;
use super::values::SqlResult;
use super::writer::Writer;

/// All storage ports of `logistics-core` on one SQLite file, and one for the subjects' keys.
///
/// Cheap to clone; clones are the same store.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
    pub(crate) keys: KeyFile,
    pub(crate) dead_letters_max: u32,
}

impl SqliteStore {
    /// Opens the database, makes or updates its tables, and starts its writer, a thread of its own.
    /// Reads run on the blocking threads of the tokio runtime that they are called on.
    ///
    /// # Errors
    /// [`OpenError`] naming the path and the reason. A database has one writing process at a time.
    pub async fn open(config: SqliteConfig) -> Result<Self, OpenError> {
        let path = config.path.clone();
        let opening = spawn_blocking(move || Self::open_blocking(&config)).await;
        let store = opening.unwrap_or_else(|error| Err(OpenError::system(&path, error)))?;
        store.clear_in_background();
        Ok(store)
    }

    fn open_blocking(config: &SqliteConfig) -> Result<Self, OpenError> {
        let lock = lock(&config.path)?;
        let (readers, writer) = open(DatabaseFile::of_ports(config), config, Arc::clone(&lock))?;
        let (key_readers, key_writer) = open(DatabaseFile::of_keys(config), config, lock)?;
        let keys = KeyFile::new(key_readers, key_writer);
        Ok(Self { readers, writer, keys, dead_letters_max: config.dead_letters_max })
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

    /// Has a reader run `read`.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&Connection) -> SqlResult<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(operation, read).await
    }

    /// Has the writer do `work`.
    pub(crate) async fn write<W: Work>(
        &self,
        operation: &'static str,
        work: W,
    ) -> Result<W::Output, StoreError> {
        self.writer.write(operation, work).await
    }
}

fn open(
    file: DatabaseFile,
    config: &SqliteConfig,
    lock: WriterLock,
) -> Result<(Readers, Writer), OpenError> {
    let db = file.create()?;
    let readers = Readers::new(file.clone(), config.readers);
    let path = file.path().to_owned();
    let writer = Writer::start(file, db, config, lock);
    Ok((readers, writer.map_err(|error| OpenError::system(&path, error))?))
}
