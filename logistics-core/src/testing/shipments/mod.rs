//! Strategies for shipments: any event, any command, histories that could have happened, and
//! commands that must be refused in them.

mod commands;
mod events;
mod history;
mod parts;
mod refused;

pub use commands::any_command;
pub use events::any_event;
pub use history::{History, legal_history};
pub use refused::{Refused, illegal_history};
