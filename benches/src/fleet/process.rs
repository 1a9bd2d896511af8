//! Processor time and memory of another process, as Linux tells them.

use std::fs;

use anyhow::{Context as _, Result};

/// Ticks in which Linux counts a process's time, whatever the machine.
const TICKS_PER_S: f64 = 100.0;

/// Processor time used, in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) cpu_s: f64,
}

impl Usage {
    /// User and system time of all threads so far.
    pub(crate) fn now(pid: u32) -> Result<Self> {
        let path = format!("/proc/{pid}/stat");
        let stat = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
        // The name, in brackets, may hold anything; the times are the 12th and 13th word after it.
        let rest = stat.rsplit_once(") ").context("no stat line")?.1;
        let mut words = rest.split(' ').skip(11);
        let mut ticks = || words.next().and_then(|word| word.parse::<f64>().ok()).context("short");
        Ok(Self { cpu_s: (ticks()? + ticks()?) / TICKS_PER_S })
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self { cpu_s: self.cpu_s - before.cpu_s }
    }
}

/// Resident memory now, in megabytes.
pub(crate) fn rss_mb(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1_024.0 / 1e6)
}
