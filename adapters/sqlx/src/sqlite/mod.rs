//! All storage ports on SQLite.

mod batch;
mod commits;
mod config;
mod day_routes;
mod dead_letters;
mod documents;
mod error;
mod events;
mod file;
mod fixes;
mod index;
mod keys;
mod lock;
mod models;
mod outbox;
mod presences;
mod read_models;
mod readers;
mod retention;
mod schema;
mod snapshots;
mod statements;
mod store;
mod streams;
mod timers;
mod values;
mod writer;

pub use config::SqliteConfig;
pub use error::OpenError;
pub use retention::Forget;
pub use store::SqliteStore;
