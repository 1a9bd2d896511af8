//! Which runs there are: their state, and a read model that finds the unfinished ones.

use logistics_core::RunId;
use logistics_core::dispatch_run::{
    self, DispatchRun, DispatchRunEvent, DispatchRunState, RunPhase, run_stream,
};
use logistics_core::eventsourcing::{
    IndexEntry, IndexQuery, Projection, RecordedEvent, StreamId, load, model_name,
};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::{Problem, chain};

/// The partition of the runs that are not applied.
const UNFINISHED: &str = "planned";

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
        match decoded {
            DispatchRunEvent::DispatchRunDivided(_) => row.phase = RunPhase::Divided,
            DispatchRunEvent::DispatchRunApplied(_) => row.phase = RunPhase::Applied,
            _ => {}
        }
        row
    }

    fn indexes(row: &RunRow) -> Vec<IndexEntry> {
        let phase = if row.phase == RunPhase::Applied { "applied" } else { UNFINISHED };
        vec![IndexEntry::new("phase", phase, row.planned_at.as_str())]
    }
}

/// A run as it stands; none when it was never planned.
pub(crate) async fn load_run(app: &App, run: &RunId) -> Result<Option<DispatchRunState>, Problem> {
    let loaded = load::<DispatchRun>(app.ports.events.as_ref(), &run_stream(run)).await?;
    Ok(Some(loaded.state).filter(|state| state.phase != RunPhase::Unknown))
}

/// The oldest runs that are planned or divided, and not applied.
pub(super) async fn unfinished(app: &App) -> Vec<RunId> {
    let query = IndexQuery {
        index: "phase".to_owned(),
        partition: UNFINISHED.to_owned(),
        limit: 1_000,
        ..IndexQuery::default()
    };
    let rows = app.ports.models.list(&model_name::<Runs>(), &query).await;
    let rows = rows.unwrap_or_else(|error| {
        tracing::error!(error = %chain(&error), "unfinished dispatch runs cannot be listed");
        Vec::new()
    });
    rows.iter().filter_map(|row| RunId::new(&row.key).ok()).collect()
}
