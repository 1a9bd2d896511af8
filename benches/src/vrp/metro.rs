//! `vrp metro`: the morning of a metropolis, zone by zone, as a dispatch window plans it.

use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use anyhow::Context as _;
use logistics_dispatch::check;
use serde_json::json;

use crate::args::Metro;
use crate::city;
use crate::clock::Stopwatch;
use crate::memory::peak_rss_mb;
use crate::report::violations;
use crate::search::{Budget, search};

/// Without a limit a zone is searched for this long, in seconds.
const SECONDS: f64 = 1.0;

/// What the zones came to together.
#[derive(Debug, Default)]
struct Sum {
    partners: usize,
    left_out: usize,
    infeasible: usize,
    cost: i64,
    iterations: u64,
    slowest_s: f64,
    /// `None` as soon as the system did not tell of one zone.
    cpu_s: Option<f64>,
}

impl Sum {
    fn with(self, other: &Self) -> Self {
        Self {
            partners: self.partners + other.partners,
            left_out: self.left_out + other.left_out,
            infeasible: self.infeasible + other.infeasible,
            cost: self.cost + other.cost,
            iterations: self.iterations + other.iterations,
            slowest_s: self.slowest_s.max(other.slowest_s),
            cpu_s: self.cpu_s.zip(other.cpu_s).map(|(own, other)| own + other),
        }
    }

    fn none() -> Self {
        Self { cpu_s: Some(0.0), ..Self::default() }
    }
}

/// True if every plan holds.
pub(crate) fn metro(args: &Metro) -> anyhow::Result<bool> {
    let watch = Stopwatch::start(false);
    let next = AtomicU32::new(0);
    let sums = thread::scope(|scope| {
        let worker = || {
            let zones = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
            let mut zones = zones.take_while(|zone| *zone < args.zones);
            zones.try_fold(Sum::none(), |sum, zone| Ok(sum.with(&plan(args, zone)?)))
        };
        let workers: Vec<_> = (0..args.threads.get()).map(|_| scope.spawn(worker)).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        let sums = joined.map(|sum| sum.unwrap_or_else(|panic| resume_unwind(panic)));
        sums.collect::<anyhow::Result<Vec<Sum>>>()
    })?;
    let sum = sums.iter().fold(Sum::none(), Sum::with);
    let wall_s = watch.wall_s();
    let line = json!({
        "zones": args.zones, "stops": args.stops, "seed": args.seed, "threads": args.threads,
        "partners": sum.partners, "left_out": sum.left_out, "infeasible": sum.infeasible,
        "cost": sum.cost, "iterations": sum.iterations, "wall_s": milli(wall_s),
        "slowest_zone_s": milli(sum.slowest_s), "cpu_s": sum.cpu_s.map(milli),
        "peak_rss_mb": peak_rss_mb(),
    });
    writeln!(io::stdout(), "{line}")?;
    Ok(sum.infeasible == 0)
}

/// Makes and plans one zone; the plan is checked.
fn plan(args: &Metro, zone: u32) -> anyhow::Result<Sum> {
    let watch = Stopwatch::start(false);
    let seed = args.seed.wrapping_mul(1_000_003).wrapping_add(u64::from(zone));
    let problem = city::zone(seed, args.stops).with_context(|| format!("zone {zone}"))?;
    let seconds = args.seconds_per_zone.or(args.iterations.is_none().then_some(SECONDS));
    let threads = NonZeroUsize::MIN;
    let budget = Budget { seconds, iterations: args.iterations, threads };
    let outcome = search(&problem, budget, args.seed, &watch, &|_, _| ());
    let verdict = check(&problem, &outcome.solution);
    violations(&problem, &verdict.violations);
    Ok(Sum {
        partners: problem.vehicles().len(),
        left_out: verdict.score.unserved_jobs,
        infeasible: usize::from(!verdict.is_feasible()),
        cost: verdict.cost().get(),
        iterations: outcome.iterations,
        slowest_s: watch.wall_s(),
        cpu_s: watch.cpu_s(),
    })
}

/// Rounded to thousandths.
fn milli(seconds: f64) -> f64 {
    (seconds * 1e3).round() / 1e3
}
