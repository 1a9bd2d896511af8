//! Event sourcing: streams of events are the only truth, state is what folding them gives.
//!
//! An aggregate is a [`Decider`]; [`execute`] runs one command on one stream against any
//! [`EventStore`]; a [`Projection`] keeps a read model up to date from the feed. Nothing here does
//! I/O or reads a clock: adapters bring storage, callers bring the time.

mod aggregates;
mod as_of;
mod chain;
mod commit;
mod decider;
mod domain_event;
mod event;
mod execute;
mod feed;
mod index;
mod line;
mod projection;
mod read_models;
mod rebuild;
mod recent;
mod snapshot;
mod store;
mod stream;

pub use aggregates::Aggregates;
pub use as_of::{AsOf, load_as_of, state_as_of};
pub use chain::{ChainBreak, verify_chain};
pub use commit::{
    COMMIT_EFFECTS_MAX, COMMIT_EVENTS_MAX, COMMIT_INDEX_MAX, CommandRecord, Commit, CommitError,
    Committed, CommittedSequence, Effects, Expected, Message, OutboxItem, PAYLOAD_BYTES_MAX,
    SEQUENCE_BYTES_MAX, SEQUENCE_COMMITS_MAX, Timer, TimerOp,
};
pub use decider::{CommandEnvelope, DecideContext, Decider, replay};
pub use domain_event::{
    DecodeError, DomainEvent, JsonError, Upcast, UpcastError, from_json, steps_lead_to, to_json,
};
pub use event::{Actor, EventId, EventIdError, NewEvent, Occurred, RecordedEvent};
pub use execute::{ATTEMPTS_MAX, ExecuteError, Executed, Loaded, execute, load};
pub use feed::{Cursor, FollowError, follow};
pub use index::{FoundStream, IndexEntry, IndexQuery};
pub use projection::{ProjectError, Projected, Projection, model_name, project, unpark};
pub use read_models::{ListedRow, ModelRow, Parked, ReadModels};
pub use rebuild::rebuild;
pub use snapshot::{Snapshot, Snapshots, Snapshotted};
pub use store::{
    EventStore, FeedOrder, Outbox, PAGE_EVENTS_MAX, Page, Retry, StoreError, StoreErrorKind,
    StreamIndex, Timers, load_after, load_all,
};
pub use stream::{Position, StreamId, Version};
