//! Recreate: the removed jobs and the bank go back where they cost least.

use super::Search;
use crate::state::{NONE, State};

/// Jobs of the bank that are tried in one step.
pub(super) const FROM_BANK: usize = 24;
/// Routes on which one more reload is tried in one step.
const RELOAD_TRIALS: usize = 24;

/// In which order jobs are put back.
#[derive(Clone, Copy, Debug)]
enum Order {
    Random,
    Largest,
    Farthest,
    Nearest,
    Tightest,
    OpensFirst,
    ClosesLast,
}

/// Orders by weight; the last six apply to problems with windows.
const ORDERS: [Order; 17] = [
    Order::Random,
    Order::Random,
    Order::Random,
    Order::Random,
    Order::Largest,
    Order::Largest,
    Order::Largest,
    Order::Largest,
    Order::Farthest,
    Order::Farthest,
    Order::Nearest,
    Order::Tightest,
    Order::Tightest,
    Order::OpensFirst,
    Order::OpensFirst,
    Order::ClosesLast,
    Order::ClosesLast,
];
const UNTIMED: usize = 11;

impl<'m> Search<'m> {
    /// Puts `pending` and some of the bank back; what finds no place is the new bank.
    /// False if it gave up: nobody was left out before, and the plan is dearer than
    /// `limit` already.
    pub(super) fn recreate(&mut self, limit: i64) -> bool {
        let limit = if self.current.bank.is_empty() { limit } else { i64::MAX };
        // Every other time the bank has only what room the others leave: else jobs that
        // are hard to serve would never stop trying to take their places.
        if self.rng.once_in(2) {
            self.call_from_bank();
            self.sort_pending(0);
        } else {
            self.sort_pending(0);
            let removed = self.pending.len();
            self.call_from_bank();
            self.sort_pending(removed);
        }
        self.reload_trials = RELOAD_TRIALS;
        let pending = core::mem::take(&mut self.pending);
        for &job in &pending {
            let put = if self.current.is_paired(job) {
                self.put_pair(job, limit)
            } else {
                self.put(job, limit)
            };
            if !put {
                self.pending = pending;
                return false;
            }
        }
        self.pending = pending;
        true
    }

    /// Puts a job where it costs least, or into the bank; false if the plan is then dearer
    /// than `limit`.
    fn put(&mut self, job: u32, limit: i64) -> bool {
        let (best, near) = self.look(job);
        if let Some(found) = self.find_reload(job, near, State::look_with_reload)
            && best.spot().is_none_or(|spot| found.delta < spot.delta)
        {
            return self.put_with_reload(job, &found, limit, State::insert_with_reload);
        }
        match best.spot() {
            Some(spot) if !self.is_worth(job, spot.delta) => self.current.bank.push(job),
            Some(spot) if self.current.cost.saturating_add(spot.delta) >= limit => return false,
            Some(spot) => {
                self.journal.save(&self.current, spot.line);
                self.current.insert(job, spot);
            }
            None => self.current.bank.push(job),
        }
        true
    }

    /// The same for a pair.
    fn put_pair(&mut self, pickup: u32, limit: i64) -> bool {
        let (best, near) = self.look_for_pair(pickup);
        if let Some(found) = self.find_reload(pickup, near, State::look_pair_with_reload)
            && best.is_none_or(|spot| found.delta < spot.delta)
        {
            return self.put_with_reload(pickup, &found, limit, State::insert_pair_with_reload);
        }
        match best {
            Some(spot) if !self.is_worth(pickup, spot.delta) => self.current.bank.push(pickup),
            Some(spot) if self.current.cost.saturating_add(spot.delta) >= limit => return false,
            Some(spot) => {
                self.journal.save(&self.current, spot.line);
                self.current.insert_pair(pickup, spot);
            }
            None => self.current.bank.push(pickup),
        }
        true
    }

    /// Should a job be put back at this price? Optional ones only below what leaving them
    /// out costs; now and then all the same, as two of them can be worth it together.
    pub(super) fn is_worth(&mut self, job: u32, price: i64) -> bool {
        let worth = self.current.model.worth(job);
        worth.is_none_or(|worth| price < worth || self.rng.once_in(4))
    }

    /// Moves jobs of the bank that some vehicle could serve into `pending`.
    fn call_from_bank(&mut self) {
        let mut bank = core::mem::take(&mut self.current.bank);
        let mut called = 0;
        for index in 0..bank.len() {
            let other = index + self.rng.below(bank.len() - index);
            bank.swap(index, other);
            if called < FROM_BANK && !self.nearness.classes(bank[index] as usize).is_empty() {
                called += 1;
                self.pending.push(bank[index]);
                bank[index] = NONE;
            }
        }
        bank.retain(|&job| job != NONE);
        self.current.bank = bank;
    }

    /// Puts the jobs of `pending` from the `first` on into an order drawn at random.
    fn sort_pending(&mut self, first: usize) {
        let orders = if self.timed { &ORDERS[..] } else { &ORDERS[..UNTIMED] };
        let order = orders[self.rng.below(orders.len())];
        let pending = &mut self.pending[first..];
        for index in (1..pending.len()).rev() {
            pending.swap(index, self.rng.below(index + 1));
        }
        let model = self.current.model;
        let nearness = self.nearness;
        let key = |job: u32| {
            let node = &model.nodes[job as usize];
            match order {
                Order::Random => 0,
                Order::Largest => -model.size(job as usize),
                Order::Farthest => -nearness.reach(job as usize),
                Order::Nearest => nearness.reach(job as usize),
                Order::Tightest => model.due(job as usize) - node.open,
                Order::OpensFirst => node.open,
                Order::ClosesLast => -model.due(job as usize),
            }
        };
        // Scarce places go to those whose priority is high, every other time.
        if self.prioritized && self.rng.once_in(2) {
            pending.sort_by_cached_key(|&job| (-model.priority[job as usize], key(job)));
        } else {
            pending.sort_by_cached_key(|&job| key(job));
        }
    }
}
