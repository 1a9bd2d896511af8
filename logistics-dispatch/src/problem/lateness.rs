//! Lateness at a price: a last window whose close may be missed.

use super::error::{Owner, ProblemError};
use super::limits::{MAX_COST, MAX_TIME};
use super::range::within;
use super::{Job, TimeWindow};
use crate::units::{Cost, Seconds};

/// What it costs to come after the last window of a job, and how late that may be.
///
/// Lateness is counted from the close of the last window to the beginning of service. Who
/// comes before a window, or between two, waits for it to open: only the last one can be
/// missed. A job without windows is never late, and the end of a shift is never put off.
///
/// ```
/// use logistics_dispatch::{Job, Lateness, Location, Seconds};
///
/// // Promised by noon. Every second later costs as much as five of driving, and after a
/// // quarter of an hour nobody is there.
/// let lateness = Lateness::new(5).most(Seconds(900));
/// let job = Job::new("SHP-1", Location::new(3))
///     .window(Seconds(36_000), Seconds(43_200))
///     .lateness(lateness);
/// assert_eq!(job.lateness, Some(lateness));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Lateness {
    /// Cost of one second. One stop pays at most [`MAX_COST`].
    pub per_second: i64,
    /// Longest lateness; more breaks a constraint. `None`: no limit but the shift.
    pub most: Option<Seconds>,
}

impl Lateness {
    /// Lateness at so much a second, without a limit.
    #[must_use]
    pub const fn new(per_second: i64) -> Self {
        Self { per_second, most: None }
    }

    /// Limits it.
    #[must_use]
    pub const fn most(mut self, most: Seconds) -> Self {
        self.most = Some(most);
        self
    }
}

impl Job {
    /// How much later than the close of the last window service begins.
    pub(crate) fn late(&self, start: Seconds) -> Seconds {
        let last = self.windows.last();
        last.map_or(Seconds::ZERO, |last| start - last.end).max(Seconds::ZERO)
    }

    /// How much later service begins than it may.
    pub(crate) fn too_late(&self, start: Seconds) -> Seconds {
        (self.late(start) - self.most_lateness()).max(Seconds::ZERO)
    }

    /// What it costs that service begins then.
    pub(crate) fn lateness_cost(&self, start: Seconds) -> Cost {
        let per_second = self.lateness.map_or(0, |lateness| lateness.per_second);
        Cost(self.late(start).get().saturating_mul(per_second).min(MAX_COST))
    }

    /// The windows with all the lateness that is allowed: when service may begin.
    pub(crate) fn windows_with_lateness(&self) -> impl DoubleEndedIterator<Item = TimeWindow> + '_ {
        let windows = self.windows.iter().enumerate();
        windows.map(|(index, &window)| {
            let last = index + 1 == self.windows.len();
            let more = if last { self.most_lateness() } else { Seconds::ZERO };
            TimeWindow::new(window.start, window.end + more)
        })
    }

    /// Without a limit it is more than any shift has room for.
    fn most_lateness(&self) -> Seconds {
        self.lateness
            .map_or(Seconds::ZERO, |lateness| lateness.most.unwrap_or(Seconds(2 * MAX_TIME)))
    }
}

pub(super) fn check_lateness(job: &Job) -> Result<(), ProblemError> {
    let Some(lateness) = job.lateness else { return Ok(()) };
    let owner = || Owner::Job(job.id.clone());
    within(owner, "cost of a second of lateness", lateness.per_second, i64::from(i32::MAX))?;
    within(owner, "longest lateness", lateness.most.unwrap_or_default().get(), MAX_TIME)
}
