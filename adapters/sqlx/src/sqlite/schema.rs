//! Opening the file: the lock that makes us its one writer, connections, migrations.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use logistics_core::eventsourcing::StoreErrorKind;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use super::config::SqliteConfig;
use super::error::{OpenError, classify};

/// The tables of the database.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");
/// The tables of the keys' own file.
pub(crate) static KEY_MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite_keys");

/// Held by each writer while it holds its file open; the system releases it however the process
/// ends.
pub(crate) type WriterLock = Arc<File>;

pub(crate) fn lock(database: &Path) -> Result<WriterLock, OpenError> {
    let mut path = PathBuf::from(database).into_os_string();
    path.push(".lock");
    let path = PathBuf::from(path);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(|source| OpenError::Lock { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(Arc::new(file)),
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

/// How the writer of the keys connects. `secure_delete`: what is overwritten is not left in free
/// parts of a page.
pub(crate) fn key_writer_options(config: &SqliteConfig) -> SqliteConnectOptions {
    writer_options(config).filename(&config.keys).pragma("secure_delete", "ON")
}

/// How readers of the database, or of the keys, at `path` connect.
pub(crate) fn reader_options(path: &Path, config: &SqliteConfig) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(config.busy_timeout)
        .pragma("query_only", "1")
        .pragma("temp_store", "memory")
}

/// Makes or updates the tables of a file.
pub(crate) async fn migrate(
    options: &SqliteConnectOptions,
    migrations: &Migrator,
) -> Result<(), OpenError> {
    let path = || options.get_filename().to_owned();
    let mut connection = options.connect().await.map_err(|error| open_error(path(), error))?;
    let migrated = migrations.run(&mut connection).await;
    let closed = connection.close().await;
    match migrated {
        Ok(()) => closed.map_err(|error| open_error(path(), error)),
        Err(MigrateError::VersionMissing(found)) => {
            let known = migrations.iter().map(|migration| migration.version).max().unwrap_or(0);
            Err(OpenError::NewerSchema { path: path(), found, known })
        }
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            Err(open_error(path(), error))
        }
        Err(error) => Err(OpenError::Open { path: path(), source: Box::new(error) }),
    }
}

fn open_error(path: PathBuf, error: sqlx::Error) -> OpenError {
    match classify(&error).0 {
        StoreErrorKind::Corrupt => OpenError::Damaged { path, source: Box::new(error) },
        _ => OpenError::Open { path, source: Box::new(error) },
    }
}
