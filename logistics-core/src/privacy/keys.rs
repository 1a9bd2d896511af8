//! The port for the keys under which personal data is sealed.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::eventsourcing::StoreError;
use crate::ids::SubjectId;

/// The key of one subject: 32 bytes from a good source of randomness. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectKey([u8; 32]);

impl SubjectKey {
    /// The key with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the cipher and for the store of keys.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKey(…)")
    }
}

/// What is known of a subject's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// It has none yet.
    Absent,
    /// It has this one.
    Present(SubjectKey),
    /// It was destroyed, for good: the subject never gets another.
    Destroyed {
        /// When.
        at: DateTime<Utc>,
    },
}

/// Storage of the subjects' keys. Keep its backups apart from those of the events and short: what
/// a backup of it holds is not erased.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// The key of `subject`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn key(&self, subject: &SubjectId) -> Result<KeyState, StoreError>;

    /// Gives `subject` the key `fresh` where it has none, and answers with what holds then: the
    /// first key wins, a destroyed one stays destroyed.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn create_key(
        &self,
        subject: &SubjectId,
        fresh: &SubjectKey,
    ) -> Result<KeyState, StoreError>;

    /// Destroys the key of `subject`, whether or not it has one: no trace of its bytes is left in
    /// the store's files. A second time changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn destroy_key(&self, subject: &SubjectId, at: DateTime<Utc>) -> Result<(), StoreError>;
}
