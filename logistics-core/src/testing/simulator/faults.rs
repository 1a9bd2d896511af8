//! What goes wrong in a simulation, and how often.

use super::random::Random;

/// How often each thing goes wrong, in 10,000 times, and how many times at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Faults {
    /// A process dies at an await: what it had in memory is gone. It starts anew a little later.
    pub crash: u32,
    /// A call of a store fails before anything is done.
    pub unavailable: u32,
    /// A write is done, or not, or later, and its caller is not told which.
    pub unknown: u32,
    /// A message between a client and a process is lost.
    pub lost: u32,
    /// A command arrives twice.
    pub twice: u32,
    /// A message takes seconds instead of milliseconds, so that others overtake it.
    pub late: u32,
    /// The clock of a process jumps ahead or back, by up to six hours.
    pub clock: u32,
    /// For a second every call takes long, so that everyone is in everyone's way.
    pub storm: u32,
    /// How many of them happen at most, so that a run comes to an end.
    pub budget: u32,
}

impl Faults {
    /// Nothing goes wrong; only the order of what happens at once is left to the seed.
    pub const NONE: Self = Self {
        crash: 0,
        unavailable: 0,
        unknown: 0,
        lost: 0,
        twice: 0,
        late: 0,
        clock: 0,
        storm: 0,
        budget: 0,
    };

    /// Everything goes wrong now and then.
    pub const MANY: Self = Self {
        crash: 60,
        unavailable: 150,
        unknown: 800,
        lost: 600,
        twice: 1_500,
        late: 800,
        clock: 30,
        storm: 15,
        budget: 80,
    };

    /// Some of [`Self::MANY`], some of them more often, some not at all: what goes wrong alone, or
    /// all the time, shows other mistakes than what goes wrong beside everything else (A. Groce and
    /// others, "Swarm Testing", ISSTA 2012).
    #[must_use]
    pub fn some(random: &mut Random) -> Self {
        let mut faults = Self::MANY;
        for rate in [
            &mut faults.crash,
            &mut faults.unavailable,
            &mut faults.unknown,
            &mut faults.lost,
            &mut faults.twice,
            &mut faults.late,
            &mut faults.clock,
            &mut faults.storm,
        ] {
            *rate *= random.pick(&[0, 1, 1, 3]).copied().unwrap_or_default();
        }
        faults
    }
}
