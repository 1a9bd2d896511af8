//! Putting an accepted proposal into a problem under construction.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{Finding, Proposal};
use crate::problem::{Job, MAX_TIME, Preference, ProblemBuilder, TimeWindow, VehicleIndex};
use crate::units::{Cost, Seconds};

/// Why a proposal cannot be put into a problem. The problem is then as it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// A job of the area has no window at the times that are left: ask the customer for
    /// another, or exempt the job.
    #[error("job {job:?} of area {area:?} would have no window left")]
    NoWindowLeft {
        /// Id of the job.
        job: String,
        /// Key of the area.
        area: String,
    },
}

impl Proposal {
    /// Puts the proposal into a problem to which all jobs and vehicles have been added;
    /// gives the number of jobs that it binds.
    ///
    /// `midnight` is the day's midnight on the problem's clock, `in_area` tells which jobs
    /// are in the proposal's area. Windows are narrowed, and lateness that has a price is
    /// counted from the close that is left. A partner (a vehicle's id) is taken off by a skill
    /// of a number that is not in use: the jobs of the area demand it and every other vehicle
    /// has it. A partner who is preferred saves `preference` on each job of the area. A partner
    /// without a vehicle binds nobody.
    ///
    /// ```
    /// use logistics_dispatch::learn::{Outcome, Record, Thresholds, propose};
    /// use logistics_dispatch::*;
    ///
    /// let reassigned = |day| Record {
    ///     job: format!("SHP-{day}"),
    ///     area: "Gate 4".into(),
    ///     planned: Seconds(36_000),
    ///     partner: "DP-1".into(),
    ///     outcome: Outcome::Reassigned { to: "DP-2".into() },
    /// };
    /// let records: Vec<Record> = (0..5).map(reassigned).collect();
    /// let accepted = &propose(&records, &Thresholds::default())[0];
    ///
    /// let mut problem = Problem::builder();
    /// let bike = problem.add_profile(Travel::durations(Matrix::from_fn(2, |_, _| 60)?));
    /// let one = problem.add_vehicle(Vehicle::new("DP-1", bike));
    /// let two = problem.add_vehicle(Vehicle::new("DP-2", bike));
    /// let job = problem.add_job(Job::new("SHP-9", Location::new(1)));
    /// let bound = accepted.apply(&mut problem, Seconds(0), Cost(60), |job| job.id == "SHP-9")?;
    /// assert_eq!(bound, 1);
    /// let problem = problem.build()?;
    /// assert_eq!(savings(&problem).routes, [Route::new(two, vec![job])]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When a job would have no window left.
    pub fn apply(
        &self,
        problem: &mut ProblemBuilder,
        midnight: Seconds,
        preference: Cost,
        in_area: impl Fn(&Job) -> bool,
    ) -> Result<usize, ApplyError> {
        match &self.finding {
            Finding::NotBefore(time) => {
                let allowed = TimeWindow::new(midnight + *time, TimeWindow::ALWAYS.end);
                self.narrow(problem, allowed, in_area)
            }
            Finding::NotAfter(time) => {
                let allowed = TimeWindow::new(TimeWindow::ALWAYS.start, midnight + *time);
                self.narrow(problem, allowed, in_area)
            }
            Finding::TakenOff(partner) => Ok(forbid(problem, partner, in_area)),
            Finding::Preferred(partner) => Ok(prefer(problem, partner, preference, in_area)),
        }
    }

    fn narrow(
        &self,
        problem: &mut ProblemBuilder,
        allowed: TimeWindow,
        in_area: impl Fn(&Job) -> bool,
    ) -> Result<usize, ApplyError> {
        let (jobs, _) = problem.parts_mut();
        let mut narrowed = Vec::new();
        for (index, job) in jobs.iter().enumerate().filter(|(_, job)| in_area(job)) {
            let windows = within(&job.windows, allowed);
            if windows.is_empty() {
                let (job, area) = (job.id.clone(), self.area.clone());
                return Err(ApplyError::NoWindowLeft { job, area });
            }
            narrowed.push((index, windows));
        }
        let count = narrowed.len();
        for (index, windows) in narrowed {
            jobs[index].windows = windows;
        }
        Ok(count)
    }
}

/// The parts of the windows (none: at any time) that are allowed.
fn within(windows: &[TimeWindow], allowed: TimeWindow) -> Vec<TimeWindow> {
    let always = [TimeWindow::new(Seconds(0), Seconds(MAX_TIME))];
    let windows = if windows.is_empty() { &always } else { windows };
    let cut = windows.iter().map(|window| {
        TimeWindow::new(window.start.max(allowed.start), window.end.min(allowed.end))
    });
    cut.filter(|window| window.start <= window.end).collect()
}

fn prefer(
    problem: &mut ProblemBuilder,
    partner: &str,
    saves: Cost,
    in_area: impl Fn(&Job) -> bool,
) -> usize {
    let (jobs, vehicles) = problem.parts_mut();
    let Some(vehicle) = vehicles.iter().position(|vehicle| vehicle.id == partner) else {
        return 0;
    };
    let preference = Preference { vehicle: VehicleIndex::new(vehicle), cost: Cost::ZERO - saves };
    let mut bound = 0;
    for job in jobs.iter_mut().filter(|job| in_area(job)) {
        job.preferences.push(preference);
        bound += 1;
    }
    bound
}

fn forbid(problem: &mut ProblemBuilder, partner: &str, in_area: impl Fn(&Job) -> bool) -> usize {
    let (jobs, vehicles) = problem.parts_mut();
    let skills = jobs.iter().map(|job| &job.skills);
    let used: BTreeSet<u32> =
        skills.chain(vehicles.iter().map(|vehicle| &vehicle.skills)).flatten().copied().collect();
    let unused = (0..=u32::MAX).find(|skill| !used.contains(skill));
    let (Some(skill), true) = (unused, vehicles.iter().any(|vehicle| vehicle.id == partner)) else {
        return 0;
    };
    let mut bound = 0;
    for job in jobs.iter_mut().filter(|job| in_area(job)) {
        job.skills.insert(skill);
        bound += 1;
    }
    for vehicle in vehicles.iter_mut().filter(|vehicle| bound > 0 && vehicle.id != partner) {
        vehicle.skills.insert(skill);
    }
    bound
}
