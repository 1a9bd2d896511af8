//! Personal data: sealed under a key of the person it belongs to, erased by destroying that key.
//!
//! What is sealed is sealed before a command is built: deciding, storing, hashing and projecting
//! see only the sealed form. Once the key is gone nobody can read it, and the hash chain still
//! holds, since it covers the sealed form.

mod cipher;
mod erase;
mod export;
mod keys;
mod sealed;
mod split_keys;
mod subject_streams;
mod vault;

pub use erase::{
    AggregateEraser, EraseError, EraserError, Erasure, ErasureRefusal, StreamEraser, erase,
};
pub use export::{
    ExportedContent, ExportedEvent, ExportedField, ExportedStream, SubjectExport, export,
    export_stream,
};
pub use keys::{KeyState, KeyStore, SubjectKey};
pub use sealed::{SEALED_BYTES_MAX, Sealed, SealedError};
pub use split_keys::{MasterKey, SplitKeys};
pub use subject_streams::{SUBJECT_INDEX, subject_streams};
pub use vault::{Binding, OpenError, Opened, PLAINTEXT_BYTES_MAX, SealError, Vault};
