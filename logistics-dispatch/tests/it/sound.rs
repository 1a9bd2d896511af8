//! What every plan of the solver must be, whatever the problem.

use logistics_dispatch::{Control, Outcome, Problem, SolveOptions, check, savings, solve};
use proptest::prelude::{TestCaseError, prop_assert, prop_assert_eq};

pub(crate) fn run(problem: &Problem, seed: u64, iterations: u64) -> Outcome {
    solve(problem, &SolveOptions { seed, iterations }, &mut |_| Control::Continue)
}

/// Solves the problem: the plan keeps the constraints, costs what the checker says, is no worse than
/// where it began, and is the same again.
pub(crate) fn sound(problem: &Problem, seed: u64) -> Result<Outcome, TestCaseError> {
    let before = check(problem, &savings(problem));
    prop_assert!(before.is_feasible(), "savings: {:?}", before.violations);
    let outcome = run(problem, seed, 300);
    let verdict = check(problem, &outcome.solution);
    prop_assert!(verdict.is_feasible(), "search: {:?}", verdict.violations);
    prop_assert_eq!(verdict.score, outcome.score);
    prop_assert_eq!(verdict.costs.total(), verdict.score.cost);
    prop_assert!(verdict.score <= before.score);
    prop_assert_eq!(&run(problem, seed, 300), &outcome);
    Ok(outcome)
}
