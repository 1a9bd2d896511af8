//! Small checked values that commands and events are made of: positions, money, digests.
//!
//! Each is checked when it is made or read from JSON, so a value that exists is a legal one.

mod digest;
mod money;
mod position;

pub use digest::{DigestError, Sha256Digest};
pub use money::{Currency, CurrencyError, Money};
pub(crate) use position::within;
pub use position::{GeoPosition, PositionError};
