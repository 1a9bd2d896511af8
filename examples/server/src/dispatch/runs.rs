//! Which runs there are: their state, and a read model that finds the unfinished ones.

use logistics_core::RunId;
use logistics_core::dispatch_run::{
    self, DispatchRun, DispatchRunEvent, DispatchRunState, RunPhase, run_stream,
};
use logistics_core::eventsourcing::{IndexEntry, Projection, RecordedEvent, StreamId, load};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::Problem;

/// The read model of dispatch runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Runs;

/// A run and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunRow {
    pub(crate) run: String,
    pub(crate) phase: RunPhase,
    pub(crate) planned_at: String,
}

impl Projection for Runs {
    const NAME: &'static str = "dispatch_runs";
    const REVISION: u16 = 1;
    type Row = RunRow;
    type Event = DispatchRunEvent;

    fn key(stream: &StreamId) -> Option<String> {
        (stream.category() == dispatch_run::CATEGORY).then(|| stream.id().to_owned())
    }

    fn apply(row: Option<RunRow>, decoded: DispatchRunEvent, event: &RecordedEvent) -> RunRow {
        let mut row = row.unwrap_or_else(|| RunRow {
            run: event.stream.id().to_owned(),
            phase: RunPhase::Planned,
            planned_at: logistics_core::readmodel::sort_key(event.event.recorded_at),
        });
        if matches!(decoded, DispatchRunEvent::DispatchRunApplied(_)) {
            row.phase = RunPhase::Applied;
        }
        row
    }

    fn indexes(row: &RunRow) -> Vec<IndexEntry> {
        let phase = if row.phase == RunPhase::Applied { "applied" } else { "planned" };
        vec![IndexEntry::new("phase", phase, row.planned_at.as_str())]
    }
}

/// A run as it stands; none when it was never planned.
pub(crate) async fn load_run(app: &App, run: &RunId) -> Result<Option<DispatchRunState>, Problem> {
    let loaded = load::<DispatchRun>(app.ports.events.as_ref(), &run_stream(run)).await?;
    Ok(Some(loaded.state).filter(|state| state.phase != RunPhase::Unknown))
}
