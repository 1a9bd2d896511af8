//! A run that is too large for one plan: into which parts it is divided, and making them one by one.

use std::sync::Arc;

use chrono::NaiveDate;
use logistics_core::dispatch_run::{
    CompleteRun, DispatchRun, DispatchRunCommand, DispatchRunDivided, DispatchRunPolicy,
    DispatchRunState, DivideRun, RunPart, run_stream,
};
use logistics_core::eventsourcing::CommandEnvelope;
use logistics_core::{CommandId, RunId};

use super::collect::Collected;
use super::divide::divide;
use super::runs::load_run;
use super::{SHIPMENTS_MAX, Wanted, run};
use crate::app::App;
use crate::http::{Problem, correlation};
use crate::ids::derived;

/// The parts of a run, by zone and position.
pub(super) fn divide_run(
    app: &App,
    wanted: &Wanted,
    date: NaiveDate,
    collected: Collected,
) -> Result<DivideRun, Problem> {
    let zones = app.zones.all();
    let zone_of = |at| zones.iter().find_map(|(city, zones)| Some((city, zones.covering(at)?)));
    let mut parts = divide(&collected.waiting, &collected.rounds, zone_of, SHIPMENTS_MAX);
    if !wanted.reassign {
        // What partners have stays as it is.
        parts.retain(|part| !part.shipments.is_empty());
    }
    if let [_] | [] = parts[..] {
        let detail = format!(
            "{} shipments, more than {SHIPMENTS_MAX}, and no way to divide them; name fewer \
             shipments or partners",
            collected.size()
        );
        return Err(Problem::unprocessable("too_many_shipments", detail).about("shipments"));
    }
    let part = |(number, part): (usize, super::divide::Part)| RunPart {
        run: derived(RunId::new, &["part", wanted.run.as_str(), &number.to_string()]),
        shipments: part.shipments,
        partners: part.partners,
    };
    let header = DispatchRunDivided {
        run: wanted.run.clone(),
        date,
        hub: wanted.hub.clone(),
        seed: wanted.seed,
        iterations: wanted.iterations,
        reassign: wanted.reassign,
        request: wanted.request,
    };
    let parts = parts.into_iter().enumerate().map(part).collect();
    Ok(DivideRun { header, parts, excluded: collected.excluded })
}

/// Makes the runs of the parts that were not made yet, and completes the whole. What is left of a
/// day that is over is not planned any more: it waits for the next run.
pub(super) async fn carry_out(
    app: &Arc<App>,
    whole: &RunId,
    state: DispatchRunState,
) -> Result<(), Problem> {
    let Some(division) = state.division else { return Ok(()) };
    let over = division.date < app.date_of(app.now());
    for part in state.parts {
        if over && load_run(app, &part.run).await?.is_none() {
            continue;
        }
        let wanted = Wanted {
            run: part.run,
            date: Some(division.date),
            hub: division.hub.clone(),
            shipments: Some(part.shipments),
            partners: Some(part.partners),
            reassign: division.reassign,
            seed: division.seed,
            iterations: division.iterations,
            request: None,
        };
        Box::pin(run(app, wanted)).await?;
    }
    let id = derived(CommandId::new, &["complete", whole.as_str(), ""]);
    let complete = DispatchRunCommand::Complete(CompleteRun {});
    let command = CommandEnvelope::new(id, app.now(), complete)
        .because_of(correlation::current_or_new(), None);
    app.run::<DispatchRun>(&run_stream(whole), &command, &DispatchRunPolicy).await?;
    Ok(())
}
