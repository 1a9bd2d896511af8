//! Names under which something is kept of a subject that may outlive what is known of it.

use std::fmt;

use super::cipher::mac_bytes;
use super::keys::{KeyState, KeyStore, SubjectKey};
use crate::eventsourcing::StoreError;
use crate::ids::SubjectId;

/// A name that only the subject's key can make: 32 hexadecimal digits. Once the key is destroyed
/// nobody can tell whose it is, nor make it again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(String);

impl Pseudonym {
    /// The name for what is kept for `purpose`; the same for the same key and purpose, and nothing
    /// that could be told from the name for another.
    #[must_use]
    pub fn of(key: &SubjectKey, purpose: &str) -> Self {
        let digest = mac_bytes(key.expose(), "pseudonym", &[purpose.as_bytes()]);
        Self(digest[..16].iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pseudonym of `subject`; `None` where it has no key, or none any more.
    ///
    /// # Errors
    /// [`StoreError`] when the store of keys cannot answer.
    pub async fn find(
        keys: &dyn KeyStore,
        subject: &SubjectId,
        purpose: &str,
    ) -> Result<Option<Self>, StoreError> {
        Ok(Self::from_state(keys.key(subject).await?, purpose))
    }

    /// The pseudonym of `subject`, which gets the key `fresh` where it has none; `None` where its
    /// key was destroyed.
    ///
    /// # Errors
    /// [`StoreError`] when the store of keys cannot answer.
    pub async fn find_or_make(
        keys: &dyn KeyStore,
        subject: &SubjectId,
        purpose: &str,
        fresh: &SubjectKey,
    ) -> Result<Option<Self>, StoreError> {
        Ok(Self::from_state(keys.create_key(subject, fresh).await?, purpose))
    }

    fn from_state(state: KeyState, purpose: &str) -> Option<Self> {
        match state {
            KeyState::Present(key) => Some(Self::of(&key, purpose)),
            KeyState::Absent | KeyState::Destroyed { .. } => None,
        }
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
