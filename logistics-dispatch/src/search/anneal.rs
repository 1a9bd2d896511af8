//! The temperature: how much worse a plan may be and still be gone on from.

use crate::rng::Rng;
use crate::state::State;

/// Temperatures at the start and at the end, in mean costs of a leg. Windows make the
/// plans around a plan much worse than it, so there it takes more heat to get past them, and
/// still more where vehicles are so full that the first plan leaves jobs out.
const HOT: f64 = 1.0;
const HOT_TIMED: f64 = 2.0;
const HOT_CROWDED: f64 = 4.0;
const COLD: f64 = 0.02;
/// What leaving one more job out counts for at the start, in mean costs of a leg, and
/// how many times that at the end.
const PRICE: f64 = 2.5;
const DEARER: f64 = 10.0;
/// Parts of a run, and from which fraction of it on a search returns to the best plan at the
/// beginning of a part.
const PARTS: f64 = 16.0;
const LATE: f64 = 0.5;

/// Geometric cooling from the mean cost of a leg of the first plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Temperature {
    /// Mean cost of a leg.
    leg: f64,
    hot: f64,
    now: f64,
    price: f64,
    /// Which of the parts of the run it is in.
    part: i64,
}

/// A count or cost as a float: a temperature needs no 53 bits.
pub(super) fn float(value: impl TryInto<i64>) -> f64 {
    let value: i64 = value.try_into().unwrap_or(i64::MAX);
    value as f64
}

impl Temperature {
    /// For the search from a first plan; with windows or not.
    pub(super) fn new(first: &State<'_>, timed: bool) -> Self {
        let model = first.model;
        // A job that nobody may serve says nothing of how full the vehicles are.
        let crowds = |&job: &u32| model.is_required(job) && model.is_servable(job);
        let hot = match timed {
            false => HOT,
            true if first.bank.iter().any(crowds) => HOT_CROWDED,
            true => HOT_TIMED,
        };
        let mut legs = 0;
        let mut driving = 0;
        for (line, &class) in first.lines.iter().zip(&first.model.class_of) {
            let class = &first.model.classes[class as usize];
            let mut at = class.start;
            for &to in line.stops.iter().chain(line.stops.first().map(|_| &class.end)) {
                driving += first.model.kinds[class.kind].cost(at as usize, to as usize);
                legs += 1;
                at = to;
            }
        }
        Self::of(float(driving) / float(legs.max(1)), hot)
    }

    fn of(leg: f64, hot: f64) -> Self {
        Self { leg, hot, now: leg * hot, price: leg * PRICE, part: 0 }
    }

    /// Cools to where the run is: by iterations or by the caller's own budget,
    /// whichever is further. True once in each of the last parts of the run.
    pub(super) fn follow(&mut self, iterations: u64, budget: u64, spent: f64) -> bool {
        let done = float(iterations) / float(budget.max(1));
        let fraction = if spent > done { spent.min(1.0) } else { done };
        self.now = self.leg * self.hot * libm::pow(COLD / self.hot, fraction);
        self.price = self.leg * PRICE * libm::pow(DEARER, fraction);
        let part = crate::problem::whole(fraction * PARTS);
        let turns = part > self.part && fraction >= LATE;
        self.part = part;
        turns
    }

    /// What leaving one more job out counts for now.
    pub(super) fn price(&self) -> i64 {
        crate::problem::whole(self.price)
    }

    /// The greatest rise of cost to accept this time.
    pub(super) fn threshold(&self, rng: &mut Rng) -> i64 {
        let draw = (rng.unit() + 1e-10).min(1.0);
        crate::problem::whole(-self.now * libm::log(draw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cools_with_whichever_budget_is_further_spent() {
        let mut by_steps = Temperature::of(100.0, 2.0);
        assert!((by_steps.now - 200.0).abs() < 1e-9);
        by_steps.follow(50, 100, 0.0);
        assert!((by_steps.now - 20.0).abs() < 1e-9);
        by_steps.follow(50, 100, 1.0);
        assert!((by_steps.now - 2.0).abs() < 1e-9);
        assert_eq!(by_steps.price(), 2_500);
        by_steps.follow(50, 100, f64::NAN);
        assert!((by_steps.now - 20.0).abs() < 1e-9);
    }

    #[test]
    fn turns_in_the_second_half_once_in_each_part() {
        let mut temperature = Temperature::of(100.0, 2.0);
        let turns = (0..=1_000).filter(|&step| temperature.follow(step, 1_000, 0.0));
        let steps: Vec<u64> = turns.collect();
        assert_eq!(steps.len(), 8, "{steps:?}");
        assert!(steps.iter().all(|&step| step >= 500));
    }
}
