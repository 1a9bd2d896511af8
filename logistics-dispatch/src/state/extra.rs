//! What a stop costs besides driving: who serves it, and how evenly work is shared.

use super::{Line, State};
use crate::model::{Class, Model};
use crate::problem::Work;

impl State<'_> {
    /// What a job adds besides driving between `p` and `q` of a route, or on a route without
    /// stops.
    pub(super) fn extra(&self, job: usize, (p, q): (u32, u32), line: u32) -> i64 {
        let model = self.model;
        if model.balance.is_none() {
            return model.personal(model.class_of[line as usize] as usize, job);
        }
        let unused = self.is_unused(line);
        let job = u32::try_from(job).unwrap_or(u32::MAX);
        self.extra_of(&[job], line, |leg| {
            leg(p, job) + leg(job, q) - if unused { 0 } else { leg(p, q) }
        })
    }

    /// What some jobs add to a route besides driving; `detour` adds up what they change of a
    /// sum over legs.
    pub(super) fn extra_of(
        &self,
        jobs: &[u32],
        line: u32,
        detour: impl FnOnce(&dyn Fn(u32, u32) -> i64) -> i64,
    ) -> i64 {
        let model = self.model;
        let id = model.class_of[line as usize] as usize;
        let personal: i64 = jobs.iter().map(|&job| model.personal(id, job as usize)).sum();
        let Some(balance) = model.balance else { return personal };
        let class = &model.classes[id];
        let stops: i64 = jobs.iter().map(|&job| stop_work(model, balance.work, job as usize)).sum();
        let added = stops + detour(&|from, to| leg_work(model, class, balance.work, from, to));
        let route = &self.lines[line as usize];
        let (before, after) = if route.stops.is_empty() {
            (class.idle, class.begun + added)
        } else {
            (class.begun + route.work, class.begun + route.work + added)
        };
        personal + balance.cost(after) - balance.cost(before)
    }

    /// Notes the work of a route with stops, and tells what it costs besides driving.
    pub(super) fn refresh_extras(&self, id: usize, line: &mut Line, class: &Class) -> i64 {
        let model = self.model;
        let class_id = model.class_of[id] as usize;
        let personal: i64 =
            line.stops.iter().map(|&job| model.personal(class_id, job as usize)).sum();
        let Some(balance) = model.balance else { return personal };
        let mut at = class.start;
        line.work = 0;
        for &job in &line.stops {
            line.work += leg_work(model, class, balance.work, at, job);
            line.work += stop_work(model, balance.work, job as usize);
            at = job;
        }
        line.work += leg_work(model, class, balance.work, at, class.end);
        personal + balance.cost(class.begun + line.work) - balance.cost(class.idle)
    }
}

fn stop_work(model: &Model, work: Work, job: usize) -> i64 {
    match work {
        Work::Stops => i64::from(job < model.n),
        Work::Hours => model.nodes[job].service,
        Work::Kilometers => 0,
    }
}

fn leg_work(model: &Model, class: &Class, work: Work, from: u32, to: u32) -> i64 {
    let legs = &model.kinds[class.kind];
    match work {
        Work::Stops => 0,
        Work::Hours => legs.time(from as usize, to as usize),
        Work::Kilometers => legs.distance(from as usize, to as usize),
    }
}
