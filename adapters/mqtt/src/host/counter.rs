//! Counting what happens, and what becomes of messages.

use std::sync::atomic::{AtomicU64, Ordering};

use super::message::{Disposition, Topic};

/// One number that only grows, or a gauge; read with [`Counter::get`].
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// The current value.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn up(&self) {
        self.add(1);
    }

    pub(crate) fn down(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts what becomes of messages that a door hands to the host.
pub(crate) trait Tally: Send + Sync + 'static {
    /// One more batch goes to the host.
    fn batch(&self);
    /// One message was answered.
    fn answered(&self, topic: &Topic, disposition: Disposition);
}
