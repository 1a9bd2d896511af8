//! On-time delivery of many shipments: each counted once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::period::Period;
use super::punctuality::{Contribution, Verdict};
use super::rate::OtdRate;
use crate::ids::ShipmentId;

/// The shipments whose promise ends in a period, each with what it adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    period: Period,
    shipments: BTreeMap<ShipmentId, Contribution>,
}

impl Cohort {
    /// No shipments yet.
    #[must_use]
    pub const fn new(period: Period) -> Self {
        Self { period, shipments: BTreeMap::new() }
    }

    /// The period.
    #[must_use]
    pub const fn period(&self) -> &Period {
        &self.period
    }

    /// Sets what `shipment` adds, in place of what it added before; takes it out when its promise
    /// does not end in the period.
    pub fn put(&mut self, shipment: ShipmentId, contribution: Contribution) {
        if self.period.contains(contribution.promise_end) {
            self.shipments.insert(shipment, contribution);
        } else {
            self.shipments.remove(&shipment);
        }
    }

    /// What each shipment adds, by id.
    pub fn contributions(&self) -> impl Iterator<Item = (&ShipmentId, &Contribution)> {
        self.shipments.iter()
    }

    /// The sum at `now`.
    #[must_use]
    pub fn tally(&self, now: DateTime<Utc>) -> Tally {
        let mut tally = Tally::default();
        self.shipments.values().for_each(|contribution| tally.add(&contribution.at(now)));
        tally
    }
}

/// A contribution was taken out that had not been added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no shipment was counted as {verdict:?}")]
pub struct TallyError {
    /// How it would have been counted.
    pub verdict: Verdict,
}

/// How many shipments of a cohort stand how: the sum of their contributions.
///
/// What is not measured is counted too, so that leaving it out can be seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Delivered in time with all pieces.
    on_time_in_full: u64,
    /// Delivered in time with pieces missing.
    on_time_short: u64,
    too_early: u64,
    late: u64,
    open: u64,
    cancelled_by_client: u64,
    clock_stopped: u64,
    suspect: u64,
}

impl Tally {
    /// Counts a shipment, which must not have been counted.
    pub fn add(&mut self, contribution: &Contribution) {
        let count = self.count(contribution);
        *count = count.saturating_add(1);
        self.suspect = self.suspect.saturating_add(contribution.suspect.into());
    }

    /// Counts a shipment no longer; `contribution` is as it was added.
    ///
    /// # Errors
    /// [`TallyError`] when none was counted like this. Nothing has changed then.
    pub fn remove(&mut self, contribution: &Contribution) -> Result<(), TallyError> {
        let none = TallyError { verdict: contribution.verdict };
        let suspect = self.suspect.checked_sub(contribution.suspect.into()).ok_or(none)?;
        let count = self.count(contribution);
        *count = count.checked_sub(1).ok_or(none)?;
        self.suspect = suspect;
        Ok(())
    }

    fn count(&mut self, contribution: &Contribution) -> &mut u64 {
        match contribution.verdict {
            Verdict::OnTime if contribution.in_full => &mut self.on_time_in_full,
            Verdict::OnTime => &mut self.on_time_short,
            Verdict::TooEarly => &mut self.too_early,
            Verdict::Late => &mut self.late,
            Verdict::Open => &mut self.open,
            Verdict::CancelledByClient => &mut self.cancelled_by_client,
            Verdict::ClockStopped => &mut self.clock_stopped,
        }
    }

    /// The sum over two cohorts that share no shipment.
    #[must_use]
    pub const fn merge(&self, other: &Self) -> Self {
        Self {
            on_time_in_full: self.on_time_in_full.saturating_add(other.on_time_in_full),
            on_time_short: self.on_time_short.saturating_add(other.on_time_short),
            too_early: self.too_early.saturating_add(other.too_early),
            late: self.late.saturating_add(other.late),
            open: self.open.saturating_add(other.open),
            cancelled_by_client: self.cancelled_by_client.saturating_add(other.cancelled_by_client),
            clock_stopped: self.clock_stopped.saturating_add(other.clock_stopped),
            suspect: self.suspect.saturating_add(other.suspect),
        }
    }

    /// On-time delivery: on time ÷ due.
    #[must_use]
    pub const fn on_time(&self) -> OtdRate {
        let missed = self.too_early.saturating_add(self.late);
        OtdRate::of_parts(self.on_time_in_full.saturating_add(self.on_time_short), missed)
    }

    /// On time and in full: of the same shipments, those on time with all their pieces.
    #[must_use]
    pub const fn on_time_in_full(&self) -> OtdRate {
        let missed = self.on_time_short.saturating_add(self.too_early).saturating_add(self.late);
        OtdRate::of_parts(self.on_time_in_full, missed)
    }

    /// Due and missed, since they came before the window.
    #[must_use]
    pub const fn too_early(&self) -> u64 {
        self.too_early
    }

    /// Due and missed, since they came after the window or have not come.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// Not delivered and not due yet.
    #[must_use]
    pub const fn open(&self) -> u64 {
        self.open
    }

    /// Not measured, since the client called them off.
    #[must_use]
    pub const fn cancelled_by_client(&self) -> u64 {
        self.cancelled_by_client
    }

    /// Not measured, since what delayed them is not held against the carrier.
    #[must_use]
    pub const fn clock_stopped(&self) -> u64 {
        self.clock_stopped
    }

    /// Those, measured or not, whose reported time of delivery is not believed.
    #[must_use]
    pub const fn suspect(&self) -> u64 {
        self.suspect
    }
}
