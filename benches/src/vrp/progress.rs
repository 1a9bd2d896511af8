//! A bar on the terminal that says how the search stands.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use logistics_dispatch::formats::Instance;
use logistics_dispatch::{Progress, Score};

/// Parts of the run that the bar tells apart.
const PARTS: u64 = 1000;
/// Drawings per second.
const RATE: u8 = 5;
const LAYOUT: &str = "{elapsed:>4} {wide_bar} {msg}";

/// On standard error, and only if that is a terminal.
pub(crate) struct Bar {
    bar: ProgressBar,
    /// The best of all searches.
    best: Mutex<Option<Score>>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(RATE);
        let bar = ProgressBar::with_draw_target(Some(PARTS), target);
        if let Ok(style) = ProgressStyle::with_template(LAYOUT) {
            bar.set_style(style);
        }
        Self { bar, best: Mutex::new(None) }
    }

    /// The progress of one search; `done`: the fraction of the run that is over.
    pub(crate) fn show(&self, instance: &Instance, progress: &Progress, done: f64) {
        if self.bar.is_hidden() {
            return;
        }
        let best = self.best_with(progress.best);
        let (cost, out) = (instance.display_cost(best.cost), best.unserved_jobs);
        self.bar.set_message(format!("{} steps, cost {cost}, {out} left out", progress.iterations));
        let parts = Duration::from_secs_f64(done.clamp(0.0, 1.0)).as_millis();
        self.bar.set_position(u64::try_from(parts).unwrap_or(PARTS));
    }

    fn best_with(&self, own: Score) -> Score {
        let mut known = self.best.lock().unwrap_or_else(PoisonError::into_inner);
        let best = known.map_or(own, |known| known.min(own));
        *known = Some(best);
        best
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
