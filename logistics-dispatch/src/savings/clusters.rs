//! Clusters: chains of jobs that have no vehicle yet, only vehicles that could drive
//! them.

use super::Model;
use crate::model::{Class, Nearness};

/// Neighbours per job whose savings are listed.
const WIDTH: usize = 100;
/// Nearest classes whose starts and ends a job's savings are reckoned with.
const REFERENCE: usize = 3;

/// A chain and, per class of vehicles, what its next joint must know.
#[derive(Clone, Debug, Default)]
struct Cluster {
    stops: Vec<u32>,
    load: Vec<(i64, i64)>,
    /// Driving time and distance within the chain, per kind.
    inner: Vec<(i64, i64)>,
    /// Bit per class: could drive it.
    able: Vec<u64>,
    /// Per class: earliest start of service at the last stop, latest at the first.
    early: Vec<i64>,
    late: Vec<i64>,
    /// Per class what lateness costs, breaks left aside; empty where it has no price.
    lateness: Vec<i64>,
}

/// All clusters of a problem while they are being joined.
pub(super) struct Clusters<'m> {
    model: &'m Model,
    clusters: Vec<Cluster>,
    /// Which cluster a job is in; `NONE` for jobs that no vehicle can serve.
    home: Vec<u32>,
    /// A chain may be turned round: nothing in the problem tells the directions apart.
    reversible: bool,
}

const NONE: u32 = u32::MAX;

fn bit(set: &[u64], index: usize) -> bool {
    set[index / 64] >> (index % 64) & 1 == 1
}

impl<'m> Clusters<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        let mut home = vec![NONE; model.n];
        let mut clusters = Vec::with_capacity(model.n);
        for (id, job) in (0_u32..).zip(0..model.n) {
            if model.partner[job] != NONE {
                continue;
            }
            let single = Self::evaluate(model, vec![id], None);
            if single.able.iter().any(|&word| word != 0) {
                home[job] = u32::try_from(clusters.len()).unwrap_or(NONE);
                clusters.push(single);
            }
        }
        let timeless = model.nodes[..model.n].iter().all(|node| node.open == 0 && !node.gaps);
        let loops = model.classes.iter().all(|class| {
            let legs = &model.kinds[class.kind];
            (0..model.n).all(|job| {
                legs.cost(class.start as usize, job) == legs.cost(job, class.end as usize)
                    && legs.time(class.start as usize, job) == legs.time(job, class.end as usize)
            })
        });
        let untimed =
            timeless && (0..model.n).all(|job| model.due(job) >= crate::problem::MAX_TIME);
        let reversible = untimed
            && loops
            && !model.mixed_loads
            && model.kinds.iter().all(crate::model::LegTables::symmetric);
        Self { model, clusters, home, reversible }
    }

    /// Everything about a chain; `within`: only these classes are asked.
    fn evaluate(model: &Model, stops: Vec<u32>, within: Option<&[u64]>) -> Cluster {
        let sum = |amounts: &[i64], d: usize| -> i64 {
            stops.iter().map(|&job| amounts[job as usize * model.dims + d]).sum()
        };
        let load: Vec<(i64, i64)> =
            (0..model.dims).map(|d| (sum(&model.delivery, d), sum(&model.pickup, d))).collect();
        let inner = inner(model, &stops);
        let count = model.classes.len();
        let mut cluster = Cluster {
            load,
            inner,
            able: vec![0; count.div_ceil(64)],
            early: vec![i64::MAX; count],
            late: vec![i64::MIN; count],
            lateness: vec![0; if model.soft { count } else { 0 }],
            stops,
        };
        for class in 0..count {
            if within.is_none_or(|set| bit(set, class)) && cluster.suits(model, class) {
                cluster.able[class / 64] |= 1 << (class % 64);
            }
        }
        cluster
    }

    /// Joins clusters in the order of what it saves.
    pub(super) fn merge_by_savings(&mut self, nearness: &Nearness) {
        for (dearer, a, b) in self.savings(nearness) {
            let (from, to) = (self.home[a as usize], self.home[b as usize]);
            if from == to {
                continue;
            }
            if let Some(stops) = self.chain(a, b) {
                self.join(from, to, stops, -dearer);
            }
        }
    }

    /// (negated saving, from, to), dearest first.
    fn savings(&self, nearness: &Nearness) -> Vec<(i64, u32, u32)> {
        let model = self.model;
        let terminals: Vec<(i64, i64)> =
            (0..model.n).map(|job| terminal_costs(model, nearness, job)).collect();
        let mut list = Vec::with_capacity(model.n * WIDTH);
        for (id, job) in (0_u32..).zip(0..model.n) {
            for &other in nearness.jobs(job).iter().take(WIDTH) {
                let near = other as usize;
                if self.home[job] == NONE || self.home[near] == NONE {
                    continue;
                }
                // A pair that both list is taken where the first of them lists it.
                if id < other || !nearness.jobs(near).contains(&id) {
                    let pairs = [(id, other), (other, id)];
                    let directions = if self.reversible { 1 } else { 2 };
                    for &(a, b) in &pairs[..directions] {
                        let saved = terminals[a as usize].1 + terminals[b as usize].0
                            - mean_leg(model, a as usize, b as usize);
                        if saved > 0 {
                            list.push((-saved, a, b));
                        }
                    }
                }
            }
        }
        list.sort_unstable();
        list
    }

    /// The stops of two clusters joined at `a`, `b`, if both are at an end of theirs.
    fn chain(&self, a: u32, b: u32) -> Option<Vec<u32>> {
        let left = &self.clusters[self.home[a as usize] as usize];
        let right = &self.clusters[self.home[b as usize] as usize];
        let last = left.stops.last() == Some(&a);
        let first = right.stops.first() == Some(&b);
        let turn_left = self.reversible && left.stops.first() == Some(&a);
        let turn_right = self.reversible && right.stops.last() == Some(&b);
        if !(last || turn_left) || !(first || turn_right) || !self.may_suit(left, right, a, b) {
            return None;
        }
        let mut stops = Vec::with_capacity(left.stops.len() + right.stops.len());
        stops.extend_from_slice(&left.stops);
        if !last {
            stops.reverse();
        }
        if first {
            stops.extend_from_slice(&right.stops);
        } else {
            stops.extend(right.stops.iter().rev());
        }
        Some(stops)
    }

    /// A quick look whether any class could drive the join; `evaluate` has the last word.
    fn may_suit(&self, left: &Cluster, right: &Cluster, a: u32, b: u32) -> bool {
        let model = self.model;
        let (from, to) = (a as usize, b as usize);
        model.classes.iter().enumerate().any(|(id, class)| {
            let loads = || {
                left.load.iter().zip(&right.load).enumerate().all(|(d, (l, r))| {
                    l.0 + r.0 <= class.outgoing[d] && l.1 + r.1 <= class.capacity[d]
                })
            };
            let time = || {
                self.reversible || {
                    let legs = &model.kinds[class.kind];
                    let arrival = left.early[id]
                        .saturating_add(model.nodes[from].service)
                        .saturating_add(legs.time(from, to));
                    model.start_of_service(to, arrival) <= right.late[id]
                }
            };
            bit(&left.able, id) && bit(&right.able, id) && loads() && time()
        })
    }

    /// Joins two clusters if that saves more than it makes lateness cost.
    fn join(&mut self, from: u32, to: u32, stops: Vec<u32>, saved: i64) {
        let (left, right) = (&self.clusters[from as usize], &self.clusters[to as usize]);
        let both: Vec<u64> = left.able.iter().zip(&right.able).map(|(a, b)| a & b).collect();
        let joined = Self::evaluate(self.model, stops, Some(&both));
        if joined.able.iter().all(|&word| word == 0) || !self.enough_vehicles(from, to, &joined) {
            return;
        }
        if self.model.soft && joined.lateness_added(left, right) >= saved {
            return;
        }
        for &job in &joined.stops {
            self.home[job as usize] = from;
        }
        self.clusters[from as usize] = joined;
        self.clusters[to as usize] = Cluster::default();
    }

    /// Hall's condition on the vehicles that could drive the join: joining must not
    /// make more clusters depend on them than there are.
    fn enough_vehicles(&self, from: u32, to: u32, joined: &Cluster) -> bool {
        let model = self.model;
        let supply: usize = model
            .classes
            .iter()
            .enumerate()
            .filter(|&(id, _)| bit(&joined.able, id))
            .map(|(_, class)| class.vehicles.len())
            .sum();
        if supply >= self.clusters.len() {
            return true;
        }
        let inside = |cluster: &Cluster| {
            cluster.able.iter().zip(&joined.able).all(|(set, whole)| set & !whole == 0)
        };
        let parts = [from, to].map(|id| usize::from(inside(&self.clusters[id as usize])));
        let before = self
            .clusters
            .iter()
            .filter(|cluster| !cluster.stops.is_empty() && inside(cluster))
            .count();
        let after = before + 1 - parts[0] - parts[1];
        after <= supply.max(before)
    }

    /// The chains, in the order of their first making.
    pub(super) fn into_lists(self) -> Vec<Vec<u32>> {
        let lists = self.clusters.into_iter().map(|cluster| cluster.stops);
        lists.filter(|stops| !stops.is_empty()).collect()
    }
}

impl Cluster {
    /// Could this class of vehicles drive the chain? Notes its clock at both ends.
    fn suits(&mut self, model: &Model, id: usize) -> bool {
        let class = &model.classes[id];
        let (Some(&first), Some(&last)) = (self.stops.first(), self.stops.last()) else {
            return false;
        };
        let allowed = self.stops.iter().all(|&job| model.is_allowed(id, job as usize));
        if !allowed || self.stops.len() > class.max_jobs || !self.loads_fit(model, id) {
            return false;
        }
        let legs = &model.kinds[class.kind];
        let (start, end) = (class.start as usize, class.end as usize);
        let (first, last) = (first as usize, last as usize);
        let (travel, distance) = self.inner[class.kind];
        if travel + legs.time(start, first) + legs.time(last, end) > class.max_travel
            || distance + legs.distance(start, first) + legs.distance(last, end)
                > class.max_distance
        {
            return false;
        }
        let mut at = start;
        let mut clock = model.nodes[start].open;
        let mut lateness = 0;
        for &job in &self.stops {
            let arrival = clock + model.nodes[at].service + legs.time(at, job as usize);
            at = job as usize;
            clock = model.start_of_service(at, arrival);
            if clock == i64::MAX {
                return false;
            }
            lateness += model.lateness_cost(at, clock);
        }
        if clock + model.nodes[last].service + legs.time(last, end) > model.nodes[end].close {
            return false;
        }
        if !class.breaks.is_empty() && !self.in_time_with_breaks(model, class) {
            return false;
        }
        self.early[id] = clock;
        if model.soft {
            self.lateness[id] = lateness;
        }
        let mut bound = model.nodes[end].close;
        let mut next = end;
        for &job in self.stops.iter().rev() {
            let node = job as usize;
            let latest = bound - legs.time(node, next) - model.nodes[node].service;
            bound = model.latest_start(node, latest);
            next = node;
        }
        self.late[id] = bound;
        true
    }

    /// How much more lateness costs than on two other clusters, for the class that makes
    /// least of it.
    fn lateness_added(&self, left: &Self, right: &Self) -> i64 {
        let able = (0..self.lateness.len()).filter(|&id| bit(&self.able, id));
        let added = able.map(|id| self.lateness[id] - left.lateness[id] - right.lateness[id]);
        added.min().unwrap_or(0)
    }

    fn in_time_with_breaks(&self, model: &Model, class: &Class) -> bool {
        let stops = self.stops.iter().map(|&job| job as usize);
        let start = core::iter::once(class.start as usize);
        let way: Vec<usize> = start.chain(stops).chain([class.end as usize]).collect();
        model.in_time(class, &way)
    }

    fn loads_fit(&self, model: &Model, id: usize) -> bool {
        let (outgoing, capacity) = (&model.classes[id].outgoing, &model.classes[id].capacity);
        let mut ends = self.load.iter().enumerate();
        if !ends.all(|(d, load)| load.0 <= outgoing[d] && load.1 <= capacity[d]) {
            return false;
        }
        let dims = model.dims;
        !model.mixed_loads
            || (0..dims).all(|d| {
                let mut load = self.load[d].0;
                self.stops.iter().all(|&job| {
                    let at = job as usize * dims + d;
                    load += model.pickup[at] - model.delivery[at];
                    load <= capacity[d]
                })
            })
    }
}

fn inner(model: &Model, stops: &[u32]) -> Vec<(i64, i64)> {
    if !model.special {
        return vec![(0, 0); model.kinds.len()];
    }
    let kinds = model.kinds.iter();
    kinds
        .map(|legs| {
            stops.windows(2).fold((0, 0), |(time, distance), pair| {
                let (from, to) = (pair[0] as usize, pair[1] as usize);
                (time + legs.time(from, to), distance + legs.distance(from, to))
            })
        })
        .collect()
}

/// Mean cost of reaching the job from a near vehicle's start, and of its way to the end.
fn terminal_costs(model: &Model, nearness: &Nearness, job: usize) -> (i64, i64) {
    let near = &nearness.classes(job)[..nearness.classes(job).len().min(REFERENCE)];
    let mut sums = (0, 0);
    for &id in near {
        let class = &model.classes[id as usize];
        let legs = &model.kinds[class.kind];
        sums.0 += legs.cost(class.start as usize, job);
        sums.1 += legs.cost(job, class.end as usize);
    }
    let count = i64::try_from(near.len()).unwrap_or(1).max(1);
    (sums.0 / count, sums.1 / count)
}

/// Cost of a leg, averaged over the kinds of vehicle.
fn mean_leg(model: &Model, from: usize, to: usize) -> i64 {
    let sum: i64 = model.kinds.iter().map(|legs| legs.cost(from, to)).sum();
    sum / i64::try_from(model.kinds.len()).unwrap_or(1).max(1)
}

/// Which classes could drive the chain and what each would pay, cheapest first.
pub(super) fn offers(model: &Model, stops: &[u32]) -> Vec<(i64, usize)> {
    let (Some(&first), Some(&last)) = (stops.first(), stops.last()) else {
        return Vec::new();
    };
    let cluster = Clusters::evaluate(model, stops.to_vec(), None);
    let able = (0..model.classes.len()).filter(|&id| bit(&cluster.able, id));
    let mut offers: Vec<(i64, usize)> = able
        .map(|id| {
            let class = &model.classes[id];
            let legs = &model.kinds[class.kind];
            let leg = |from: u32, to: u32| legs.cost(from as usize, to as usize);
            let inner: i64 = stops.windows(2).map(|pair| leg(pair[0], pair[1])).sum();
            let personal: i64 = stops.iter().map(|&job| model.personal(id, job as usize)).sum();
            let driving = leg(class.start, first) + inner + leg(last, class.end);
            let lateness = cluster.lateness.get(id).copied().unwrap_or(0);
            (class.opening + driving + personal + lateness, id)
        })
        .collect();
    offers.sort_unstable();
    offers
}
