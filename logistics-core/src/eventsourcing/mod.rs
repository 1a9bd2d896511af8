//! Event sourcing: streams of events are the only truth, state is what folding them gives.
//!
//! An aggregate is a [`Decider`]; [`execute`] runs one command on one stream against any
//! [`EventStore`]; a [`Projection`] keeps a read model up to date from the feed. Nothing here does
//! I/O or reads a clock: adapters bring storage, callers bring the time.

mod as_of;
mod commit;
mod decider;
mod event;
mod execute;
mod projection;
mod store;
mod stream;

pub use as_of::AsOf;
pub use commit::{
    COMMIT_EFFECTS_MAX, COMMIT_EVENTS_MAX, CommandRecord, Commit, CommitError, Committed, Effects,
    Expected, Message, OutboxItem, PAYLOAD_BYTES_MAX, Timer, TimerOp,
};
pub use decider::{CommandEnvelope, DecideContext, Decider, replay};
pub use event::{
    Actor, DecodeError, DomainEvent, EventId, EventIdError, JsonError, NewEvent, Occurred,
    RecordedEvent, from_json, to_json,
};
pub use execute::{ATTEMPTS_MAX, ExecuteError, Executed, Loaded, execute, load};
pub use projection::{
    IndexEntry, ListedRow, ModelQuery, ModelRow, ProjectError, Projected, Projection, ReadModels,
    model_name, project,
};
pub use store::{
    EventStore, Outbox, PAGE_EVENTS_MAX, Page, Retry, StoreError, StoreErrorKind, Timers, load_all,
};
pub use stream::{Position, StreamId, Version};
