//! A run of the dispatcher as a stream: planned first, then applied.
//!
//! Planning and applying are two commands, so that a process that stops between them leaves a plan
//! behind that another can apply. A run that is too large for one plan is divided first; its parts
//! are runs of their own. What is here is what was decided; how is not known here.

mod decide;
mod divide;
mod event;
mod pieces;
mod plan;

pub use decide::{
    CompleteRun, DispatchRun, DispatchRunCommand, DispatchRunPolicy, DispatchRunRejection,
    DispatchRunState, PlanRun, RunPhase,
};
pub use divide::{DivideRun, RunPart};
pub use event::{
    DispatchRunApplied, DispatchRunDivided, DispatchRunEvent, DispatchRunPlanned, RoutesPlanned,
    RunPartsNamed, ShipmentsLeftOut,
};
pub use plan::{Excluded, FairnessPrice, PlanCheck, PlannedRoute, Unassigned, UnassignedReason};

use crate::eventsourcing::StreamId;
use crate::ids::RunId;

/// The category of dispatch run streams.
pub const CATEGORY: &str = "RUN";

/// The stream of a dispatch run.
#[must_use]
pub fn run_stream(run: &RunId) -> StreamId {
    StreamId::of(CATEGORY, run.as_str())
}
