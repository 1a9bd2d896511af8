//! The search under a clock.

use std::num::NonZeroUsize;

use logistics_dispatch::{Control, Outcome, Problem, Progress, SolveOptions, solve_parallel};

use crate::clock::Stopwatch;

/// Share of `--seconds` kept for writing the answer, and the least of it in seconds.
const RESERVE: f64 = 0.005;
const RESERVE_S: f64 = 0.004;

/// How long to search, until the first of both (without any, the library's default), and how
/// many times at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) seconds: Option<f64>,
    pub(crate) iterations: Option<u64>,
    pub(crate) threads: NonZeroUsize,
}

impl Budget {
    fn steps(&self) -> u64 {
        match (self.iterations, self.seconds) {
            (Some(iterations), _) => iterations,
            (None, Some(_)) => u64::MAX,
            (None, None) => SolveOptions::default().iterations,
        }
    }

    /// The part of the seconds that is spent, if they are limited.
    fn spent(&self, watch: &Stopwatch) -> Option<f64> {
        let seconds = self.seconds?;
        let limit = seconds - (seconds * RESERVE).max(RESERVE_S);
        Some(watch.spent_s() / limit.max(1e-9))
    }
}

/// Told now and then how a search stands, and which fraction of the run is over.
pub(crate) type Observer<'a> = &'a (dyn Fn(&Progress, f64) + Sync);

pub(crate) fn search(
    problem: &Problem,
    budget: Budget,
    seed: u64,
    watch: &Stopwatch,
    observe: Observer<'_>,
) -> Outcome {
    let options = SolveOptions { seed, iterations: budget.steps() };
    let control = |progress: &Progress| {
        let spent = budget.spent(watch);
        let steps = progress.iterations as f64 / options.iterations as f64;
        observe(progress, spent.unwrap_or(steps));
        match spent {
            None => Control::Continue,
            Some(spent) if spent < 1.0 => Control::Spent(spent),
            Some(_) => Control::Stop,
        }
    };
    solve_parallel(problem, &options, budget.threads, &control)
}
