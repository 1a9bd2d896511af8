//! Who is near whom: the short lists that keep every step of the search local.

use super::detours::Detours;
use super::{LegTables, Model};

/// How many neighbours a job keeps.
const NEIGHBOURS: usize = 100;
/// How many classes of vehicles a job tries.
const CLASSES: usize = 8;
/// Kinds of vehicle that are averaged over.
const KINDS: usize = 4;

/// Per job its nearest jobs and the classes that reach it most cheaply.
#[derive(Clone, Debug)]
pub(crate) struct Nearness {
    jobs: Vec<Vec<u32>>,
    detours: Vec<Vec<i32>>,
    classes: Vec<Vec<u32>>,
    reach: Vec<i64>,
}

impl Nearness {
    pub(crate) fn new(model: &Model) -> Self {
        let measure = Measure::new(model);
        let keep = NEIGHBOURS.min(model.n.saturating_sub(1));
        let mut keyed: Vec<(i64, u32)> = Vec::with_capacity(model.n);
        let mut jobs = Vec::with_capacity(model.n);
        let mut detours = Vec::with_capacity(model.n);
        let mut row = vec![0; model.n];
        let mut least = Detours::new(model);
        for job in 0..model.n {
            measure.around(job, &mut row);
            keyed.clear();
            let others = (0_u32..).zip(&row).enumerate().filter(|&(other, _)| other != job);
            keyed.extend(others.map(|(_, (id, &cost))| (cost, id)));
            if keep > 0 && keep < keyed.len() {
                keyed.select_nth_unstable(keep - 1);
                keyed.truncate(keep);
            }
            keyed.sort_unstable();
            let near: Vec<u32> = keyed.iter().map(|&(_, id)| id).collect();
            detours.push(least.by(job, &near));
            jobs.push(near);
        }
        let nearest: Vec<_> = (0..model.n).map(|job| nearest_classes(model, job)).collect();
        Self {
            jobs,
            detours,
            reach: nearest.iter().map(|list| list.first().map_or(0, |&(cost, _)| cost)).collect(),
            classes: nearest
                .into_iter()
                .map(|list| list.into_iter().map(|(_, id)| id).collect())
                .collect(),
        }
    }

    /// The nearest jobs, nearest first.
    pub(crate) fn jobs(&self, job: usize) -> &[u32] {
        &self.jobs[job]
    }

    /// What a detour by the job costs at least beside each of its nearest jobs: see [`Detours`].
    pub(crate) fn detours(&self, job: usize) -> &[i32] {
        &self.detours[job]
    }

    /// Cost of the cheapest route of this job alone.
    pub(crate) fn reach(&self, job: usize) -> i64 {
        self.reach[job]
    }

    /// The classes that could serve the job, cheapest first.
    pub(crate) fn classes(&self, job: usize) -> &[u32] {
        &self.classes[job]
    }
}

fn nearest_classes(model: &Model, job: usize) -> Vec<(i64, u32)> {
    let mut keyed: Vec<(i64, u32)> = (0_u32..)
        .zip(&model.classes)
        .filter(|&(id, _)| model.is_allowed(id as usize, job))
        .map(|(id, class)| {
            let legs = &model.kinds[class.kind];
            let (start, end) = (class.start as usize, class.end as usize);
            let driving = legs.cost(start, job) + legs.cost(job, end);
            (class.opening + driving + model.personal(id as usize, job), id)
        })
        .collect();
    keyed.sort_unstable();
    keyed.truncate(CLASSES);
    keyed
}

/// Cost of going from one job to the next, with waiting and lateness that cannot be
/// avoided turned into cost (a fifth of the wait, all of the lateness, or its price if that
/// is less).
struct Measure<'m> {
    model: &'m Model,
    /// Cost per second, as a fraction.
    rate: (i64, i64),
    timed: bool,
}

impl<'m> Measure<'m> {
    fn new(model: &'m Model) -> Self {
        let (mut cost, mut time) = (0, 0);
        for legs in model.kinds.iter().take(KINDS) {
            for job in 0..model.n {
                let other = (job * 7 + 1) % model.n;
                cost += legs.cost(job, other);
                time += legs.time(job, other);
            }
        }
        // Terminals have no part in it: a job's own windows tell.
        let windows = model.nodes[..model.n].iter().any(|node| node.open > 0 || node.gaps);
        Self { model, rate: (cost, time), timed: windows && time > 0 }
    }

    /// How far every job is from one, by the nearer of both directions.
    fn around(&self, job: usize, row: &mut [i64]) {
        let kinds = &self.model.kinds[..self.model.kinds.len().min(KINDS)];
        if self.timed {
            for (other, cost) in row.iter_mut().enumerate() {
                *cost = self.between(kinds, job, other).min(self.between(kinds, other, job));
            }
            return;
        }
        row.fill(0);
        let mut back = vec![0; row.len()];
        for legs in kinds {
            let around = legs.around(job);
            add(row, around.cost_from);
            add(&mut back, around.cost_to);
        }
        for (cost, back) in row.iter_mut().zip(back) {
            *cost = back.min(*cost);
        }
    }

    fn between(&self, kinds: &[LegTables], from: usize, to: usize) -> i64 {
        let cost: i64 = kinds.iter().map(|legs| legs.cost(from, to)).sum();
        let time: i64 = kinds.iter().map(|legs| legs.time(from, to)).sum();
        let (a, b) = (&self.model.nodes[from], &self.model.nodes[to]);
        let leg = i64::try_from(kinds.len()).map_or(0, |count| time / count.max(1));
        let wait = (b.open - leg - a.service - self.model.due(from)).max(0);
        let arrival = a.open + a.service + leg;
        let late = (arrival - self.model.due(to)).max(0);
        let mut penalty = self.priced(wait / 5 + late);
        if self.model.soft && late > 0 && arrival <= b.close {
            penalty = penalty.min(self.model.lateness_cost(to, arrival));
        }
        cost.saturating_add(penalty)
    }

    /// What so many seconds of driving cost.
    fn priced(&self, seconds: i64) -> i64 {
        let (cost, time) = self.rate;
        if let Some(product) = seconds.checked_mul(cost) {
            return product / time.max(1);
        }
        let exact = i128::from(seconds) * i128::from(cost) / i128::from(time.max(1));
        i64::try_from(exact).unwrap_or(i64::MAX / 4)
    }
}

fn add(sums: &mut [i64], legs: &[i32]) {
    for (sum, &leg) in sums.iter_mut().zip(legs) {
        *sum += i64::from(leg);
    }
}
