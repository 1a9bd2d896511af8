//! Dispatch runs: collect, plan, record, apply.

mod apply;
mod batch;
mod collect;
mod divide;
mod fairness;
mod offers;
mod overrides;
mod parts;
mod plan;
mod rows;
mod runs;
mod wanted;
mod windows;

use std::sync::Arc;

use logistics_core::RunId;
use logistics_core::dispatch_run::{
    DispatchRun, DispatchRunCommand, DispatchRunPolicy, DispatchRunState, RunPhase, run_stream,
};
use logistics_core::eventsourcing::CommandEnvelope;

pub(crate) use batch::Courier;
pub(crate) use fairness::Fairness;
pub(crate) use offers::{OfferView, offers};
pub(crate) use overrides::{Change, ViolationView, override_manifest, settle};
pub(crate) use runs::{Runs, load_run};
pub(crate) use wanted::Wanted;
pub(crate) use windows::{Windows, keep as keep_windows};

use crate::app::App;
use crate::http::{Problem, correlation};
use crate::ids::derived;

/// Steps of the search unless the caller says otherwise: well under a second for a zone's batch.
const ITERATIONS: u64 = 20_000;
/// Most steps that a caller may ask for.
pub(crate) const ITERATIONS_MAX: u64 = 2_000_000;
/// Most shipments that are planned at once; a run of more is divided.
pub(crate) const SHIPMENTS_MAX: usize = 1_000;

/// Plans and applies a run, in parts where it is too large. A run that was planned before is only
/// applied, and not if something else was asked for then.
pub(crate) async fn run(app: &Arc<App>, wanted: Wanted) -> Result<(), Problem> {
    let run = wanted.run.clone();
    let known = load_run(app, &run).await?;
    let asked = known.as_ref().and_then(DispatchRunState::request);
    if asked.is_some() && asked != wanted.request {
        let detail = "the key was used for another run";
        return Err(Problem::unprocessable("key_reused", detail).about("Idempotency-Key"));
    }
    if known.is_none() {
        let begun = begin(app, wanted).await?;
        let command_id = derived(logistics_core::CommandId::new, &["plan", run.as_str()]);
        let command = CommandEnvelope::new(command_id, app.now(), begun)
            .because_of(correlation::current_or_new(), None);
        app.run::<DispatchRun>(&run_stream(&run), &command, &DispatchRunPolicy).await?;
    }
    go_on(app, &run).await
}

/// Carries out what a run planned, or what its parts are to plan.
async fn go_on(app: &Arc<App>, run: &RunId) -> Result<(), Problem> {
    let Some(state) = load_run(app, run).await? else {
        return Err(Problem::not_found("dispatch run", run.as_str()));
    };
    match state.phase {
        RunPhase::Planned => apply::apply(app, run, state).await,
        RunPhase::Divided => parts::carry_out(app, run, state).await,
        RunPhase::Unknown | RunPhase::Applied => Ok(()),
    }
}

async fn begin(app: &Arc<App>, mut wanted: Wanted) -> Result<DispatchRunCommand, Problem> {
    let now = app.now();
    let date = *wanted.date.get_or_insert_with(|| app.date_of(now));
    let collected = collect::collect(app, &wanted, now).await?;
    if collected.size() > SHIPMENTS_MAX {
        return parts::divide_run(app, &wanted, date, collected).map(DispatchRunCommand::Divide);
    }
    let iterations = wanted.iterations.unwrap_or(ITERATIONS);
    let Wanted { run, hub, seed, request, .. } = wanted;
    let header = plan::Header { run, date, hub, seed, request };
    let fairness = app.settings.fairness;
    // Searching takes a processor for a while; requests and devices must not wait behind it.
    let planned = tokio::task::spawn_blocking(move || {
        plan::plan(header, collected, now, iterations, fairness)
    })
    .await;
    match planned {
        Ok(planned) => planned.map(DispatchRunCommand::Plan),
        Err(panicked) => Err(Problem::internal(&panicked)),
    }
}

/// Goes on with what an earlier process began and did not finish.
pub(crate) async fn resume_unfinished(app: Arc<App>) {
    for run in runs::unfinished(&app).await {
        match go_on(&app, &run).await {
            Ok(()) => tracing::info!(%run, "dispatch run finished after a restart"),
            Err(problem) => tracing::error!(%run, ?problem, "dispatch run cannot be finished"),
        }
    }
}

/// What was asked for cannot be put as a routing problem.
fn invalid(error: impl std::fmt::Display) -> Problem {
    Problem::unprocessable("invalid_problem", error)
}
