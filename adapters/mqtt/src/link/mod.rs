//! What the two users of `rumqttc` share: where to connect to, when to try again, and what is on its
//! way.
//!
//! Each of their connections gets a `rumqttc` client of its own, and the outbox is ours: `rumqttc`
//! 0.25 forgets its queue when the session is gone, and one of its clients can wedge for ever on a
//! packet number that is never acknowledged.

mod backoff;
mod outbox;
mod server;
mod talk;

pub(crate) use backoff::Backoff;
pub(crate) use outbox::Outbox;
pub use server::Server;
#[cfg(feature = "broker")]
pub(crate) use talk::Broken;
pub(crate) use talk::{Talk, serve};
