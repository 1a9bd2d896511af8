//! GPS tracking: from a device's message to stored history and a partner's live status.
//!
//! Fixes are not event-sourced: they are a stream of their own with its own storage port.

mod fix;
mod store;

pub use fix::Fix;
pub use store::{Appended, DeadLetter, DeadLetters, FixStore, TrackCursor};
