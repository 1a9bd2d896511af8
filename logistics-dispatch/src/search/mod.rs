//! Improvement by ruin and recreate with annealed acceptance.
//!
//! Slack induction by string removals (Christiaens and Vanden Berghe 2020,
//! doi:10.1287/trsc.2019.0914): remove a few strings of adjacent stops, put the jobs
//! back greedily where they cost least, and accept by simulated annealing, which a long run
//! of a problem with windows begins several times. Only feasible plans are ever visited.
//! Jobs without a place wait in a bank; every step tries to place some of them too, and a
//! plan that leaves out others, who were left out less often, may be somewhat dearer.

mod absences;
mod anneal;
mod best;
mod look;
#[cfg(feature = "parallel")]
mod parallel;
mod recreate;
mod reload;
mod ruin;
#[cfg(test)]
mod tests;

#[cfg(feature = "parallel")]
pub use parallel::{MAX_THREADS, solve_parallel};

use crate::model::{Model, Nearness};
use crate::problem::{MAX_TIME, Problem};
use crate::rng::Rng;
use crate::routes::{PlanError, by_vehicle};
use crate::savings::{construct, insert_bank};
use crate::solution::{Score, Solution};
use crate::state::{Journal, State};
use crate::units::Cost;
use absences::Absences;
use anneal::{Temperature, Turn};
use best::Best;

/// How many iterations pass between two questions to the caller.
const POLL_EVERY: u64 = 128;

/// What a run depends on besides the problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SolveOptions {
    /// Which of the many possible searches to run.
    pub seed: u64,
    /// How many ruin-and-recreate steps to make at most. The search cools towards this
    /// number, so a run of 10 000 is not the beginning of a run of 20 000.
    pub iterations: u64,
}

impl Default for SolveOptions {
    /// Seed 1, 50 000 iterations: about half a second of work.
    fn default() -> Self {
        Self { seed: 1, iterations: 50_000 }
    }
}

/// How far a run is, told to the caller every 128 iterations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Steps made.
    pub iterations: u64,
    /// Score of the best plan so far.
    pub best: Score,
}

/// The caller's answer to [`Progress`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Go on, and cool as if this fraction (0 to 1) of the whole run were over: for
    /// callers whose budget is time. The plan then depends on their clock.
    Spent(f64),
    /// Stop now with the best plan so far.
    Stop,
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The best plan found; always feasible.
    pub solution: Solution,
    /// Its score by the solver's own reckoning; [`check`](crate::check) has its own.
    pub score: Score,
    /// Steps made.
    pub iterations: u64,
}

/// Plans as well as it can within the budget: savings, then ruin and recreate.
///
/// A pure function of problem, options and the answers of `control`, to the bit, on
/// every platform. Never worse than [`savings`](crate::savings()). `control` is asked
/// after construction and then every 128 iterations.
///
/// ```
/// use logistics_dispatch::{Control, Problem, SolveOptions, solve};
///
/// let problem = Problem::builder().build()?;
/// let options = SolveOptions { seed: 7, iterations: 10_000 };
/// let outcome = solve(&problem, &options, &mut |progress| {
///     if progress.best.unserved_jobs == 0 { Control::Continue } else { Control::Stop }
/// });
/// assert!(outcome.solution.routes.is_empty());
/// # Ok::<(), logistics_dispatch::ProblemError>(())
/// ```
#[must_use]
pub fn solve(
    problem: &Problem,
    options: &SolveOptions,
    control: &mut dyn FnMut(&Progress) -> Control,
) -> Outcome {
    let model = Model::new(problem);
    let nearness = Nearness::new(&model);
    let mut search = Search::new(construct(&model, &nearness), &nearness, options.seed);
    search.outcome(options.iterations, control)
}

/// As [`solve`], but from a plan that is there already: the morning's, or what a dispatcher
/// made of it. It need not keep the constraints; what does not fit where it stands is taken
/// off its route and put back where it does, or left out.
///
/// Never worse than the given plan, if that one keeps the constraints. Routes stay with
/// their vehicles; how much else may change for a better plan, the price on changes says:
/// see [`ProblemBuilder::set_previous`](crate::ProblemBuilder::set_previous).
///
/// ```
/// use logistics_dispatch::*;
///
/// let mut problem = Problem::builder();
/// let road = Matrix::from_fn(4, |i, j| i64::try_from(i.abs_diff(j)).unwrap_or(0) * 300)?;
/// let bike = problem.add_profile(Travel::durations(road));
/// let [one, two, new] = [1, 2, 3]
///     .map(|place| problem.add_job(Job::new(format!("SHP-{place}"), Location::new(place))));
/// // It is 10:00. The first stop is served, the rider stands at it.
/// let rider = Vehicle::new("DP-1", bike).start(Location::new(1));
/// let rider = rider.shift(Seconds(36_000), Seconds(50_400)).served(one, Seconds(35_800));
/// let rider = problem.add_vehicle(rider);
/// let morning = Solution {
///     routes: vec![Route::new(rider, vec![one, two])],
///     unassigned: vec![],
/// };
/// problem.set_previous(morning.clone(), Cost(600));
/// let problem = problem.build()?;
///
/// let options = SolveOptions { seed: 1, iterations: 1_000 };
/// let outcome = solve_from(&problem, &morning, &options, &mut |_| Control::Continue)?;
/// assert_eq!(outcome.solution.routes[0].jobs, [one, two, new]);
/// assert_eq!(check(&problem, &outcome.solution).costs.change, Cost(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the plan names a job or vehicle that the problem does not have, or one of them
/// twice.
pub fn solve_from(
    problem: &Problem,
    start: &Solution,
    options: &SolveOptions,
    control: &mut dyn FnMut(&Progress) -> Control,
) -> Result<Outcome, PlanError> {
    let routes = by_vehicle(problem, start)?;
    let mut model = Model::new(problem);
    model.keep_vehicles = true;
    let nearness = Nearness::new(&model);
    let mut first = State::adopt(&model, &routes);
    insert_bank(&mut first);
    let mut search = Search::new(first, &nearness, options.seed);
    Ok(search.outcome(options.iterations, control))
}

/// The running search.
struct Search<'m> {
    current: State<'m>,
    score: Score,
    /// What lateness costs in the present plan.
    lateness: i64,
    best: Best,
    nearness: &'m Nearness,
    journal: Journal,
    rng: Rng,
    /// Jobs off their routes in this step, or waiting in the bank.
    pending: Vec<u32>,
    absences: Absences,
    /// Routes on which one more reload may still be tried in this step.
    reload_trials: usize,
    /// Some job has a window, or a priority.
    timed: bool,
    prioritized: bool,
    /// Ends of routes are worth an exchange: among equal vehicles from one depot, windows
    /// leave hardly any end another beginning that it fits.
    cut_ends: bool,
}

/// Priorities and jobs left out by a plan, and its cost with optional jobs left out.
fn score(state: &State<'_>) -> Score {
    let model = state.model;
    let mut score = Score { cost: Cost(state.cost), ..Score::default() };
    for &job in &state.bank {
        if let Some(cost) = model.worth(job) {
            score.cost += Cost(cost);
            continue;
        }
        score.unserved_jobs += 1;
        score.unserved_priority += model.priority[job as usize];
        if state.is_paired(job) {
            score.unserved_jobs += 1;
            score.unserved_priority += model.priority[model.partner[job as usize] as usize];
        }
    }
    score
}

impl<'m> Search<'m> {
    fn new(start: State<'m>, nearness: &'m Nearness, seed: u64) -> Self {
        let first = score(&start);
        let lateness = start.total_lateness();
        let timed = (0..start.model.n).any(|job| start.model.due(job) < MAX_TIME);
        Self {
            best: Best::new(&start, first),
            absences: Absences::new(start.model.n),
            timed,
            cut_ends: !timed || start.model.classes.len() > 1,
            prioritized: start.model.priority.iter().any(|&priority| priority > 0),
            current: start,
            score: first,
            lateness,
            nearness,
            journal: Journal::default(),
            rng: Rng::new(seed),
            pending: Vec::new(),
            reload_trials: 0,
        }
    }

    fn outcome(&mut self, budget: u64, control: &mut dyn FnMut(&Progress) -> Control) -> Outcome {
        let iterations = self.run(budget, control);
        let solution = self.best.to_solution(self.current.model);
        Outcome { solution, score: self.best.score, iterations }
    }

    fn run(&mut self, budget: u64, control: &mut dyn FnMut(&Progress) -> Control) -> u64 {
        let mut temperature = Temperature::new(&self.current, self.timed);
        let searchable = self.current.model.n > 0 && !self.current.model.classes.is_empty();
        let mut iterations = 0;
        loop {
            let progress = Progress { iterations, best: self.best.score };
            let spent = match control(&progress) {
                Control::Stop => return iterations,
                Control::Continue => 0.0,
                Control::Spent(fraction) => fraction,
            };
            if iterations >= budget || !searchable {
                return iterations;
            }
            if let Some(turn) = temperature.follow(iterations, budget, spent) {
                self.turn(turn);
            }
            for _ in 0..POLL_EVERY.min(budget - iterations) {
                self.step(&temperature);
                iterations += 1;
            }
        }
    }

    fn step(&mut self, temperature: &Temperature) {
        self.journal.begin(&self.current);
        if !self.ruin() {
            self.journal.undo(&mut self.current);
            return;
        }
        let threshold = temperature.threshold(&mut self.rng);
        if !self.recreate(self.score.cost.get().saturating_add(threshold)) {
            self.journal.undo(&mut self.current);
            return;
        }
        let new = score(&self.current);
        self.absences.note(&self.current);
        if self.accepts(new, threshold, temperature) {
            self.score = new;
            self.lateness = self.current.total_lateness();
            self.best.note(&self.journal);
            if new < self.best.score {
                self.best.take(&self.current, new);
            }
        } else {
            self.journal.undo(&mut self.current);
        }
    }

    /// Fewer left out wins; else cost is annealed, and one job more left out counts as a
    /// cost that rises as the run goes on. (Never letting go of a job, once it is served,
    /// leaves the search at the first plan that serves so many.) What that saves of lateness
    /// does not count: dear lateness would never let it stay with a plan that serves more.
    fn accepts(&self, new: Score, threshold: i64, temperature: &Temperature) -> bool {
        let old = self.score;
        if new.unserved_priority != old.unserved_priority || new.unserved_jobs < old.unserved_jobs {
            return new < old;
        }
        let more = i64::try_from(new.unserved_jobs - old.unserved_jobs).unwrap_or(i64::MAX);
        let price = temperature.price().saturating_mul(more);
        let late = if more > 0 { self.current.total_lateness() - self.lateness } else { 0 };
        (new.cost.get() - late).saturating_add(price) < old.cost.get().saturating_add(threshold)
            || more == 0 && self.leaves_out_others(new, temperature)
    }

    /// Goes on from the best plan, in any case or if the present one leaves out more: heat may have
    /// led away from one that serves many, but dearly, and it is this one that is to become cheaper.
    fn turn(&mut self, turn: Turn) {
        let out = |score: Score| (score.unserved_priority, score.unserved_jobs);
        if turn == Turn::ToBest || out(self.best.score) < out(self.score) {
            self.best.restore(&mut self.current, &mut self.journal);
            self.score = self.best.score;
            self.lateness = self.current.total_lateness();
            debug_assert_eq!(self.score, score(&self.current), "the plan that was scored");
        }
    }

    /// Are others left out, who were less often so far, at a price below half of what one
    /// more would count for?
    fn leaves_out_others(&self, new: Score, temperature: &Temperature) -> bool {
        let dearer = new.cost.get().saturating_sub(self.score.cost.get());
        let sum = |bank: &[u32]| self.absences.of(&self.current, bank);
        dearer < temperature.price() / 2 && sum(&self.current.bank) < sum(self.journal.bank())
    }
}
