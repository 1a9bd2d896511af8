//! What a vehicle has on board along a given route.

use crate::problem::{JobIndex, Problem};
use crate::solution::Route;

/// The load of one quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loads {
    /// When the vehicle sets out on each of its trips.
    pub(crate) departures: Vec<i64>,
    /// When it leaves each of its stops.
    pub(crate) stops: Vec<i64>,
}

impl Loads {
    /// When the vehicle leaves its start.
    pub(crate) fn first(&self) -> i64 {
        self.departures[0]
    }

    /// The greatest load on the route.
    pub(crate) fn most(&self) -> i64 {
        self.departures.iter().chain(&self.stops).copied().max().unwrap_or(0)
    }

    /// What is on board at the end.
    pub(crate) fn last(&self) -> i64 {
        self.stops.last().or(self.departures.last()).copied().unwrap_or(0)
    }
}

/// Loads along a route.
///
/// What served stops have taken is on board from the start, what they brought is gone. The
/// load of a pair is on board between its stops, and to the end of the trip if it is never
/// delivered on it.
pub(crate) fn loads(problem: &Problem, route: &Route, dimension: usize) -> Loads {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let served = vehicle.settled(&route.jobs).served;
    let change = |&index: &JobIndex| {
        let job = &problem.jobs()[index.index()];
        job.picked_up(dimension) - job.delivered(dimension)
    };
    let brought = |&index: &JobIndex| problem.brought(index, dimension);
    let taken = |index: &JobIndex| change(index) + brought(index);
    let mut loads = Loads { departures: Vec::new(), stops: Vec::with_capacity(route.jobs.len()) };
    for trip in route.trips() {
        let behind = served.clamp(trip.start, trip.end);
        let kept: i64 = route.jobs[trip.start..behind].iter().map(taken).sum();
        let ahead = &route.jobs[behind..trip.end];
        let mut load = kept + ahead.iter().map(brought).sum::<i64>();
        loads.departures.push(load);
        loads.stops.resize(behind, load);
        loads.stops.extend(ahead.iter().map(|index| {
            load += change(index);
            load
        }));
    }
    loads
}
