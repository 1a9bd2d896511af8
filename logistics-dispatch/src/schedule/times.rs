//! A route in time.

use crate::problem::JobIndex;
use crate::units::{Meters, Seconds};

/// One stop of a route in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopTime {
    /// Which job.
    pub job: JobIndex,
    /// When the vehicle is there.
    pub arrival: Seconds,
    /// How long it waits for the window to open.
    pub wait: Seconds,
    /// When service begins.
    pub start: Seconds,
    /// When the vehicle leaves.
    pub departure: Seconds,
    /// How much later than the job's last window service begins.
    pub late: Seconds,
}

/// One break of a route in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakTime {
    /// Which break of the vehicle, from 0.
    pub number: usize,
    /// It is before the stop of this position and behind all before that, on the way or at
    /// either end of it; behind the last stop if it is the number of stops. On a leg with a
    /// reload the times tell on which side of that it is.
    pub position: usize,
    /// How much of the way it has driven since the last stop, reload or break.
    pub driven: Seconds,
    /// When the vehicle stops for it.
    pub arrival: Seconds,
    /// How long it waits for the window to open.
    pub wait: Seconds,
    /// When it begins.
    pub start: Seconds,
    /// When it is over.
    pub end: Seconds,
}

/// One reload of a route in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReloadTime {
    /// It is before the stop of this position.
    pub position: usize,
    /// When the vehicle is there.
    pub arrival: Seconds,
    /// When it leaves.
    pub departure: Seconds,
}

/// A route in time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Schedule {
    /// When the vehicle leaves its start: as late as it can without being later at
    /// its first job or reload.
    pub departure: Seconds,
    /// The stops, in order.
    pub stops: Vec<StopTime>,
    /// The breaks, in order.
    pub breaks: Vec<BreakTime>,
    /// The reloads, in order.
    pub reloads: Vec<ReloadTime>,
    /// So many of the first stops are served already: their times are the recorded ones,
    /// and nothing about them is in the sums.
    pub served: usize,
    /// When the vehicle has finished: at its end, or at its last job if it has none; breaks
    /// included.
    pub finish: Seconds,
    /// Driving time of the whole route.
    pub travel_time: Seconds,
    /// Driving distance of the whole route.
    pub distance: Meters,
}
