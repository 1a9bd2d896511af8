//! Doubt: what in a plan a person should look at before it goes out, and why.

use crate::problem::{JobIndex, Problem};
use crate::schedule::schedule;
use crate::solution::Route;
use crate::units::Seconds;

/// From where on something is doubtful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoubtLimits {
    /// A stop with less time to spare before its window closes.
    pub min_slack: Seconds,
    /// A vehicle whose position was reported longer ago.
    pub max_position_age: Seconds,
    /// A place that the geocoder was less sure of, in percent.
    pub min_confidence_pct: u8,
}

impl Default for DoubtLimits {
    /// Two minutes, fifteen minutes, fifty percent.
    fn default() -> Self {
        Self { min_slack: Seconds(120), max_position_age: Seconds(900), min_confidence_pct: 50 }
    }
}

/// A reason to look at a route, or a stop of it, again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// So little to spare before the stop's last window closes (negative: late already).
    Slack {
        /// Which stop.
        job: JobIndex,
        /// Time to spare.
        slack: Seconds,
    },
    /// So little to spare before the end of the shift.
    ShiftSlack {
        /// Time to spare.
        slack: Seconds,
    },
    /// The route starts from a position reported so long ago.
    StalePosition {
        /// Age of the report.
        age: Seconds,
    },
    /// The geocoder was not sure of the place of this stop.
    LowConfidence {
        /// Which stop.
        job: JobIndex,
        /// How sure it was, in percent.
        confidence_pct: u8,
    },
}

/// What is doubtful about a route, in the order of its stops, what concerns the whole
/// route first. Slack is counted from the earliest possible service.
///
/// # Panics
/// When the route names a job or vehicle that the problem does not have.
#[must_use]
pub fn doubts(problem: &Problem, route: &Route, limits: &DoubtLimits) -> Vec<Doubt> {
    let mut found = Vec::new();
    if route.jobs.is_empty() {
        return found;
    }
    let vehicle = &problem.vehicles()[route.vehicle.index()];
    if let Some(age) = vehicle.position_age
        && age > limits.max_position_age
    {
        found.push(Doubt::StalePosition { age });
    }
    let times = schedule(problem, route);
    let slack = vehicle.shift.end - times.finish;
    if slack < limits.min_slack {
        found.push(Doubt::ShiftSlack { slack });
    }
    for stop in &times.stops {
        let job = &problem.jobs()[stop.job.index()];
        if let Some(window) = job.windows.last() {
            let slack = window.end - stop.start;
            if slack < limits.min_slack {
                found.push(Doubt::Slack { job: stop.job, slack });
            }
        }
        if let Some(confidence_pct) = job.geocode_confidence_pct
            && confidence_pct < limits.min_confidence_pct
        {
            found.push(Doubt::LowConfidence { job: stop.job, confidence_pct });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Job, Location, Matrix, Travel, Vehicle};

    #[test]
    fn each_doubt_has_its_limit() {
        let mut problem = Problem::builder();
        let road = Matrix::from_fn(2, |i, j| if i == j { 0 } else { 600 }).unwrap();
        let bike = problem.add_profile(Travel::durations(road));
        let vehicle = problem.add_vehicle(
            Vehicle::new("v", bike)
                .start(Location::new(0))
                .shift(Seconds(0), Seconds(700))
                .position_age(Seconds(901)),
        );
        let job = problem.add_job(
            Job::new("j", Location::new(1))
                .window(Seconds(0), Seconds(660))
                .geocode_confidence_pct(49),
        );
        let problem = problem.build().unwrap();
        let route = Route { vehicle, jobs: vec![job] };
        assert_eq!(
            doubts(&problem, &route, &DoubtLimits::default()),
            [
                Doubt::StalePosition { age: Seconds(901) },
                Doubt::ShiftSlack { slack: Seconds(100) },
                Doubt::Slack { job, slack: Seconds(60) },
                Doubt::LowConfidence { job, confidence_pct: 49 },
            ]
        );
        let lenient = DoubtLimits {
            min_slack: Seconds(60),
            max_position_age: Seconds(901),
            min_confidence_pct: 49,
        };
        assert_eq!(doubts(&problem, &route, &lenient), []);
    }
}
