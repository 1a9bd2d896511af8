//! Opening the file: the lock that makes us its one writer, connections, migrations.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use logistics_core::eventsourcing::StoreErrorKind;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::config::SqliteConfig;
use super::error::{OpenError, classify};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// Held while the file is held open; the system releases it however the process ends.
pub(crate) type WriterLock = File;

pub(crate) fn lock(database: &Path) -> Result<WriterLock, OpenError> {
    let mut path = PathBuf::from(database).into_os_string();
    path.push(".lock");
    let path = PathBuf::from(path);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(|source| OpenError::Lock { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: database.to_owned() }),
        Err(TryLockError::Error(source)) => Err(OpenError::Lock { path, source }),
    }
}

/// How the one writer connects. `FULL`: a commit that was answered survives a power cut.
pub(crate) fn writer_options(config: &SqliteConfig) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&config.path)
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(config.busy_timeout)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .statement_cache_capacity(512)
        // Fewer, larger checkpoints; after a burst the log shrinks again.
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864")
        .pragma("temp_store", "memory")
}

/// How readers connect.
pub(crate) fn reader_options(config: &SqliteConfig) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&config.path)
        .foreign_keys(true)
        .busy_timeout(config.busy_timeout)
        .pragma("query_only", "1")
        .pragma("temp_store", "memory")
}

/// Makes or updates the tables.
pub(crate) async fn migrate(config: &SqliteConfig) -> Result<(), OpenError> {
    let path = || config.path.clone();
    let mut connection =
        writer_options(config).connect().await.map_err(|error| open_error(path(), error))?;
    let migrated = MIGRATIONS.run(&mut connection).await;
    let closed = connection.close().await;
    match migrated {
        Ok(()) => closed.map_err(|error| open_error(path(), error)),
        Err(MigrateError::VersionMissing(found)) => {
            let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
            Err(OpenError::NewerSchema { path: path(), found, known })
        }
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            Err(open_error(path(), error))
        }
        Err(error) => Err(OpenError::Open { path: path(), source: Box::new(error) }),
    }
}

/// A connection for the writer, on a file that [`migrate`] has prepared.
pub(crate) async fn connect_writer(config: &SqliteConfig) -> sqlx::Result<SqliteConnection> {
    writer_options(config).create_if_missing(false).connect().await
}

fn open_error(path: PathBuf, error: sqlx::Error) -> OpenError {
    match classify(&error).0 {
        StoreErrorKind::Corrupt => OpenError::Damaged { path, source: Box::new(error) },
        _ => OpenError::Open { path, source: Box::new(error) },
    }
}
