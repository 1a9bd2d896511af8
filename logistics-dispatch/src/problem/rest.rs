//! Breaks: time that the driver is off, wherever the vehicle then is.

use super::error::{Owner, ProblemError};
use super::limits::{MAX_BREAKS, MAX_TIME, MAX_WINDOWS};
use super::range::{at_most, check_window, unique, within};
use super::{TimeWindow, Vehicle};
use crate::units::Seconds;

/// Time off that a vehicle takes on its route: before or behind any stop, or on the way
/// between two. It has no place and costs nothing but its time.
///
/// A vehicle takes all its breaks, in their order, if it has a route at all; where on the
/// route each one is, [`schedule`](crate::schedule) tells. Of a vehicle that is under way
/// only the breaks that are still ahead are stated.
///
/// ```
/// use logistics_dispatch::{Break, Profile, Seconds, Vehicle};
///
/// let lunch = Break::new("lunch", Seconds(1800)).window(Seconds(43_200), Seconds(50_400));
/// let bike = Vehicle::new("DP-7", Profile::new(0)).rest(lunch);
/// assert_eq!(bike.breaks[0].windows.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Break {
    /// The caller's own name for it, unique among the breaks of the vehicle.
    pub id: String,
    /// When it may begin: in any of these, sorted and disjoint. None: at any time.
    pub windows: Vec<TimeWindow>,
    /// How long it is.
    pub duration: Seconds,
}

impl Break {
    /// A break that may begin at any time.
    #[must_use]
    pub fn new(id: impl Into<String>, duration: Seconds) -> Self {
        Self { id: id.into(), windows: Vec::new(), duration }
    }

    /// Adds a window for its beginning, both ends included.
    #[must_use]
    pub fn window(mut self, start: Seconds, end: Seconds) -> Self {
        self.windows.push(TimeWindow::new(start, end));
        self
    }

    /// When it begins for who could begin at `ready`; `None` after the last window.
    #[inline]
    pub(crate) fn begin(&self, ready: i64) -> Option<i64> {
        if self.windows.is_empty() {
            return Some(ready);
        }
        let open = self.windows.iter().find(|window| ready <= window.end.get());
        open.map(|window| ready.max(window.start.get()))
    }

    /// The last moment up to `bound` at which it may begin; `None` before the first window.
    #[inline]
    pub(crate) fn begin_by(&self, bound: i64) -> Option<i64> {
        if self.windows.is_empty() {
            return Some(bound);
        }
        let open = self.windows.iter().rev().find(|window| window.start.get() <= bound);
        open.map(|window| bound.min(window.end.get()))
    }
}

/// Every break is sound by itself, and the shift has room for all of them.
pub(super) fn check_breaks(vehicle: &Vehicle) -> Result<(), ProblemError> {
    let owner = || Owner::Vehicle(vehicle.id.clone());
    let of = |rest: &Break| Owner::Break { vehicle: vehicle.id.clone(), id: rest.id.clone() };
    at_most(owner(), "breaks", vehicle.breaks.len(), MAX_BREAKS)?;
    let named = |id| Owner::Break { vehicle: vehicle.id.clone(), id };
    unique(vehicle.breaks.iter().map(|rest| &rest.id), named)?;
    let mut clock = vehicle.shift.start.get();
    for rest in &vehicle.breaks {
        at_most(of(rest), "time windows", rest.windows.len(), MAX_WINDOWS)?;
        within(|| of(rest), "duration", rest.duration.get(), MAX_TIME)?;
        for &window in &rest.windows {
            check_window(|| of(rest), "time window", window)?;
        }
        if rest.windows.windows(2).any(|pair| pair[1].start <= pair[0].end) {
            return Err(ProblemError::WindowOrder(of(rest)));
        }
        let done = rest.begin(clock).map(|start| start + rest.duration.get());
        clock = done
            .filter(|&done| done <= vehicle.shift.end.get())
            .ok_or_else(|| ProblemError::BreakOutsideShift(of(rest)))?;
    }
    Ok(())
}
