//! The commands.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use logistics_dispatch::formats::Instance;
use logistics_dispatch::{Progress, Solution, check, explain, savings};

use crate::args::{Command, Input, Output};
use crate::bench::bench;
use crate::clock::Stopwatch;
use crate::memory::peak_rss_mb;
use crate::metro::metro;
use crate::plot::plot;
use crate::progress::Bar;
use crate::report::{Line, violations};
use crate::search::{Budget, search};
use crate::{files, reasons};

/// True if the plan holds and serves whom the format wants served.
pub(crate) fn run(command: &Command, begun: Instant) -> anyhow::Result<bool> {
    match command {
        Command::Solve(args) => {
            let instance = files::instance(&args.input)?;
            let budget = Budget {
                seconds: args.seconds,
                iterations: args.iterations,
                threads: args.threads,
            };
            let watch = Stopwatch::since(begun, false);
            let bar = Bar::new();
            let observe = |progress: &Progress, done| bar.show(&instance, progress, done);
            let outcome = search(&instance.problem, budget, args.seed, &watch, &observe);
            bar.clear();
            let (plan, steps) = (&outcome.solution, outcome.iterations);
            finish(&instance, &args.input, &args.output, plan, steps, begun)
        }
        Command::Savings { input, output } => {
            let instance = files::instance(input)?;
            let plan = savings(&instance.problem);
            finish(&instance, input, output, &plan, 0, begun)
        }
        Command::Check { input, solution, bks, plot } => {
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
            draw(&line, plot.as_deref(), input)?;
            line.print(&mut io::stdout().lock(), None)?;
            Ok(line.is_complete())
        }
        Command::Explain { input, solution, json } => {
            let instance = files::instance(input)?;
            let plan = plan(&instance, solution)?;
            let found = explain(&instance.problem, &plan);
            let mut out = io::BufWriter::new(io::stdout().lock());
            let print = if *json { reasons::json } else { reasons::text };
            print(&instance.problem, &found, &mut out)?;
            out.flush()?;
            Ok(true)
        }
        Command::Bench(args) => bench(args),
        Command::Metro(args) => metro(args),
    }
}

fn plan(instance: &Instance, file: &Path) -> anyhow::Result<Solution> {
    let text = files::text(file)?;
    instance.parse_solution(&text).with_context(|| file.display().to_string())
}

fn draw(line: &Line<'_>, file: Option<&Path>, input: &Input) -> anyhow::Result<()> {
    let drawn = file.map(|file| plot(line, file)).transpose();
    drawn.with_context(|| input.file.display().to_string())?;
    Ok(())
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
    let more = serde_json::json!({ "peak_rss_mb": peak_rss_mb() });
    draw(&line, output.plot.as_deref(), input)?;
    line.print(&mut stdout, Some(&more))?;
    Ok(line.is_complete())
}
