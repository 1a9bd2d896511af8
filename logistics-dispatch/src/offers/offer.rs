//! A place for a job, with what it costs and whom it delays.

use crate::problem::{JobIndex, VehicleIndex};
use crate::units::{Cost, Meters, Seconds};

/// A later stop whose service begins at another time if the offer is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delay {
    /// Which stop.
    pub job: JobIndex,
    /// How much later; negative if earlier, where a detour is quicker than the way.
    pub by: Seconds,
    /// Time then left before its last window closes, never negative: the delay is within
    /// the slack that the stop had. `None`: it has no windows.
    pub slack: Option<Seconds>,
}

/// One place where a job can stand with every constraint of the route kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// Which job.
    pub job: JobIndex,
    /// Who would take it.
    pub vehicle: VehicleIndex,
    /// Which stop of the route it would be, from 0.
    pub position: usize,
    /// The vehicle has no stops yet; its fixed cost is in `extra_cost`.
    pub opens_route: bool,
    /// How much dearer the plan gets; negative if a detour is cheaper than the way.
    pub extra_cost: Cost,
    /// How much longer the vehicle drives.
    pub extra_travel_time: Seconds,
    /// How much farther the vehicle drives.
    pub extra_distance: Meters,
    /// When service of the job begins.
    pub start: Seconds,
    /// Time then left before its last window closes. `None`: it has no windows.
    pub slack: Option<Seconds>,
    /// The later stops that it shifts, in order; those behind the last one are not
    /// touched, because waiting takes up the rest.
    pub delays: Vec<Delay>,
    /// When the vehicle has then finished.
    pub finish: Seconds,
    /// How much later than now that is; zero for a route that it opens.
    pub finish_delay: Seconds,
}
