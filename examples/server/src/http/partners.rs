//! `/v1/partners`: who delivers, where they are, where they have been.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use logistics_core::partner::{
    Partner, PartnerCommand, PartnerPolicy, PartnerProfile, RegisterPartner, ShiftHours,
    UpdatePartner, Vehicle, partner_stream,
};
use logistics_core::telemetry::Fix;
use logistics_core::{CityId, PartnerId};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::paging::{Items, Paging};
use super::problem::Problem;
use super::report::{Report, envelope};
use crate::app::App;
use crate::gps::PartnerView;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, register))
        .routes(routes!(get, update))
        .routes(routes!(fixes))
}

/// What a partner is registered with.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Profile {
    name: Option<String>,
    /// `two_wheeler` (default) or `four_wheeler`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    vehicle: Vehicle,
    /// How many units of demand it carries; 30 or 120 by vehicle when not given.
    capacity: Option<u32>,
    #[schema(value_type = Option<String>)]
    city: Option<CityId>,
    #[schema(value_type = Option<Object>)]
    shift: Option<ShiftHours>,
}

impl From<Profile> for PartnerProfile {
    fn from(profile: Profile) -> Self {
        let mut made = Self::new(profile.vehicle);
        made.name = profile.name;
        made.capacity = profile.capacity.unwrap_or(made.capacity);
        made.city = profile.city;
        made.shift = profile.shift;
        made
    }
}

/// A partner to be registered.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct NewPartner {
    /// Also in the topics of its device: no `/`, `+` or `#`.
    #[schema(value_type = String)]
    id: PartnerId,
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    vehicle: Vehicle,
    capacity: Option<u32>,
    #[schema(value_type = Option<String>)]
    city: Option<CityId>,
    #[schema(value_type = Option<Object>)]
    shift: Option<ShiftHours>,
}

/// Registers a partner. Registering it again with the same details changes nothing.
#[utoipa::path(post, path = "/partners", tag = "partners", request_body = NewPartner,
    responses((status = 201, body = PartnerView), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn register(
    State(app): State<Arc<App>>,
    report: Report<NewPartner>,
) -> Result<(StatusCode, Json<PartnerView>), Problem> {
    let command_id = report.command_id();
    let NewPartner { id, name, vehicle, capacity, city, shift } = report.content;
    let profile: PartnerProfile = Profile { name, vehicle, capacity, city, shift }.into();
    let content = RegisterPartner { partner: id.clone(), profile: profile.clone() };
    let command = envelope(command_id, None, app.now(), PartnerCommand::Register(content));
    app.run::<Partner>(&partner_stream(&id), &command, &PartnerPolicy).await?;
    app.board.register(id.clone(), profile);
    Ok((StatusCode::CREATED, Json(view(&app, &id)?)))
}

/// Changes a partner's details.
#[utoipa::path(put, path = "/partners/{id}", tag = "partners", params(("id" = String, Path)),
    request_body = Profile, responses((status = 200, body = PartnerView), (status = 404, body = Problem)))]
async fn update(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    report: Report<Profile>,
) -> Result<Json<PartnerView>, Problem> {
    let command_id = report.command_id();
    let id = known(&app, &id)?;
    let profile: PartnerProfile = report.content.into();
    let content = UpdatePartner { profile: profile.clone() };
    let command = envelope(command_id, None, app.now(), PartnerCommand::Update(content));
    app.run::<Partner>(&partner_stream(&id), &command, &PartnerPolicy).await?;
    app.board.register(id.clone(), profile);
    Ok(Json(view(&app, &id)?))
}

/// All partners by id: where they are and how they do.
#[utoipa::path(get, path = "/partners", tag = "partners", params(Paging),
    responses((status = 200, body = Items<PartnerView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Query(paging): Query<Paging>,
) -> Result<Json<Items<PartnerView>>, Problem> {
    let limit = usize::try_from(paging.limit()?).unwrap_or(usize::MAX);
    let after = paging.after.as_deref().map(PartnerId::new).transpose()?;
    let items = app.board.views(after.as_ref(), limit, app.now(), &app.settings.status);
    let next = items.last().filter(|_| items.len() == limit).map(|last| last.id.clone());
    Ok(Json(Items { items, next }))
}

/// One partner.
#[utoipa::path(get, path = "/partners/{id}", tag = "partners", params(("id" = String, Path)),
    responses((status = 200, body = PartnerView), (status = 404, body = Problem)))]
async fn get(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<PartnerView>, Problem> {
    let id = known(&app, &id)?;
    Ok(Json(view(&app, &id)?))
}

pub(super) fn known(app: &App, id: &str) -> Result<PartnerId, Problem> {
    let partner = PartnerId::new(id)?;
    if app.board.knows(&partner) { Ok(partner) } else { Err(Problem::not_found("partner", id)) }
}

fn view(app: &App, id: &PartnerId) -> Result<PartnerView, Problem> {
    let view = app.board.view(id, app.now(), &app.settings.status);
    view.ok_or_else(|| Problem::not_found("partner", id.as_str()))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct Span {
    /// Epoch milliseconds, included; the last hour when not given.
    from: Option<i64>,
    /// Epoch milliseconds, not included; now when not given.
    to: Option<i64>,
}

/// One stored fix.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FixView {
    /// Epoch milliseconds.
    ts: i64,
    lat: f64,
    lon: f64,
    accuracy_m: f64,
    /// The device gave no accuracy.
    accuracy_assumed: bool,
    speed_mps: Option<f64>,
    bearing_deg: Option<f64>,
    battery: Option<f64>,
    /// The device says that a program made the position up.
    mocked: bool,
}

impl From<Fix> for FixView {
    fn from(fix: Fix) -> Self {
        Self {
            ts: fix.ts.timestamp_millis(),
            lat: fix.position.y(),
            lon: fix.position.x(),
            accuracy_m: fix.accuracy_m,
            accuracy_assumed: fix.accuracy_assumed,
            speed_mps: fix.speed_mps,
            bearing_deg: fix.bearing_deg,
            battery: fix.battery,
            mocked: fix.mocked,
        }
    }
}

/// A partner's raw fixes, oldest first.
#[utoipa::path(get, path = "/partners/{id}/fixes", tag = "partners",
    params(("id" = String, Path), Span, Paging),
    responses((status = 200, body = Items<FixView>), (status = 404, body = Problem)))]
async fn fixes(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(span): Query<Span>,
    Query(paging): Query<Paging>,
) -> Result<Json<Items<FixView>>, Problem> {
    let partner = known(&app, &id)?;
    let now_ms = app.now().timestamp_millis();
    let after = match paging.after.as_deref().map(str::parse::<i64>) {
        None => None,
        Some(Ok(after)) => Some(after),
        Some(Err(_)) => {
            let detail = "after is not a cursor of this list";
            return Err(Problem::unprocessable("invalid_field", detail).about("after"));
        }
    };
    let from = after.map(|after| after + 1).or(span.from).unwrap_or(now_ms - 3_600_000);
    let time = |ms: i64, field: &str| -> Result<DateTime<Utc>, Problem> {
        let out_of_range = || Problem::unprocessable("invalid_field", "not a time").about(field);
        DateTime::from_timestamp_millis(ms).ok_or_else(out_of_range)
    };
    let (from, to) = (time(from, "from")?, time(span.to.unwrap_or(now_ms), "to")?);
    let limit = paging.limit()?;
    let found = app.ports.fixes.range(&partner, from, to, limit).await?;
    let full = found.len() == usize::try_from(limit).unwrap_or(usize::MAX);
    let next = found.last().filter(|_| full).map(|fix| fix.ts.timestamp_millis().to_string());
    Ok(Json(Items { items: found.into_iter().map(Into::into).collect(), next }))
}
