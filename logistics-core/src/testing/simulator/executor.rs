//! One thread that runs all tasks of a run, one at a time, in an order that the seed decides.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Wake, Waker};

use super::broken::Broken;
use super::trace::Who;
use super::world::{Kind, Task, World};

/// Steps after which a run that has not come to its end is stuck.
const STEPS_MAX: u64 = 2_000_000;

struct Running {
    who: Who,
    kind: Kind,
    task: Task,
    waker: Waker,
}

/// The numbers of the tasks that can go on.
type Ready = Arc<Mutex<Vec<u64>>>;

struct Waking {
    task: u64,
    ready: Ready,
}

impl Wake for Waking {
    fn wake(self: Arc<Self>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if !ready.contains(&self.task) {
            ready.push(self.task);
        }
    }
}

/// Runs tasks.
pub(super) struct Executor {
    world: World,
    tasks: BTreeMap<u64, Running>,
    last: u64,
    ready: Ready,
    /// How often a process has waited: at each of these it can die.
    awaits: u64,
    /// The await at which a process dies, whatever the seed says.
    crash_at: Option<u64>,
}

impl Executor {
    pub(super) fn new(world: World, crash_at: Option<u64>) -> Self {
        let (tasks, ready) = (BTreeMap::new(), Ready::default());
        Self { world, tasks, last: 0, ready, awaits: 0, crash_at }
    }

    /// How often processes have waited so far.
    pub(super) const fn awaits(&self) -> u64 {
        self.awaits
    }

    /// Runs until all work is done, or something is broken. `died` is told which process died, and
    /// starts it again.
    pub(super) fn run(&mut self, died: impl Fn(usize)) {
        for _ in 0..STEPS_MAX {
            self.adopt();
            if self.world.with(|state| state.broken.is_some()) {
                return;
            }
            let working = self.tasks.values().any(|running| running.kind == Kind::Work);
            if !working {
                return;
            }
            let Some(task) = self.next() else {
                self.world.broke(Broken::Stuck { reason: "everyone waits for ever" });
                return;
            };
            if let Some(process) = self.step(task) {
                self.tasks.retain(|_, running| running.who != Who::Process(process));
                self.world.with(|state| {
                    state.up[process] = false;
                    // What it had started has not begun.
                    state.started.retain(|(who, ..)| *who != Who::Process(process));
                    state.note(Who::Process(process), "crash", 0);
                });
                died(process);
            }
        }
        self.world.broke(Broken::Stuck { reason: "it does not come to an end" });
    }

    /// Forgets all that still runs, as if every process had died.
    pub(super) fn stop(&mut self) {
        self.tasks.clear();
        self.world.with(|state| {
            state.started.clear();
            state.sleepers.clear();
        });
    }

    fn adopt(&mut self) {
        for (who, kind, task) in self.world.with(|state| std::mem::take(&mut state.started)) {
            self.last += 1;
            let waking = Waking { task: self.last, ready: Arc::clone(&self.ready) };
            let waker = Waker::from(Arc::new(waking));
            waker.wake_by_ref();
            self.tasks.insert(self.last, Running { who, kind, task, waker });
        }
    }

    /// One of those that can go on; where nobody can, time goes on until somebody can.
    fn next(&self) -> Option<u64> {
        loop {
            {
                let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
                ready.retain(|task| self.tasks.contains_key(task));
                if !ready.is_empty() {
                    let at = self.world.with(|state| state.random.index(ready.len()));
                    return Some(ready.swap_remove(at));
                }
            }
            let waker = self.world.with(|state| {
                let ((time, _), waker) = state.sleepers.pop_first()?;
                state.now = state.now.max(time);
                Some(waker)
            })?;
            waker.wake();
        }
    }

    /// Lets a task go on until it waits again. Returns the process that dies there, if one does.
    fn step(&mut self, task: u64) -> Option<usize> {
        let running = self.tasks.get_mut(&task)?;
        let who = running.who;
        let mut context = Context::from_waker(&running.waker);
        if running.task.as_mut().poll(&mut context).is_ready() {
            self.tasks.remove(&task);
            return None;
        }
        let Who::Process(process) = who else { return None };
        self.awaits += 1;
        let told = self.crash_at == Some(self.awaits);
        let unlucky =
            self.world.with(|state| state.goes_wrong(state.faults.crash, who, "is about to crash"));
        (told || unlucky).then_some(process)
    }
}
