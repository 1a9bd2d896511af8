//! The temperature: how much worse a plan may be and still be gone on from.

use crate::rng::Rng;
use crate::state::State;

/// End temperature as a fraction of the start temperature.
const COOLED: f64 = 0.01;

/// Geometric cooling from the mean cost of a leg of the first plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Temperature {
    start: f64,
    now: f64,
}

/// A count or cost as a float: a temperature needs no 53 bits.
pub(super) fn float(value: impl TryInto<i64>) -> f64 {
    let value: i64 = value.try_into().unwrap_or(i64::MAX);
    value as f64
}

impl Temperature {
    pub(super) fn new(first: &State<'_>) -> Self {
        let mut legs = 0;
        let mut driving = 0;
        for (line, &class) in first.lines.iter().zip(&first.model.class_of) {
            if !line.stops.is_empty() {
                legs += line.stops.len() + 1;
                driving += line.cost - first.model.classes[class as usize].fixed;
            }
        }
        let mean = float(driving) / float(legs.max(1));
        Self { start: mean, now: mean }
    }

    /// Cools to where the run is: by iterations or by the caller's own budget,
    /// whichever is further.
    pub(super) fn follow(&mut self, iterations: u64, budget: u64, spent: f64) {
        let done = float(iterations) / float(budget.max(1));
        let fraction = if spent > done { spent.min(1.0) } else { done };
        self.now = self.start * libm::pow(COOLED, fraction);
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
        let mut by_steps = Temperature { start: 100.0, now: 100.0 };
        by_steps.follow(50, 100, 0.0);
        assert!((by_steps.now - 10.0).abs() < 1e-9);
        by_steps.follow(50, 100, 1.0);
        assert!((by_steps.now - 1.0).abs() < 1e-9);
        by_steps.follow(50, 100, f64::NAN);
        assert!((by_steps.now - 10.0).abs() < 1e-9);
    }
}
