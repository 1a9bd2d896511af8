//! Sealing personal data and opening it again.

use std::fmt;

use chrono::{DateTime, Utc};
use hmac::Mac as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cipher::{self, NONCE_BYTES, TAG_BYTES};
use super::keys::{KeyState, KeyStore, SubjectKey};
use super::sealed::{SEALED_BYTES_MAX, Sealed};
use crate::eventsourcing::{Retry, StoreError, StoreErrorKind, StreamId};
use crate::ids::{CommandId, SubjectId};
use crate::values::Sha256Digest;

/// The first byte of everything sealed: how it is sealed and what it is bound to.
const EDITION: u8 = 1;
/// Longest text that can be sealed, in bytes.
pub const PLAINTEXT_BYTES_MAX: usize = SEALED_BYTES_MAX - 1 - NONCE_BYTES - TAG_BYTES;

/// What something sealed is bound to besides its subject: where it lies. Moved elsewhere it does
/// not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding<'a> {
    /// Whose field it is, such as the id of a stream.
    pub context: &'a str,
    /// The field.
    pub field: &'a str,
}

impl<'a> Binding<'a> {
    /// A field of a stream's events. [`export`](super) opens what is bound like this, if
    /// `field` is the name under which the events' JSON holds it.
    #[must_use]
    pub fn of_stream(stream: &'a StreamId, field: &'a str) -> Self {
        Self { context: stream.as_str(), field }
    }
}

/// What was sealed, if it can still be known. Its `Debug` form does not show it.
#[derive(Clone, PartialEq, Eq)]
pub enum Opened<T> {
    /// It is this.
    Plain(T),
    /// The subject was erased: nobody can know it.
    Erased {
        /// When.
        at: DateTime<Utc>,
    },
}

impl<T> Opened<T> {
    /// What was sealed; `None` after erasure.
    #[must_use]
    pub fn plain(self) -> Option<T> {
        match self {
            Self::Plain(plain) => Some(plain),
            Self::Erased { .. } => None,
        }
    }
}

impl<T> fmt::Debug for Opened<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(_) => f.write_str("Plain(…)"),
            Self::Erased { at } => f.debug_struct("Erased").field("at", at).finish(),
        }
    }
}

/// Why something could not be sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The subject was erased and never gets another key: the person needs a new subject id.
    #[error("{subject} was erased at {at}")]
    Erased {
        /// The subject.
        subject: SubjectId,
        /// When.
        at: DateTime<Utc>,
    },
    /// It is longer than [`PLAINTEXT_BYTES_MAX`].
    #[error("{bytes} bytes to be sealed are more than {PLAINTEXT_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It cannot be written as JSON.
    #[error("what is to be sealed cannot be written as JSON")]
    Json(#[source] serde_json::Error),
    /// The store of keys failed.
    #[error("the store of keys failed")]
    Store(#[from] StoreError),
}

/// Why something sealed could not be opened, although its subject was not erased.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The store of keys has never had a key of the subject: it is not the store under which this
    /// was sealed, or it lost the key.
    #[error("there is no key of {subject}")]
    NoKey {
        /// The subject.
        subject: SubjectId,
    },
    /// It was sealed by a newer program, or was not made by a [`Vault`].
    #[error("what is sealed has no form that is known here")]
    Form,
    /// It was changed, sealed under another key, or does not belong here: look for tampering.
    #[error("what is sealed does not open as {field} of {context} and of {subject}")]
    NotGenuine {
        /// The subject that it names.
        subject: SubjectId,
        /// The context in which it was to be opened.
        context: String,
        /// The field as which it was to be opened.
        field: String,
    },
    /// It opens, and holds other JSON than was asked for. What it holds is not told: it is
    /// personal.
    #[error("what was opened is not the JSON that was asked for, from its byte {column} on")]
    Json {
        /// Where it stops being what was asked for.
        column: usize,
    },
    /// The store of keys failed.
    #[error("the store of keys failed")]
    Store(#[from] StoreError),
}

/// Seals and opens personal data under the keys of a [`KeyStore`].
///
/// Sealing is deterministic: the same text of the same command at the same place is sealed to the
/// same bytes, so that a command that is sent and sealed again is the same command. (The nonce is
/// a keyed digest of all of these, as in RFC 5297; it is never given and so never misused.)
///
/// ```
/// use logistics_core::eventsourcing::StreamId;
/// use logistics_core::memory::MemoryStore;
/// use logistics_core::privacy::{Binding, KeyStore, Opened, SubjectKey, Vault};
/// use logistics_core::{CommandId, SubjectId};
///
/// # futures::executor::block_on(async {
/// let keys = MemoryStore::new();
/// let vault = Vault::new(&keys);
/// let (subject, stream) = (SubjectId::new("person-1")?, StreamId::new("SHP", "parcel-7")?);
/// let name = Binding::of_stream(&stream, "name");
///
/// // 32 bytes from the system's source of randomness; used if the subject has no key yet.
/// let fresh = SubjectKey::from_bytes([7; 32]);
/// let sealed = vault.seal_json(&subject, name, &CommandId::new("c-1")?, &"Asha", &fresh).await?;
/// assert_eq!(vault.open_json(&sealed, name).await?, Opened::Plain("Asha".to_owned()));
///
/// // It is bound to its place.
/// let elsewhere = Binding { field: "nickname", ..name };
/// assert!(vault.open_json::<String>(&sealed, elsewhere).await.is_err());
///
/// let now = chrono::DateTime::UNIX_EPOCH;
/// keys.destroy_key(&subject, now).await?;
/// assert_eq!(vault.open_json::<String>(&sealed, name).await?, Opened::Erased { at: now });
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Clone, Copy)]
pub struct Vault<'a> {
    keys: &'a dyn KeyStore,
}

impl fmt::Debug for Vault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl<'a> Vault<'a> {
    /// A vault whose keys lie in `keys`.
    #[must_use]
    pub const fn new(keys: &'a dyn KeyStore) -> Self {
        Self { keys }
    }

    /// Seals `plaintext`, which `command` brings and which belongs to `subject`, for the place
    /// `binding`. A subject without a key gets `fresh`.
    ///
    /// # Errors
    /// [`SealError`]; see its variants for what to do.
    pub async fn seal(
        &self,
        subject: &SubjectId,
        binding: Binding<'_>,
        command: &CommandId,
        plaintext: &[u8],
        fresh: &SubjectKey,
    ) -> Result<Sealed, SealError> {
        let too_long = SealError::TooLong { bytes: plaintext.len() };
        if plaintext.len() > PLAINTEXT_BYTES_MAX {
            return Err(too_long);
        }
        let key = self.key_for(subject, fresh).await?;
        let place = place(subject, binding);
        let digest = cipher::mac_bytes(
            key.expose(),
            "nonce",
            &[command.as_str().as_ref(), &place, plaintext],
        );
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&digest[..NONCE_BYTES]);
        let Some(text) = cipher::encrypt(&encryption_key(&key), &nonce, &place, plaintext) else {
            return Err(too_long);
        };
        let bytes = [&[EDITION][..], &nonce, &text].concat();
        Sealed::new(subject.clone(), bytes).map_err(|_| too_long)
    }

    /// As [`seal`](Self::seal), for `value` written as JSON.
    ///
    /// # Errors
    /// [`SealError`]; see its variants for what to do.
    pub async fn seal_json<T: Serialize + Sync + ?Sized>(
        &self,
        subject: &SubjectId,
        binding: Binding<'_>,
        command: &CommandId,
        value: &T,
        fresh: &SubjectKey,
    ) -> Result<Sealed, SealError> {
        let plaintext = serde_json::to_vec(value).map_err(SealError::Json)?;
        self.seal(subject, binding, command, &plaintext, fresh).await
    }

    /// What `sealed` holds, if it was sealed for the place `binding`.
    ///
    /// # Errors
    /// [`OpenError`]; see its variants for what to do.
    pub async fn open(
        &self,
        sealed: &Sealed,
        binding: Binding<'_>,
    ) -> Result<Opened<Vec<u8>>, OpenError> {
        let subject = sealed.subject();
        let key = match self.keys.key(subject).await? {
            KeyState::Present(key) => key,
            KeyState::Destroyed { at } => return Ok(Opened::Erased { at }),
            KeyState::Absent => return Err(OpenError::NoKey { subject: subject.clone() }),
        };
        let (nonce, text) = parts(sealed.bytes()).ok_or(OpenError::Form)?;
        let place = place(subject, binding);
        match cipher::decrypt(&encryption_key(&key), nonce, &place, text) {
            Some(plaintext) => Ok(Opened::Plain(plaintext)),
            None => Err(OpenError::NotGenuine {
                subject: subject.clone(),
                context: binding.context.to_owned(),
                field: binding.field.to_owned(),
            }),
        }
    }

    /// As [`open`](Self::open), for what was sealed as JSON.
    ///
    /// # Errors
    /// [`OpenError`]; see its variants for what to do.
    pub async fn open_json<T: DeserializeOwned>(
        &self,
        sealed: &Sealed,
        binding: Binding<'_>,
    ) -> Result<Opened<T>, OpenError> {
        match self.open(sealed, binding).await? {
            // The reader's own message would quote what it read.
            Opened::Plain(plaintext) => serde_json::from_slice(&plaintext)
                .map(Opened::Plain)
                .map_err(|error| OpenError::Json { column: error.column() }),
            Opened::Erased { at } => Ok(Opened::Erased { at }),
        }
    }

    /// A digest of `value` for the place `binding` that nobody can compute, or find `value` by
    /// trying, without the key of `subject`: what an event holds of a one-time password or a
    /// telephone number that is only ever to be compared. A subject without a key gets `fresh`.
    ///
    /// # Errors
    /// [`SealError::Erased`] or [`SealError::Store`].
    pub async fn digest(
        &self,
        subject: &SubjectId,
        binding: Binding<'_>,
        value: &[u8],
        fresh: &SubjectKey,
    ) -> Result<Sha256Digest, SealError> {
        let key = self.key_for(subject, fresh).await?;
        let parts = [&place(subject, binding)[..], value];
        Ok(Sha256Digest::from_bytes(cipher::mac_bytes(key.expose(), "digest", &parts)))
    }

    /// Whether `digest` is the one of `value`, compared in constant time.
    ///
    /// # Errors
    /// [`OpenError::NoKey`] or [`OpenError::Store`].
    pub async fn matches(
        &self,
        subject: &SubjectId,
        binding: Binding<'_>,
        value: &[u8],
        digest: &Sha256Digest,
    ) -> Result<Opened<bool>, OpenError> {
        match self.keys.key(subject).await? {
            KeyState::Present(key) => {
                let parts = [&place(subject, binding)[..], value];
                let mac = cipher::mac(key.expose(), "digest", &parts);
                Ok(Opened::Plain(mac.verify_slice(digest.as_bytes()).is_ok()))
            }
            KeyState::Destroyed { at } => Ok(Opened::Erased { at }),
            KeyState::Absent => Err(OpenError::NoKey { subject: subject.clone() }),
        }
    }

    async fn key_for(
        &self,
        subject: &SubjectId,
        fresh: &SubjectKey,
    ) -> Result<SubjectKey, SealError> {
        let mut state = self.keys.key(subject).await?;
        if state == KeyState::Absent {
            state = self.keys.create_key(subject, fresh).await?;
        }
        match state {
            KeyState::Present(key) => Ok(key),
            KeyState::Destroyed { at } => Err(SealError::Erased { subject: subject.clone(), at }),
            KeyState::Absent => Err(SealError::Store(StoreError {
                kind: StoreErrorKind::Corrupt,
                retry: Retry::Never,
                operation: "create a key",
                source: "no key is there after one was created".into(),
            })),
        }
    }
}

/// All that something sealed is bound to.
fn place(subject: &SubjectId, binding: Binding<'_>) -> Vec<u8> {
    let Binding { context, field } = binding;
    let parts = [&[EDITION][..], subject.as_str().as_ref(), context.as_ref(), field.as_ref()];
    cipher::joined(&parts)
}

fn encryption_key(key: &SubjectKey) -> [u8; 32] {
    cipher::mac_bytes(key.expose(), "encrypt", &[])
}

/// Nonce, and ciphertext with tag.
fn parts(bytes: &[u8]) -> Option<(&[u8; NONCE_BYTES], &[u8])> {
    bytes.strip_prefix(&[EDITION])?.split_first_chunk()
}
