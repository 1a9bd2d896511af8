//! Where jobs are, and which of them keep their place in an order: as many as can.

use super::Place;
use crate::problem::{JobIndex, Problem};
use crate::routes::visits;
use crate::solution::Route;

/// Where each job is; `None` if it is on no route.
pub(super) fn places(problem: &Problem, routes: &[Route]) -> Vec<Option<Place>> {
    let mut places = vec![None; problem.jobs().len()];
    for (vehicle, position, job) in visits(routes) {
        let jobs = &routes[vehicle.index()].jobs;
        let after = position.checked_sub(1).map(|before| jobs[before]);
        let before = jobs.get(position + 1).copied();
        places[job.index()] = Some(Place { vehicle, position, after, before });
    }
    places
}

/// Per job: does it stay with its vehicle, and in its order among those that stay?
///
/// Both orders hold the same jobs once those that came or went are left aside, so their
/// longest common subsequence is the longest increasing subsequence of the old positions
/// read in the new order (Schensted 1961, doi:10.4153/CJM-1961-015-3).
pub(super) fn staying(new: &[Route], was: &[Option<Place>]) -> Vec<bool> {
    let mut stays = vec![false; was.len()];
    for route in new {
        let kept: Vec<(JobIndex, usize)> = route
            .jobs
            .iter()
            .filter_map(|&job| was[job.index()].map(|place| (job, place)))
            .filter(|(_, place)| place.vehicle == route.vehicle)
            .map(|(job, place)| (job, place.position))
            .collect();
        let old: Vec<usize> = kept.iter().map(|&(_, position)| position).collect();
        for at in longest_increasing(&old) {
            stays[kept[at].0.index()] = true;
        }
    }
    stays
}

/// Indexes of a longest strictly increasing subsequence, last first.
fn longest_increasing(values: &[usize]) -> Vec<usize> {
    // `ends[k]`: where the least last value of an increasing run of length k + 1 stands.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let length = ends.partition_point(|&end| values[end] < *value);
        previous.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let last = ends.last().copied();
    core::iter::successors(last, |&at| previous[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_run_stays() {
        assert!(longest_increasing(&[]).is_empty());
        assert_eq!(longest_increasing(&[9]), [0]);
        assert_eq!(longest_increasing(&[4, 0, 1, 2, 3]), [4, 3, 2, 1]);
        assert_eq!(longest_increasing(&[1, 2, 3, 4, 0]), [3, 2, 1, 0]);
        assert_eq!(longest_increasing(&[2, 1, 0]).len(), 1);
    }
}
