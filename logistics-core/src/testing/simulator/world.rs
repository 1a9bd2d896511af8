//! The world of a run: its time, its luck, who sleeps, and what has happened.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use chrono::{DateTime, Duration, Utc};

use super::broken::Broken;
use super::faults::Faults;
use super::history::History;
use super::random::Random;
use super::trace::{Trace, Who};

/// Something that is done, by someone, until its end.
pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How many processes run the program.
pub(super) const PROCESSES: usize = 2;

/// Shared by all that take part in a run; all in one thread, so nobody ever waits for the lock.
#[derive(Clone)]
pub(super) struct World(Arc<Mutex<State>>);

pub(super) struct State {
    pub(super) random: Random,
    pub(super) faults: Faults,
    /// Microseconds since the start.
    pub(super) now: u64,
    /// Counts what happens, to tell before from after.
    tick: u64,
    /// Whoever waits for a time, by that time and then at random.
    pub(super) sleepers: BTreeMap<(u64, u64), Waker>,
    /// What was started and has not run yet.
    pub(super) started: Vec<(Who, Kind, Task)>,
    /// How far the clock of each process is off, in microseconds.
    clocks: [i64; PROCESSES],
    /// Whether each process is up.
    pub(super) up: [bool; PROCESSES],
    storm_until: u64,
    pub(super) history: History,
    pub(super) trace: Trace,
    /// The first thing that was seen to be wrong.
    pub(super) broken: Option<Broken>,
}

/// Whether a run waits for the end of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It does.
    Work,
    /// It goes on until the run is over.
    Service,
}

impl World {
    pub(super) fn new(random: Random, faults: Faults) -> Self {
        Self(Arc::new(Mutex::new(State {
            random,
            faults,
            now: 0,
            tick: 0,
            sleepers: BTreeMap::new(),
            started: Vec::new(),
            clocks: [0; PROCESSES],
            up: [true; PROCESSES],
            storm_until: 0,
            history: History::new(PROCESSES),
            trace: Trace::default(),
            broken: None,
        })))
    }

    /// Looks at the state, or changes it. Not to be called from within `f`.
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes what was seen to be wrong; the run ends with the first.
    pub(super) fn broke(&self, broken: Broken) {
        self.with(|state| {
            state.broken.get_or_insert(broken);
        });
    }

    pub(super) fn note(&self, who: Who, what: &'static str, number: u64) {
        self.with(|state| state.note(who, what, number));
    }

    pub(super) fn start(&self, who: Who, kind: Kind, task: Task) {
        self.with(|state| state.started.push((who, kind, task)));
    }

    /// Waits so many microseconds.
    pub(super) async fn sleep(&self, micros: u64) {
        let until = self.with(|state| state.now.saturating_add(micros));
        let mut asleep = false;
        poll_fn(|context| {
            self.with(|state| {
                if asleep && state.now >= until {
                    return Poll::Ready(());
                }
                // Asked again before the time, such as by a join: both wakers count.
                asleep = true;
                state.wake_at(until, context.waker().clone());
                Poll::Pending
            })
        })
        .await;
    }

    /// The time that the clock of a process shows.
    pub(super) fn clock(&self, who: Who) -> DateTime<Utc> {
        self.with(|state| state.clock(who))
    }
}

impl State {
    /// Notes what happens, and counts it.
    pub(super) fn note(&mut self, who: Who, what: &'static str, number: u64) {
        self.tick += 1;
        self.trace.push(self.now, who, what, number);
    }

    /// A tick of its own for what happens now.
    pub(super) fn tick(&mut self) -> u64 {
        self.tick += 1;
        self.tick
    }

    /// Whether something goes wrong that does so `times` in 10,000 times.
    pub(super) fn goes_wrong(&mut self, times: u32, who: Who, what: &'static str) -> bool {
        let wrong = self.faults.budget > 0 && self.random.chance(times);
        if wrong {
            self.faults.budget -= 1;
            self.note(who, what, 0);
        }
        wrong
    }

    /// Ties are broken at random: whoever waits for the same time is woken in any order.
    pub(super) fn wake_at(&mut self, time: u64, waker: Waker) {
        let mut tie = self.random.number();
        while self.sleepers.contains_key(&(time, tie)) {
            tie = tie.wrapping_add(1);
        }
        self.sleepers.insert((time, tie), waker);
    }

    /// How long a call, or a message, takes: microseconds. Now and then a clock jumps or a storm
    /// begins meanwhile.
    pub(super) fn delay(&mut self, who: Who) -> u64 {
        if let Who::Process(process) = who
            && self.goes_wrong(self.faults.clock, who, "clock jumps")
        {
            let six_hours = 6 * 3_600 * 1_000_000;
            let by = i64::try_from(self.random.below(2 * six_hours)).unwrap_or_default();
            self.clocks[process] = match self.random.below(3) {
                0 => 0,
                _ => by - i64::try_from(six_hours).unwrap_or_default(),
            };
        }
        if self.goes_wrong(self.faults.storm, who, "storm") {
            self.storm_until = self.now + 1_000_000;
        }
        let longest = if self.now < self.storm_until { 100_000 } else { 2_000 };
        self.random.below(longest)
    }

    pub(super) fn clock(&self, who: Who) -> DateTime<Utc> {
        let off = match who {
            Who::Outside => 0,
            Who::Process(process) => self.clocks[process],
        };
        let micros = i64::try_from(self.now).unwrap_or(i64::MAX).saturating_add(off);
        // A moment in November 2026.
        DateTime::from_timestamp(1_795_424_400, 0).unwrap_or_default()
            + Duration::microseconds(micros)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}
