//! A difference of plans in words.

use core::fmt;

use super::{Change, Place, PlanDiff, VehicleChange};
use crate::problem::{JobIndex, Problem, VehicleIndex};
use crate::units::Cost;

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

    /// The sentences, in the order of the difference: one for each change, or for several
    /// of one kind whose jobs follow one another, one for each vehicle, and one for what
    /// optional jobs left out cost more or less.
    pub fn sentences(&self) -> impl Iterator<Item = String> + '_ {
        let runs = self.diff.changes.chunk_by(belong_together);
        let changes = runs.filter_map(|run| self.run(run));
        let left_out = Some(self.diff.left_out).filter(|&cost| cost != Cost::ZERO);
        let left_out =
            left_out.map(|cost| format!("optional jobs left out: cost {:+}", cost.get()));
        changes
            .chain(self.diff.vehicles.iter().map(|vehicle| self.vehicle(vehicle)))
            .chain(left_out)
    }

    fn job_id(&self, job: JobIndex) -> &'a str {
        self.problem.job(job).map_or("?", |job| &job.id)
    }

    fn vehicle_id(&self, vehicle: VehicleIndex) -> &'a str {
        self.problem.vehicle(vehicle).map_or("?", |vehicle| &vehicle.id)
    }

    fn run(&self, run: &[Change]) -> Option<String> {
        let (first, last) = (run.first()?, run.last()?);
        let (jobs, one) = (self.jobs(run), run.len() == 1);
        let place = || Some(self.place(first.to()?.after, last.to()?.before, one));
        Some(match first {
            Change::Opened(vehicle) => format!("{} gets a route", self.vehicle_id(*vehicle)),
            Change::Closed(vehicle) => {
                format!("{} no longer has a route", self.vehicle_id(*vehicle))
            }
            Change::Served { to, .. } => {
                let (are, vehicle) = (if one { "is" } else { "are" }, self.vehicle_id(to.vehicle));
                format!("{jobs} {are} newly served by {vehicle} {}", place()?)
            }
            Change::Moved { from, to, .. } => {
                let [from, to] = [from, to].map(|place| self.vehicle_id(place.vehicle));
                let moves = if one { "moves" } else { "move" };
                format!("{jobs} {moves} from {from} to {to} {}", place()?)
            }
            Change::Reordered { to, .. } => {
                let stays = if one { "stays" } else { "stay" };
                format!("{jobs} {stays} with {}, now {}", self.vehicle_id(to.vehicle), place()?)
            }
            Change::Unserved { from, .. } => {
                let (are, vehicle) =
                    (if one { "is" } else { "are" }, self.vehicle_id(from.vehicle));
                format!("{jobs} of {vehicle} {are} no longer served")
            }
            Change::ReloadAdded { vehicle, before } => {
                let (vehicle, before) = (self.vehicle_id(*vehicle), self.job_id(*before));
                format!("{vehicle} now loads again before {before}")
            }
            Change::ReloadDropped { vehicle, before } => {
                let (vehicle, before) = (self.vehicle_id(*vehicle), self.job_id(*before));
                format!("{vehicle} no longer loads again before {before}")
            }
        })
    }

    /// "A", "A and B", "A, B and C".
    fn jobs(&self, run: &[Change]) -> String {
        let ids: Vec<&str> =
            run.iter().filter_map(Change::job).map(|job| self.job_id(job)).collect();
        match ids.split_last() {
            Some((last, others)) if !others.is_empty() => {
                format!("{} and {last}", others.join(", "))
            }
            _ => ids.concat(),
        }
    }

    fn place(&self, after: Option<JobIndex>, before: Option<JobIndex>, one: bool) -> String {
        let stops = if one { "stop" } else { "stops" };
        let [after, before] = [after, before].map(|job| job.map(|job| self.job_id(job)));
        match (after, before) {
            (Some(after), Some(before)) => format!("between {after} and {before}"),
            (None, Some(before)) => format!("as the first {stops}, before {before}"),
            (Some(after), None) => format!("as the last {stops}, after {after}"),
            (None, None) => format!("as the only {stops}"),
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
        let late = Some(change.late_cost().get()).filter(|&late| late != 0);
        let late = late.map_or(String::new(), |late| format!(" ({late:+} for lateness)"));
        format!("{id}: {jobs}, cost {cost:+}{late}, driving {time:+} s and {distance:+} m")
    }
}

/// Can both be told in one sentence? The second is the change behind the first.
fn belong_together(one: &Change, two: &Change) -> bool {
    let next =
        |one: &Place, two: &Place| one.vehicle == two.vehicle && one.position + 1 == two.position;
    match (one, two) {
        (Change::Served { to: one, .. }, Change::Served { to: two, .. })
        | (Change::Reordered { to: one, .. }, Change::Reordered { to: two, .. }) => next(one, two),
        (Change::Moved { from, to: one, .. }, Change::Moved { from: other, to: two, .. }) => {
            from.vehicle == other.vehicle && next(one, two)
        }
        (Change::Unserved { from: one, .. }, Change::Unserved { from: two, .. }) => {
            one.vehicle == two.vehicle
        }
        _ => false,
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
