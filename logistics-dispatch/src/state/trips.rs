//! Loads of a route with reloads: of every trip by itself.

use super::State;
use crate::model::Class;

/// Loads at both ends of a route with reloads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    /// What its first trip brings.
    brought: i64,
    /// What is on board at its end, as far as it counts against the capacity of the class.
    kept: i64,
}

/// What one trip needs to know of its vehicle, for one quantity.
struct Hold {
    /// Load that the frozen stops have left on board; it is put down at the first reload.
    kept: i64,
    /// How much more than that was on board at the worst moment before.
    peak: i64,
}

impl State<'_> {
    /// What a vehicle has on board when it leaves its start, its frozen stops not counted.
    #[inline]
    pub(super) fn load_at_start(&self, class: &Class, line: usize, d: usize) -> i64 {
        let at = line * self.model.dims + d;
        if self.lines[line].reloads > 0 {
            return self.ends[at].brought;
        }
        class.outgoing[d] - self.room_out[at]
    }

    /// Is there room for the job on the trip that goes from `p` to `q`?
    pub(super) fn trip_allows(&self, job: usize, p: usize, q: usize, line: u32) -> bool {
        let (model, dims) = (self.model, self.model.dims);
        let class = self.class(line);
        (0..dims).all(|d| {
            let (own, end) = (job * dims + d, self.ends[line as usize * dims + d]);
            let capacity = class.capacity[d];
            let before = if p < model.m {
                self.load_before[p * dims + d]
            } else {
                end.brought + hold(class, d).peak
            };
            let after = if q < model.m { self.load_after[q * dims + d] } else { end.kept };
            before + model.delivery[own] <= capacity && after + model.pickup[own] <= capacity
        }) && (!model.delivers[job] || self.is_first_trip(p, line))
    }

    /// Loads of every trip; false if one does not fit, or a load that waits for its delivery
    /// is on board at a reload.
    pub(super) fn refresh_trips(&mut self, id: usize, stops: &[u32], class: &Class) -> bool {
        let (model, dims) = (self.model, self.model.dims);
        let mut fits = self.is_empty_at_reloads(stops, class);
        for d in 0..dims {
            let hold = hold(class, d);
            let (mut from, mut shift, mut peak) = (0, 0, hold.peak);
            let (mut room_out, mut room_back) = (i64::MIN, i64::MIN);
            loop {
                let trip = stops[from..].iter().position(|&stop| model.is_reload(stop));
                let to = trip.map_or(stops.len(), |length| from + length);
                let total = |amounts: &[i64]| -> i64 {
                    stops[from..to].iter().map(|&job| amounts[job as usize * dims + d]).sum()
                };
                let brought = total(&model.delivery) + shift;
                let moved = if model.pairs { total(&model.transfer) } else { 0 };
                let kept = total(&model.pickup) + moved + shift;
                if from == 0 {
                    self.ends[id * dims + d].brought = brought;
                } else {
                    self.depart(stops[from - 1], d, brought);
                }
                let most = self.refresh_leg_loads_of(&stops[from..to], d, (brought, peak));
                fits &= most <= class.capacity[d];
                room_out = room_out.max(class.capacity[d].saturating_sub(brought + peak));
                room_back = room_back.max(class.capacity[d].saturating_sub(kept));
                if to == stops.len() {
                    self.ends[id * dims + d].kept = kept;
                    break;
                }
                self.load_after[stops[to] as usize * dims + d] = kept;
                // Behind the first reload nothing is left of the frozen stops.
                (from, shift, peak) = (to + 1, -hold.kept, 0);
            }
            self.room_out[id * dims + d] = room_out;
            self.room_back[id * dims + d] = room_back;
        }
        fits
    }

    /// Sets what is on board when the vehicle leaves a reload.
    fn depart(&mut self, reload: u32, d: usize, load: i64) {
        let at = reload as usize * self.model.dims + d;
        self.load_before[at] = load;
        if self.model.pairs {
            self.loads[at] = load;
        }
    }

    fn is_empty_at_reloads(&self, stops: &[u32], class: &Class) -> bool {
        let model = self.model;
        let mut open = class.carried;
        stops.iter().all(|&stop| {
            if model.is_reload(stop) {
                return open == 0;
            }
            if model.is_pickup[stop as usize] {
                open += 1;
            } else if model.delivers[stop as usize] {
                open = open.saturating_sub(1);
            }
            true
        })
    }

    fn is_first_trip(&self, p: usize, line: u32) -> bool {
        let stops = &self.lines[line as usize].stops;
        let before = if p < self.model.m { self.stops[p].position as usize + 1 } else { 0 };
        !stops[..before].iter().any(|&stop| self.model.is_reload(stop))
    }
}

fn hold(class: &Class, d: usize) -> Hold {
    let limited = class.full[d] < i64::MAX;
    Hold {
        kept: if limited { class.full[d] - class.capacity[d] } else { 0 },
        peak: if limited { class.capacity[d] - class.outgoing[d] } else { 0 },
    }
}
