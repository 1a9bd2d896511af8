//! Dispatch runs as callers see them.

use chrono::{DateTime, NaiveDate, Utc};
use logistics_core::RunId;
use logistics_core::dispatch_run::{
    DispatchRunState, Excluded, PlanCheck, PlannedRoute, RunPhase, Unassigned,
};
use logistics_core::manifest::Stop;
use serde::Serialize;
use serde_json::{Value, json};

use super::problem::Problem;
use crate::app::App;
use crate::dispatch::load_run;

/// A dispatch run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct RunView {
    id: String,
    /// `planned` or `divided`, and `applied` once every manifest and assignment is recorded.
    status: &'static str,
    /// The runs into which it was divided, where it was too large for one plan. What follows is then
    /// the sum of them, so far.
    parts: Vec<String>,
    date: NaiveDate,
    seed: u64,
    manifests: Vec<RouteView>,
    /// Shipments that no partner can take, and why.
    #[schema(value_type = Vec<Object>)]
    unassigned: Value,
    /// Shipments that were asked for and cannot be dispatched now.
    #[schema(value_type = Vec<Object>)]
    excluded: Value,
    travel_s: u64,
    distance_m: u64,
    /// What sharing the work out evenly costs, where the server is told to: `work`, `weight`, and
    /// `extra_travel_s` and `extra_distance_m` beyond a plan that does not look at it. Null when off,
    /// and for a run of several parts: each tells its own.
    #[schema(value_type = Object)]
    fairness: Value,
    /// What the independent checker says of the plan.
    #[schema(value_type = Object)]
    check: Value,
}

/// One partner's part of a run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RouteView {
    partner: String,
    date: NaiveDate,
    /// A person should look at it.
    uncertain: bool,
    doubts: Vec<String>,
    stops: Vec<StopView>,
    travel_s: u64,
    distance_m: u64,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StopView {
    seq: usize,
    shipment: String,
    lat: f64,
    lon: f64,
    arrival: DateTime<Utc>,
    departure: DateTime<Utc>,
    doubts: Vec<String>,
}

impl From<(usize, &Stop)> for StopView {
    fn from((index, stop): (usize, &Stop)) -> Self {
        Self {
            seq: index + 1,
            shipment: stop.shipment.to_string(),
            lat: stop.position.lat(),
            lon: stop.position.lon(),
            arrival: stop.arrival,
            departure: stop.departure,
            doubts: stop.doubts.clone(),
        }
    }
}

fn route_view(route: &PlannedRoute, date: NaiveDate) -> RouteView {
    let in_doubt = |stop: &Stop| !stop.doubts.is_empty();
    RouteView {
        partner: route.partner.to_string(),
        date,
        uncertain: !route.doubts.is_empty() || route.stops.iter().any(in_doubt),
        doubts: route.doubts.clone(),
        stops: route.stops.iter().enumerate().map(StopView::from).collect(),
        travel_s: route.travel_s,
        distance_m: route.distance_m,
    }
}

/// A run as it stands.
pub(super) async fn view(app: &App, id: &RunId) -> Result<RunView, Problem> {
    let not_found = || Problem::not_found("dispatch run", id.as_str());
    let state = load_run(app, id).await?.ok_or_else(not_found)?;
    let status = match state.phase {
        RunPhase::Applied => "applied",
        RunPhase::Divided => "divided",
        RunPhase::Planned | RunPhase::Unknown => "planned",
    };
    let header = state.plan.as_ref().map(|plan| (plan.date, plan.seed));
    let divided = state.division.as_ref().map(|division| (division.date, division.seed));
    let (date, seed) = header.or(divided).ok_or_else(not_found)?;
    let parts = state.parts.iter().map(|part| part.run.to_string()).collect();
    let fairness = json!(state.plan.as_ref().and_then(|plan| plan.fairness.as_ref()));
    let sum = Sum::of(app, state).await?;
    Ok(RunView {
        id: id.to_string(),
        status,
        parts,
        date,
        seed,
        manifests: sum.routes.iter().map(|route| route_view(route, date)).collect(),
        unassigned: json!(sum.unassigned),
        excluded: json!(sum.excluded),
        travel_s: sum.travel_s,
        distance_m: sum.distance_m,
        fairness,
        check: json!(sum.check),
    })
}

/// What a run decided, or its parts and their parts.
#[derive(Default)]
struct Sum {
    routes: Vec<PlannedRoute>,
    unassigned: Vec<Unassigned>,
    excluded: Vec<Excluded>,
    travel_s: u64,
    distance_m: u64,
    check: PlanCheck,
}

impl Sum {
    async fn of(app: &App, state: DispatchRunState) -> Result<Self, Problem> {
        let mut sum = Self::default();
        sum.check.feasible = true;
        let mut open = vec![state];
        while let Some(state) = open.pop() {
            for part in state.parts.iter().rev() {
                open.extend(load_run(app, &part.run).await?);
            }
            sum.add(state);
        }
        Ok(sum)
    }

    fn add(&mut self, state: DispatchRunState) {
        self.routes.extend(state.routes);
        self.unassigned.extend(state.unassigned);
        self.excluded.extend(state.excluded);
        let Some(plan) = state.plan else { return };
        self.travel_s += plan.travel_s;
        self.distance_m += plan.distance_m;
        self.check.feasible &= plan.check.feasible;
        self.check.violations.extend(plan.check.violations);
    }
}
