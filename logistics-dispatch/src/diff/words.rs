//! A difference of plans in words.

use core::fmt;

use super::{Change, Place, PlanDiff, VehicleChange};
use crate::problem::{JobIndex, Problem, VehicleIndex};

/// A [`PlanDiff`] with the ids of its problem; prints as one line, its parts separated by
/// semicolons. Made by [`PlanDiff::words`].
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    diff: &'a PlanDiff,
    problem: &'a Problem,
}

impl<'a> Words<'a> {
    pub(super) fn new(diff: &'a PlanDiff, problem: &'a Problem) -> Self {
        Self { diff, problem }
    }

    /// One sentence for each change and each vehicle, in the order of the difference.
    pub fn sentences(&self) -> impl Iterator<Item = String> + '_ {
        let changes = self.diff.changes.iter().map(|change| self.change(change));
        changes.chain(self.diff.vehicles.iter().map(|vehicle| self.vehicle(vehicle)))
    }

    fn job_id(&self, job: JobIndex) -> &'a str {
        self.problem.job(job).map_or("?", |job| &job.id)
    }

    fn vehicle_id(&self, vehicle: VehicleIndex) -> &'a str {
        self.problem.vehicle(vehicle).map_or("?", |vehicle| &vehicle.id)
    }

    fn change(&self, change: &Change) -> String {
        match change {
            Change::Opened(vehicle) => format!("{} gets a route", self.vehicle_id(*vehicle)),
            Change::Closed(vehicle) => {
                format!("{} no longer has a route", self.vehicle_id(*vehicle))
            }
            Change::Served { job, to } => {
                let (job, vehicle) = (self.job_id(*job), self.vehicle_id(to.vehicle));
                format!("{job} is newly served by {vehicle} {}", self.place(to))
            }
            Change::Moved { job, from, to } => {
                let (job, place) = (self.job_id(*job), self.place(to));
                let [from, to] = [from, to].map(|place| self.vehicle_id(place.vehicle));
                format!("{job} moves from {from} to {to} {place}")
            }
            Change::Reordered { job, to, .. } => {
                let (job, vehicle) = (self.job_id(*job), self.vehicle_id(to.vehicle));
                format!("{job} stays with {vehicle}, now {}", self.place(to))
            }
            Change::Unserved { job, from } => {
                let (job, vehicle) = (self.job_id(*job), self.vehicle_id(from.vehicle));
                format!("{job} of {vehicle} is no longer served")
            }
        }
    }

    fn place(&self, place: &Place) -> String {
        let [after, before] =
            [place.after, place.before].map(|job| job.map(|job| self.job_id(job)));
        match (after, before) {
            (Some(after), Some(before)) => format!("between {after} and {before}"),
            (None, Some(before)) => format!("as the first stop, before {before}"),
            (Some(after), None) => format!("as the last stop, after {after}"),
            (None, None) => "as the only stop".to_owned(),
        }
    }

    fn vehicle(&self, change: &VehicleChange) -> String {
        let id = self.vehicle_id(change.vehicle);
        let jobs = match (change.before.jobs, change.after.jobs) {
            (before, after) if before < after => count(after - before, "more"),
            (before, after) if before > after => count(before - after, "fewer"),
            _ => "as many jobs".to_owned(),
        };
        let (cost, time) = (change.cost().get(), change.travel_time().get());
        let distance = change.distance().get();
        format!("{id}: {jobs}, cost {cost:+}, driving {time:+} s and {distance:+} m")
    }
}

fn count(jobs: usize, which: &str) -> String {
    format!("{jobs} job{} {which}", if jobs == 1 { "" } else { "s" })
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.diff.is_empty() {
            return f.write_str("no change");
        }
        for (index, sentence) in self.sentences().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            f.write_str(&sentence)?;
        }
        Ok(())
    }
}
