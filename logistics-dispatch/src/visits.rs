//! A route as the places that the vehicle comes to: its jobs, and reloads between them.

use crate::problem::{JobIndex, Location, Problem, Reload};
use crate::solution::Route;

/// One place on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Visit {
    Job(JobIndex),
    /// Before the job at this position.
    Reload(usize, Reload),
}

impl Visit {
    pub(crate) fn location(self, problem: &Problem) -> Location {
        match self {
            Self::Job(job) => problem.jobs()[job.index()].location,
            Self::Reload(_, reload) => reload.location,
        }
    }

    pub(crate) fn service(self, problem: &Problem) -> i64 {
        match self {
            Self::Job(job) => problem.jobs()[job.index()].service.get(),
            Self::Reload(_, reload) => reload.service.get(),
        }
    }
}

/// What a vehicle still comes to: everything behind the stops that are served. A vehicle
/// that cannot reload does not.
pub(crate) fn ahead(problem: &Problem, route: &Route) -> Vec<Visit> {
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    let served = vehicle.settled(&route.jobs).served;
    let mut visits = Vec::with_capacity(route.jobs.len() + route.reloads.len());
    for (position, &job) in route.jobs.iter().enumerate().skip(served) {
        if let Some(reload) = vehicle.reload {
            let here = route.reloads.iter().filter(|&&at| at == position);
            visits.extend(here.map(|_| Visit::Reload(position, reload)));
        }
        visits.push(Visit::Job(job));
    }
    visits
}
