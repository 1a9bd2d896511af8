//! How much memory this process took.

use std::fs;

/// The most that was resident at once since the process began, in megabytes. Linux only: `None`
/// elsewhere.
pub(crate) fn peak_rss_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some((kib * 1_024.0 / 1e5).round() / 10.0)
}
