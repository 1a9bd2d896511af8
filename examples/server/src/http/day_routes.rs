//! `/v1/partners/{id}/route`: the line of a partner's day.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use chrono::{DateTime, NaiveDate, Utc};
use geo_types::Point;
use logistics_core::PartnerId;
use logistics_core::telemetry::DayRoute;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::partners::known;
use super::problem::Problem;
use crate::app::App;
use crate::day_routes::{self, Source};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(route))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct Day {
    /// The business day; today when not given.
    date: Option<NaiveDate>,
}

/// Where a partner was on a day.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RouteView {
    partner: String,
    date: NaiveDate,
    /// `fixes` while the day's raw fixes are kept, then `stored`; null when there is nothing.
    source: Option<&'static str>,
    /// How many fixes it was made of.
    fixes: u64,
    /// The time of the first of them.
    first: Option<DateTime<Utc>>,
    /// The time of the last of them.
    last: Option<DateTime<Utc>>,
    /// The length of the lines; gaps are not counted.
    distance_m: f64,
    /// No fix is further from the lines than this.
    within_m: Option<f64>,
    /// One encoded polyline, of five decimals, for each stretch without a gap.
    polylines: Vec<String>,
    /// The same as a GeoJSON feature; null when there is nothing.
    #[schema(value_type = Object)]
    geojson: Option<Value>,
}

/// The line of a partner's day.
#[utoipa::path(get, path = "/partners/{id}/route", tag = "partners", params(("id" = String, Path), Day),
    responses((status = 200, body = RouteView), (status = 404, body = Problem)))]
async fn route(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(day): Query<Day>,
) -> Result<Json<RouteView>, Problem> {
    let partner = known(&app, &id)?;
    let date = day.date.unwrap_or_else(|| app.date_of(app.now()));
    let Some((route, source)) = day_routes::of_day(&app, &partner, date).await? else {
        return Ok(Json(RouteView {
            partner: id,
            date,
            source: None,
            fixes: 0,
            first: None,
            last: None,
            distance_m: 0.0,
            within_m: None,
            polylines: Vec::new(),
            geojson: None,
        }));
    };
    let geojson = feature(&partner, date, &route)?;
    Ok(Json(RouteView {
        partner: id,
        date,
        source: Some(match source {
            Source::Fixes => "fixes",
            Source::Stored => "stored",
        }),
        fixes: route.fixes,
        first: Some(route.first),
        last: Some(route.last),
        distance_m: route.distance_m,
        within_m: Some(route.within_m),
        polylines: route.polylines,
        geojson: Some(geojson),
    }))
}

/// The lines as a GeoJSON feature.
fn feature(partner: &PartnerId, date: NaiveDate, route: &DayRoute) -> Result<Value, Problem> {
    let lines = route.lines().map_err(|error| Problem::internal(&error))?;
    let mut lines: Vec<_> = lines.iter().map(|line| coordinates(line)).collect();
    let geometry = match lines.len() {
        1 => json!({ "type": "LineString", "coordinates": lines.remove(0) }),
        _ => json!({ "type": "MultiLineString", "coordinates": lines }),
    };
    Ok(json!({
        "type": "Feature",
        "properties": { "partner": partner, "date": date },
        "geometry": geometry,
    }))
}

/// At least two: a line of one point is none in GeoJSON.
fn coordinates(line: &[Point<f64>]) -> Vec<[f64; 2]> {
    let again = line.first().filter(|_| line.len() == 1);
    line.iter().chain(again).map(|point| [point.x(), point.y()]).collect()
}
