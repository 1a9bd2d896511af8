//! Connections that read: they wait in a stack, and whoever finds none waits for one.
//!
//! SQLite's calls block, so each read runs on one of tokio's threads for such.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use logistics_core::eventsourcing::StoreError;
use rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::error::{CallError, read_error};
use super::file::DatabaseFile;
use super::values::SqlResult;

/// Connections that read one file. Cheap to clone; clones are the same connections.
#[derive(Debug, Clone)]
pub(crate) struct Readers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: DatabaseFile,
    idle: Mutex<Vec<Connection>>,
    /// One for each connection that there may be.
    permits: Arc<Semaphore>,
    max: u32,
}

impl Inner {
    /// A panic elsewhere cannot leave the list half changed.
    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads by a connection of the stack. One whose read has failed is closed; another takes its
    /// place.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> SqlResult<T>) -> SqlResult<T> {
        let idle = self.idle().pop();
        let db = match idle {
            Some(db) => db,
            None => self.file.reader()?,
        };
        let value = read(&db)?;
        self.idle().push(db);
        Ok(value)
    }
}

impl Readers {
    /// At most `max` connections, each made when it is first needed.
    pub(crate) fn new(file: DatabaseFile, max: u32) -> Self {
        let max = max.max(1);
        let permits = Semaphore::new(usize::try_from(max).unwrap_or(Semaphore::MAX_PERMITS));
        Self(Arc::new(Inner { file, idle: Mutex::default(), permits: Arc::new(permits), max }))
    }

    /// Runs `read`, to its end even when the caller goes away.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        read: impl FnOnce(&Connection) -> SqlResult<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.0.permits).acquire_owned().await;
        let permit = permit.map_err(|_| CallError::Closed.into_store_error(operation))?;
        let inner = Arc::clone(&self.0);
        let reading = spawn_blocking(move || {
            let _permit = permit;
            inner.read(read)
        });
        match reading.await {
            Ok(done) => done.map_err(read_error(operation)),
            Err(_) => Err(CallError::Gone.into_store_error(operation)),
        }
    }

    /// Waits for reads that have begun, and closes all connections; later reads fail.
    pub(crate) async fn close(&self) {
        // An error says that they are closed already.
        let all = self.0.permits.acquire_many(self.0.max).await;
        self.0.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.0.idle());
        // The last connection to a file empties its log.
        let _ = spawn_blocking(move || drop(idle)).await;
    }
}
