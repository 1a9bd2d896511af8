//! Help for tests of event-sourced code: specifications, strategies for histories, the conformance
//! suite of the storage ports, and a simulator of everything that can go wrong.
//!
//! Behind the feature `testing`, which changes nothing else.

mod bags;
mod list_append;
mod lived;
mod manifests;
mod parts;
mod shifts;
mod shipments;
pub mod simulator;
mod specification;
pub mod stores;

pub use bags::{any_bag_command, any_bag_event, legal_bag_history};
pub use list_append::{ListAnomaly, ListHistory, Ticks};
pub use lived::{Lived, live};
pub use manifests::{any_manifest_command, any_manifest_event, legal_manifest_history};
pub use shifts::{any_shift_command, any_shift_event, legal_shift_history};
pub use shipments::{History, Refused, any_command, any_event, illegal_history, legal_history};
pub use specification::{Given, When, given};
