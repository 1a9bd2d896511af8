//! GPS tracking: from a device's message to stored history and a partner's live status.
//!
//! Fixes are not event-sourced: they are a stream of their own with its own storage port.

mod dedup;
mod distance;
mod eta;
mod filter;
mod fix;
mod payload;
mod payload_error;
mod pipeline;
pub mod polyline;
mod presence;
mod reading;
mod status;
mod store;
mod trail;

pub use dedup::{DedupWindow, Novelty};
pub use distance::{distance_m, distance_to_segment_m};
pub use eta::{Eta, EtaPolicy, Stop, eta_chain, predicted_breaches};
pub use filter::{DiscardReason, FilterPolicy, QuarantineReason, Verdict, judge};
pub use fix::Fix;
pub use payload::{BATCH_FIXES_MAX, Item, MESSAGE_BYTES_MAX, Message, parse_payload};
pub use payload_error::PayloadError;
pub use pipeline::{
    Body, Inbound, Ingested, Outcome, PartnerDirectory, Pipeline, PipelineCounters, PipelinePolicy,
    PipelineSnapshot, Tally,
};
pub use presence::{Presence, PresenceStore};
pub use reading::{Reading, encode_batch, encode_fix};
pub use status::{LiveState, Status, StatusPolicy, StatusReason, Surroundings};
pub use store::{Appended, DeadLetter, DeadLetters, FixStore, TrackCursor};
pub use trail::Trail;
