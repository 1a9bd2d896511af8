//! Help for tests of event-sourced code: specifications, strategies for shipments, and the
//! conformance suite of the storage ports.
//!
//! Behind the feature `testing`, which changes nothing else.

mod shipments;
mod specification;
pub mod stores;

pub use shipments::{History, Refused, any_command, any_event, illegal_history, legal_history};
pub use specification::{Given, When, given};
