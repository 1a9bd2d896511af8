//! What SQLite says, in the words of the ports.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use logistics_core::eventsourcing::{Retry, StoreError, StoreErrorKind};

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another store of this one, writes to it: stop that one first.
    #[error("{path} is in use by another process")]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The lock file beside it cannot be made: does the directory exist, may we write there?
    #[error("{path} cannot be locked")]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A newer program has written it: use that program, or a backup from before.
    #[error("{path} has schema {found}, newer than {known}, which is the newest known here")]
    NewerSchema {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// It is not an SQLite database, or a damaged one: restore a backup.
    #[error("{path} is damaged or is not a database")]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// SQLite could not open it or bring its tables up to date.
    #[error("{path} cannot be opened")]
    Open {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why a write was not answered with its outcome.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum WriteError {
    /// It was rolled back.
    #[error("{0}")]
    RolledBack(#[source] Arc<sqlx::Error>),
    /// The transaction's end failed: it may or may not be in the file.
    #[error("{0}")]
    Unknown(#[source] Arc<sqlx::Error>),
    /// The store was closed before the write got in.
    #[error("the store is closed")]
    Closed,
    /// The writer went away with the write in its hands.
    #[error("the writer of the store is gone")]
    Gone,
}

impl WriteError {
    pub(crate) fn into_store_error(self, operation: &'static str) -> StoreError {
        let (kind, retry) = match &self {
            Self::RolledBack(error) | Self::Unknown(error) => classify(error),
            Self::Closed | Self::Gone => (StoreErrorKind::Unavailable, Retry::Later),
        };
        StoreError { kind, retry, operation, source: Box::new(self) }
    }
}

/// The failure of a read.
pub(crate) fn read_error(operation: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| {
        let (kind, retry) = classify(&error);
        StoreError { kind, retry, operation, source: Box::new(error) }
    }
}

/// What kind of failure `error` is and whether asking again can help.
///
/// Codes: <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
pub(crate) fn classify(error: &sqlx::Error) -> (StoreErrorKind, Retry) {
    let sqlx::Error::Database(database) = error else {
        return match error {
            sqlx::Error::Decode(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::RowNotFound => (StoreErrorKind::Corrupt, Retry::Never),
            sqlx::Error::Encode(_) => (StoreErrorKind::Invalid, Retry::Never),
            _ => (StoreErrorKind::Unavailable, Retry::Later),
        };
    };
    let code: i32 = database.code().and_then(|code| code.parse().ok()).unwrap_or(1);
    match code & 0xff {
        // CORRUPT, NOTADB; ERROR: a table or column of ours is not there.
        1 | 11 | 26 => (StoreErrorKind::Corrupt, Retry::Never),
        // TOOBIG, CONSTRAINT, MISMATCH, RANGE.
        18 | 19 | 20 | 25 => (StoreErrorKind::Invalid, Retry::Never),
        // NOMEM.
        7 => (StoreErrorKind::Throttled, Retry::Later),
        // PERM, BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN and the like: the surroundings.
        _ => (StoreErrorKind::Unavailable, Retry::Later),
    }
}
