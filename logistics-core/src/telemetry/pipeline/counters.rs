//! What a pipeline has done, for its metrics: every fix that is not stored is counted somewhere.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::intake::Progress;
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
    mocks: AtomicU64,
    // These are rare, and their codes are few.
    ignored: Mutex<BTreeMap<&'static str, u64>>,
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
    /// Positions that the device says a program made up. They are treated like any other.
    pub mocks: u64,
    /// Messages, and parts of them, that say no position, by the code of the reason.
    pub ignored: BTreeMap<&'static str, u64>,
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
            mocks: self.mocks.load(Relaxed),
            ignored: self.ignored.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            refused: self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    pub(super) fn count_message(&self, progress: &Progress) {
        let tally = &progress.tally;
        self.messages.fetch_add(1, Relaxed);
        self.stored.fetch_add(tally.stored.into(), Relaxed);
        self.duplicates.fetch_add(tally.duplicates.into(), Relaxed);
        self.conflicts.fetch_add(tally.conflicts.into(), Relaxed);
        if progress.unavailable {
            self.unavailable.fetch_add(1, Relaxed);
            return;
        }
        // Of a message that comes again, these are counted then.
        self.filtered.fetch_add(tally.filtered.into(), Relaxed);
        self.mocks.fetch_add(progress.mocks.into(), Relaxed);
        if !progress.ignored.is_empty() {
            let mut ignored = self.ignored.lock().unwrap_or_else(PoisonError::into_inner);
            for reason in &progress.ignored {
                *ignored.entry(reason.code()).or_default() += 1;
            }
        }
    }

    pub(super) fn count_buried(&self, letters: &[DeadLetter]) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        for letter in letters {
            *refused.entry(letter.code.clone()).or_default() += 1;
        }
    }
}
