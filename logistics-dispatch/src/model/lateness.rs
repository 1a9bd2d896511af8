//! What lateness costs, as the solver reads it.

use super::Model;
use crate::Job;
use crate::problem::MAX_COST;

/// When a job is late, and what each second then costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Late {
    /// Close of its last window; `i64::MAX` without one.
    due: i64,
    per_second: i64,
}

/// Per job; nothing where no lateness has a price.
pub(super) fn of_jobs(jobs: &[&Job]) -> Vec<Late> {
    let priced = |job: &&Job| job.lateness.is_some() && !job.windows.is_empty();
    if !jobs.iter().any(priced) {
        return Vec::new();
    }
    let late = |job: &&Job| Late {
        due: job.windows.last().map_or(i64::MAX, |window| window.end.get()),
        per_second: job.lateness.map_or(0, |lateness| lateness.per_second),
    };
    jobs.iter().map(late).collect()
}

impl Model {
    /// What it costs that service at a stop begins then.
    #[inline]
    pub(crate) fn lateness_cost(&self, stop: usize, start: i64) -> i64 {
        match self.late.get(stop) {
            Some(late) if start > late.due => {
                start.saturating_sub(late.due).saturating_mul(late.per_second).min(MAX_COST)
            }
            _ => 0,
        }
    }

    /// The last moment at which service at a job can begin and is not late.
    pub(crate) fn due(&self, job: usize) -> i64 {
        let close = self.nodes[job].close;
        self.late.get(job).map_or(close, |late| late.due.min(close))
    }
}
