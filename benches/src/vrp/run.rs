//! The commands.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use logistics_dispatch::formats::Instance;
use logistics_dispatch::{Control, Outcome, Solution, SolveOptions, check, savings, solve};

use crate::args::{Command, Input, Output};
use crate::bench::bench;
use crate::clock::Stopwatch;
use crate::report::{Line, Ticker, violations};
use crate::{files, report};

/// Share of `--seconds` kept for writing the answer, and the least of it in seconds.
const RESERVE: f64 = 0.005;
const RESERVE_S: f64 = 0.004;

/// True if the plan holds and serves whom the format wants served.
pub(crate) fn run(command: &Command, begun: Instant) -> anyhow::Result<bool> {
    match command {
        Command::Solve(args) => {
            let instance = files::instance(&args.input)?;
            let budget = Budget { seconds: args.seconds, iterations: args.iterations };
            let watch = Stopwatch::since(begun, false);
            let outcome = search(&instance, budget, args.seed, &watch);
            finish(
                &instance,
                &args.input,
                &args.output,
                &outcome.solution,
                outcome.iterations,
                begun,
            )
        }
        Command::Savings { input, output } => {
            let instance = files::instance(input)?;
            let plan = savings(&instance.problem);
            finish(&instance, input, output, &plan, 0, begun)
        }
        Command::Check { input, solution, bks } => {
            let instance = files::instance(input)?;
            let plan = plan(&instance, solution)?;
            let verdict = check(&instance.problem, &plan);
            violations(&instance.problem, &verdict.violations);
            let name = files::stem(&input.file);
            let line = Line {
                name,
                instance: &instance,
                plan: &plan,
                verdict: &verdict,
                iterations: 0,
                wall_s: begun.elapsed().as_secs_f64(),
                bks: *bks,
            };
            line.print(&mut io::stdout().lock(), None)?;
            Ok(line.is_complete())
        }
        Command::Explain { input, solution } => {
            let instance = files::instance(input)?;
            let plan = plan(&instance, solution)?;
            report::reasons(&instance.problem, &plan)?;
            Ok(true)
        }
        Command::Bench(args) => bench(args),
    }
}

fn plan(instance: &Instance, file: &Path) -> anyhow::Result<Solution> {
    let text = files::text(file)?;
    instance.parse_solution(&text).with_context(|| file.display().to_string())
}

/// How long to search: until the first of both; without any, the library's default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) seconds: Option<f64>,
    pub(crate) iterations: Option<u64>,
}

pub(crate) fn search(instance: &Instance, budget: Budget, seed: u64, watch: &Stopwatch) -> Outcome {
    let default = SolveOptions::default();
    let iterations = match (budget.iterations, budget.seconds) {
        (Some(iterations), _) => iterations,
        (None, Some(_)) => u64::MAX,
        (None, None) => default.iterations,
    };
    let options = SolveOptions { seed, iterations };
    let limit = budget.seconds.map(|seconds| seconds - (seconds * RESERVE).max(RESERVE_S));
    let mut ticker = Ticker::new();
    let outcome = solve(&instance.problem, &options, &mut |progress| {
        ticker.show(instance, progress);
        match limit.map(|limit| watch.spent_s() / limit.max(1e-9)) {
            None => Control::Continue,
            Some(spent) if spent < 1.0 => Control::Spent(spent),
            Some(_) => Control::Stop,
        }
    });
    ticker.clear();
    outcome
}

/// Checks, writes the plan and then the line.
fn finish(
    instance: &Instance,
    input: &Input,
    output: &Output,
    plan: &Solution,
    iterations: u64,
    begun: Instant,
) -> anyhow::Result<bool> {
    let verdict = check(&instance.problem, plan);
    violations(&instance.problem, &verdict.violations);
    let text = instance.write_solution(plan);
    let mut stdout = io::stdout().lock();
    match &output.out {
        Some(file) => fs::write(file, text).with_context(|| file.display().to_string())?,
        None => stdout.write_all(text.as_bytes())?,
    }
    let name = files::stem(&input.file);
    let (wall_s, bks) = (begun.elapsed().as_secs_f64(), output.bks);
    let line = Line { name, instance, plan, verdict: &verdict, iterations, wall_s, bks };
    line.print(&mut stdout, None)?;
    Ok(line.is_complete())
}
