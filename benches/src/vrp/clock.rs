//! Wall and processor time of a run.

use std::fs;
use std::time::Instant;

/// Runs from its making; its budget is counted in wall time or in processor time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch {
    begun: Instant,
    begun_cpu_s: Option<f64>,
    by_cpu: bool,
}

impl Stopwatch {
    /// `by_cpu`: the budget is processor time, where the system tells it.
    pub(crate) fn start(by_cpu: bool) -> Self {
        Self::since(Instant::now(), by_cpu)
    }

    /// Wall time since a moment before.
    pub(crate) fn since(begun: Instant, by_cpu: bool) -> Self {
        Self { begun, begun_cpu_s: thread_cpu_s(), by_cpu }
    }

    pub(crate) fn wall_s(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// Processor time of this thread, where the system tells it.
    pub(crate) fn cpu_s(&self) -> Option<f64> {
        Some(thread_cpu_s()? - self.begun_cpu_s?)
    }

    /// What of the budget is spent, in seconds.
    pub(crate) fn spent_s(&self) -> f64 {
        let cpu_s = if self.by_cpu { self.cpu_s() } else { None };
        cpu_s.unwrap_or_else(|| self.wall_s())
    }
}

/// Linux only: `None` elsewhere.
fn thread_cpu_s() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_ascii_whitespace().next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1e9)
}
