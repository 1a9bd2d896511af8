//! `/v1/manifests`: a partner's stops of a day.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use chrono::NaiveDate;
use logistics_core::PartnerId;
use logistics_core::manifest::ManifestDocument;
use logistics_core::readmodel::ShipmentOperations;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use crate::app::App;
use crate::manifests;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(get))
}

/// A partner's manifest of a day: what its device has, with the shipments' present status.
#[utoipa::path(get, path = "/manifests/{partner}/{date}", tag = "dispatch",
    params(("partner" = String, Path), ("date" = NaiveDate, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
async fn get(
    State(app): State<Arc<App>>,
    Path((partner, date)): Path<(String, String)>,
) -> Result<Json<ManifestDocument>, Problem> {
    let partner = PartnerId::new(partner)?;
    let day = date.parse::<NaiveDate>().map_err(|_| {
        Problem::bad_request("invalid_date", "the date must be like 2026-11-23").about("date")
    })?;
    let mut manifest = manifests::current(&app, &partner, day)
        .await?
        .ok_or_else(|| Problem::not_found("manifest", &format!("{partner}/{date}")))?;
    for stop in &mut manifest.stops {
        if let Some(row) = app.row::<ShipmentOperations>(stop.shipment.as_str()).await.flatten() {
            row.status.as_str().clone_into(&mut stop.status);
        }
    }
    Ok(Json(manifest))
}
