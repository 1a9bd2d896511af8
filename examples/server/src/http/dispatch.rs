//! `/v1/dispatch/runs`: plan and assign. `/v1/shipments/{id}/offers`: who could take one more.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use logistics_core::values::Sha256Digest;
use logistics_core::{HubId, PartnerId, RunId, ShipmentId};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::paging::Items;
use super::problem::Problem;
use super::report::Report;
use super::run_view::{RunView, view};
use crate::app::App;
use crate::dispatch::{ITERATIONS_MAX, OfferView, SHIPMENTS_MAX, Wanted, offers, run};
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
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
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

/// Plans who brings what, checks the plan, records it, and assigns. Where more than 1,000 shipments
/// wait or are with partners, the run is divided by zone and position. With an Idempotency-Key it
/// can be sent again safely.
#[utoipa::path(post, path = "/dispatch/runs", tag = "dispatch", request_body = Request,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = RunView), (status = 422, body = Problem)))]
async fn create(
    State(app): State<Arc<App>>,
    report: Report<Request>,
) -> Result<(StatusCode, Json<RunView>), Problem> {
    let Report { content: wanted, key, .. } = report;
    let (id, request) = match &key {
        Some(key) => (derived(RunId::new, &["run", key]), Some(digest(&wanted)?)),
        None => (fresh(RunId::new), None),
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
        request,
    };
    run(&app, wanted).await?;
    Ok((StatusCode::CREATED, Json(view(&app, &id).await?)))
}

fn digest(request: &Request) -> Result<Sha256Digest, Problem> {
    let json = serde_json::to_vec(request).map_err(|error| Problem::internal(&error))?;
    Ok(Sha256Digest::of(json))
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
