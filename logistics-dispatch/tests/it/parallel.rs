//! Several searches at once: the best of what each finds alone, whatever the threads do.

use core::num::NonZeroUsize;
use std::sync::Mutex;

use logistics_dispatch::{Control, Outcome, Problem, SolveOptions, solve, solve_parallel};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use crate::generate::rich;

fn alone(problem: &Problem, options: SolveOptions) -> Outcome {
    solve(problem, &options, &mut |_| Control::Continue)
}

fn together(problem: &Problem, options: SolveOptions, threads: usize) -> Outcome {
    let threads = NonZeroUsize::new(threads).unwrap();
    solve_parallel(problem, &options, threads, &|_| Control::Continue)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_answer_is_the_best_of_the_seeds(
        problem: u64, jobs in 0_usize..50, threads in 1_usize..6, seed: u64,
    ) {
        let problem = rich(problem, jobs, 6);
        let iterations = 300;
        let found = together(&problem, SolveOptions { seed, iterations }, threads);
        let seeds = (0..threads as u64).map(|step| seed.wrapping_add(step));
        let each: Vec<Outcome> =
            seeds.map(|seed| alone(&problem, SolveOptions { seed, iterations })).collect();
        let best = each.iter().min_by_key(|outcome| outcome.score).unwrap();
        prop_assert_eq!(&found.solution, &best.solution);
        prop_assert_eq!(found.score, best.score);
        let steps: u64 = each.iter().map(|outcome| outcome.iterations).sum();
        prop_assert_eq!(found.iterations, steps);
        prop_assert_eq!(&found, &together(&problem, SolveOptions { seed, iterations }, threads));
    }
}

#[test]
fn one_thread_answers_as_solve_does() {
    let problem = rich(3, 60, 8);
    let options = SolveOptions { seed: 9, iterations: 2_000 };
    assert_eq!(together(&problem, options, 1), alone(&problem, options));
}

#[test]
fn every_search_asks_for_itself_and_stops_at_once() {
    let problem = rich(4, 40, 6);
    let threads = NonZeroUsize::new(3).unwrap();
    let asked = Mutex::new(Vec::new());
    let outcome = solve_parallel(&problem, &SolveOptions::default(), threads, &|progress| {
        asked.lock().unwrap().push((std::thread::current().id(), progress.iterations));
        if progress.iterations < 256 { Control::Continue } else { Control::Stop }
    });
    assert_eq!(outcome.iterations, 3 * 256);
    let mut asked = asked.into_inner().unwrap();
    asked.sort_by_key(|&(_, iterations)| iterations);
    let steps: Vec<u64> = asked.iter().map(|&(_, iterations)| iterations).collect();
    assert_eq!(steps, [0, 0, 0, 128, 128, 128, 256, 256, 256]);
    let mut callers: Vec<_> = asked[..3].iter().map(|&(id, _)| format!("{id:?}")).collect();
    callers.sort();
    callers.dedup();
    assert_eq!(callers.len(), 3);
}
