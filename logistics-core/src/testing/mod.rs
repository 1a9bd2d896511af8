//! Help for tests of event-sourced code: specifications, strategies for shipments, and the
//! conformance suite of the storage ports.
//!
//! Behind the feature `testing`, which changes nothing else.

mod list_append;
mod shipments;
mod specification;
pub mod stores;

pub use list_append::{ListAnomaly, ListHistory, Ticks};
pub use shipments::{History, any_command, any_event, legal_history};
pub use specification::{Given, When, given};
