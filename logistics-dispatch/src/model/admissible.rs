//! Which vehicles could ever serve a job: whatever a route of it alone breaks, every route
//! breaks.

use super::{Class, LegTables, Model, pairs};
use crate::Job;
use crate::problem::{JobIndex, Problem};
use crate::state::NONE;

impl Model {
    /// Which class may serve which job at all: skills, and a route of that job alone.
    pub(super) fn admissible(&self, problem: &Problem, jobs: &[&Job]) -> Vec<bool> {
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
                    NONE => self.fits_alone(class, job),
                    other if self.is_pickup[job] => self.fits_as_pair(class, job, other as usize),
                    other => self.fits_as_pair(class, other as usize, job),
                };
                allowed.push(wanted.skills.is_subset(skills) && fits && bound(example, job));
            }
        }
        allowed
    }

    fn fits_alone(&self, class: &Class, job: usize) -> bool {
        let legs = &self.kinds[class.kind];
        let (start, end) = (class.start as usize, class.end as usize);
        let loads = (0..self.dims).all(|d| {
            self.delivery[job * self.dims + d] <= class.outgoing[d]
                && self.pickup[job * self.dims + d] <= class.capacity[d]
        });
        let at = self.start_of_service(job, self.nodes[start].open + legs.time(start, job));
        let back = at.saturating_add(self.nodes[job].service).saturating_add(legs.time(job, end));
        loads
            && class.max_jobs > 0
            && back <= self.nodes[end].close
            && legs.time(start, job) + legs.time(job, end) <= class.max_travel
            && legs.distance(start, job) + legs.distance(job, end) <= class.max_distance
    }

    /// Could the class serve a pair and nothing else?
    fn fits_as_pair(&self, class: &Class, pickup: usize, delivery: usize) -> bool {
        let legs = &self.kinds[class.kind];
        let way = [class.start as usize, pickup, delivery, class.end as usize];
        let sum = |leg: fn(&LegTables, usize, usize) -> i64| -> i64 {
            way.windows(2).map(|pair| leg(legs, pair[0], pair[1])).sum()
        };
        let mut clock = self.nodes[way[0]].open;
        for pair in way[..3].windows(2) {
            let arrival = clock.saturating_add(legs.time(pair[0], pair[1]));
            clock =
                self.start_of_service(pair[1], arrival).saturating_add(self.nodes[pair[1]].service);
        }
        let own = pickup * self.dims..(pickup + 1) * self.dims;
        let mut loads = self.transfer[own].iter().zip(&class.capacity);
        loads.all(|(load, capacity)| load <= capacity)
            && class.outgoing.iter().all(|&room| room >= 0)
            && class.max_jobs > 1
            && clock.saturating_add(legs.time(delivery, way[3])) <= self.nodes[way[3]].close
            && sum(LegTables::time) <= class.max_travel
            && sum(LegTables::distance) <= class.max_distance
    }
}
