//! Personal data: sealed under a key of the person it belongs to, erased by destroying that key.
//!
//! What is sealed is sealed before a command is built: deciding, storing, hashing and projecting
//! see only the sealed form. Once the key is gone nobody can read it, and the hash chain still
//! holds, since it covers the sealed form.

mod keys;
mod sealed;

pub use keys::{KeyState, KeyStore, SubjectKey};
pub use sealed::{SEALED_BYTES_MAX, Sealed, SealedError};
