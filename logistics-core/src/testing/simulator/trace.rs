//! What happened in a run, in order: to compare runs by, and to read after a failure.

use std::fmt;

use chrono::Duration;
use sha2::{Digest as _, Sha256};

use crate::values::Sha256Digest;

/// Who something happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// Clients, the network, a commit on its way.
    Outside,
    /// A process, by number.
    Process(usize),
}

#[derive(Debug, Clone)]
struct Step {
    /// Microseconds since the start.
    at: u64,
    who: Who,
    what: &'static str,
    /// A number that belongs to it: of a command, a position, a time.
    number: u64,
}

/// The steps of a run.
#[derive(Debug, Clone, Default)]
pub struct Trace(Vec<Step>);

impl Trace {
    pub(super) fn push(&mut self, at: u64, who: Who, what: &'static str, number: u64) {
        self.0.push(Step { at, who, what, number });
    }

    /// A digest of all steps: two runs with the same digest were the same run.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        let mut digest = Sha256::new();
        for Step { at, who, what, number } in &self.0 {
            let who = match who {
                Who::Outside => u64::MAX,
                Who::Process(process) => u64::try_from(*process).unwrap_or(u64::MAX),
            };
            for field in [*at, who, *number] {
                digest.update(field.to_be_bytes());
            }
            digest.update(what.as_bytes());
        }
        Sha256Digest::from_bytes(digest.finalize().into())
    }

    /// How many steps were of this kind, such as `crash`.
    #[must_use]
    pub fn count(&self, what: &str) -> usize {
        self.0.iter().filter(|step| step.what == what).count()
    }
}

/// Steps shown after a failure.
const SHOWN: usize = 60;

/// The last steps, one a line.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0[self.0.len().saturating_sub(SHOWN)..] {
            let at = Duration::microseconds(i64::try_from(step.at).unwrap_or(i64::MAX));
            let (seconds, micros) = (at.num_seconds(), at.subsec_nanos() / 1_000);
            match step.who {
                Who::Outside => write!(f, "{seconds:>5}.{micros:06} outside   ")?,
                Who::Process(process) => write!(f, "{seconds:>5}.{micros:06} process {process} ")?,
            }
            writeln!(f, "{} {}", step.what, step.number)?;
        }
        Ok(())
    }
}
