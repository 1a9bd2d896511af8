//! All storage ports in one schema of a PostgreSQL database.

mod batch;
mod commit_batch;
mod commits;
mod config;
mod connections;
mod day_routes;
mod dead_letters;
mod documents;
mod error;
mod events;
mod fixes;
mod index;
mod keys;
mod outbox;
mod presences;
mod read_models;
mod schema;
mod snapshots;
mod store;
mod timers;
mod values;
mod writer;

pub use config::PostgresConfig;
pub use error::PostgresOpenError;
pub use store::PostgresStore;
