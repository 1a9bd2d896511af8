//! Help for tests of event-sourced code: specifications, strategies for shipments.
//!
//! Behind the feature `testing`, which changes nothing else.

mod shipments;
mod specification;

pub use shipments::{History, any_command, any_event, legal_history};
pub use specification::{Given, When, given};
