//! All storage ports on one SQLite file.

mod batch;
mod commits;
mod config;
mod dead_letters;
mod documents;
mod error;
mod events;
mod fixes;
mod outbox;
mod read_models;
mod retention;
mod schema;
mod store;
mod timers;
mod values;
mod writer;

pub use config::SqliteConfig;
pub use error::OpenError;
pub use retention::Forget;
pub use store::SqliteStore;
