//! The store itself: its connections, and the way to its writer.

use logistics_core::eventsourcing::StoreError;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::config::PostgresConfig;
use super::connections::{Connections, PgQuery};
use super::error::{PostgresOpenError, store_error};
use super::schema;
use super::values::SqlResult;
use super::writer::Writer;

/// All storage ports of `logistics-core` in one schema of a PostgreSQL database.
///
/// Cheap to clone; clones are the same store. Several stores, in one process or many, may share a
/// schema.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pub(crate) connections: Connections,
    pub(crate) writer: Writer,
    pub(crate) dead_letters_max: u32,
}

impl PostgresStore {
    /// Makes or updates the schema and its tables, and starts the store's writer on the current
    /// tokio runtime.
    ///
    /// # Errors
    /// [`PostgresOpenError`] naming the reason.
    pub async fn open(config: PostgresConfig) -> Result<Self, PostgresOpenError> {
        let options = schema::options(&config)?;
        schema::migrate(&config).await?;
        let connections = Connections::new(options.clone(), config.connections, config.patience());
        let dead_letters_max = config.dead_letters_max;
        Ok(Self { connections, writer: Writer::start(options, &config), dead_letters_max })
    }

    /// Lets the commits that wait finish, then closes the connections.
    ///
    /// Later calls on clones answer that the store is closed. Dropping the last clone closes it
    /// too, without waiting.
    pub async fn close(self) {
        self.writer.close().await;
        self.connections.close().await;
    }

    /// What the rows of `query` hold.
    pub(crate) async fn read<T>(
        &self,
        operation: &'static str,
        query: PgQuery<'_>,
        decode: impl FnMut(&PgRow) -> SqlResult<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.connections.fetch(query, decode).await.map_err(store_error(operation))
    }

    /// The truth value that a routine gives.
    pub(crate) async fn ask(
        &self,
        operation: &'static str,
        query: PgQuery<'_>,
    ) -> Result<bool, StoreError> {
        let answer = self.read(operation, query, |row| row.try_get::<bool, _>(0)).await?;
        Ok(answer.contains(&true))
    }

    /// Changes what `query` says; how many rows.
    pub(crate) async fn write(
        &self,
        operation: &'static str,
        query: PgQuery<'_>,
    ) -> Result<u64, StoreError> {
        self.connections.execute(query).await.map_err(store_error(operation))
    }
}
