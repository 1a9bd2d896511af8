//! Greatest loads on both sides of every leg, trip by trip.

use crate::loads::{Loads, loads};
use crate::problem::Problem;
use crate::solution::Route;
use crate::visits::Visit;

/// Per quantity and leg the greatest load on any leg of its trip up to it, and from it on.
#[derive(Clone, Debug, Default)]
pub(super) struct LegLoads {
    pub(super) most_before: Vec<i64>,
    pub(super) most_after: Vec<i64>,
}

pub(super) fn leg_loads(problem: &Problem, route: &Route, visits: &[Visit]) -> LegLoads {
    let mut found = LegLoads::default();
    for dimension in 0..problem.dimensions() {
        let loads = loads(problem, route, dimension);
        let trips = on_legs(&loads, route, visits);
        for trip in &trips {
            let greatest = |most: &mut i64, load: i64| {
                *most = load.max(*most);
                Some(*most)
            };
            found.most_before.extend(trip.iter().copied().scan(0, greatest));
            let mut suffix: Vec<i64> = trip.iter().rev().copied().scan(0, greatest).collect();
            suffix.reverse();
            found.most_after.append(&mut suffix);
        }
    }
    found
}

/// The load on every leg of every trip.
fn on_legs(loads: &Loads, route: &Route, visits: &[Visit]) -> Vec<Vec<i64>> {
    let served = route.jobs.len() - visits.iter().filter(|v| matches!(v, Visit::Job(_))).count();
    let mut trips = vec![vec![loads.first()]];
    let mut next = served;
    for visit in visits {
        match visit {
            Visit::Reload(..) => {
                let load = loads.departures.get(trips.len()).copied().unwrap_or(0);
                trips.push(vec![load]);
            }
            Visit::Job(_) => {
                if let Some(trip) = trips.last_mut() {
                    trip.push(loads.stops[next]);
                }
                next += 1;
            }
        }
    }
    trips
}
