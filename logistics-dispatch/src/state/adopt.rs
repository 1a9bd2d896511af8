//! A plan from outside becomes one of ours: what does not fit is left out.

use super::{Bound, NONE, State};
use crate::model::Model;
use crate::problem::JobIndex;
use crate::solution::Route;

impl<'m> State<'m> {
    /// Takes over a list of stops for each vehicle. A route that keeps the constraints stays
    /// as it is; of another one every stop stays that fits behind those before it.
    pub(crate) fn adopt(model: &'m Model, routes: &[Route]) -> Self {
        let mut state = Self::empty(model);
        let numbers = model.numbers.iter().map(|&number| number as usize + 1);
        let mut nodes = vec![NONE; numbers.max().unwrap_or(0)];
        for (node, &number) in (0_u32..).zip(&model.numbers) {
            nodes[number as usize] = node;
        }
        for (line, route) in (0_u32..).zip(routes) {
            // Frozen stops are no nodes; they are where they are already.
            let node = |job: &JobIndex| nodes.get(job.index()).copied().unwrap_or(NONE);
            let mut spare = model.reloads_of(line);
            let mut stops = Vec::with_capacity(route.jobs.len());
            for (position, job) in route.jobs.iter().enumerate() {
                let job = node(job);
                if job == NONE {
                    continue;
                }
                let reloads = route.reloads.contains(&position);
                stops.extend(reloads.then(|| spare.next()).flatten());
                stops.push(job);
            }
            state.adopt_route(line, stops);
        }
        let left_out = |&job: &u32| state.homes[job as usize] == NONE;
        state.bank = model.entries().filter(left_out).collect();
        state
    }

    fn adopt_route(&mut self, line: u32, stops: Vec<u32>) {
        let model = self.model;
        if stops.is_empty() {
            return;
        }
        self.assign(line, stops.clone());
        if model.reloads {
            self.drop_idle_reloads(line);
            self.refresh(line);
        }
        if self.keeps_constraints(line) {
            return;
        }
        self.cut(line, 0..self.lines[line as usize].stops.len(), 0..0, &mut Vec::new());
        self.refresh(line);
        let mut reload = None;
        // Pairs go to the bank, which both halves leave together.
        for job in stops.into_iter().filter(|&job| model.partner[job as usize] == NONE) {
            if model.is_reload(job) {
                reload = Some(job);
            } else if self.append(job, reload, line) {
                reload = None;
            }
        }
    }

    /// Puts a job behind the last stop, and the reload before it; false if it does not fit.
    fn append(&mut self, job: u32, reload: Option<u32>, line: u32) -> bool {
        if let Some(reload) = reload.filter(|_| !self.is_unused(line)) {
            self.insert_reload(line, self.lines[line as usize].stops.len(), reload);
        }
        let mut best = Bound::default();
        if !self.lines[line as usize].broken {
            self.look_at_end(job as usize, line, &mut best);
        }
        if let Some(spot) = best.spot() {
            self.insert(job, spot);
            return true;
        }
        if self.model.reloads {
            self.drop_idle_reloads(line);
            self.refresh(line);
        }
        false
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
            && self.pairs_are_whole(&route.stops)
            && route.jobs() <= class.max_jobs
            && route
                .stops
                .iter()
                .all(|&job| model.is_reload(job) || model.is_allowed(id, job as usize))
            && self.room_out[room.clone()].iter().all(|&room| room >= 0)
            && self.room_back[room].iter().all(|&room| room >= 0)
            && route.stops.iter().all(load_fits)
    }

    fn pairs_are_whole(&self, stops: &[u32]) -> bool {
        let model = self.model;
        let place = |job: u32| stops.iter().position(|&stop| stop == job);
        stops.iter().filter(|&&job| self.is_paired(job)).all(|&job| {
            let other = place(model.partner[job as usize]);
            let first = model.is_pickup[job as usize];
            other.is_some_and(|other| (place(job) < Some(other)) == first)
        })
    }
}
