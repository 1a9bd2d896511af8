//! What PostgreSQL says, in the words of the ports.

use std::sync::Arc;

use logistics_core::eventsourcing::{CommitError, Retry, StoreError, StoreErrorKind};
use sqlx::postgres::{PgDatabaseError, PgSeverity};

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresOpenError {
    /// The URL is none of a PostgreSQL database.
    #[error("the database URL cannot be read")]
    Url(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The schema's name is not of the form that is asked for.
    #[error("{schema:?} cannot be the name of a schema: use a-z, 0-9 and _, at most 63 bytes")]
    SchemaName {
        /// The name.
        schema: String,
    },
    /// A newer program has written it: use that program, or a backup from before.
    #[error("schema {schema} is at migration {found}, newer than {known}, the newest known here")]
    NewerSchema {
        /// The schema.
        schema: String,
        /// Its newest migration.
        found: i64,
        /// The newest migration that this program knows.
        known: i64,
    },
    /// The server cannot be reached, or does not let us in.
    #[error("no connection to the server can be made")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The tables could not be made or brought up to date.
    #[error("the tables in schema {schema} cannot be brought up to date")]
    Migrate {
        /// The schema.
        schema: String,
        /// What PostgreSQL said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The server did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("the server did not answer within the statement's time")]
pub(crate) struct NoAnswer;

impl NoAnswer {
    pub(crate) fn into_sql(self) -> sqlx::Error {
        sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, self))
    }
}

/// Why a commit was not answered with its outcome.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum WriteError {
    /// It was rolled back, or never sent.
    #[error("{0}")]
    RolledBack(#[source] Arc<sqlx::Error>),
    /// The connection failed, or the server, in a way that leaves open whether it was taken.
    #[error("{0}")]
    Unknown(#[source] Arc<sqlx::Error>),
    /// The store was closed before the commit got in.
    #[error("the store is closed")]
    Closed,
    /// The writer went away with the commit in its hands.
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

/// The failure of anything but a commit.
pub(crate) fn store_error(operation: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| {
        let (kind, retry) = classify(&error);
        StoreError { kind, retry, operation, source: Box::new(error) }
    }
}

/// The SQLSTATE and severity of an error that the server reported.
fn reported(error: &sqlx::Error) -> Option<(&str, PgSeverity)> {
    let error = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    Some((error.code(), error.severity()))
}

/// What kind of failure `error` is and whether asking again can help.
///
/// Codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>; the first two
/// characters are the class.
pub(crate) fn classify(error: &sqlx::Error) -> (StoreErrorKind, Retry) {
    let Some((code, _)) = reported(error) else {
        return match error {
            sqlx::Error::Decode(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::RowNotFound => (StoreErrorKind::Corrupt, Retry::Never),
            sqlx::Error::Encode(_) => (StoreErrorKind::Invalid, Retry::Never),
            _ => (StoreErrorKind::Unavailable, Retry::Later),
        };
    };
    match (code, code.get(..2).unwrap_or_default()) {
        // We may not: somebody else must change that.
        ("42501", _) => (StoreErrorKind::Unavailable, Retry::Later),
        // Damaged data, or a table, column or routine of ours is not there.
        ("XX001" | "XX002", _) | (_, "42" | "3F") => (StoreErrorKind::Corrupt, Retry::Never),
        // Data, constraints, limits of the program.
        (_, "22" | "23" | "54") => (StoreErrorKind::Invalid, Retry::Never),
        // Serialization, deadlock, resources, locks.
        (_, "40" | "53" | "55") => (StoreErrorKind::Throttled, Retry::Later),
        _ => (StoreErrorKind::Unavailable, Retry::Later),
    }
}

/// Whether `error` leaves the state of its connection in doubt.
pub(crate) fn is_broken(error: &sqlx::Error) -> bool {
    match reported(error) {
        Some((_, severity)) => !matches!(severity, PgSeverity::Error),
        None => !matches!(
            error,
            sqlx::Error::Encode(_)
                | sqlx::Error::Decode(_)
                | sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::ColumnNotFound(_)
                | sqlx::Error::RowNotFound
        ),
    }
}

/// Whether `error` says for certain that nothing of the statement was taken: it is one that the
/// statement itself raised. A cancelled statement may have ended just before.
pub(crate) fn is_rolled_back(error: &sqlx::Error) -> bool {
    if matches!(error, sqlx::Error::Encode(_)) {
        return true;
    }
    reported(error).is_some_and(|(code, severity)| {
        let class = code.get(..2).unwrap_or_default();
        let raised = matches!(class, "21" | "22" | "23" | "25" | "3F" | "40" | "42" | "54" | "55");
        raised && code != "40003" && matches!(severity, PgSeverity::Error)
    })
}

/// Whether another writer was in the way, and the same statement again may well succeed at once.
pub(crate) fn is_race(error: &sqlx::Error) -> bool {
    let raced = |error: &PgDatabaseError| match error.code() {
        "40001" | "40P01" => true,
        // The same command came in through another store.
        "23505" => error.constraint() == Some("commands_pkey"),
        _ => false,
    };
    error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
        .is_some_and(raced)
}
