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
/// With windows it is decided while the search is hot how good its plans can become at all: how many
/// routes there are, and which part of the day each serves where. A run that has so many steps for
/// each job therefore cools several times until it is `LATE`, and then goes on from the best of
/// these plans and from a part of the heat. (13 instances of 100 and 200 customers, three seeds, 6,000
/// steps a job and more: a mean gap of 0.17 % when cooled once, 0.03 % in rounds. With 3,600 steps
/// there was no gain, nor without windows.)
const LONG: f64 = 5_000.0;
const ROUNDS: f64 = 4.0;
const WARM: f64 = 0.2;
/// After this fraction of a run it is settled whether it is a long one: a caller whose budget is
/// time does not know its steps before.
const SETTLED: f64 = 1.0 / 64.0;

/// From where the search is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// From the best plan, if the present one leaves out more.
    ToServeMore,
    /// From the best plan.
    ToBest,
}

/// Geometric cooling from the mean cost of a leg of the first plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Temperature {
    /// Mean cost of a leg.
    leg: f64,
    hot: f64,
    now: f64,
    price: f64,
    /// How much of the run is over.
    fraction: f64,
    /// From how many steps on a run cools several times, and whether this one does.
    long: f64,
    rounds: bool,
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
        let (hot, long) = match timed {
            false => (HOT, f64::INFINITY),
            true if first.bank.iter().any(crowds) => (HOT_CROWDED, f64::INFINITY),
            true => (HOT_TIMED, LONG * float(model.n)),
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
        Self::of(float(driving) / float(legs.max(1)), hot, long)
    }

    fn of(leg: f64, hot: f64, long: f64) -> Self {
        Self { leg, hot, now: leg * hot, price: leg * PRICE, fraction: 0.0, long, rounds: false }
    }

    /// Cools to where the run is: by iterations or by the caller's own budget,
    /// whichever is further. A turn once in each of the last parts of the run.
    pub(super) fn follow(&mut self, iterations: u64, budget: u64, spent: f64) -> Option<Turn> {
        let done = float(iterations) / float(budget.max(1));
        let fraction = if spent > done { spent.min(1.0) } else { done };
        if fraction < SETTLED {
            self.rounds = float(iterations) >= fraction * self.long;
        }
        let (hot, cooled) = match self.rounds {
            false => (self.hot, fraction),
            true if fraction < LATE => (self.hot, fraction / LATE * ROUNDS % 1.0),
            true => (self.hot * WARM, (fraction - LATE) / (1.0 - LATE)),
        };
        self.now = self.leg * hot * libm::pow(COLD / hot, cooled);
        self.price = self.leg * PRICE * libm::pow(DEARER, fraction);
        let before = core::mem::replace(&mut self.fraction, fraction);
        if self.rounds && before < LATE && fraction >= LATE {
            return Some(Turn::ToBest);
        }
        let part = |fraction: f64| crate::problem::whole(fraction * PARTS);
        (part(fraction) > part(before) && fraction >= LATE).then_some(Turn::ToServeMore)
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
        let mut by_steps = Temperature::of(100.0, 2.0, f64::INFINITY);
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
        let mut temperature = Temperature::of(100.0, 2.0, f64::INFINITY);
        let turns =
            (0..=1_000).filter_map(|step| Some((step, temperature.follow(step, 1_000, 0.0)?)));
        let turns: Vec<(u64, Turn)> = turns.collect();
        assert_eq!(turns.len(), 8, "{turns:?}");
        assert!(turns.iter().all(|&(step, turn)| step >= 500 && turn == Turn::ToServeMore));
    }

    #[test]
    fn a_long_run_cools_several_times_and_then_from_the_best() {
        // Of a budget of steps, and of time where a caller has none.
        for budget in [1_000, u64::MAX] {
            let mut temperature = Temperature::of(100.0, 2.0, 900.0);
            let mut warmer = Vec::new();
            let mut turns = Vec::new();
            for step in 0..=1_000 {
                let before = temperature.now;
                let turn = temperature.follow(step, budget, float(step) / 1_000.0);
                turns.extend(turn.map(|turn| (step, turn)));
                if temperature.now > before {
                    warmer.push((step, temperature.now.round()));
                }
            }
            assert_eq!(warmer, [(125, 200.0), (250, 200.0), (375, 200.0), (500, 40.0)]);
            assert_eq!(turns[0], (500, Turn::ToBest));
            assert!(turns[1..].iter().all(|&(_, turn)| turn == Turn::ToServeMore), "{turns:?}");
            assert!((temperature.now - 2.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_short_run_cools_once() {
        for budget in [1_000, u64::MAX] {
            let mut temperature = Temperature::of(100.0, 2.0, 1_100.0);
            for step in 0..=1_000 {
                let before = temperature.now;
                let turn = temperature.follow(step, budget, float(step) / 1_000.0);
                assert_ne!(turn, Some(Turn::ToBest));
                assert!(temperature.now <= before, "{step}");
            }
        }
    }
}
