//! Which fixes count: accuracy and the device's clock, judged one fix at a time.

use chrono::{DateTime, TimeDelta, Utc};

use super::fix::Fix;

/// Limits of the filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FilterPolicy {
    /// A fix with a larger accuracy radius is discarded, in metres.
    pub accuracy_max_m: f64,
    /// Stands in for an accuracy that the device did not give, in metres. Such a fix is used.
    pub assumed_accuracy_m: f64,
    /// A fix further ahead of now is quarantined: it would stay "the latest" until then.
    pub future_max: TimeDelta,
    /// A fix older than this is stored and sets nothing off.
    pub live_max_age: TimeDelta,
}

impl Default for FilterPolicy {
    fn default() -> Self {
        Self {
            accuracy_max_m: 50.0,
            assumed_accuracy_m: 20.0,
            future_max: TimeDelta::minutes(2),
            live_max_age: TimeDelta::hours(24),
        }
    }
}

/// What becomes of a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// To be stored.
    Accept {
        /// Young enough to bear on zones, status and live views.
        live: bool,
    },
    /// To be counted and forgotten.
    Discard(DiscardReason),
    /// To be kept aside for people: the fix is sound and its time is not.
    Quarantine(QuarantineReason),
}

/// Why a fix is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscardReason {
    /// Its accuracy radius is above the policy's.
    Inaccurate,
}

/// Why a fix is kept aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuarantineReason {
    /// The device's clock is ahead by more than the policy allows.
    FromTheFuture,
}

impl QuarantineReason {
    /// A word for the reason that never changes.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FromTheFuture => "from_the_future",
        }
    }
}

/// Judges `fix` at the time `now`.
#[must_use]
pub fn judge(fix: &Fix, now: DateTime<Utc>, policy: &FilterPolicy) -> Verdict {
    if !fix.accuracy_assumed && fix.accuracy_m > policy.accuracy_max_m {
        return Verdict::Discard(DiscardReason::Inaccurate);
    }
    let age = now.signed_duration_since(fix.ts);
    if age < -policy.future_max {
        return Verdict::Quarantine(QuarantineReason::FromTheFuture);
    }
    Verdict::Accept { live: age <= policy.live_max_age }
}
