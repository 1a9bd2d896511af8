#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod config;
mod crowd;
mod day_routes;
mod dead_letters;
mod documents;
mod error;
mod events;
mod feed;
mod fixes;
mod index;
mod item;
mod keys;
mod keystore;
mod outbox;
mod plan;
mod presence;
mod read_models;
mod reads;
mod request;
mod snapshots;
mod store;
mod table;
mod timers;
mod writes;

pub use config::DynamoConfig;
pub use error::CreateTableError;
pub use store::DynamoStore;
