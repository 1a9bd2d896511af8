//! The port for versioned documents, such as the zone file of a city.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::eventsourcing::StoreError;

/// One version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name in its collection, such as a city.
    pub name: String,
    /// 1 for the first version.
    pub version: u64,
    /// The bytes as they were put.
    pub content: Vec<u8>,
    /// How the content is to be read, as the caller put it (JSON); part of the version.
    pub options: String,
    /// When it was put.
    pub put_at: DateTime<Utc>,
}

/// What became of putting a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutOutcome {
    /// It is stored under this version.
    Stored {
        /// The new version.
        version: u64,
    },
    /// The caller expected another version to be the latest; nothing was stored.
    VersionMismatch {
        /// The latest version, 0 when there is none.
        latest: u64,
    },
}

/// A document about to be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// Its name in its collection.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// How the content is to be read (JSON).
    pub options: String,
    /// The time.
    pub put_at: DateTime<Utc>,
    /// The version that must be the latest now, where the caller cares.
    pub if_latest: Option<u64>,
}

/// Versioned documents in named collections. Old versions stay.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Stores `document` as the next version of its name in `collection`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn put(&self, collection: &str, document: NewDocument) -> Result<PutOutcome, StoreError>;

    /// The latest version of each document of `collection`, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn latest(&self, collection: &str) -> Result<Vec<Document>, StoreError>;
}
