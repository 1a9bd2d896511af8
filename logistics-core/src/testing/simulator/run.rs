//! What is simulated, and the run itself.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::audit;
use super::broken::Broken;
use super::checks::{self, Streams};
use super::clients::{self, Request};
use super::drains;
use super::executor::Executor;
use super::faults::Faults;
use super::older::Older;
use super::ports::Below;
use super::process::Process;
use super::random::Random;
use super::services::{self, Service, service};
use super::trace::{Trace, Who};
use super::world::{Kind, PROCESSES, Task, World};
use crate::eventsourcing::{Decider, Projection, StreamId};
use crate::memory::MemoryStore;
use crate::testing::stores::Stores;
use crate::values::Sha256Digest;

type Check = Arc<dyn Fn(Process, Arc<Streams>) -> Checked + Send + Sync>;
type Checked = Pin<Box<dyn Future<Output = Result<(), Broken>> + Send>>;

/// A simulation of clients, processes and a store, decided by a seed.
///
/// ```
/// # use logistics_core::eventsourcing::{DecideContext, Decider, StreamId};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
/// # pub struct Counted { by: u32 }
/// # logistics_core::domain_events! { pub enum TallyEvent { Counted = 1 } }
/// # #[derive(Debug, Clone, PartialEq, thiserror::Error)]
/// # #[error("refused")]
/// # pub struct Never;
/// # pub struct Tally;
/// # impl Decider for Tally {
/// #     const CATEGORY: &'static str = "TLY";
/// #     type Command = u32;
/// #     type Event = TallyEvent;
/// #     type State = u64;
/// #     type Rejection = Never;
/// #     type Policy = ();
/// #     fn decide(_: &u64, by: &u32, _: &DecideContext<'_, ()>) -> Result<Vec<TallyEvent>, Never> {
/// #         Ok(vec![Counted { by: *by }.into()])
/// #     }
/// #     fn evolve(state: u64, TallyEvent::Counted(c): &TallyEvent) -> u64 { state + u64::from(c.by) }
/// # }
/// use logistics_core::testing::simulator::Simulation;
///
/// for seed in 0..10 {
///     // Twelve commands on two streams of your aggregate.
///     let stream = |n| StreamId::new("TLY", n % 2).unwrap();
///     let commands = (0..12).map(|n| (stream(n), n));
///     let run = Simulation::new(seed).commands::<Tally>((), commands).run();
///     run.unwrap_or_else(|failure| panic!("{failure}"));
/// }
/// ```
#[must_use]
pub struct Simulation {
    seed: u64,
    faults: Faults,
    crash_at: Option<u64>,
    below: Below,
    requests: Vec<Request>,
    services: Vec<Service>,
    checks: Vec<Check>,
    /// What cannot be run, found while it was put together.
    broken: Option<Broken>,
}

impl Simulation {
    /// A simulation with this seed, on a store in memory, in which [some](Faults::some) things go
    /// wrong.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            faults: Faults::some(&mut Random::new(!seed)),
            crash_at: None,
            below: Below::of(&Stores::of(MemoryStore::new(), 100)),
            requests: Vec::new(),
            services: vec![
                service(services::follower),
                service(services::relay),
                service(services::alarm),
            ],
            checks: Vec::new(),
            broken: None,
        }
    }

    /// The same on these stores: their events, read models, messages and timers. They must be new,
    /// and must not wait for a runtime.
    pub fn on(mut self, stores: &Stores) -> Self {
        self.below = Below::of(stores);
        self
    }

    /// The same with these things going wrong.
    pub const fn with(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// The same, and the process that waits for the `n`th time in the run dies there. With
    /// [`Faults::NONE`] and every `n` up to [`Report::awaits`], each point is tried at which a
    /// process can die.
    pub const fn crash_at(mut self, n: u64) -> Self {
        self.crash_at = Some(n);
        self
    }

    /// The same with clients who send `commands` to the aggregates `D` of these streams. Those of
    /// one stream are mostly sent in this order, one when the one before is answered.
    pub fn commands<D: Decider + 'static>(
        mut self,
        policy: D::Policy,
        commands: impl IntoIterator<Item = (StreamId, D::Command)>,
    ) -> Self {
        let policy = Arc::new(policy);
        for (stream, command) in commands {
            let number = self.requests.len();
            match Request::new::<D>(number, stream, command, Arc::clone(&policy)) {
                Ok(request) => self.requests.push(request),
                Err(error) => self.broken = Some(Broken::Check(error.to_string())),
            }
        }
        self
    }

    /// The same with the read model of `P`, which every process keeps up to date.
    pub fn projecting<P: Projection + 'static>(mut self) -> Self {
        self.services.extend([
            service(audit::auditor::<P>),
            service(|process| async move {
                // The first process runs an older program.
                if process.number() == 0 {
                    services::projector::<Older<P>>(process).await;
                } else {
                    services::projector::<P>(process).await;
                }
            }),
            service(|process| async move {
                if process.number() == 0 {
                    services::mender::<Older<P>>(process).await;
                } else {
                    services::mender::<P>(process).await;
                }
            }),
        ]);
        self.checks.push(Arc::new(|process, streams| {
            Box::pin(async move { drains::check_model::<P>(&process, &streams).await })
        }));
        self
    }

    /// The same with something of your own that runs in every process, and is started again when
    /// the process has died: a process manager, a runner of timers. It should not end.
    pub fn running<F>(mut self, run: impl Fn(Process) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.services.push(service(run));
        self
    }

    /// The same with something of your own that must hold in the end, when nothing goes wrong any
    /// more: says in words what does not.
    pub fn checking<F>(mut self, check: impl Fn(Process) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.push(Arc::new(move |process, _| {
            let checking = check(process);
            Box::pin(async move { checking.await.map_err(Broken::Check) })
        }));
        self
    }

    /// Runs it.
    ///
    /// # Errors
    /// [`Failure`] with the first promise that was not kept.
    pub fn run(mut self) -> Result<Report, Box<Failure>> {
        let world = World::new(Random::new(self.seed), self.faults);
        if let Some(broken) = self.broken.take() {
            world.broke(broken);
        }
        let mut executor = Executor::new(world.clone(), self.crash_at);
        let streams: Arc<[StreamId]> = self.requests.iter().map(|r| r.stream.clone()).collect();
        self.services.push(service(move |process| services::reader(process, Arc::clone(&streams))));
        let services: Arc<[Service]> = self.services.iter().cloned().collect();
        for number in 0..PROCESSES {
            let process = Process::new(world.clone(), number, self.below.clone());
            services::begin(&process, &services);
        }
        clients::begin(&world, &self.below, &self.requests);
        executor.run(|number| {
            let process = Process::new(world.clone(), number, self.below.clone());
            world.start(Who::Outside, Kind::Service, restart(process, Arc::clone(&services)));
        });
        let awaits = executor.awaits();
        // Everything stops, and what is left is what the store took.
        executor.stop();
        world.with(|state| state.faults = Faults::NONE);
        let process = Process::new(world.clone(), PROCESSES - 1, self.below.clone());
        let mut executor = Executor::new(world.clone(), None);
        world.start(Who::Outside, Kind::Work, self.check(process));
        executor.run(|_| {});
        executor.stop();
        let (broken, trace) =
            world.with(|state| (state.broken.take(), std::mem::take(&mut state.trace)));
        match broken {
            None => Ok(Report { seed: self.seed, awaits, trace }),
            Some(broken) => Err(Box::new(Failure { seed: self.seed, broken, trace })),
        }
    }

    /// All that must hold in the end, one after the other.
    fn check(&self, process: Process) -> Task {
        let (requests, checks) = (self.requests.clone(), self.checks.clone());
        Box::pin(async move {
            let checking = async {
                let streams = Arc::new(checks::load(&process, &requests).await?);
                checks::check(&process, &requests, &streams).await?;
                drains::check_followers(&process, &streams).await?;
                drains::check_messages(&process, &streams).await?;
                drains::check_timers(&process, &streams).await?;
                for check in &checks {
                    check(process.clone(), Arc::clone(&streams)).await?;
                }
                Ok(())
            };
            if let Err(broken) = checking.await {
                process.broke(broken);
            }
        })
    }
}

/// Starts a process again that has died, after a while.
fn restart(process: Process, services: Arc<[Service]>) -> Task {
    Box::pin(async move {
        let (world, number) = (process.0.world.clone(), process.number());
        let down = world.with(|state| state.random.below(500_000));
        world.sleep(down).await;
        world.with(|state| {
            state.up[number] = true;
            state.note(Who::Process(number), "starts again", 0);
        });
        services::begin(&process, &services);
    })
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation")
            .field("seed", &self.seed)
            .field("faults", &self.faults)
            .field("commands", &self.requests.len())
            .finish_non_exhaustive()
    }
}

/// A run in which every promise was kept.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// How often a process waited: at each of these it could have died.
    pub awaits: u64,
    /// What happened.
    pub trace: Trace,
}

impl Report {
    /// A digest of all that happened: the same for the same seed, and for no other run.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        self.trace.digest()
    }
}

/// A run in which a promise was not kept.
#[derive(Debug, thiserror::Error)]
#[error("{broken}\n\nThe last steps:\n{trace}\nThe same again: LOGISTICS_SIM_SEED={seed}")]
#[non_exhaustive]
pub struct Failure {
    /// The seed, with which it happens again.
    pub seed: u64,
    /// The promise.
    pub broken: Broken,
    /// What happened.
    pub trace: Trace,
}
