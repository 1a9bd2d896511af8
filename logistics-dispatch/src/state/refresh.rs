//! What hangs on the order of a route's stops, restored after every change of it.

use super::{Line, State};
use crate::model::{Class, LegTables};

impl State<'_> {
    /// Recomputes everything about one route.
    pub(crate) fn refresh(&mut self, id: u32) {
        let model = self.model;
        let class = &model.classes[model.class_of[id as usize] as usize];
        let legs = &model.kinds[class.kind];
        let mut line = core::mem::take(&mut self.lines[id as usize]);
        self.cost -= line.cost;
        (line.cost, line.travel, line.distance, line.broken) = (0, 0, 0, false);
        if !line.stops.is_empty() {
            line.cost = class.opening + self.link_all(id, &line.stops, class, legs);
            if model.extras {
                line.cost += self.refresh_extras(id as usize, &mut line, class);
            }
            if model.timed {
                line.broken |= !self.refresh_clocks(&line.stops, class, legs);
            }
            if !class.breaks.is_empty() {
                line.broken |= !self.refresh_rests(&line.stops, class, legs);
            }
            if model.soft {
                line.cost += self.lateness(&line.stops, class);
            }
            if model.special {
                self.refresh_limits(&mut line, class, legs);
            }
        }
        if model.reloads {
            line.note_reloads(model);
        }
        line.broken |= if line.reloads > 0 {
            !self.refresh_trips(id as usize, &line.stops, class)
        } else {
            !self.refresh_loads(id as usize, &line.stops, class)
        };
        self.cost += line.cost;
        self.lines[id as usize] = line;
    }

    /// Links every stop to the next; what driving costs.
    fn link_all(&mut self, id: u32, stops: &[u32], class: &Class, legs: &LegTables) -> i64 {
        let mut cost = 0;
        let mut at = class.start;
        for (index, &job) in (0_u32..).zip(stops) {
            cost += i64::from(self.link(at, job, legs));
            self.homes[job as usize] = id;
            self.stops[job as usize].position = index;
            at = job;
        }
        cost + i64::from(self.link(at, class.end, legs))
    }

    /// Joins two nodes by a leg and tells what it costs. (What is written to a terminal
    /// belongs to the last route linked and is never read.)
    #[inline]
    fn link(&mut self, from: u32, to: u32, legs: &LegTables) -> i32 {
        let leg = legs.leg_cost(from as usize, to as usize);
        let stop = &mut self.stops[from as usize];
        (stop.out_cost, stop.next) = (leg, to);
        self.spans[from as usize] = leg.max(stop.in_cost);
        let stop = &mut self.stops[to as usize];
        (stop.in_cost, stop.prev) = (leg, from);
        self.spans[to as usize] = leg.max(stop.out_cost);
        leg
    }

    /// Earliest and latest times; false if the route is late somewhere.
    fn refresh_clocks(&mut self, stops: &[u32], class: &Class, legs: &LegTables) -> bool {
        let model = self.model;
        let mut at = class.start as usize;
        let mut ready = self.clocks[at].ready;
        let mut in_time = true;
        for &job in stops {
            let to = job as usize;
            let start = model.start_of_service(to, ready.saturating_add(legs.time(at, to)));
            in_time &= start < i64::MAX;
            ready = start.saturating_add(model.nodes[to].service);
            self.clocks[to].ready = ready;
            at = to;
        }
        let end = class.end as usize;
        let finish = ready.saturating_add(legs.time(at, end));
        let mut next = end;
        for &job in stops.iter().rev() {
            self.clocks[job as usize].late = self.latest(job as usize, next, legs);
            next = job as usize;
        }
        in_time && finish <= self.clocks[end].late
    }

    /// When service at `job` must begin for the sake of `next` and what follows.
    #[inline]
    fn latest(&self, job: usize, next: usize, legs: &LegTables) -> i64 {
        let way = legs.time(job, next) + self.model.nodes[job].service;
        self.model.latest_start(job, self.clocks[next].late.saturating_sub(way))
    }

    fn refresh_limits(&self, line: &mut Line, class: &Class, legs: &LegTables) {
        let mut at = class.start as usize;
        for to in line.stops.iter().copied().chain([class.end]) {
            line.travel += legs.time(at, to as usize);
            line.distance += legs.distance(at, to as usize);
            at = to as usize;
        }
        line.broken |= line.travel > class.max_travel || line.distance > class.max_distance;
    }

    /// False if a load does not fit. (Only where a stop that unloads has been taken off can
    /// that be.)
    fn refresh_loads(&mut self, id: usize, stops: &[u32], class: &Class) -> bool {
        let (model, dims) = (self.model, self.model.dims);
        let mut fits = true;
        for d in 0..dims {
            let total = |amounts: &[i64]| -> i64 {
                stops.iter().map(|&job| amounts[job as usize * dims + d]).sum()
            };
            let delivered = total(&model.delivery);
            self.room_out[id * dims + d] = class.outgoing[d].saturating_sub(delivered);
            if model.pickups || model.pairs {
                let moved = if model.pairs { total(&model.transfer) } else { 0 };
                let kept = total(&model.pickup) + moved;
                self.room_back[id * dims + d] = class.capacity[d].saturating_sub(kept);
            }
            if model.mixed_loads {
                fits &= self.refresh_leg_loads(stops, d, delivered) <= class.capacity[d];
            }
        }
        if model.reloads {
            // A reload less may have made one trip of two.
            let room = id * dims..(id + 1) * dims;
            let enough = |room: &[i64]| room.iter().all(|&room| room >= 0);
            fits &= enough(&self.room_out[room.clone()]) && enough(&self.room_back[room]);
        }
        fits || stops.is_empty()
    }

    /// Loads on the legs of a route; the greatest of them.
    fn refresh_leg_loads(&mut self, stops: &[u32], d: usize, delivered: i64) -> i64 {
        self.refresh_leg_loads_of(stops, d, (delivered, 0))
    }

    /// The same for a trip that begins with so much on board, and had so much more before.
    pub(super) fn refresh_leg_loads_of(
        &mut self,
        stops: &[u32],
        d: usize,
        (departing, peak): (i64, i64),
    ) -> i64 {
        let (model, dims) = (self.model, self.model.dims);
        let mut load = departing;
        let mut most = load + peak;
        for &job in stops {
            let at = job as usize * dims + d;
            self.load_after[at] = load;
            load += model.pickup[at] - model.delivery[at];
            if model.pairs {
                load += model.transfer[at];
                self.loads[at] = load;
            }
            most = most.max(load);
            self.load_before[at] = most;
        }
        let greatest = most;
        let mut most = load;
        for &job in stops.iter().rev() {
            let at = job as usize * dims + d;
            most = most.max(self.load_after[at]);
            self.load_after[at] = most;
        }
        greatest
    }

    /// Recomputes what the insertion of the stop at `at` has changed: as `refresh`, but
    /// most of a long route is not looked at.
    pub(super) fn grow(&mut self, id: u32, at: usize) {
        let model = self.model;
        let class = &model.classes[model.class_of[id as usize] as usize];
        let legs = &model.kinds[class.kind];
        let whole = model.special || model.mixed_loads || model.balance.is_some() || model.soft;
        if whole || self.lines[id as usize].stops.len() == 1 {
            return self.refresh(id);
        }
        let mut line = core::mem::take(&mut self.lines[id as usize]);
        let job = line.stops[at];
        let before = if at == 0 { class.start } else { line.stops[at - 1] };
        let after = line.stops.get(at + 1).copied().unwrap_or(class.end);
        let leg = if at == 0 {
            self.stops[after as usize].in_cost
        } else {
            self.stops[before as usize].out_cost
        };
        let added = i64::from(self.link(before, job, legs))
            + i64::from(self.link(job, after, legs))
            - i64::from(leg)
            + model.personal(model.class_of[id as usize] as usize, job as usize);
        line.cost += added;
        self.cost += added;
        self.homes[job as usize] = id;
        for (position, &stop) in (0_u32..).zip(&line.stops).skip(at) {
            self.stops[stop as usize].position = position;
        }
        if model.timed {
            self.grow_clocks(&line.stops, at, class, legs);
        }
        for d in 0..model.dims {
            let (own, room) = (job as usize * model.dims + d, id as usize * model.dims + d);
            self.room_out[room] -= model.delivery[own];
            self.room_back[room] -= model.pickup[own];
        }
        self.lines[id as usize] = line;
    }

    /// Times of a stop that was put into a route that is in time, and of those before
    /// and after it until they are what they were.
    fn grow_clocks(&mut self, stops: &[u32], at: usize, class: &Class, legs: &LegTables) {
        let model = self.model;
        let mut from = if at == 0 { class.start } else { stops[at - 1] } as usize;
        for (index, &job) in stops.iter().enumerate().skip(at) {
            let to = job as usize;
            let arrival = self.clocks[from].ready + legs.time(from, to);
            let ready = model.start_of_service(to, arrival).saturating_add(model.nodes[to].service);
            if index > at && ready == self.clocks[to].ready {
                break;
            }
            self.clocks[to].ready = ready;
            from = to;
        }
        let mut next = stops.get(at + 1).copied().unwrap_or(class.end) as usize;
        for (index, &job) in stops.iter().enumerate().take(at + 1).rev() {
            let late = self.latest(job as usize, next, legs);
            if index < at && late == self.clocks[job as usize].late {
                break;
            }
            self.clocks[job as usize].late = late;
            next = job as usize;
        }
    }
}
