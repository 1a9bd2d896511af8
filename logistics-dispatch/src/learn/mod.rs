//! Constraints that nobody wrote down, read off what supervisors change in plans: a gated
//! community that opens at ten, a partner who is always taken off an area.
//!
//! What comes out are proposals with the records they rest on. Nothing is applied by
//! itself; who accepts one calls [`Proposal::apply`].

mod apply;
mod count;
mod wilson;

pub use apply::ApplyError;
pub use wilson::wilson_lower_bound;

use core::fmt;
use std::collections::BTreeMap;

use crate::units::Seconds;

/// What became of one planned visit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It stayed as planned. Records of these count against proposals: without them a
    /// rate is one among overrides only, and looks higher than it is.
    Kept,
    /// Another partner got it.
    Reassigned {
        /// Who.
        to: String,
    },
    /// It went to another point of the route.
    Reordered {
        /// When it was then to be visited, since midnight.
        to: Seconds,
    },
    /// It was set to another time.
    Retimed {
        /// When, since midnight.
        to: Seconds,
    },
    /// It was taken out of the plan.
    Removed,
}

/// One planned visit and what a supervisor made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Id of the job.
    pub job: String,
    /// The caller's key of its area: a postcode, a gate, a zone.
    pub area: String,
    /// When it was planned, since midnight, local time.
    pub planned: Seconds,
    /// Id of the partner who was to visit it.
    pub partner: String,
    /// What became of it.
    pub outcome: Outcome,
}

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

/// What a pattern says about an area.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Finding {
    /// Its jobs are not visited before this time since midnight: visits planned earlier
    /// were put off until then.
    NotBefore(Seconds),
    /// Its jobs are not visited after this time since midnight: visits planned later were
    /// brought forward.
    NotAfter(Seconds),
    /// This partner's visits there are given to others.
    TakenOff(String),
    /// Visits taken from others there are given to this partner.
    Preferred(String),
}

/// A constraint that the records suggest, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proposal {
    /// Key of the area.
    pub area: String,
    /// What is proposed.
    pub finding: Finding,
    /// Records that bear it out, as indexes into the list given.
    pub supporting: Vec<usize>,
    /// Records in which it could have been borne out and was not.
    pub opposing: Vec<usize>,
    /// How sure it is, in percent, rounded down: the lower end of the Wilson interval for
    /// the share of supporting records. Few records make it small, however clear they are.
    pub confidence_pct: u8,
}

impl Proposal {
    /// How many records it rests on, those against it included.
    #[must_use]
    pub fn records(&self) -> usize {
        self.supporting.len() + self.opposing.len()
    }
}

impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (area, clock) = (&self.area, |time: &Seconds| {
            let minutes = time.get().div_euclid(60);
            format!("{:02}:{:02}", minutes.div_euclid(60), minutes.rem_euclid(60))
        });
        let how = match &self.finding {
            Finding::NotBefore(time) => {
                write!(f, "jobs in area {area} are not visited before {}", clock(time))?;
                "moved later"
            }
            Finding::NotAfter(time) => {
                write!(f, "jobs in area {area} are not visited after {}", clock(time))?;
                "moved earlier"
            }
            Finding::TakenOff(partner) => {
                write!(f, "partner {partner} is taken off area {area}")?;
                "reassigned"
            }
            Finding::Preferred(partner) => {
                write!(f, "partner {partner} is preferred for area {area}")?;
                "chosen"
            }
        };
        let (yes, all) = (self.supporting.len(), self.records());
        write!(f, " ({how} {yes} of {all} times, {} % sure)", self.confidence_pct)
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
