//! Dispatch runs: collect, plan, record, apply.

mod apply;
mod batch;
mod collect;
mod offers;
mod plan;
mod runs;
mod windows;

use std::sync::Arc;

use chrono::NaiveDate;
use logistics_core::dispatch_run::{
    DispatchRun, DispatchRunCommand, DispatchRunPolicy, PlanRun, run_stream,
};
use logistics_core::eventsourcing::CommandEnvelope;
use logistics_core::{HubId, PartnerId, RunId, ShipmentId};

pub(crate) use apply::resume_unfinished;
pub(crate) use batch::Courier;
pub(crate) use offers::{OfferView, offers};
pub(crate) use runs::{Runs, load_run};
pub(crate) use windows::{Windows, keep as keep_windows};

use crate::app::App;
use crate::http::{Problem, correlation};
use crate::ids::derived;

/// Steps of the search unless the caller says otherwise: well under a second for a zone's batch.
const ITERATIONS: u64 = 20_000;
/// Most steps that a caller may ask for.
pub(crate) const ITERATIONS_MAX: u64 = 2_000_000;
/// Most shipments in one run.
pub(crate) const SHIPMENTS_MAX: usize = 1_000;

/// What a run is to do.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) run: RunId,
    /// The business day; today when not given.
    pub(crate) date: Option<NaiveDate>,
    /// Only shipments at this hub.
    pub(crate) hub: Option<HubId>,
    /// Only these shipments.
    pub(crate) shipments: Option<Vec<ShipmentId>>,
    /// Only these partners.
    pub(crate) partners: Option<Vec<PartnerId>>,
    /// Whether what partners have and is not on its way yet may go to others.
    pub(crate) reassign: bool,
    pub(crate) seed: u64,
    pub(crate) iterations: Option<u64>,
}

/// Plans and applies a run. A run that was planned before is only applied.
pub(crate) async fn run(app: &Arc<App>, wanted: Wanted) -> Result<(), Problem> {
    let run = wanted.run.clone();
    if load_run(app, &run).await?.is_none() {
        let plan = plan_run(app, wanted).await?;
        let command_id = derived(logistics_core::CommandId::new, &["plan", run.as_str()]);
        let command = CommandEnvelope::new(command_id, app.now(), DispatchRunCommand::Plan(plan))
            .because_of(correlation::current_or_new(), None);
        app.run::<DispatchRun>(&run_stream(&run), &command, &DispatchRunPolicy).await?;
    }
    apply::apply(app, &run).await
}

async fn plan_run(app: &Arc<App>, wanted: Wanted) -> Result<PlanRun, Problem> {
    let now = app.now();
    let date = wanted.date.unwrap_or_else(|| app.date_of(now));
    let collected = collect::collect(app, &wanted, now).await?;
    let iterations = wanted.iterations.unwrap_or(ITERATIONS);
    let header = plan::Header { run: wanted.run, date, hub: wanted.hub, seed: wanted.seed };
    // Searching takes a processor for a while; requests and devices must not wait behind it.
    let planned =
        tokio::task::spawn_blocking(move || plan::plan(header, collected, now, iterations)).await;
    match planned {
        Ok(planned) => planned,
        Err(panicked) => Err(Problem::internal(&panicked)),
    }
}

/// What was asked for cannot be put as a routing problem.
fn invalid(error: impl std::fmt::Display) -> Problem {
    Problem::unprocessable("invalid_problem", error)
}
