//! What a pipeline has done, for its metrics: every fix that is not stored is counted somewhere.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::Tally;
use crate::telemetry::store::DeadLetter;

/// Running counts; read them with [`PipelineCounters::snapshot`].
#[derive(Debug, Default)]
pub struct PipelineCounters {
    messages: AtomicU64,
    unavailable: AtomicU64,
    stored: AtomicU64,
    duplicates: AtomicU64,
    conflicts: AtomicU64,
    filtered: AtomicU64,
    // Refusals are rare, and their codes are few.
    refused: Mutex<BTreeMap<String, u64>>,
}

/// The counts at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineSnapshot {
    /// Messages that came in, those that came again included.
    pub messages: u64,
    /// Messages that the store could not take, and that were not acknowledged.
    pub unavailable: u64,
    /// Fixes stored.
    pub stored: u64,
    /// Fixes that were there already.
    pub duplicates: u64,
    /// Fixes whose partner and time were there with other values.
    pub conflicts: u64,
    /// Fixes discarded for their accuracy.
    pub filtered: u64,
    /// Dead letters by the code of their reason.
    pub refused: BTreeMap<String, u64>,
}

impl PipelineCounters {
    /// The counts now.
    #[must_use]
    pub fn snapshot(&self) -> PipelineSnapshot {
        PipelineSnapshot {
            messages: self.messages.load(Relaxed),
            unavailable: self.unavailable.load(Relaxed),
            stored: self.stored.load(Relaxed),
            duplicates: self.duplicates.load(Relaxed),
            conflicts: self.conflicts.load(Relaxed),
            filtered: self.filtered.load(Relaxed),
            refused: self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    pub(super) fn count_message(&self, tally: &Tally, unavailable: bool) {
        self.messages.fetch_add(1, Relaxed);
        self.stored.fetch_add(tally.stored.into(), Relaxed);
        self.duplicates.fetch_add(tally.duplicates.into(), Relaxed);
        self.conflicts.fetch_add(tally.conflicts.into(), Relaxed);
        if unavailable {
            self.unavailable.fetch_add(1, Relaxed);
        } else {
            // Of a message that comes again, they are counted then.
            self.filtered.fetch_add(tally.filtered.into(), Relaxed);
        }
    }

    pub(super) fn count_buried(&self, letters: &[DeadLetter]) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        for letter in letters {
            *refused.entry(letter.code.clone()).or_default() += 1;
        }
    }
}
