//! GPS tracking: from a device's message to stored history and a partner's live status.
//!
//! Fixes are not event-sourced: they are a stream of their own with its own storage port.

mod day_route;
mod dedup;
mod distance;
mod eta;
mod filter;
mod fix;
mod form;
mod json;
mod message;
mod osmand;
mod owntracks;
mod payload;
mod payload_error;
mod pipeline;
pub mod polyline;
mod presence;
mod reading;
mod sketch;
mod status;
mod store;
mod timestamp;
mod traccar;
mod trail;

pub use day_route::{DAY_ROUTE_PURPOSE, DayRoute, DayRoutes, RoutePolicy, route_subject};
pub use dedup::{DedupWindow, Novelty};
pub use distance::{distance_m, distance_to_segment_m};
pub use eta::{Eta, EtaPolicy, Stop, eta_chain, predicted_breaches};
pub use filter::{DiscardReason, FilterPolicy, QuarantineReason, Verdict, judge};
pub use fix::Fix;
pub use form::Form;
pub use message::{BATCH_FIXES_MAX, Ignored, Item, MESSAGE_BYTES_MAX, Message};
pub use owntracks::OwnTracksTopic;
pub use payload::parse_payload;
pub use payload_error::PayloadError;
pub use pipeline::{
    Inbound, Ingested, Outcome, PartnerDirectory, Pipeline, PipelineCounters, PipelinePolicy,
    PipelineSnapshot, Replay, Replayed, Tally,
};
pub use presence::{Presence, PresenceStore};
pub use reading::{Reading, encode_batch, encode_fix};
pub use sketch::RouteSketch;
pub use status::{LiveState, Status, StatusPolicy, StatusReason, Surroundings};
pub use store::{Appended, DeadLetter, DeadLetters, FixStore, TrackCursor};
pub use trail::Trail;
