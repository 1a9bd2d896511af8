//! The one line that is printed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::args::Args;
use crate::count::Counted;
use crate::device::Seen;
use crate::process::Usage;

/// What a run gave, ready to print.
pub(crate) struct Report {
    counted: Counted,
    line: Value,
}

impl Report {
    #[allow(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
    pub(crate) fn new(
        args: &Args,
        devices: &[Seen],
        counted: Counted,
        handshake_s: f64,
        seconds: f64,
        usage: Option<(Usage, Option<f64>)>,
    ) -> Self {
        let sent: u64 = devices.iter().map(|seen| seen.sent).sum();
        let acked: usize = devices.iter().map(|seen| seen.acknowledged.len()).sum();
        let mut latencies: Vec<u64> =
            devices.iter().flat_map(|seen| seen.latencies_us.iter().copied()).collect();
        latencies.sort_unstable();
        let cpu_s = usage.map(|(usage, _)| usage.cpu_s);
        let rss_mb = usage.and_then(|(_, rss_mb)| rss_mb);
        let line = json!({
            "devices": devices.len(),
            "transport": if args.plain { "tcp" } else { "mtls" },
            "batch": args.batch,
            "sent": sent,
            "acked": acked,
            "stored": counted.stored,
            "lost": counted.lost,
            "duplicated": counted.duplicated,
            "fixes_per_s": rounded(acked as f64 / seconds),
            "puback_p50_ms": quantile_ms(&latencies, 50),
            "puback_p99_ms": quantile_ms(&latencies, 99),
            "handshake_s": rounded(handshake_s),
            "backlog_s": longest_s(devices.iter().filter_map(|seen| seen.drained)),
            "reconnect_s": longest_s(devices.iter().flat_map(|seen| seen.away.iter().copied())),
            "server_cpu_us_per_fix": cpu_s.map(|cpu| rounded(cpu * 1e6 / (acked.max(1) as f64))),
            "server_cpu_pct": cpu_s.map(|cpu| rounded(cpu * 100.0 / seconds)),
            "server_rss_mb": rss_mb.map(rounded),
        });
        Self { counted, line }
    }

    pub(crate) fn line(&self) -> &Value {
        &self.line
    }

    /// Nothing acknowledged is lost, nothing is stored twice.
    pub(crate) fn is_clean(&self) -> bool {
        self.counted.lost == 0 && self.counted.duplicated == 0
    }
}

fn longest_s(times: impl Iterator<Item = Duration>) -> Option<f64> {
    times.max().map(|longest| rounded(longest.as_secs_f64()))
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// A percentile of sorted microseconds, in milliseconds.
#[allow(clippy::cast_precision_loss, reason = "latencies are far below 2^52 microseconds")]
fn quantile_ms(sorted: &[u64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map(|&micros| rounded(micros as f64 / 1_000.0))
}
