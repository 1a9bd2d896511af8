//! A job: one visit to one place. Pickup and delivery of the same load at two places are
//! two jobs, made a pair.

use std::collections::BTreeSet;

use super::{Lateness, Location, MAX_TIME, VehicleIndex};
use crate::units::{Cost, Seconds};

/// When service may start; both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeWindow {
    /// Earliest start of service; who comes earlier waits.
    pub start: Seconds,
    /// Latest start of service.
    pub end: Seconds,
}

impl TimeWindow {
    /// No limit.
    pub const ALWAYS: Self = Self { start: Seconds(0), end: Seconds(MAX_TIME) };

    /// From `start` to `end`, both included.
    #[must_use]
    pub const fn new(start: Seconds, end: Seconds) -> Self {
        Self { start, end }
    }
}

/// What it costs besides driving if one vehicle serves a job; negative: it is preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Preference {
    /// Which vehicle.
    pub vehicle: VehicleIndex,
    /// So much is added to the cost of the plan.
    pub cost: Cost,
}

/// One visit: where, how long, when, how much, by whom.
///
/// ```
/// use logistics_dispatch::{Job, Location, Seconds};
///
/// let job = Job::new("SHP-1", Location::new(3))
///     .service(Seconds(120))
///     .window(Seconds(36_000), Seconds(43_200))
///     .delivery([2]);
/// assert_eq!(job.windows.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Job {
    /// The caller's own name for it, unique among jobs.
    pub id: String,
    /// Where.
    pub location: Location,
    /// How long the visit takes.
    pub service: Seconds,
    /// When service may start: in any of these, sorted and disjoint. None: at any time.
    pub windows: Vec<TimeWindow>,
    /// At what price it may start later than the last of them. `None`: it may not.
    pub lateness: Option<Lateness>,
    /// Brought from the start of the route, per quantity. Empty: nothing.
    pub delivery: Vec<i64>,
    /// Taken to the end of the route, per quantity. Empty: nothing.
    pub pickup: Vec<i64>,
    /// Skills that the vehicle must have, all of them.
    pub skills: BTreeSet<u32>,
    /// Served before jobs of lower priority where not all can be (0–100, default 0).
    pub priority: u8,
    /// How sure the geocoder was of the place, in percent. `None`: certain.
    pub geocode_confidence_pct: Option<u8>,
    /// What leaving it out costs. `None`: as many jobs as possible are served, whatever it
    /// costs. An optional job is served where that is cheaper than leaving it out, and its
    /// priority counts for nothing.
    pub optional: Option<Cost>,
    /// Who would rather serve it, and who rather not; several of one vehicle add up.
    pub preferences: Vec<Preference>,
}

impl Job {
    /// A job without service time, windows, load or skills.
    #[must_use]
    pub fn new(id: impl Into<String>, location: Location) -> Self {
        Self {
            id: id.into(),
            location,
            service: Seconds::ZERO,
            windows: Vec::new(),
            lateness: None,
            delivery: Vec::new(),
            pickup: Vec::new(),
            skills: BTreeSet::new(),
            priority: 0,
            geocode_confidence_pct: None,
            optional: None,
            preferences: Vec::new(),
        }
    }

    /// Sets how long the visit takes.
    #[must_use]
    pub fn service(mut self, service: Seconds) -> Self {
        self.service = service;
        self
    }

    /// Adds a time window.
    #[must_use]
    pub fn window(mut self, start: Seconds, end: Seconds) -> Self {
        self.windows.push(TimeWindow::new(start, end));
        self
    }

    /// Lets service begin after the last window, at a price.
    #[must_use]
    pub fn lateness(mut self, lateness: Lateness) -> Self {
        self.lateness = Some(lateness);
        self
    }

    /// Sets what is brought, per quantity.
    #[must_use]
    pub fn delivery(mut self, amounts: impl Into<Vec<i64>>) -> Self {
        self.delivery = amounts.into();
        self
    }

    /// Sets what is taken away, per quantity.
    #[must_use]
    pub fn pickup(mut self, amounts: impl Into<Vec<i64>>) -> Self {
        self.pickup = amounts.into();
        self
    }

    /// Sets the skills that the vehicle must have.
    #[must_use]
    pub fn skills(mut self, skills: impl IntoIterator<Item = u32>) -> Self {
        self.skills = skills.into_iter().collect();
        self
    }

    /// Sets the priority, 0–100.
    #[must_use]
    pub fn priority(mut self, priority: u8) -> Self {
        self.priority = priority;
        self
    }

    /// Sets how sure the geocoder was, in percent.
    #[must_use]
    pub fn geocode_confidence_pct(mut self, percent: u8) -> Self {
        self.geocode_confidence_pct = Some(percent);
        self
    }

    /// Lets it be left out, at this cost.
    #[must_use]
    pub fn optional(mut self, cost: Cost) -> Self {
        self.optional = Some(cost);
        self
    }

    /// Says what it costs besides driving if this vehicle serves it; negative: preferred.
    #[must_use]
    pub fn preference(mut self, vehicle: VehicleIndex, cost: Cost) -> Self {
        self.preferences.push(Preference { vehicle, cost });
        self
    }

    /// When service begins for who arrives then; `None` if that is later than it may.
    pub(crate) fn start_of_service(&self, arrival: Seconds) -> Option<Seconds> {
        if self.windows.is_empty() {
            return Some(arrival);
        }
        let open = self.windows_with_lateness().find(|window| arrival <= window.end);
        open.map(|window| arrival.max(window.start))
    }

    /// The last moment up to `bound` at which service may begin; `None` before the first window.
    pub(crate) fn latest_start(&self, bound: Seconds) -> Option<Seconds> {
        if self.windows.is_empty() {
            return Some(bound);
        }
        let open = self.windows_with_lateness().rev().find(|window| window.start <= bound);
        open.map(|window| bound.min(window.end))
    }

    /// The same for a service that is not late.
    pub(crate) fn latest_start_in_time(&self, bound: Seconds) -> Option<Seconds> {
        let close = self.windows.last().map_or(bound, |window| window.end);
        self.latest_start(bound.min(close))
    }

    /// What is brought of quantity `dimension`.
    pub(crate) fn delivered(&self, dimension: usize) -> i64 {
        self.delivery.get(dimension).copied().unwrap_or(0)
    }

    /// What is taken of quantity `dimension`.
    pub(crate) fn picked_up(&self, dimension: usize) -> i64 {
        self.pickup.get(dimension).copied().unwrap_or(0)
    }
}
