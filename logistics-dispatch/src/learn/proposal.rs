//! A constraint that nobody has accepted yet.

use core::fmt;

use crate::units::Seconds;

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
