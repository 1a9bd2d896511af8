#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod header;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "postgres")]
pub use postgres::{PostgresConfig, PostgresOpenError, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::{Forget, OpenError, SqliteConfig, SqliteStore};
