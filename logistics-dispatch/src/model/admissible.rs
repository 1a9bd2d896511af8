//! Which vehicles could ever serve a job: whatever a route of it alone breaks, every route
//! breaks.

use super::{Class, LegTables, Model, pairs};
use crate::Job;
use crate::problem::{JobIndex, Problem};
use crate::rests::arrivals;
use crate::state::NONE;

impl Model {
    /// Notes which class may serve which job at all, at once or behind a reload.
    pub(super) fn admit(&mut self, problem: &Problem, jobs: &[&Job]) {
        self.allowed = self.admissible(problem, jobs, false);
        if self.reloads {
            self.allowed_at_once.clone_from(&self.allowed);
            let later = self.admissible(problem, jobs, true);
            self.allowed.iter_mut().zip(later).for_each(|(allowed, later)| *allowed |= later);
        }
    }

    /// Which class may serve which job at all: skills, and a route of that job alone. With
    /// `reloaded` the vehicle has loaded again behind its frozen stops.
    fn admissible(&self, problem: &Problem, jobs: &[&Job], reloaded: bool) -> Vec<bool> {
        let mut allowed = Vec::with_capacity(self.classes.len() * self.n);
        for class in &self.classes {
            let example = class.vehicles[0] as usize;
            // What a vehicle has on board already only it can deliver.
            let bound = |vehicle: usize, job: usize| {
                let owner = pairs::carrier(problem, JobIndex::new(self.numbers[job] as usize));
                owner.is_none_or(|owner| owner.index() == vehicle)
            };
            let skills = &problem.vehicles()[example].skills;
            for (job, wanted) in jobs.iter().enumerate() {
                let fits = match self.partner[job] {
                    NONE => self.fits(class, &[job], reloaded),
                    other if self.is_pickup[job] => {
                        self.fits(class, &[job, other as usize], reloaded)
                    }
                    other => self.fits(class, &[other as usize, job], reloaded),
                };
                allowed.push(wanted.skills.is_subset(skills) && fits && bound(example, job));
            }
        }
        allowed
    }

    /// Could the class serve a job, or a pair, and nothing else?
    fn fits(&self, class: &Class, jobs: &[usize], reloaded: bool) -> bool {
        let dims = self.dims;
        let spare = self.reloads_of(class.vehicles[0]).next();
        let load = match (reloaded, spare) {
            (true, Some(load)) if class.carried == 0 => Some(load as usize),
            (true, _) => return false,
            (false, _) => None,
        };
        let (brought, taken) = match load {
            Some(_) => (&class.full, &class.full),
            None => (&class.outgoing, &class.capacity),
        };
        let loads = (0..dims).all(|d| {
            let of = |amounts: &[i64]| amounts[jobs[0] * dims + d];
            let moved = if self.pairs { of(&self.transfer) } else { 0 };
            class.outgoing[d] >= 0
                && of(&self.delivery) <= brought[d]
                && of(&self.pickup).max(moved) <= taken[d]
        });
        let end = class.end as usize;
        let way = core::iter::once(class.start as usize).chain(load);
        let mut places = [end; 5];
        let mut stops = 0;
        for (place, node) in places.iter_mut().zip(way.chain(jobs.iter().copied())) {
            *place = node;
            stops += 1;
        }
        let way = &places[..=stops];
        let legs = &self.kinds[class.kind];
        let sum = |leg: fn(&LegTables, usize, usize) -> i64| -> i64 {
            way.windows(2).map(|pair| leg(legs, pair[0], pair[1])).sum()
        };
        loads
            && class.max_jobs >= jobs.len()
            && sum(LegTables::time) <= class.max_travel
            && sum(LegTables::distance) <= class.max_distance
            && self.in_time(class, way)
    }

    /// Can a vehicle of the class go this way, from its start to its end, breaks and all?
    pub(crate) fn in_time(&self, class: &Class, way: &[usize]) -> bool {
        let legs = &self.kinds[class.kind];
        let mut ready = class.ready;
        let all = class.breaks.len();
        for pair in way.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let arrivals = arrivals(&class.breaks, &ready[..=all], legs.time(from, to));
            for (ready, arrival) in ready.iter_mut().zip(arrivals) {
                let start = self.start_of_service(to, arrival);
                *ready = start.saturating_add(self.nodes[to].service);
            }
        }
        ready[all] < i64::MAX
    }
}
