//! Several searches at once, each with a seed of its own; the best plan is the answer.
//!
//! The searches do not know of one another, so the answer does not hang on how the threads
//! are scheduled.

use core::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::thread::{self, Builder};

use super::{Control, Outcome, Progress, Search, SolveOptions};
use crate::model::{Model, Nearness};
use crate::problem::Problem;
use crate::savings::construct;

/// The most threads that [`solve_parallel`] starts.
pub const MAX_THREADS: usize = 256;

/// The best of what [`solve`](crate::solve) finds with the seeds `seed`, `seed + 1` and so on,
/// one for each thread (more than [`MAX_THREADS`] count as so many); of equals the first.
///
/// A pure function of problem, options, number of threads and the answers of `control`; with
/// one thread the answer is that of [`solve`](crate::solve). Each search makes
/// `options.iterations` steps; [`Outcome::iterations`] counts those of all. `control` is asked
/// by every search for itself, with the progress of that search, from its own thread. A
/// thread that the system does not give costs time, not quality: the search is then made by
/// the caller's.
///
/// ```
/// use core::num::NonZeroUsize;
/// use logistics_dispatch::{Control, Problem, SolveOptions, solve_parallel};
///
/// let problem = Problem::builder().build()?;
/// let threads = NonZeroUsize::MIN.saturating_add(1);
/// let options = SolveOptions::default();
/// let outcome = solve_parallel(&problem, &options, threads, &|_| Control::Continue);
/// assert!(outcome.solution.routes.is_empty());
/// # Ok::<(), logistics_dispatch::ProblemError>(())
/// ```
#[must_use]
pub fn solve_parallel(
    problem: &Problem,
    options: &SolveOptions,
    threads: NonZeroUsize,
    control: &(dyn Fn(&Progress) -> Control + Sync),
) -> Outcome {
    let model = Model::new(problem);
    let nearness = Nearness::new(&model);
    let start = construct(&model, &nearness);
    let search = |seed| {
        let mut search = Search::new(start.clone(), &nearness, seed);
        search.outcome(options.iterations, &mut |progress| control(progress))
    };
    let more = (1_u64..).take(threads.get().min(MAX_THREADS) - 1);
    let seeds: Vec<u64> = more.map(|step| options.seed.wrapping_add(step)).collect();
    let outcomes = on_threads(options.seed, &seeds, &search);
    best(outcomes)
}

/// The search of the first seed on this thread, the others on threads of their own.
#[expect(clippy::disallowed_methods, reason = "whoever turns the feature on wants threads")]
fn on_threads(
    first: u64,
    others: &[u64],
    search: &(dyn Fn(u64) -> Outcome + Sync),
) -> Vec<Outcome> {
    thread::scope(|scope| {
        let start = |&seed: &u64| (seed, Builder::new().spawn_scoped(scope, move || search(seed)));
        let started: Vec<_> = others.iter().map(start).collect();
        let mut outcomes = vec![search(first)];
        outcomes.extend(started.into_iter().map(|(seed, thread)| match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => search(seed),
        }));
        outcomes
    })
}

fn best(mut outcomes: Vec<Outcome>) -> Outcome {
    let iterations = outcomes.iter().map(|outcome| outcome.iterations).sum();
    let best = (0..outcomes.len()).min_by_key(|&index| outcomes[index].score).unwrap_or(0);
    Outcome { iterations, ..outcomes.swap_remove(best) }
}
