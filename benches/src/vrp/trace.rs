//! What a search had found by when: a few samples, however long it ran.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use logistics_dispatch::Score;

/// Samples for each tenfold of time or steps.
const PER_DECADE: f64 = 40.0;

/// The best score by each point of a logarithmic grid. Several searches may write into it.
#[derive(Debug)]
pub(crate) struct Trace {
    /// Everything before this counts as this: a logarithm has no beginning.
    from: f64,
    best: Mutex<BTreeMap<i32, Score>>,
}

impl Trace {
    pub(crate) fn new(from: f64) -> Self {
        Self { from, best: Mutex::default() }
    }

    /// By `at` (time or steps) a plan with this score was there.
    pub(crate) fn record(&self, at: f64, score: Score) {
        let mut best = self.best.lock().unwrap_or_else(PoisonError::into_inner);
        let known = best.entry(point(at.max(self.from))).or_insert(score);
        *known = score.min(*known);
    }

    /// The samples by points of the grid, ascending; never worse than the one before.
    pub(crate) fn samples(self) -> Vec<(i32, Score)> {
        let best = self.best.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut lowest = None;
        let running = best.into_iter().map(|(point, score)| {
            let score = lowest.map_or(score, |lowest| score.min(lowest));
            lowest = Some(score);
            (point, score)
        });
        running.collect()
    }
}

/// The first point of the grid that is not before.
#[expect(clippy::cast_possible_truncation, reason = "a logarithm of a time or a count is small")]
fn point(at: f64) -> i32 {
    (at.log10() * PER_DECADE).ceil() as i32
}

/// Where a point of the grid is.
pub(crate) fn place(point: i32) -> f64 {
    10_f64.powf(f64::from(point) / PER_DECADE)
}

#[cfg(test)]
mod tests {
    use logistics_dispatch::Cost;

    use super::*;

    #[test]
    fn keeps_the_best_by_each_point() {
        let trace = Trace::new(100.0);
        for (at, cost) in [(0.0, 9), (99.0, 8), (101.0, 5), (999.0, 6), (1000.0, 4)] {
            trace.record(at, Score { cost: Cost(cost), ..Score::default() });
        }
        let samples = trace.samples();
        let costs: Vec<_> = samples.iter().map(|(at, score)| (*at, score.cost.get())).collect();
        assert_eq!(costs, [(80, 8), (81, 5), (120, 4)]);
        assert!((place(80) - 100.0).abs() < 1e-9 && (place(120) - 1000.0).abs() < 1e-9);
    }
}
