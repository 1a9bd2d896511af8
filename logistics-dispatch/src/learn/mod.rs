//! Constraints that nobody wrote down, read off what supervisors change in plans: a gated
//! community that opens at ten, a partner who is always taken off an area.
//!
//! What comes out are proposals with the records they rest on. Nothing is applied by
//! itself; who accepts one calls [`Proposal::apply`].

mod apply;
mod count;
mod proposal;
mod record;
mod wilson;

pub use apply::ApplyError;
pub use proposal::{Finding, Proposal};
pub use record::{Outcome, Record};
pub use wilson::wilson_lower_bound;

use std::collections::BTreeMap;

use crate::units::Seconds;

/// From where on a pattern is proposed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Fewest records that a proposal rests on, those against it included.
    pub min_records: usize,
    /// Least confidence, in percent: see [`Proposal::confidence_pct`].
    pub min_confidence_pct: u8,
    /// Quantile of the normal distribution for the confidence bound; greater is stricter.
    pub z: f64,
    /// Times are proposed on this grid, counted from midnight; less than a second counts
    /// as a second.
    pub step: Seconds,
}

impl Default for Thresholds {
    /// Five records, 50 % (so 4 of 4 is too little, 5 of 5 and 7 of 8 are enough), 1.96 (a
    /// 95 % interval), whole hours.
    fn default() -> Self {
        Self { min_records: 5, min_confidence_pct: 50, z: 1.96, step: Seconds(3600) }
    }
}

/// What the records suggest, by area: for each area at most one earliest and one latest
/// time, and every partner for whom or against whom there is enough evidence.
///
/// ```
/// use logistics_dispatch::Seconds;
/// use logistics_dispatch::learn::{Outcome, Record, Thresholds, propose};
///
/// let visit = |day: i64, outcome| Record {
///     job: format!("SHP-{day}"),
///     area: "Gate 4".into(),
///     planned: Seconds(8 * 3600 + day * 600),
///     partner: "DP-1".into(),
///     outcome,
/// };
/// let put_off = Outcome::Retimed { to: Seconds(10 * 3600 + 300) };
/// let mut records: Vec<Record> = (0..7).map(|day| visit(day, put_off.clone())).collect();
/// records.push(visit(7, Outcome::Kept));
///
/// let proposals = propose(&records, &Thresholds::default());
/// assert_eq!(
///     proposals[0].to_string(),
///     "jobs in area Gate 4 are not visited before 10:00 (moved later 7 of 8 times, 52 % sure)"
/// );
/// assert_eq!(proposals[0].opposing, [7]);
/// ```
#[must_use]
pub fn propose(records: &[Record], thresholds: &Thresholds) -> Vec<Proposal> {
    let mut areas: BTreeMap<&str, Vec<(usize, &Record)>> = BTreeMap::new();
    for (index, record) in records.iter().enumerate() {
        areas.entry(&record.area).or_default().push((index, record));
    }
    let mut proposals = Vec::new();
    for (area, records) in areas {
        proposals.extend(count::times(area, &records, thresholds));
        proposals.extend(count::partners(area, &records, thresholds));
    }
    proposals
}
