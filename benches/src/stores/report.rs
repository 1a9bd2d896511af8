//! Clocks, quantiles, and the lines that are printed.

use std::fs;
use std::io::{self, Write as _};
use std::time::Instant;

/// Ticks in which Linux counts a process's time, whatever the machine.
const TICKS_PER_S: f64 = 100.0;

/// Wall time and the processor time of this process.
pub(crate) struct Clock {
    begun: Instant,
    cpu_s: Option<f64>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { begun: Instant::now(), cpu_s: cpu_s() }
    }

    /// Seconds of wall time, and of processor time where the system tells it.
    pub(crate) fn stop(&self) -> (f64, Option<f64>) {
        let cpu = cpu_s().zip(self.cpu_s).map(|(now, then)| now - then);
        (self.begun.elapsed().as_secs_f64(), cpu)
    }
}

/// User and system time so far, all threads.
fn cpu_s() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in brackets, may hold anything; the times are the 12th and 13th word after it.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut words = rest.split(' ').skip(11);
    let (user, system): (f64, f64) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some((user + system) / TICKS_PER_S)
}

/// The `q`-quantile of sorted microseconds, in milliseconds.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index into a list in memory, and times of a run"
)]
pub(crate) fn quantile_ms(sorted: &[u64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let micros = *sorted.get((last as f64 * q).round() as usize)?;
    Some((micros as f64 / 10.0).round() / 100.0)
}

/// `count` in each of `seconds`.
#[allow(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
pub(crate) fn per(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds
}

pub(crate) fn print(line: &serde_json::Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
