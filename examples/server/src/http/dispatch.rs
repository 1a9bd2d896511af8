//! `/v1/dispatch/runs`: plan and assign. `/v1/shipments/{id}/offers`: who could take one more.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use logistics_core::dispatch_run::{DispatchRunState, PlannedRoute, RunPhase};
use logistics_core::manifest::Stop;
use logistics_core::{HubId, PartnerId, RunId, ShipmentId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::paging::Items;
use super::problem::Problem;
use super::report::Report;
use crate::app::App;
use crate::dispatch::{ITERATIONS_MAX, OfferView, SHIPMENTS_MAX, Wanted, load_run, offers, run};
use crate::ids::{derived, fresh};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(create)).routes(routes!(get)).routes(routes!(offered))
}

const OFFERS_DEFAULT: usize = 10;
const OFFERS_MAX: usize = 100;

/// How many offers are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct Limit {
    /// 1 to 100; 10 when not given.
    limit: Option<usize>,
}

/// What a run is to do; an empty object takes everything that can be dispatched now.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Request {
    /// The business day; today when not given.
    date: Option<NaiveDate>,
    /// Only shipments at this hub.
    #[schema(value_type = Option<String>)]
    hub: Option<HubId>,
    /// Only these shipments.
    #[schema(value_type = Option<Vec<String>>)]
    shipments: Option<Vec<ShipmentId>>,
    /// Only these partners.
    #[schema(value_type = Option<Vec<String>>)]
    partners: Option<Vec<PartnerId>>,
    /// Whether shipments that partners have and that are not out for delivery yet may go to other
    /// partners; each change counts like ten minutes of driving. Without it they stay.
    #[serde(default)]
    reassign: bool,
    /// The same seed gives the same plan; 1 when not given.
    seed: Option<u64>,
    /// Steps of the search.
    iterations: Option<u64>,
}

/// A dispatch run.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RunView {
    id: String,
    /// `planned`, and `applied` once every manifest and assignment is recorded.
    status: &'static str,
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

/// Plans who brings what, checks the plan, records it, and assigns. With an Idempotency-Key it can
/// be sent again safely.
#[utoipa::path(post, path = "/dispatch/runs", tag = "dispatch", request_body = Request,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = RunView), (status = 422, body = Problem)))]
async fn create(
    State(app): State<Arc<App>>,
    report: Report<Request>,
) -> Result<(StatusCode, Json<RunView>), Problem> {
    let Report { content: wanted, key, .. } = report;
    let id = match &key {
        Some(key) => derived(RunId::new, &["run", key]),
        None => fresh(RunId::new),
    };
    if wanted.iterations.is_some_and(|iterations| iterations > ITERATIONS_MAX) {
        let detail = format!("iterations is above {ITERATIONS_MAX}");
        return Err(Problem::unprocessable("invalid_field", detail).about("iterations"));
    }
    if wanted.shipments.as_ref().is_some_and(|shipments| shipments.len() > SHIPMENTS_MAX) {
        let detail = format!("more than {SHIPMENTS_MAX} shipments");
        return Err(Problem::unprocessable("invalid_field", detail).about("shipments"));
    }
    let wanted = Wanted {
        run: id.clone(),
        date: wanted.date,
        hub: wanted.hub,
        shipments: wanted.shipments,
        partners: wanted.partners,
        reassign: wanted.reassign,
        seed: wanted.seed.unwrap_or(1),
        iterations: wanted.iterations,
    };
    run(&app, wanted).await?;
    Ok((StatusCode::CREATED, Json(view(&app, &id).await?)))
}

/// A run as it was planned, and whether it is applied.
#[utoipa::path(get, path = "/dispatch/runs/{id}", tag = "dispatch", params(("id" = String, Path)),
    responses((status = 200, body = RunView), (status = 404, body = Problem)))]
async fn get(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<RunView>, Problem> {
    Ok(Json(view(&app, &RunId::new(id)?).await?))
}

/// Who could take a shipment that waits at its hub, if nobody's other stops change their order: the
/// least extra cost first. To have one take it, plan a run of this shipment and partner.
#[utoipa::path(get, path = "/shipments/{id}/offers", tag = "dispatch",
    params(("id" = String, Path), Limit),
    responses((status = 200, body = Items<OfferView>), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
async fn offered(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(Limit { limit }): Query<Limit>,
) -> Result<Json<Items<OfferView>>, Problem> {
    let limit = limit.unwrap_or(OFFERS_DEFAULT);
    if !(1..=OFFERS_MAX).contains(&limit) {
        let detail = format!("limit is {limit}, not between 1 and {OFFERS_MAX}");
        return Err(Problem::unprocessable("invalid_field", detail).about("limit"));
    }
    Ok(Json(Items::all(offers(&app, &ShipmentId::new(id)?, limit).await?)))
}

async fn view(app: &App, id: &RunId) -> Result<RunView, Problem> {
    let not_found = || Problem::not_found("dispatch run", id.as_str());
    let state: DispatchRunState = load_run(app, id).await?.ok_or_else(not_found)?;
    let plan = state.plan.ok_or_else(not_found)?;
    Ok(RunView {
        id: id.to_string(),
        status: if state.phase == RunPhase::Applied { "applied" } else { "planned" },
        date: plan.date,
        seed: plan.seed,
        manifests: state.routes.iter().map(|route| route_view(route, plan.date)).collect(),
        unassigned: json!(state.unassigned),
        excluded: json!(state.excluded),
        travel_s: plan.travel_s,
        distance_m: plan.distance_m,
        check: json!(plan.check),
    })
}
