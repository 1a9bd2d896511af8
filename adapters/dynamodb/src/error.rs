//! What DynamoDB and its client say, in the words of the ports.

use std::error::Error as StdError;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use logistics_core::eventsourcing::{Retry, StoreError, StoreErrorKind};

use crate::item::Unreadable;

/// Why a table could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateTableError {
    /// There is a table of this name: use it, or choose another name.
    #[error("table {table} exists")]
    Exists {
        /// The table.
        table: String,
    },
    /// DynamoDB did not make it, or did not get it ready within a minute.
    #[error("table {table} could not be made")]
    Failed {
        /// The table.
        table: String,
        /// What the client said.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
}

/// A failure that has not yet learned what was being done.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: StoreErrorKind,
    retry: Retry,
    /// Whether a write may have been done all the same.
    pub(crate) unknown: bool,
    source: Box<dyn StdError + Send + Sync>,
}

impl Failure {
    fn new(
        kind: StoreErrorKind,
        retry: Retry,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { kind, retry, unknown: false, source: source.into() }
    }

    /// What no store could do.
    pub(crate) fn invalid(reason: impl Into<String>) -> Self {
        Self::new(StoreErrorKind::Invalid, Retry::Never, reason.into())
    }

    /// What is stored cannot be read.
    pub(crate) fn corrupt(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Corrupt, Retry::Never, reason)
    }

    /// Others were faster, or DynamoDB asked for less, as often as it was tried.
    pub(crate) fn throttled(reason: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(StoreErrorKind::Throttled, Retry::Later, reason)
    }

    /// A request that was under way ended without an answer.
    pub(crate) fn stopped(reason: tokio::task::JoinError) -> Self {
        Self::new(StoreErrorKind::Unavailable, Retry::Later, reason)
    }

    pub(crate) fn is_throttled(&self) -> bool {
        self.kind == StoreErrorKind::Throttled
    }

    /// The port's error for what was being done, such as `load a stream`.
    pub(crate) fn during(self, operation: &'static str) -> StoreError {
        let Self { kind, retry, source, .. } = self;
        StoreError { kind, retry, operation, source }
    }
}

impl From<Unreadable> for Failure {
    fn from(error: Unreadable) -> Self {
        Self::corrupt(error)
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Failure
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let (kind, retry, unknown) = classify(&error);
        Self { kind, retry, unknown, source: Box::new(error) }
    }
}

/// The kind of a failure, whether asking again can help, and whether a write may have been done.
fn classify<E: ProvideErrorMetadata>(
    error: &SdkError<E, HttpResponse>,
) -> (StoreErrorKind, Retry, bool) {
    match error {
        // Never sent.
        SdkError::ConstructionFailure(_) => (StoreErrorKind::Invalid, Retry::Never, false),
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            (StoreErrorKind::Invalid, Retry::Never, false)
        }
        SdkError::ServiceError(service) => code(service.err().code().unwrap_or_default()),
        // Perhaps sent, perhaps done.
        _ => (StoreErrorKind::Unavailable, Retry::Later, true),
    }
}

/// Codes: the API reference's "Common Errors" and each operation's own.
fn code(code: &str) -> (StoreErrorKind, Retry, bool) {
    match code {
        "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "ThrottlingException"
        | "TransactionConflictException"
        | "LimitExceededException" => (StoreErrorKind::Throttled, Retry::Later, false),
        // The same transaction, sent again while the first one was under way.
        "TransactionInProgressException" => (StoreErrorKind::Throttled, Retry::Later, true),
        "ValidationException"
        | "ItemCollectionSizeLimitExceededException"
        | "SerializationException"
        | "UnknownOperationException" => (StoreErrorKind::Invalid, Retry::Never, false),
        // The surroundings: a missing table, missing rights. Sending it again does not mend them,
        // people do.
        "ResourceNotFoundException"
        | "AccessDeniedException"
        | "UnrecognizedClientException"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignatureException"
        | "ExpiredTokenException" => (StoreErrorKind::Unavailable, Retry::Later, false),
        // Errors of the server's own (5xx), and what is not known here.
        _ => (StoreErrorKind::Unavailable, Retry::Later, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_server_may_have_done_is_unknown() {
        for (name, kind, retry, unknown) in [
            ("ThrottlingException", StoreErrorKind::Throttled, Retry::Later, false),
            ("ValidationException", StoreErrorKind::Invalid, Retry::Never, false),
            ("ResourceNotFoundException", StoreErrorKind::Unavailable, Retry::Later, false),
            ("InternalServerError", StoreErrorKind::Unavailable, Retry::Later, true),
            ("", StoreErrorKind::Unavailable, Retry::Later, true),
        ] {
            assert_eq!(code(name), (kind, retry, unknown), "{name}");
        }
    }
}
