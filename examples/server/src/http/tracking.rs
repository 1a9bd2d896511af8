//! `/v1/track/{token}`: what the consignee sees.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{IndexQuery, model_name};
use logistics_core::readmodel::{ShipmentTracking, TrackingRow};
use logistics_core::shipment::Phase;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use crate::app::App;
use crate::ids::sha256_hex;
use crate::manifests;
use crate::shipments::PromiseView;

/// Longest token looked at.
const TOKEN_BYTES_MAX: usize = 64;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(track))
}

/// A shipment as its consignee sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TrackView {
    status: &'static str,
    promise: Option<PromiseView>,
    /// When it is expected, while it is on its way.
    eta: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    history: Vec<MilestoneView>,
    /// Where the partner is, to about a hundred metres, while it is on its way.
    position: Option<PositionView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MilestoneView {
    at: DateTime<Utc>,
    event: String,
    text: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PositionView {
    lat: f64,
    lon: f64,
    /// Epoch milliseconds.
    ts: i64,
}

/// Where a shipment is, by the secret token of its link.
#[utoipa::path(get, path = "/track/{token}", tag = "tracking", params(("token" = String, Path)),
    responses((status = 200, body = TrackView), (status = 404, body = Problem)))]
async fn track(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
) -> Result<Json<TrackView>, Problem> {
    let unknown = || Problem::not_found("shipment", "with this link");
    if token.len() > TOKEN_BYTES_MAX {
        return Err(unknown());
    }
    let query = IndexQuery {
        index: "token".to_owned(),
        partition: sha256_hex(&token),
        limit: 1,
        ..IndexQuery::default()
    };
    let rows = app.ports.models.list(&model_name::<ShipmentTracking>(), &query).await?;
    let row: Option<TrackingRow> = rows
        .first()
        .map(|row| serde_json::from_slice(&row.body))
        .transpose()
        .map_err(|error| Problem::internal(&error))?
        .flatten();
    let row = row.ok_or_else(unknown)?;
    let eta = eta(&app, &row).await?;
    let position = row.visible_partner().and_then(|partner| app.board.last_fix(partner));
    Ok(Json(TrackView {
        status: row.status.as_str(),
        promise: row.promise.as_ref().map(Into::into),
        eta,
        delivered_at: row.delivered_at,
        history: row
            .history
            .into_iter()
            .map(|step| MilestoneView { at: step.at, event: step.event, text: step.text })
            .collect(),
        position: position.map(|fix| PositionView {
            lat: coarse(fix.position.y()),
            lon: coarse(fix.position.x()),
            ts: fix.ts.timestamp_millis(),
        }),
    }))
}

/// Three decimals of a degree, about a hundred metres: enough to see the partner come nearer.
fn coarse(degrees: f64) -> f64 {
    (degrees * 1e3).round() / 1e3
}

async fn eta(app: &App, row: &TrackingRow) -> Result<Option<DateTime<Utc>>, Problem> {
    let (Phase::Assigned | Phase::OutForDelivery, Some((partner, date))) = (row.status, &row.round)
    else {
        return Ok(None);
    };
    if let Some(eta) = app.board.eta(partner, &row.id) {
        return Ok(Some(eta));
    }
    let manifest = manifests::current(app, partner, *date).await?;
    let stop = manifest
        .and_then(|manifest| manifest.stops.into_iter().find(|stop| stop.shipment == row.id));
    Ok(stop.map(|stop| stop.arrival))
}
