//! What SQLite says, in the words of the ports.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use logistics_core::eventsourcing::{CommitError, Retry, StoreError, StoreErrorKind};

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

impl OpenError {
    /// What SQLite said of the file at `path`.
    pub(crate) fn of(path: &Path, error: rusqlite::Error) -> Self {
        let (path, kind) = (path.to_owned(), classify(&error).0);
        match kind {
            StoreErrorKind::Corrupt => Self::Damaged { path, source: Box::new(error) },
            _ => Self::Open { path, source: Box::new(error) },
        }
    }

    /// There is no thread for the database at `path`.
    pub(crate) fn system(path: &Path, error: impl StdError + Send + Sync + 'static) -> Self {
        Self::Open { path: path.to_owned(), source: Box::new(error) }
    }
}

/// Why a call was not answered with its outcome.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum CallError {
    /// A write was rolled back.
    #[error("{0}")]
    RolledBack(#[source] Arc<rusqlite::Error>),
    /// The end of a write's transaction failed: it may or may not be in the file.
    #[error("{0}")]
    Unknown(#[source] Arc<rusqlite::Error>),
    /// The store was closed before the call got in.
    #[error("the store is closed")]
    Closed,
    /// The thread went away with the call in its hands.
    #[error("a thread of the store is gone")]
    Gone,
}

impl CallError {
    pub(crate) fn into_store_error(self, operation: &'static str) -> StoreError {
        let (kind, retry) = match &self {
            Self::RolledBack(error) | Self::Unknown(error) => classify(error),
            Self::Closed | Self::Gone => (StoreErrorKind::Unavailable, Retry::Later),
        };
        StoreError { kind, retry, operation, source: Box::new(self) }
    }

    /// What it means for a commit.
    pub(crate) fn into_commit_error(self) -> CommitError {
        match self {
            Self::RolledBack(_) | Self::Closed => {
                CommitError::Store(self.into_store_error("commit"))
            }
            Self::Unknown(_) | Self::Gone => {
                CommitError::OutcomeUnknown(self.into_store_error("commit"))
            }
        }
    }
}

/// The failure of a read.
pub(crate) fn read_error(operation: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |error| {
        let (kind, retry) = classify(&error);
        StoreError { kind, retry, operation, source: Box::new(error) }
    }
}

/// What kind of failure `error` is and whether asking again can help.
///
/// Codes: <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
pub(crate) fn classify(error: &rusqlite::Error) -> (StoreErrorKind, Retry) {
    use rusqlite::Error;
    let code = match error {
        Error::SqliteFailure(error, _) | Error::SqlInputError { error, .. } => error.extended_code,
        // What is stored is not what was written.
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::InvalidColumnIndex(_)
        | Error::Utf8Error(..)
        | Error::QueryReturnedNoRows => return (StoreErrorKind::Corrupt, Retry::Never),
        // The rest is about what was asked.
        _ => return (StoreErrorKind::Invalid, Retry::Never),
    };
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

#[cfg(test)]
mod tests {
    use std::fmt;

    use rusqlite::ffi;
    use rusqlite::types::FromSqlError;

    use super::*;

    #[test]
    fn codes_of_sqlite_have_a_kind() {
        for (code, expected) in [
            (ffi::SQLITE_BUSY_SNAPSHOT, (StoreErrorKind::Unavailable, Retry::Later)),
            (ffi::SQLITE_LOCKED_SHAREDCACHE, (StoreErrorKind::Unavailable, Retry::Later)),
            (ffi::SQLITE_FULL, (StoreErrorKind::Unavailable, Retry::Later)),
            (ffi::SQLITE_READONLY_DBMOVED, (StoreErrorKind::Unavailable, Retry::Later)),
            (ffi::SQLITE_IOERR_FSYNC, (StoreErrorKind::Unavailable, Retry::Later)),
            (ffi::SQLITE_CANTOPEN, (StoreErrorKind::Unavailable, Retry::Later)),
            (ffi::SQLITE_NOMEM, (StoreErrorKind::Throttled, Retry::Later)),
            (ffi::SQLITE_CORRUPT_INDEX, (StoreErrorKind::Corrupt, Retry::Never)),
            (ffi::SQLITE_NOTADB, (StoreErrorKind::Corrupt, Retry::Never)),
            (ffi::SQLITE_ERROR, (StoreErrorKind::Corrupt, Retry::Never)),
            (ffi::SQLITE_CONSTRAINT_UNIQUE, (StoreErrorKind::Invalid, Retry::Never)),
            (ffi::SQLITE_TOOBIG, (StoreErrorKind::Invalid, Retry::Never)),
        ] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(classify(&error), expected, "{code}");
        }
    }

    #[test]
    fn values_that_cannot_be_are_corrupt() {
        for error in [
            FromSqlError::OutOfRange(-1),
            FromSqlError::InvalidType,
            FromSqlError::InvalidBlobSize { expected_size: 32, blob_size: 1 },
            FromSqlError::Other(Box::new(fmt::Error)),
        ] {
            let error = rusqlite::Error::from(error);
            assert_eq!(classify(&error).0, StoreErrorKind::Corrupt, "{error}");
        }
    }
}
