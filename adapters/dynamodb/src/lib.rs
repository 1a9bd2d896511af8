#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod config;
mod error;
mod events;
mod feed;
mod index;
mod item;
mod keys;
mod outbox;
mod plan;
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
