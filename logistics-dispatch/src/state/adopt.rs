//! A plan from outside becomes one of ours: what does not fit is left out.

use super::{Bound, NONE, State};
use crate::model::Model;
use crate::problem::JobIndex;

impl<'m> State<'m> {
    /// Takes over a list of stops for each vehicle. A route that keeps the constraints stays
    /// as it is; of another one every stop stays that fits behind those before it.
    pub(crate) fn adopt(model: &'m Model, routes: &[Vec<JobIndex>]) -> Self {
        let mut state = Self::empty(model);
        let numbers = model.numbers.iter().map(|&number| number as usize + 1);
        let mut nodes = vec![NONE; numbers.max().unwrap_or(0)];
        for (node, &number) in (0_u32..).zip(&model.numbers) {
            nodes[number as usize] = node;
        }
        for (line, jobs) in (0_u32..).zip(routes) {
            let stops = jobs.iter().filter_map(|job| nodes.get(job.index()).copied());
            // Frozen stops are no nodes; they are where they are already.
            state.adopt_route(line, stops.filter(|&node| node != NONE).collect());
        }
        let left_out = |&job: &u32| state.homes[job as usize] == NONE;
        state.bank = (0_u32..).zip(0..model.n).map(|(job, _)| job).filter(left_out).collect();
        state
    }

    fn adopt_route(&mut self, line: u32, stops: Vec<u32>) {
        if stops.is_empty() {
            return;
        }
        self.assign(line, stops.clone());
        if self.keeps_constraints(line) {
            return;
        }
        self.cut(line, 0..stops.len(), 0..0, &mut Vec::new());
        self.refresh(line);
        for job in stops {
            let mut best = Bound::default();
            self.look_at_end(job as usize, line, &mut best);
            if let Some(spot) = best.spot() {
                self.insert(job, spot);
            }
        }
    }

    /// Everything that the insertion test asks, of a whole route at once.
    fn keeps_constraints(&self, line: u32) -> bool {
        let (model, dims) = (self.model, self.model.dims);
        let id = model.class_of[line as usize] as usize;
        let (class, route) = (&model.classes[id], &self.lines[line as usize]);
        let room = line as usize * dims..(line as usize + 1) * dims;
        let load_fits = |&job: &u32| {
            (0..dims).all(|d| {
                !model.mixed_loads || self.load_before[job as usize * dims + d] <= class.capacity[d]
            })
        };
        !route.broken
            && route.stops.len() <= class.max_jobs
            && route.stops.iter().all(|&job| model.is_allowed(id, job as usize))
            && self.room_out[room.clone()].iter().all(|&room| room >= 0)
            && self.room_back[room].iter().all(|&room| room >= 0)
            && route.stops.iter().all(load_fits)
    }
}
