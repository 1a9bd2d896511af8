//! Where the locations of a VROOM problem are.

use geo_types::Point;
use serde_json::Value;

use super::Names;
use crate::problem::{Location, Problem};

impl Names {
    /// Per location what the first job or vehicle there says of it.
    pub(in crate::formats) fn coordinates(&self, problem: &Problem) -> Vec<Option<Point<f64>>> {
        let mut places = vec![None; problem.locations()];
        let mut note = |location: Option<Location>, given: &Option<Value>| {
            let place = location.and_then(|location| places.get_mut(location.index()));
            if let (Some(place @ None), Some(given)) = (place, given) {
                *place = point(given);
            }
        };
        for (job, echo) in problem.jobs().iter().zip(&self.jobs) {
            note(Some(job.location), &echo.location);
        }
        let ends = self.starts.iter().zip(&self.ends);
        for (vehicle, (start, end)) in problem.vehicles().iter().zip(ends) {
            note(vehicle.start, start);
            note(vehicle.end, end);
        }
        places
    }
}

/// `[longitude, latitude]`; that it is one was seen to when the problem was read.
fn point(given: &Value) -> Option<Point<f64>> {
    Some(Point::new(given.get(0)?.as_f64()?, given.get(1)?.as_f64()?))
}
