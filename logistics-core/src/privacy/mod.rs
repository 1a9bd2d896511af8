//! Personal data: sealed under a key of the person it belongs to, erased by destroying that key.
//!
//! What is sealed is sealed before a command is built ([`Vault`]): deciding, storing, hashing and
//! projecting see only the sealed form. Once the key is gone nobody can read it, and the hash chain
//! still holds, since it covers the sealed form. A person gets everything that is held of them with
//! [`export`], and is forgotten with [`erase`].
//!
//! An aggregate needs three things for this: fields of type [`Sealed`] in its events, an entry under
//! [`SUBJECT_INDEX`] for each subject, and a command that records an erasure.
//!
//! ```
//! # use logistics_core::eventsourcing::*;
//! # use logistics_core::memory::MemoryStore;
//! use logistics_core::privacy::*;
//! # use logistics_core::{CommandId, SubjectId};
//! # use serde::{Deserialize, Serialize};
//! #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
//! struct Posted { addressee: Sealed }
//! #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
//! struct AddresseeErased { subject: SubjectId }
//! # logistics_core::domain_events! {
//! #     enum LetterEvent { Posted = 1, AddresseeErased = 1 }
//! # }
//! # #[derive(Debug, Clone, Serialize)]
//! # enum LetterCommand { Post(Sealed), Erase(SubjectId) }
//! # #[derive(Debug, Clone, PartialEq, thiserror::Error)]
//! # #[error("refused")]
//! # struct Refused;
//! # struct Letter;
//! impl Decider for Letter {
//!     const CATEGORY: &'static str = "LTR";
//!     type State = Option<SubjectId>;
//! #     type Command = LetterCommand;
//! #     type Event = LetterEvent;
//! #     type Rejection = Refused;
//! #     type Policy = ();
//! #     fn decide(
//! #         _: &Option<SubjectId>,
//! #         command: &LetterCommand,
//! #         _: &DecideContext<'_, ()>,
//! #     ) -> Result<Vec<LetterEvent>, Refused> {
//! #         Ok(vec![match command.clone() {
//! #             LetterCommand::Post(addressee) => Posted { addressee }.into(),
//! #             LetterCommand::Erase(subject) => AddresseeErased { subject }.into(),
//! #         }])
//! #     }
//! #     fn evolve(state: Option<SubjectId>, event: &LetterEvent) -> Option<SubjectId> {
//! #         match event {
//! #             LetterEvent::Posted(posted) => Some(posted.addressee.subject().clone()),
//! #             LetterEvent::AddresseeErased(_) => state,
//! #         }
//! #     }
//!     fn index(state: &Option<SubjectId>) -> Vec<IndexEntry> {
//!         state.iter().map(|subject| IndexEntry::new(SUBJECT_INDEX, subject.as_str(), "")).collect()
//!     }
//!     // …
//! }
//!
//! # let now = chrono::DateTime::UNIX_EPOCH;
//! # futures::executor::block_on(async {
//! # let store = MemoryStore::new();
//! let (subject, stream) = (SubjectId::new("person-1")?, StreamId::new("LTR", 1)?);
//! let place = Binding::of_stream(&stream, "addressee");
//! let command_id = CommandId::new("c-1")?;
//! let fresh = SubjectKey::from_bytes([7; 32]); // from the system's source of randomness
//! let sealed = Vault::new(&store).seal_json(&subject, place, &command_id, "Asha", &fresh).await?;
//! let post = CommandEnvelope::new(command_id, now, LetterCommand::Post(sealed));
//! execute::<Letter>(&store, &stream, &post, now, &()).await?;
//!
//! let held = export(&store, &store, &store, &subject, now).await?;
//! let personal = &held.streams[0].events[0].personal[0];
//! assert_eq!(serde_json::to_string(personal)?, r#"{"path":"/addressee","value":"Asha"}"#);
//!
//! let eraser = AggregateEraser::<Letter> {
//!     store: &store,
//!     policy: &(),
//!     actor: Actor::Operator("privacy desk".to_owned()),
//!     command: |subject| LetterCommand::Erase(subject.clone()),
//! };
//! erase(&store, &store, &[&eraser], &subject, now).await?;
//! let held = export(&store, &store, &store, &subject, now).await?;
//! assert!(!serde_json::to_string(&held)?.contains("Asha"));
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```

mod cipher;
mod erase;
mod export;
mod keys;
mod pseudonym;
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
pub use pseudonym::Pseudonym;
pub use sealed::{SEALED_BYTES_MAX, Sealed, SealedError};
pub use split_keys::{MasterKey, SplitKeys};
pub use subject_streams::{SUBJECT_INDEX, subject_streams};
pub use vault::{Binding, OpenError, Opened, PLAINTEXT_BYTES_MAX, SealError, Vault};
