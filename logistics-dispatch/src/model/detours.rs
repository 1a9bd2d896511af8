//! What a detour by a job costs at least: where it cannot be the cheapest, the insertion test is
//! not made.

use super::Model;

/// Kinds of vehicle that are looked at; with more of them nothing is said.
const KINDS: usize = 4;

/// Finds the least cost of two legs that join a job to one near it and to any other node.
///
/// A job's neighbours are tried in turn, each with the legs beside it. So the other end of a leg
/// is none of those tried before, or else the leg was tried with that one. What the detour saves,
/// the leg itself, is not taken off: that is known only of a plan.
#[derive(Debug)]
pub(super) struct Detours<'m> {
    model: &'m Model,
    /// Per node the cheapest leg that joins it to the job, by any vehicle, either way.
    legs: Vec<i32>,
}

impl<'m> Detours<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        Self { model, legs: vec![0; model.nodes.len()] }
    }

    /// One for each of these neighbours of the job. The least number that there is where
    /// driving is not all that a place costs.
    pub(super) fn by(&mut self, job: usize, near: &[u32]) -> Vec<i32> {
        if self.model.extras || self.model.kinds.len() > KINDS {
            return vec![i32::MIN; near.len()];
        }
        self.find_legs(job);
        let take = |&id: &u32| core::mem::replace(&mut self.legs[id as usize], i32::MAX);
        let mut detours: Vec<i32> = near.iter().map(take).collect();
        let mut other = self.legs.iter().copied().min().unwrap_or(0);
        for leg in detours.iter_mut().rev() {
            other = other.min(*leg);
            *leg = leg.saturating_add(other);
        }
        detours
    }

    fn find_legs(&mut self, job: usize) {
        self.legs.fill(i32::MAX);
        for around in self.model.kinds.iter().map(|legs| legs.around(job)) {
            for row in [around.cost_from, around.cost_to] {
                for (least, &leg) in self.legs.iter_mut().zip(row) {
                    *least = leg.min(*least);
                }
            }
        }
        self.legs[job] = i32::MAX;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Nearness;
    use super::*;
    use crate::samples::rough;

    /// The cheapest way from one node to the other by the job.
    fn detour(model: &Model, job: usize, (from, to): (u32, u32)) -> Option<i64> {
        let legs = model.kinds.iter();
        legs.map(|legs| legs.cost(from as usize, job) + legs.cost(job, to as usize)).min()
    }

    fn check(model: &Model, nearness: &Nearness, job: usize) {
        let near = nearness.jobs(job);
        for (rank, (&own, &least)) in near.iter().zip(nearness.detours(job)).enumerate() {
            let tried = |node: &u32| near[..=rank].contains(node) || *node as usize == job;
            for other in (0..).take(model.nodes.len()).filter(|node| !tried(node)) {
                for way in [(own, other), (other, own)] {
                    assert!(Some(i64::from(least)) <= detour(model, job, way), "{way:?} by {job}");
                }
            }
        }
    }

    #[test]
    fn no_detour_is_cheaper_than_is_said_of_its_nearer_end() {
        for seed in 0..50 {
            let problem = rough(seed, false);
            let model = Model::new(&problem);
            let nearness = Nearness::new(&model);
            (0..model.n).for_each(|job| check(&model, &nearness, job));
        }
    }
}
