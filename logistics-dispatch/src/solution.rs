//! A plan: which vehicle visits which jobs in which order, and who is left out.

use core::ops::Range;

use crate::problem::{JobIndex, VehicleIndex};
use crate::units::Cost;

/// The jobs of one vehicle, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Who drives it.
    pub vehicle: VehicleIndex,
    /// Its jobs, in order.
    pub jobs: Vec<JobIndex>,
    /// Before which of its jobs (positions from 0, ascending) it goes back to load again.
    /// Breaks are not planned: where they fit best, [`schedule`](crate::schedule) tells.
    pub reloads: Vec<usize>,
}

impl Route {
    /// A route of one trip: it does not reload.
    #[must_use]
    pub const fn new(vehicle: VehicleIndex, jobs: Vec<JobIndex>) -> Self {
        Self { vehicle, jobs, reloads: Vec::new() }
    }

    /// The jobs of each trip, as ranges of positions.
    pub(crate) fn trips(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let inside = self.reloads.iter().copied().filter(|&at| at <= self.jobs.len());
        let starts = core::iter::once(0).chain(inside.clone());
        starts.zip(inside.chain([self.jobs.len()])).map(|(start, end)| start..end.max(start))
    }

    /// Every gap that one more job can be put into, those before `first` left out.
    pub(crate) fn gaps(&self, first: usize) -> impl Iterator<Item = Gap> + '_ {
        (first..=self.jobs.len()).flat_map(|at| {
            let parted = self.reloads.contains(&at);
            let after = Gap { at, before_reload: false };
            let before = parted.then_some(Gap { at, before_reload: true });
            before.into_iter().chain([after])
        })
    }

    /// The route with one more job.
    pub(crate) fn with(&self, gap: Gap, job: JobIndex) -> Self {
        let mut route = self.clone();
        route.jobs.insert(gap.at, job);
        for at in &mut route.reloads {
            *at += usize::from(*at > gap.at || *at == gap.at && gap.before_reload);
        }
        route
    }

    /// Every route with one reload more, that is before a job and not before a frozen one.
    pub(crate) fn with_one_reload(&self, frozen: usize) -> impl Iterator<Item = Self> + '_ {
        let free = (frozen..self.jobs.len()).filter(|at| !self.reloads.contains(at));
        free.map(|at| {
            let mut route = self.clone();
            route.reloads.push(at);
            route.reloads.sort_unstable();
            route
        })
    }

    /// The route without one of its jobs. Reloads that nothing would be loaded at are gone.
    pub(crate) fn without(&self, position: usize) -> Self {
        let mut route = self.clone();
        route.jobs.remove(position);
        for at in &mut route.reloads {
            *at -= usize::from(*at > position);
        }
        route.reloads.dedup();
        route.reloads.retain(|&at| at < route.jobs.len());
        route
    }
}

/// Where one more job can stand: which stop it then is, and, where the vehicle reloads
/// there, on which side of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Gap {
    pub(crate) at: usize,
    pub(crate) before_reload: bool,
}

/// A plan for a whole problem. Plain data: it may come from the solver, a file or a
/// hand; [`check`](crate::check) tells whether it holds and what it costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Solution {
    /// At most one route per vehicle; vehicles without one stay where they are.
    pub routes: Vec<Route>,
    /// Jobs on no route.
    pub unassigned: Vec<JobIndex>,
}

/// How good a plan is, least first: priority left out, then jobs left out, then cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score {
    /// Sum of the priorities of the jobs left out, optional ones not counted.
    pub unserved_priority: i64,
    /// Jobs left out, optional ones not counted.
    pub unserved_jobs: usize,
    /// All costs together; [`Costs`](crate::Costs) has them apart.
    pub cost: Cost,
}
