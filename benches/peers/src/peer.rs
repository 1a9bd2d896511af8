//! What is asked of each store.

use anyhow::Result;
use async_trait::async_trait;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// What became of one attempt at a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The event is durable.
    Done,
    /// Another writer was faster: try again.
    Clash,
}

/// A store under measurement, in a database schema of its own.
#[async_trait]
pub trait Peer: Send + Sync {
    /// Adds `count` events to parcel `number` at once, without looking for conflicts: to fill it.
    async fn fill(&self, number: u64, count: u64) -> Result<()>;

    /// One command: load the parcel, fold, decide, append one event. `n` tells commands apart.
    async fn command(&self, number: u64, n: u64) -> Result<Attempt>;

    /// Loads and folds a parcel; how many events that were.
    async fn replay(&self, number: u64) -> Result<u64>;

    /// Reads and decodes everything in the store's own order; how many events that were.
    async fn feed(&self) -> Result<u64>;

    /// Follows the store from its start, polling every `poll`, and sends `(parcel, n)` of each
    /// event, until it is dropped. `false`: the store has no way to follow it.
    async fn follow(&self, _poll: Duration, _seen: UnboundedSender<(String, u64)>) -> Result<bool> {
        Ok(false)
    }

    /// The table into which events are written, where a trigger can hold an insert open.
    fn table(&self) -> &'static str;
}
