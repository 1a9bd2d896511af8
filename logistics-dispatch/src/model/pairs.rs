//! Pairs as the solver reads them.

use crate::problem::{Half, JobIndex, Problem, VehicleIndex};
use crate::state::NONE;

/// Per node whether it is half of a pair, and of which.
pub(super) struct Halves {
    pub(super) partner: Vec<u32>,
    pub(super) is_pickup: Vec<bool>,
    pub(super) is_delivery: Vec<bool>,
    /// Amounts of the node are moved on the way, not brought or taken away.
    moves: Vec<bool>,
    pub(super) any: bool,
}

impl Halves {
    /// `stops`: jobs that are not frozen, and reloads.
    pub(super) fn new(problem: &Problem, numbers: &[u32], stops: usize) -> Self {
        let mut nodes = vec![NONE; problem.jobs().len()];
        for (node, &number) in (0_u32..).zip(numbers) {
            nodes[number as usize] = node;
        }
        let halves = numbers.iter().map(|&number| problem.half(JobIndex::new(number as usize)));
        let reloads = core::iter::repeat_n(None, stops - numbers.len());
        let halves: Vec<Option<Half>> = halves.chain(reloads).collect();
        let partner = |half: &Option<Half>| half.map_or(NONE, |half| nodes[half.other().index()]);
        let moves: Vec<bool> = halves.iter().map(Option::is_some).collect();
        Self {
            partner: halves.iter().map(partner).collect(),
            is_pickup: halves
                .iter()
                .map(|half| matches!(half, Some(Half::Pickup { .. })))
                .collect(),
            is_delivery: halves
                .iter()
                .map(|half| matches!(half, Some(Half::Delivery { .. })))
                .collect(),
            any: moves.contains(&true),
            moves,
        }
    }

    /// Amounts per node and quantity, without those of pairs.
    pub(super) fn without_pairs(&self, mut amounts: Vec<i64>, dims: usize) -> Vec<i64> {
        for (index, amount) in amounts.iter_mut().enumerate() {
            if self.moves[index / dims] {
                *amount = 0;
            }
        }
        amounts
    }

    /// Amounts of pairs per node and quantity; nothing without pairs.
    pub(super) fn transfer(&self, problem: &Problem, numbers: &[u32]) -> Vec<i64> {
        if !self.any {
            return Vec::new();
        }
        let dims = 0..problem.dimensions();
        let of = |(node, &number): (usize, &u32)| {
            let job = &problem.jobs()[number as usize];
            let moves = self.moves[node];
            dims.clone().map(move |d| if moves { job.picked_up(d) - job.delivered(d) } else { 0 })
        };
        let nothing = core::iter::repeat_n(0, (self.moves.len() - numbers.len()) * dims.len());
        numbers.iter().enumerate().flat_map(of).chain(nothing).collect()
    }
}

/// The vehicle that has the job's load on board, if its pickup is frozen.
pub(super) fn carrier(problem: &Problem, job: JobIndex) -> Option<VehicleIndex> {
    let Some(Half::Delivery { pickup }) = problem.half(job) else { return None };
    let carries = |vehicle: &crate::Vehicle| vehicle.frozen().any(|frozen| frozen == pickup);
    problem.vehicles().iter().position(carries).map(VehicleIndex::new)
}
