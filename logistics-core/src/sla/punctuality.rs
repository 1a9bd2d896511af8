//! Whether one shipment kept its promise: a verdict over plain facts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::promise::Promise;
use crate::eventsourcing::Occurred;

/// What a contract says about delivering before the promised window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Early {
    /// Early is on time.
    #[default]
    OnTime,
    /// Early is a miss: the consignee was told not to be there yet.
    Miss,
}

/// What verdicts depend on besides the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PunctualityPolicy {
    /// What the contract says about delivering early.
    pub early: Early,
    /// By how much a reporter's clock may be ahead of ours before its time is not believed.
    pub ahead_max: TimeDelta,
    /// How long after a delivery it may be recorded before the reported time is not believed.
    pub delay_max: TimeDelta,
}

impl Default for PunctualityPolicy {
    /// Early is on time; clocks within two minutes; recorded within a day, as late reports of
    /// deliveries are.
    fn default() -> Self {
        Self {
            early: Early::OnTime,
            ahead_max: TimeDelta::minutes(2),
            delay_max: TimeDelta::hours(24),
        }
    }
}

/// When a shipment was delivered, as reported and as recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// When it happened, as the reporter knows.
    pub occurred: Occurred,
    /// When the store took it.
    pub recorded_at: DateTime<Utc>,
}

/// What the verdict on a shipment rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveryFacts<'a> {
    /// What was promised first.
    pub original: &'a Promise,
    /// What is promised now; the same where it was never changed.
    pub latest: &'a Promise,
    /// When it was delivered; none while it is not.
    pub delivered: Option<Delivered>,
    /// How many pieces were ordered.
    pub pieces_ordered: u32,
    /// How many pieces were handed over.
    pub pieces_delivered: u32,
    /// The client called it off.
    pub cancelled_by_client: bool,
    /// An attempt failed for a reason that
    /// [stops the clock](crate::shipment::AttemptReason::stops_sla_clock).
    pub clock_stopped: bool,
}

/// Which promise is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// What was promised first: the figure that counts.
    Original,
    /// What is promised now: the figure that tells how well changes were kept.
    Latest,
}

/// When a shipment counts as delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliveredTime {
    /// The instant.
    pub at: DateTime<Utc>,
    /// The reported time is not believed; `at` is when it was recorded.
    pub suspect: bool,
}

/// The time of a delivery: as reported, unless that is suspect, in the future, or too long before
/// it was recorded; then as recorded.
///
/// A clock that is ahead by no more than the policy allows is believed, but nothing counts as
/// delivered after it was recorded.
#[must_use]
pub fn delivered_time(delivered: &Delivered, policy: &PunctualityPolicy) -> DeliveredTime {
    let Delivered { occurred, recorded_at } = *delivered;
    let ahead = occurred.at.signed_duration_since(recorded_at);
    let suspect = occurred.suspect || ahead > policy.ahead_max || -ahead > policy.delay_max;
    let at = if suspect { recorded_at } else { occurred.at.min(recorded_at) };
    DeliveredTime { at, suspect }
}

/// How a shipment stands to its promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Delivered in time.
    OnTime,
    /// Delivered before the window, where the contract counts that as a miss.
    TooEarly,
    /// Delivered after the window, or still not delivered after it.
    Late,
    /// Not delivered, and the window has not ended: not due yet.
    Open,
    /// Not measured: the client called it off.
    CancelledByClient,
    /// Not measured: what delayed it is not held against the carrier. Neither when it came in time
    /// all the same, since leaving out only the late ones would flatter the rate.
    ClockStopped,
}

/// What one shipment adds to a cohort. A read model keeps it beside the shipment, and replaces the
/// old by the new when facts change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// The end of the promise that is measured: it decides the cohort.
    pub promise_end: DateTime<Utc>,
    /// How it stands.
    pub verdict: Verdict,
    /// All its pieces were handed over.
    pub in_full: bool,
    /// The reported time of its delivery is not believed.
    pub suspect: bool,
}

impl Contribution {
    /// What a shipment with these facts adds at `now`.
    #[must_use]
    pub fn of(
        facts: &DeliveryFacts<'_>,
        basis: Basis,
        now: DateTime<Utc>,
        policy: &PunctualityPolicy,
    ) -> Self {
        let promise = match basis {
            Basis::Original => facts.original,
            Basis::Latest => facts.latest,
        };
        let time = facts.delivered.map(|delivered| delivered_time(&delivered, policy));
        let verdict = match time {
            _ if facts.cancelled_by_client => Verdict::CancelledByClient,
            _ if facts.clock_stopped => Verdict::ClockStopped,
            None => Verdict::Open,
            Some(time) if time.at > promise.end() => Verdict::Late,
            Some(time) if time.at < promise.start() && policy.early == Early::Miss => {
                Verdict::TooEarly
            }
            Some(_) => Verdict::OnTime,
        };
        let contribution = Self {
            promise_end: promise.end(),
            verdict,
            in_full: time.is_some() && facts.pieces_delivered >= facts.pieces_ordered,
            suspect: time.is_some_and(|time| time.suspect),
        };
        contribution.at(now)
    }

    /// The same at `now`: what is open after the end of its promise is late.
    #[must_use]
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        if self.verdict == Verdict::Open && now > self.promise_end {
            self.verdict = Verdict::Late;
        }
        self
    }
}
