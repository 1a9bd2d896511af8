//! Reloading: a vehicle that comes back to load makes several trips on one route.

use super::error::{Owner, ProblemError};
use super::limits::{MAX_RELOADS, MAX_TIME};
use super::range::{at_most, known, within};
use super::{Location, Vehicle};
use crate::units::Seconds;

/// Where a vehicle may put down what it has taken and load for its next trip.
///
/// What is brought is on board from the load before it, what is taken up to the next, so
/// capacity counts for each trip by itself; shift, jobs, driving time and distance count
/// for the whole route. A pair is picked up and delivered within one trip.
///
/// Trips that are over are no part of a problem: of a vehicle that is under way and has
/// loaded again since, only the stops behind that are stated as served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Reload {
    /// Where it loads.
    pub location: Location,
    /// How long that takes.
    pub service: Seconds,
    /// How often it may come back at most.
    pub most: usize,
}

impl Reload {
    /// Loading there, so often at most, in no time.
    #[must_use]
    pub const fn new(location: Location, most: usize) -> Self {
        Self { location, service: Seconds::ZERO, most }
    }

    /// Sets how long loading takes.
    #[must_use]
    pub const fn service(mut self, service: Seconds) -> Self {
        self.service = service;
        self
    }
}

pub(super) fn check_reload(vehicle: &Vehicle, locations: usize) -> Result<(), ProblemError> {
    let Some(reload) = vehicle.reload else { return Ok(()) };
    let owner = || Owner::Vehicle(vehicle.id.clone());
    known(owner, "place to reload", reload.location.index(), locations)?;
    within(owner, "time to reload", reload.service.get(), MAX_TIME)?;
    at_most(owner(), "reloads", reload.most, MAX_RELOADS)
}
