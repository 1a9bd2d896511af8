//! `/v1/zones`: the zone files of cities.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use logistics_core::CityId;
use logistics_geofence::{Diagnostic, LoadError};
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{ZONES_BYTES_MAX, read};
use super::etag::{etag, if_match};
use super::paging::Items;
use super::problem::{Problem, chain};
use crate::app::App;
use crate::live::{Live, Scope};
use crate::zones::{CityZones, PutError, ReadOptions};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, put))
}

/// What is known of a city's zones.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CityView {
    city: String,
    version: u64,
    /// How many.
    zones: usize,
    /// SHA-256 of ids and geometry.
    hash: String,
}

impl From<&CityZones> for CityView {
    fn from(zones: &CityZones) -> Self {
        Self {
            city: zones.city.to_string(),
            version: zones.set.version(),
            zones: zones.set.zones().len(),
            hash: zones.set.content_hash().to_string(),
        }
    }
}

/// A zone file that was taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PutView {
    #[serde(flatten)]
    city: CityView,
    /// What is not as it should be, and was taken all the same.
    #[schema(value_type = Vec<Object>)]
    warnings: Vec<Diagnostic>,
}

/// Cities with zones.
#[utoipa::path(get, path = "/zones", tag = "zones", responses((status = 200, body = Items<CityView>)))]
async fn list(State(app): State<Arc<App>>) -> Json<Items<CityView>> {
    let cities = app.zones.all();
    Json(Items::all(cities.values().map(|zones| zones.as_ref().into()).collect()))
}

/// A city's zone file as it was put; the ETag is its version.
#[utoipa::path(get, path = "/zones/{city}", tag = "zones", params(("city" = String, Path)),
    responses((status = 200, content_type = "application/geo+json"), (status = 404, body = Problem)))]
async fn get(State(app): State<Arc<App>>, Path(city): Path<String>) -> Result<Response, Problem> {
    let id = CityId::new(&city)?;
    let cities = app.zones.all();
    let zones = cities.get(&id).ok_or_else(|| Problem::not_found("city", &city))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/geo+json")),
        (header::ETAG, etag(zones.set.version())),
    ];
    Ok((headers, zones.content.clone()).into_response())
}

/// Puts a new version of a city's zones: a GeoJSON FeatureCollection, taken or refused as a whole.
#[utoipa::path(put, path = "/zones/{city}", tag = "zones",
    params(("city" = String, Path), ReadOptions,
        ("If-Match" = Option<String>, Header, description = "the version that must be the latest")),
    request_body(content = Object, content_type = "application/geo+json"),
    responses((status = 200, body = PutView), (status = 412, body = Problem),
        (status = 422, body = Problem, description = "`diagnostics` lists what is wrong, by feature")))]
async fn put(
    State(app): State<Arc<App>>,
    Path(city): Path<String>,
    Query(options): Query<ReadOptions>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let city = CityId::new(city)?;
    let if_latest = if_match(&headers)?;
    let content = read(body, ZONES_BYTES_MAX).await?.to_vec();
    let put = app
        .zones
        .put(app.ports.documents.as_ref(), &city, content, options, if_latest, app.now())
        .await
        .map_err(problem)?;
    let version = put.zones.set.version();
    app.hub.send(Scope::Everyone, &Live::Zones { city: city.to_string(), version });
    let view = PutView { city: put.zones.as_ref().into(), warnings: put.warnings };
    Ok(([(header::ETAG, etag(version))], Json(view)).into_response())
}

fn problem(error: PutError) -> Problem {
    match error {
        PutError::VersionMismatch { latest } => Problem::version_mismatch(latest),
        PutError::Store(error) => error.into(),
        PutError::Stopped(error) => Problem::internal(&error),
        PutError::Invalid(error) => {
            let problem = Problem::unprocessable("invalid_zones", chain(&error))
                .with("diagnostics", error.diagnostics());
            match error {
                LoadError::Syntax { byte_offset, .. } => problem.with("byte_offset", byte_offset),
                _ => problem,
            }
        }
    }
}
