//! What a stop costs besides driving: who serves it, and how evenly work is shared.

use super::{Line, State};
use crate::model::{Class, Model};
use crate::problem::Work;

impl State<'_> {
    /// What a job adds besides driving between `p` and `q` of a route, or on a route without
    /// stops.
    pub(super) fn extra(&self, job: usize, (p, q): (u32, u32), line: u32) -> i64 {
        let model = self.model;
        let id = model.class_of[line as usize] as usize;
        let personal = model.personal(id, job);
        let Some(balance) = model.balance else { return personal };
        let class = &model.classes[id];
        let leg = |from: u32, to: u32| leg_work(model, class, balance.work, from, to);
        let middle = u32::try_from(job).unwrap_or(u32::MAX);
        let added = stop_work(model, balance.work, job) + leg(p, middle) + leg(middle, q);
        let route = &self.lines[line as usize];
        let (before, after) = if route.stops.is_empty() {
            (class.idle, class.begun + added)
        } else {
            let before = class.begun + route.work;
            (before, before + added - leg(p, q))
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
        Work::Stops => 1,
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
