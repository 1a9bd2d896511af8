//! A plan: which vehicle visits which jobs in which order, and who is left out.

use crate::problem::{JobIndex, VehicleIndex};
use crate::units::Cost;

/// The jobs of one vehicle, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Who drives it.
    pub vehicle: VehicleIndex,
    /// Its jobs, in order.
    pub jobs: Vec<JobIndex>,
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
