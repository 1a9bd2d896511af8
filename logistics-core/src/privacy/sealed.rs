//! A piece of personal data in its sealed form.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use crate::ids::SubjectId;

/// Longest sealed form, in bytes: nonce, ciphertext and tag.
pub const SEALED_BYTES_MAX: usize = 16 * 1024;

/// Why a text is not something sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealedError {
    /// It is not base64 without padding.
    #[error("what is sealed is not base64 without padding")]
    Base64,
    /// It is longer than [`SEALED_BYTES_MAX`].
    #[error("what is sealed has {bytes} bytes, more than {SEALED_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

/// A piece of personal data in its sealed form: whose it is, and bytes that only the subject's key
/// opens.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawSealed", into = "RawSealed")]
pub struct Sealed {
    subject: SubjectId,
    bytes: Box<[u8]>,
}

#[derive(Serialize, Deserialize)]
struct RawSealed {
    subject: SubjectId,
    sealed: String,
}

impl Sealed {
    /// What `bytes`, as the cipher made them, hold of `subject`.
    ///
    /// # Errors
    /// [`SealedError::TooLong`].
    pub fn new(subject: SubjectId, bytes: impl Into<Box<[u8]>>) -> Result<Self, SealedError> {
        let bytes = bytes.into();
        if bytes.len() > SEALED_BYTES_MAX {
            return Err(SealedError::TooLong { bytes: bytes.len() });
        }
        Ok(Self { subject, bytes })
    }

    /// What the two texts of its JSON form hold.
    pub(super) fn from_text(subject: SubjectId, sealed: &str) -> Result<Self, SealedError> {
        let bytes = BASE64.decode(sealed).map_err(|_| SealedError::Base64)?;
        Self::new(subject, bytes)
    }

    /// Whose it is.
    #[must_use]
    pub const fn subject(&self) -> &SubjectId {
        &self.subject
    }

    /// The sealed bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl TryFrom<RawSealed> for Sealed {
    type Error = SealedError;

    fn try_from(raw: RawSealed) -> Result<Self, SealedError> {
        Self::from_text(raw.subject, &raw.sealed)
    }
}

impl From<Sealed> for RawSealed {
    fn from(sealed: Sealed) -> Self {
        Self { sealed: BASE64.encode(&sealed.bytes), subject: sealed.subject }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, {} bytes)", self.subject, self.bytes.len())
    }
}
