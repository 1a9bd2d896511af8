//! The two files of a store, and how to connect to them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::config::SqliteConfig;
use super::error::OpenError;
use super::schema::{self, KEY_MIGRATIONS, MIGRATIONS, Migrations};
use super::statements::CACHED_MAX;
use super::values::SqlResult;

/// A database file.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
    busy_timeout: Duration,
    /// Set for every writing connection, besides what all files have.
    pragmas: &'static str,
    migrations: Migrations,
}

impl DatabaseFile {
    /// The file of everything but keys. Fixes of a partner lie together, so the pages that are written
    /// to are as many as partners report: 16 MiB hold those of 4,000.
    pub(crate) fn of_ports(config: &SqliteConfig) -> Self {
        let SqliteConfig { path, busy_timeout, .. } = config;
        Self {
            path: path.clone(),
            busy_timeout: *busy_timeout,
            pragmas: "PRAGMA cache_size = -16384;",
            migrations: MIGRATIONS,
        }
    }

    /// The file of the keys. `secure_delete`: what is overwritten is not left in free parts of a
    /// page.
    pub(crate) fn of_keys(config: &SqliteConfig) -> Self {
        let (path, pragmas) = (config.keys.clone(), "PRAGMA secure_delete = ON;");
        Self { path, pragmas, migrations: KEY_MIGRATIONS, ..Self::of_ports(config) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file where it is missing, brings its tables up to date, and gives the connection
    /// for its writer.
    pub(crate) fn create(&self) -> Result<Connection, OpenError> {
        let connected = self.connect_writer(OpenFlags::SQLITE_OPEN_CREATE);
        let mut db = connected.map_err(|error| OpenError::of(&self.path, error))?;
        schema::migrate(&mut db, &self.path, self.migrations)?;
        Ok(db)
    }

    /// Connects the one writer. A file that has gone is not made anew behind our back.
    pub(crate) fn writer(&self) -> SqlResult<Connection> {
        self.connect_writer(OpenFlags::empty())
    }

    /// `FULL`: a commit that was answered survives a power cut. Every writer waits for a checkpoint,
    /// so there are few of them: the log grows to 64 MB.
    fn connect_writer(&self, flags: OpenFlags) -> SqlResult<Connection> {
        let db = self.connect(flags)?;
        db.execute_batch(self.pragmas)?;
        db.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = 16000;
             PRAGMA journal_size_limit = 67108864;",
        )?;
        Ok(db)
    }

    /// Connects a reader.
    pub(crate) fn reader(&self) -> SqlResult<Connection> {
        let db = self.connect(OpenFlags::empty())?;
        db.execute_batch("PRAGMA query_only = ON;")?;
        Ok(db)
    }

    fn connect(&self, flags: OpenFlags) -> SqlResult<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&self.path, flags)?;
        db.busy_timeout(self.busy_timeout)?;
        db.set_prepared_statement_cache_capacity(CACHED_MAX);
        // A plan does not hang on the values that are bound, or it would be made anew for each.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // 16 MB of pages: the feed goes from stream to stream.
        db.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;")?;
        Ok(db)
    }
}
