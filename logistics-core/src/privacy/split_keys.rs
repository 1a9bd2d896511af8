//! Subjects' keys in two halves, so that what lies in the store of keys opens nothing by itself.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::cipher;
use super::keys::{KeyState, KeyStore, SubjectKey};
use crate::eventsourcing::StoreError;
use crate::ids::SubjectId;

/// The half of all keys that the store of keys does not hold: 32 bytes from a good source of
/// randomness, kept with the program's other secrets. Never shown.
///
/// It cannot be changed later: what was sealed under it opens only under it.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// The key with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// A store of keys over another: each subject's key is made from what the other holds of it and
/// from a [`MasterKey`], with HMAC-SHA-256. Neither half tells anything without the other;
/// destroying the subject's half destroys the key.
///
/// ```
/// use logistics_core::SubjectId;
/// use logistics_core::memory::MemoryStore;
/// use logistics_core::privacy::{KeyState, KeyStore, MasterKey, SplitKeys, SubjectKey};
///
/// # futures::executor::block_on(async {
/// let store = MemoryStore::new();
/// let keys = SplitKeys::new(store.clone(), MasterKey::from_bytes([1; 32]));
/// let (subject, fresh) = (SubjectId::new("person-1")?, SubjectKey::from_bytes([2; 32]));
/// let key = keys.create_key(&subject, &fresh).await?;
/// assert_eq!(keys.key(&subject).await?, key);
/// assert_eq!(store.key(&subject).await?, KeyState::Present(fresh.clone()));
/// assert_ne!(key, KeyState::Present(fresh));
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct SplitKeys<S> {
    store: S,
    master: MasterKey,
}

impl<S: KeyStore> SplitKeys<S> {
    /// Keys of which `store` holds one half and `master` is the other.
    #[must_use]
    pub const fn new(store: S, master: MasterKey) -> Self {
        Self { store, master }
    }

    fn whole(&self, subject: &SubjectId, half: KeyState) -> KeyState {
        match half {
            KeyState::Present(half) => {
                let parts = [subject.as_str().as_ref(), &half.expose()[..]];
                let key = cipher::mac_bytes(&self.master.0, "subject key", &parts);
                KeyState::Present(SubjectKey::from_bytes(key))
            }
            other => other,
        }
    }
}

#[async_trait]
impl<S: KeyStore> KeyStore for SplitKeys<S> {
    async fn key(&self, subject: &SubjectId) -> Result<KeyState, StoreError> {
        Ok(self.whole(subject, self.store.key(subject).await?))
    }

    async fn create_key(
        &self,
        subject: &SubjectId,
        fresh: &SubjectKey,
    ) -> Result<KeyState, StoreError> {
        Ok(self.whole(subject, self.store.create_key(subject, fresh).await?))
    }

    async fn destroy_key(&self, subject: &SubjectId, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.store.destroy_key(subject, at).await
    }
}
