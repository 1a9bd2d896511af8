//! The store's connections besides the writer's: lent for one statement, or one transaction.
//!
//! Not sqlx's pool, which asks the server for a sign of life whenever a connection comes back, as
//! expensive as a small read. Here a connection comes back only after a call that left it in order.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::{ConnectOptions, Connection, PgConnection, Postgres};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::error::{NoAnswer, is_broken};
use super::values::SqlResult;

/// PostgreSQL itself takes no more.
const CONNECTIONS_MAX: u32 = 262_143;

pub(crate) type PgQuery<'q> = Query<'q, Postgres, PgArguments>;

/// Cheap to clone; clones lend the same connections.
#[derive(Clone)]
pub(crate) struct Connections {
    options: Arc<PgConnectOptions>,
    idle: Arc<Mutex<Vec<PgConnection>>>,
    permits: Arc<Semaphore>,
    max: u32,
    patience: Duration,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let free = self.permits.available_permits();
        f.debug_struct("Connections").field("free", &free).finish_non_exhaustive()
    }
}

impl Connections {
    /// Lends at most `max` connections at a time, made when they are needed. An answer that takes
    /// longer than `patience` is not waited for.
    pub(crate) fn new(options: PgConnectOptions, max: u32, patience: Duration) -> Self {
        let max = max.clamp(1, CONNECTIONS_MAX);
        let permits = usize::try_from(max).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            options: Arc::new(options),
            idle: Arc::default(),
            permits: Arc::new(Semaphore::new(permits)),
            max,
            patience,
        }
    }

    /// A connection, made anew where none is idle.
    pub(crate) async fn lease(&self) -> SqlResult<Lease> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.in_time(self.options.connect()).await?,
        };
        Ok(Lease { connection, idle: Arc::clone(&self.idle), _permit: permit })
    }

    /// What `decode` makes of the rows of one statement, each as it arrives: the server goes on
    /// meanwhile.
    pub(crate) async fn fetch<T>(
        &self,
        query: PgQuery<'_>,
        mut decode: impl FnMut(&PgRow) -> SqlResult<T>,
    ) -> SqlResult<Vec<T>> {
        let mut lease = self.lease().await?;
        let rows = query.fetch(&mut *lease).map(|row| row.and_then(|row| decode(&row)));
        let rows = self.in_time(rows.try_collect()).await;
        self.settle(lease, rows)
    }

    /// How many rows one statement has changed.
    pub(crate) async fn execute(&self, query: PgQuery<'_>) -> SqlResult<u64> {
        let mut lease = self.lease().await?;
        let done = self.in_time(query.execute(&mut *lease)).await;
        self.settle(lease, done).map(|done| done.rows_affected())
    }

    /// Takes a connection back unless `result`, of the last call on it, leaves its state in doubt.
    pub(crate) fn settle<T>(&self, lease: Lease, result: SqlResult<T>) -> SqlResult<T> {
        match &result {
            Err(error) if is_broken(error) => {
                // What broke one has most often broken all, such as a restart of the server.
                self.idle().clear();
            }
            _ => lease.give_back(),
        }
        result
    }

    /// `answer`, if the server gives it within the store's patience.
    pub(crate) async fn in_time<T>(
        &self,
        answer: impl Future<Output = SqlResult<T>>,
    ) -> SqlResult<T> {
        in_time(self.patience, answer).await
    }

    /// Waits until all connections are back, and closes them. Nothing is lent any more.
    pub(crate) async fn close(&self) {
        let all = self.permits.acquire_many(self.max).await;
        self.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle());
        for connection in idle {
            // It goes either way.
            let _ = self.in_time(connection.close()).await;
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<PgConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on loan. Dropped without having been given back it is closed.
pub(crate) struct Lease {
    connection: PgConnection,
    idle: Arc<Mutex<Vec<PgConnection>>>,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    fn give_back(self) {
        let Self { connection, idle, _permit } = self;
        idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// `answer`, if the server gives it within `patience`.
pub(crate) async fn in_time<T>(
    patience: Duration,
    answer: impl Future<Output = SqlResult<T>>,
) -> SqlResult<T> {
    timeout(patience, answer).await.unwrap_or_else(|_| Err(NoAnswer.into_sql()))
}
