//! What can be asked of a dispatch run, and what it leads to.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::CATEGORY;
use super::divide::{DivideRun, RunPart, decide_division};
use super::event::{
    DispatchRunApplied, DispatchRunDivided, DispatchRunEvent, DispatchRunPlanned, RoutesPlanned,
    ShipmentsLeftOut,
};
use super::pieces::pieces;
use super::plan::{Excluded, FairnessPrice, PlanCheck, PlannedRoute, Unassigned};
use crate::eventsourcing::{COMMIT_EVENTS_MAX, DecideContext, Decider, PAYLOAD_BYTES_MAX};
use crate::ids::{HubId, RunId};
use crate::values::Sha256Digest;

/// Records the plan that a run made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanRun {
    /// The run.
    pub run: RunId,
    /// The local date of the rounds.
    pub date: NaiveDate,
    /// The hub from which the rounds start, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubId>,
    /// The seed that makes the same plan again.
    pub seed: u64,
    /// The rounds.
    pub routes: Vec<PlannedRoute>,
    /// The shipments without a place.
    pub unassigned: Vec<Unassigned>,
    /// The shipments that were not considered.
    pub excluded: Vec<Excluded>,
    /// Driving time of all rounds, in seconds.
    pub travel_s: u64,
    /// Length of all rounds, in metres.
    pub distance_m: u64,
    /// What the checker says.
    pub check: PlanCheck,
    /// What was paid for sharing the work out evenly, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fairness: Option<FairnessPrice>,
    /// The digest of what was asked for, where that may be asked for again under the same key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Sha256Digest>,
}

/// Records that the plan was carried out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompleteRun {}

/// What can be asked of a dispatch run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DispatchRunCommand {
    /// See [`PlanRun`].
    Plan(PlanRun),
    /// See [`DivideRun`].
    Divide(DivideRun),
    /// See [`CompleteRun`].
    Complete(CompleteRun),
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// There is no plan.
    #[default]
    Unknown,
    /// There is a plan to be carried out.
    Planned,
    /// There are parts, which are to be planned and carried out as runs of their own.
    Divided,
    /// The plan was carried out, or all parts were.
    Applied,
}

/// What is known of a dispatch run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DispatchRunState {
    /// Where it stands.
    pub phase: RunPhase,
    /// What was planned, without rounds and shipments left out.
    pub plan: Option<DispatchRunPlanned>,
    /// The rounds.
    pub routes: Vec<PlannedRoute>,
    /// The shipments without a place.
    pub unassigned: Vec<Unassigned>,
    /// The shipments that were not considered.
    pub excluded: Vec<Excluded>,
    /// What was divided, without its parts.
    pub division: Option<DispatchRunDivided>,
    /// The parts of a divided run.
    pub parts: Vec<RunPart>,
}

impl DispatchRunState {
    /// Which run it is; none before it is planned or divided.
    fn run(&self) -> Option<&RunId> {
        let planned = self.plan.as_ref().map(|plan| &plan.run);
        planned.or(self.division.as_ref().map(|division| &division.run))
    }

    /// The digest of what was asked for; none before it is planned or divided, or where nobody
    /// can ask again.
    #[must_use]
    pub fn request(&self) -> Option<Sha256Digest> {
        let planned = self.plan.as_ref().and_then(|plan| plan.request);
        planned.or(self.division.as_ref().and_then(|division| division.request))
    }
}

/// Decisions about runs depend on nothing but the limits of a commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DispatchRunPolicy;

/// Why a command to a dispatch run is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DispatchRunRejection {
    /// The run has a plan already: a new plan is a new run.
    #[error("the run is planned already")]
    AlreadyPlanned,
    /// There is no plan to carry out.
    #[error("the run is not planned")]
    NotPlanned,
    /// The checker found constraints that do not hold: do not carry it out.
    #[error("the plan breaks {violations} constraints")]
    Infeasible {
        /// How many.
        violations: usize,
    },
    /// The plan is too large to be recorded: dispatch zone by zone.
    #[error("the plan takes {events} events, more than {COMMIT_EVENTS_MAX}")]
    TooLarge {
        /// How many events it would take.
        events: usize,
    },
    /// One round or one shipment's reasons are too long to be recorded.
    #[error("a part of the plan has {bytes} bytes, more than {PAYLOAD_BYTES_MAX}")]
    PartTooLarge {
        /// Its length as JSON.
        bytes: usize,
    },
    /// A run is divided into two parts or more: otherwise plan it.
    #[error("a run cannot be divided into {found} parts")]
    TooFewParts {
        /// How many.
        found: usize,
    },
    /// What is in two parts would be planned twice.
    #[error("{id} is in more than one part of the run")]
    InTwoParts {
        /// A run, a shipment or a partner.
        id: String,
    },
}

impl DispatchRunRejection {
    /// A stable word for the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyPlanned => "already_planned",
            Self::NotPlanned => "unknown_run",
            Self::Infeasible { .. } => "infeasible",
            Self::TooLarge { .. } | Self::PartTooLarge { .. } => "too_large",
            Self::TooFewParts { .. } => "too_few_parts",
            Self::InTwoParts { .. } => "in_two_parts",
        }
    }
}

/// A dispatch run as a decider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DispatchRun;

pub(super) type Decision = Result<Vec<DispatchRunEvent>, DispatchRunRejection>;

impl Decider for DispatchRun {
    const CATEGORY: &'static str = CATEGORY;
    type Command = DispatchRunCommand;
    type Event = DispatchRunEvent;
    type State = DispatchRunState;
    type Rejection = DispatchRunRejection;
    type Policy = DispatchRunPolicy;

    fn decide(
        state: &DispatchRunState,
        command: &DispatchRunCommand,
        _context: &DecideContext<'_, DispatchRunPolicy>,
    ) -> Decision {
        match (command, state.phase) {
            (DispatchRunCommand::Plan(plan), RunPhase::Unknown) => decide_plan(plan),
            (DispatchRunCommand::Divide(division), RunPhase::Unknown) => decide_division(division),
            (DispatchRunCommand::Plan(_) | DispatchRunCommand::Divide(_), _) => {
                Err(DispatchRunRejection::AlreadyPlanned)
            }
            // Completing twice is completing once.
            (DispatchRunCommand::Complete(_), RunPhase::Applied) => Ok(Vec::new()),
            (DispatchRunCommand::Complete(_), _) => {
                let run = state.run().ok_or(DispatchRunRejection::NotPlanned)?.clone();
                Ok(vec![DispatchRunApplied { run }.into()])
            }
        }
    }

    fn evolve(mut state: DispatchRunState, event: &DispatchRunEvent) -> DispatchRunState {
        match event {
            DispatchRunEvent::DispatchRunPlanned(plan) => {
                state.phase = RunPhase::Planned;
                state.plan = Some(plan.clone());
            }
            DispatchRunEvent::RoutesPlanned(part) => state.routes.extend_from_slice(&part.routes),
            DispatchRunEvent::ShipmentsLeftOut(part) => {
                state.unassigned.extend_from_slice(&part.unassigned);
                state.excluded.extend_from_slice(&part.excluded);
            }
            DispatchRunEvent::DispatchRunDivided(division) => {
                state.phase = RunPhase::Divided;
                state.division = Some(division.clone());
            }
            DispatchRunEvent::RunPartsNamed(named) => state.parts.extend_from_slice(&named.parts),
            DispatchRunEvent::DispatchRunApplied(_) => state.phase = RunPhase::Applied,
        }
        state
    }
}

fn decide_plan(plan: &PlanRun) -> Decision {
    if !plan.check.feasible {
        return Err(DispatchRunRejection::Infeasible { violations: plan.check.violations.len() });
    }
    let header = DispatchRunPlanned {
        run: plan.run.clone(),
        date: plan.date,
        hub: plan.hub.clone(),
        seed: plan.seed,
        travel_s: plan.travel_s,
        distance_m: plan.distance_m,
        check: plan.check.clone(),
        fairness: plan.fairness.clone(),
        request: plan.request,
    };
    let routes = pieces(&plan.routes)?.into_iter().map(|routes| RoutesPlanned { routes }.into());
    let unassigned = pieces(&plan.unassigned)?
        .into_iter()
        .map(|unassigned| ShipmentsLeftOut { unassigned, excluded: Vec::new() }.into());
    let excluded = pieces(&plan.excluded)?
        .into_iter()
        .map(|excluded| ShipmentsLeftOut { unassigned: Vec::new(), excluded }.into());
    let events = [header.into()].into_iter().chain(routes).chain(unassigned).chain(excluded);
    one_commit(events.collect())
}

/// All of it or nothing.
pub(super) fn one_commit(events: Vec<DispatchRunEvent>) -> Decision {
    if events.len() > COMMIT_EVENTS_MAX {
        return Err(DispatchRunRejection::TooLarge { events: events.len() });
    }
    Ok(events)
}
