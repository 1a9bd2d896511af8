//! `/v1/manifests`: a partner's stops of a day, and changing them by hand.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use chrono::NaiveDate;
use logistics_core::eventsourcing::Actor;
use logistics_core::manifest::{ManifestDocument, OverrideReason};
use logistics_core::readmodel::ShipmentOperations;
use logistics_core::{PartnerId, ShipmentId};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::etag::{etag, if_match};
use super::problem::Problem;
use super::report::Report;
use crate::app::App;
use crate::dispatch::{Change, ViolationView, override_manifest};
use crate::manifests;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(change))
}

type Tagged<T> = ([(header::HeaderName, HeaderValue); 1], Json<T>);

/// A partner's manifest of a day: what its device has, with the shipments' present status. The ETag
/// is its version.
#[utoipa::path(get, path = "/manifests/{partner}/{date}", tag = "dispatch",
    params(("partner" = String, Path), ("date" = NaiveDate, Path)),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
async fn get(
    State(app): State<Arc<App>>,
    Path((partner, date)): Path<(String, String)>,
) -> Result<Tagged<ManifestDocument>, Problem> {
    let (partner, date) = (PartnerId::new(partner)?, day(&date)?);
    let manifest = manifest(&app, &partner, date).await?;
    Ok(([(header::ETAG, etag(manifest.version.into()))], Json(manifest)))
}

/// What a supervisor makes of a manifest.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Override {
    /// What is still to be delivered, in the new order. What is left out waits at its hub again; what
    /// is new waited there, or is taken from another partner.
    #[schema(value_type = Vec<String>)]
    shipments: Vec<ShipmentId>,
    /// `local_knowledge`, `access_restriction`, `customer_request`, `vehicle_problem`,
    /// `partner_unavailable`, `traffic`, `weather`, `workload_balance`, `wrong_data` or `other`.
    #[schema(value_type = String)]
    reason_code: OverrideReason,
    /// Why: 10 characters or more.
    justification: String,
}

/// A manifest after an override.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Overridden {
    /// As GET gives it.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    manifest: ManifestDocument,
    /// What the new round does not keep. It is in force all the same.
    violations: Vec<ViolationView>,
}

/// Changes a manifest by hand: the order, what is in it, and whose it is. Shipments and the manifests
/// of partners who lose some follow, all before the answer. With an Idempotency-Key it can be sent
/// again safely.
#[utoipa::path(post, path = "/manifests/{partner}/{date}/override", tag = "dispatch",
    request_body = Override,
    params(("partner" = String, Path), ("date" = NaiveDate, Path),
        ("Idempotency-Key" = Option<String>, Header),
        ("If-Match" = Option<String>, Header, description = "the version that must be the latest")),
    responses((status = 200, body = Overridden), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "not possible as things stand"),
        (status = 412, body = Problem, description = "there is a later version"),
        (status = 422, body = Problem)))]
async fn change(
    State(app): State<Arc<App>>,
    Path((partner, date)): Path<(String, String)>,
    headers: HeaderMap,
    report: Report<Override>,
) -> Result<Tagged<Overridden>, Problem> {
    let (partner, date) = (PartnerId::new(partner)?, day(&date)?);
    let command_id = report.command_id();
    let Override { shipments, reason_code, justification } = report.content;
    let change = Change {
        command_id,
        actor: Actor::Api("local".to_owned()),
        partner: partner.clone(),
        date,
        if_version: if_match(&headers)?,
        shipments,
        reason_code,
        justification,
    };
    let violations = override_manifest(&app, change).await?;
    let manifest = manifest(&app, &partner, date).await?;
    let tag = etag(manifest.version.into());
    Ok(([(header::ETAG, tag)], Json(Overridden { manifest, violations })))
}

fn day(date: &str) -> Result<NaiveDate, Problem> {
    date.parse().map_err(|_| {
        Problem::bad_request("invalid_date", "the date must be like 2026-11-23").about("date")
    })
}

async fn manifest(
    app: &App,
    partner: &PartnerId,
    date: NaiveDate,
) -> Result<ManifestDocument, Problem> {
    let mut manifest = manifests::current(app, partner, date)
        .await?
        .ok_or_else(|| Problem::not_found("manifest", &format!("{partner}/{date}")))?;
    for stop in &mut manifest.stops {
        if let Some(row) = app.row::<ShipmentOperations>(stop.shipment.as_str()).await.flatten() {
            row.status.as_str().clone_into(&mut stop.status);
        }
    }
    Ok(manifest)
}
