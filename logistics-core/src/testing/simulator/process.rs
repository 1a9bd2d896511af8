//! A process that runs the program: what may be called in it, and when it dies.

use std::fmt;

use chrono::{DateTime, Duration, Utc};

use super::broken::Broken;
use super::ports::{Below, Ports};
use super::trace::Who;
use super::world::World;
use crate::eventsourcing::{EventStore, Outbox, ReadModels, StoreError, StoreErrorKind, Timers};

/// A process of the simulation, for what runs in it. At each await it can die; what it keeps in
/// memory is gone then.
///
/// What runs in it may wait for these ports, for [`sleep`](Self::sleep) and for its own futures,
/// and for nothing else.
#[derive(Clone)]
pub struct Process(pub(super) Ports);

impl Process {
    pub(super) const fn new(world: World, number: usize, below: Below) -> Self {
        Self(Ports { world, who: Who::Process(number), below })
    }

    /// Which of the processes this is, counted from 0.
    #[must_use]
    pub const fn number(&self) -> usize {
        match self.0.who {
            Who::Process(number) => number,
            Who::Outside => usize::MAX,
        }
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> &dyn EventStore {
        &self.0
    }

    /// The read models.
    #[must_use]
    pub fn models(&self) -> &dyn ReadModels {
        &self.0
    }

    /// The messages that wait.
    #[must_use]
    pub fn outbox(&self) -> &dyn Outbox {
        &self.0
    }

    /// The timers that wait.
    #[must_use]
    pub fn timers(&self) -> &dyn Timers {
        &self.0
    }

    /// What the clock of this process shows: it may be wrong, and step back.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.world.clock(self.0.who)
    }

    /// Waits; no clock has to be waited for, the time of the simulation just goes on.
    pub async fn sleep(&self, time: Duration) {
        let micros = u64::try_from(time.num_microseconds().unwrap_or(i64::MAX)).unwrap_or(0);
        self.0.world.sleep(micros).await;
    }

    /// Waits for some time between the first and the second.
    pub async fn sleep_about(&self, from: Duration, to: Duration) {
        let range = u64::try_from((to - from).num_microseconds().unwrap_or_default()).unwrap_or(0);
        let more = i64::try_from(self.below(range)).unwrap_or_default();
        self.sleep(from + Duration::microseconds(more)).await;
    }

    /// A number below `bound`, as the seed will have it.
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        self.0.world.with(|state| state.random.below(bound))
    }

    /// Ends the run: a promise was broken.
    pub fn broke(&self, broken: Broken) {
        self.0.world.broke(broken);
    }

    /// Passes over a failure that the simulation has made; any other ends the run.
    pub fn endure(&self, error: &StoreError) {
        if error.kind != StoreErrorKind::Unavailable {
            self.broke(Broken::Store { reason: format!("{error}: {}", error.source) });
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Process").field(&self.number()).finish()
    }
}
