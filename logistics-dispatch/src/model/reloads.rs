//! Reloads as the solver reads them: nodes that only their own vehicle comes to.

use super::Node;
use crate::problem::{MAX_TIME, Problem, Reload};

/// Every reload that some vehicle may make, vehicle by vehicle.
pub(super) fn stops(problem: &Problem) -> impl Iterator<Item = Reload> + '_ {
    problem.vehicles().iter().flat_map(|vehicle| {
        core::iter::repeat_n(vehicle.reload, problem.reloads_of(vehicle)).flatten()
    })
}

pub(super) fn node(reload: Reload) -> Node {
    Node { open: 0, close: 2 * MAX_TIME, service: reload.service.get(), gaps: false }
}

/// Per vehicle its first node, and the one behind them all; `jobs` come before.
pub(super) fn first_nodes(problem: &Problem, jobs: usize) -> Vec<u32> {
    let mut next = jobs;
    let mut nodes: Vec<u32> = Vec::with_capacity(problem.vehicles().len() + 1);
    for vehicle in problem.vehicles() {
        nodes.push(u32::try_from(next).unwrap_or(u32::MAX));
        next += problem.reloads_of(vehicle);
    }
    nodes.push(u32::try_from(next).unwrap_or(u32::MAX));
    nodes
}
