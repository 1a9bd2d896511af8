//! `vrp bench`: every instance of a folder, against the costs that are known for it.

use std::io::{self, Write as _};
use std::path::Path;

use anyhow::bail;
use logistics_dispatch::formats::Instance;
use logistics_dispatch::{Outcome, Progress, check};

use crate::args::{Bench, Input, Notation};
use crate::chart::{self, Axis};
use crate::clock::Stopwatch;
use crate::curve::{Curves, Gaps};
use crate::files;
use crate::progress::Bar;
use crate::reference::{Reference, instances};
use crate::report::{Line, violations};
use crate::row::{Csv, Row, charged_gap};
use crate::search::{Budget, search};
use crate::table;
use crate::trace::Trace;

/// True if every plan holds and serves whom its format wants served.
pub(crate) fn bench(args: &Bench) -> anyhow::Result<bool> {
    let instances = instances(&args.dir)?;
    if instances.is_empty() {
        bail!("{}: no .vrp, .txt or .json file with a reference cost", args.dir.display());
    }
    let mut csv = args.csv.as_deref().map(Csv::create).transpose()?;
    let (mut rows, mut curves) = (Vec::new(), Curves::default());
    for (file, reference) in &instances {
        for seed in 1..=args.seeds {
            let (row, gaps) = run(args, file, reference, seed)?;
            if let Some(csv) = &mut csv {
                csv.add(&row)?;
            }
            curves.add(&reference.class, gaps);
            rows.push(row);
        }
    }
    table::print(&rows, &mut io::stdout().lock())?;
    if let Some(file) = &args.plot {
        chart::draw(&curves.means(), axis(args), file)?;
    }
    Ok(rows.iter().all(|row| row.feasible))
}

/// What the gap is drawn over.
fn axis(args: &Bench) -> Axis {
    match (args.seconds, args.cpu) {
        (None, _) => Axis::Steps,
        (Some(_), false) => Axis::WallTime,
        (Some(_), true) => Axis::ProcessorTime,
    }
}

/// One run, and how its gap fell if that is to be drawn.
fn run(args: &Bench, file: &Path, reference: &Reference, seed: u64) -> anyhow::Result<(Row, Gaps)> {
    let watch = Stopwatch::start(args.cpu);
    let input = Input { file: file.to_owned(), format: Notation::Auto };
    let instance = files::instance(&input)?;
    let trace = args.plot.as_ref().map(|_| Trace::new(axis(args).from()));
    let outcome = searched(args, &instance, seed, &watch, trace.as_ref());
    let wall_s = watch.wall_s();
    // The processor time of one thread says nothing of a search on several.
    let cpu_s = watch.cpu_s().filter(|_| args.threads.get() == 1);
    let verdict = check(&instance.problem, &outcome.solution);
    violations(&instance.problem, &verdict.violations);
    let line = Line {
        name: files::stem(file),
        instance: &instance,
        plan: &outcome.solution,
        verdict: &verdict,
        iterations: outcome.iterations,
        wall_s,
        bks: Some(reference.cost),
    };
    let more = serde_json::json!({
        "class": reference.class, "seed": seed, "cpu_s": cpu_s,
        "reference_unassigned": reference.unassigned,
    });
    line.print(&mut io::stdout().lock(), Some(&more))?;
    io::stdout().flush()?;
    let row = Row::new(&line, reference, seed, cpu_s)?;
    Ok((row, gaps(&instance, reference, trace)?))
}

fn searched(
    args: &Bench,
    instance: &Instance,
    seed: u64,
    watch: &Stopwatch,
    trace: Option<&Trace>,
) -> Outcome {
    let budget =
        Budget { seconds: args.seconds, iterations: args.iterations, threads: args.threads };
    let bar = Bar::new();
    let observe = |progress: &Progress, done: f64| {
        bar.show(instance, progress, done);
        if let Some(trace) = trace {
            let at = match axis(args) {
                Axis::Steps => progress.iterations as f64,
                Axis::WallTime | Axis::ProcessorTime => watch.spent_s(),
            };
            trace.record(at, progress.best);
        }
    };
    let outcome = search(&instance.problem, budget, seed, watch, &observe);
    bar.clear();
    outcome
}

/// The gaps of a run from its first answer on.
fn gaps(instance: &Instance, reference: &Reference, trace: Option<Trace>) -> anyhow::Result<Gaps> {
    let samples = trace.map(Trace::samples).unwrap_or_default().into_iter();
    let answers = samples
        .filter(|(_, score)| score.unserved_jobs == 0 || !instance.must_serve_all())
        .map(|(point, score)| {
            let cost = instance.display_cost(score.cost).parse()?;
            Ok((point, charged_gap(cost, score.unserved_jobs, reference)))
        });
    answers.collect()
}
