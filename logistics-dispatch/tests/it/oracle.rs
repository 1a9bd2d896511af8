//! Tiny problems against all their plans: the search never finds better than the best,
//! and nearly always finds it.

use logistics_dispatch::{
    Control, JobIndex, Problem, Route, Score, Solution, SolveOptions, VehicleIndex, check, solve,
};

use crate::generate::rich;

/// The best score of any feasible plan.
fn best(problem: &Problem) -> Score {
    let routes = (0..problem.vehicles().len())
        .map(|vehicle| Route { vehicle: VehicleIndex::new(vehicle), jobs: Vec::new() })
        .collect();
    let mut plan = Solution { routes, unassigned: Vec::new() };
    let mut best = None;
    place(problem, 0, &mut plan, &mut best);
    best.unwrap()
}

/// Puts job number `next` and all after it into every possible place.
fn place(problem: &Problem, next: usize, plan: &mut Solution, best: &mut Option<Score>) {
    let verdict = check(problem, plan);
    if next == problem.jobs().len() {
        if verdict.is_feasible() && best.is_none_or(|best| verdict.score < best) {
            *best = Some(verdict.score);
        }
        return;
    }
    let job = JobIndex::new(next);
    plan.unassigned.push(job);
    place(problem, next + 1, plan, best);
    plan.unassigned.pop();
    for route in 0..plan.routes.len() {
        for at in 0..=plan.routes[route].jobs.len() {
            plan.routes[route].jobs.insert(at, job);
            place(problem, next + 1, plan, best);
            plan.routes[route].jobs.remove(at);
        }
    }
}

#[test]
fn the_search_finds_the_best_of_all_plans() {
    let cases = 60;
    let mut found = 0;
    for seed in 0..cases {
        let problem = rich(seed, 5, 2);
        let options = SolveOptions { seed, iterations: 1_000 };
        let outcome = solve(&problem, &options, &mut |_| Control::Continue);
        let (ours, best) = (check(&problem, &outcome.solution).score, best(&problem));
        assert!(ours >= best, "seed {seed}: {ours:?} is better than the best, {best:?}");
        found += u64::from(ours == best);
    }
    assert!(found * 100 >= cases * 95, "found the best plan only {found} times in {cases}");
}
