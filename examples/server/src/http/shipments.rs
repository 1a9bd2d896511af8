//! `/v1/shipments`: orders, what happens to them, their history.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use logistics_core::eventsourcing::{ExecuteError, Version, model_name};
use logistics_core::readmodel::{OperationsRow, ShipmentOperations};
use logistics_core::shipment::{
    AssignToPartner, Cancel, ConfirmDelivery, ConfirmPickup, CreateShipment, Destination, Phase,
    ProofKind, RecordAttempt, RequestedBy, Reschedule, ScanInbound, ScanOutbound, Shipment,
    ShipmentCommand, ShipmentRejection, StartDelivery, shipment_stream,
};
use logistics_core::sla::Promise;
use logistics_core::values::{GeoPosition, Money, Sha256Digest};
use logistics_core::{ClientId, HubId, PartnerId, ShipmentId};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::paging::{Items, Paging, page};
use super::problem::Problem;
use super::report::{Report, envelope};
use crate::app::App;
use crate::ids::{derived, fresh};
use crate::shipments::{ShipmentView, view};

pub(super) type Answer = Result<Json<ShipmentView>, Problem>;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get))
        .routes(routes!(pickup))
        .routes(routes!(scan))
        .routes(routes!(assign))
        .routes(routes!(out_for_delivery))
        .routes(routes!(attempt))
        .routes(routes!(delivery))
        .routes(routes!(cancel))
        .routes(routes!(reschedule))
}

/// An order.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Order {
    /// Yours, or made by the server.
    #[schema(value_type = Option<String>)]
    id: Option<ShipmentId>,
    #[schema(value_type = String)]
    client: ClientId,
    /// The client's own number.
    reference: Option<String>,
    #[serde(default = "one")]
    pieces: u32,
    weight_g: Option<u32>,
    /// Units of a vehicle's capacity.
    #[serde(default = "one")]
    demand: u32,
    /// Time at the door, in seconds.
    #[serde(default = "three_minutes")]
    service_s: u32,
    #[schema(value_type = Option<String>)]
    hub: Option<HubId>,
    #[schema(value_type = Option<Object>)]
    cod: Option<Money>,
    /// The proofs of delivery that are demanded: `otp`, `photo`, `signature`.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    proofs: Vec<ProofKind>,
    /// The keyed SHA-256 digest of the one-time password, as the proof will bring it.
    #[schema(value_type = Option<String>)]
    otp_digest: Option<Sha256Digest>,
    destination: Door,
    promise: Option<Window>,
}

/// Where to deliver.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Door {
    lat: f64,
    lon: f64,
    /// How sure the geocoder was, 0 to 1.
    geocode_confidence: Option<f64>,
}

/// When to deliver, in civil time.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Window {
    /// IANA name; the server's own when not given.
    #[schema(value_type = Option<String>)]
    time_zone: Option<Tz>,
    date: NaiveDate,
    /// `10:00`
    #[serde(deserialize_with = "clock_time")]
    #[schema(value_type = String)]
    from: NaiveTime,
    #[serde(deserialize_with = "clock_time")]
    #[schema(value_type = String)]
    to: NaiveTime,
}

impl Window {
    fn promise(self, app: &App) -> Result<Promise, Problem> {
        let time_zone = self.time_zone.unwrap_or(app.settings.time_zone);
        Promise::on_date(time_zone.name(), self.date, self.from, self.to)
            .map_err(|error| Problem::unprocessable("invalid_field", error).about("promise"))
    }
}

const fn one() -> u32 {
    1
}

const fn three_minutes() -> u32 {
    180
}

/// `10:00` or `10:00:00`.
fn clock_time<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveTime::parse_from_str(&text, "%H:%M")
        .or_else(|_| NaiveTime::parse_from_str(&text, "%H:%M:%S"))
        .map_err(|_| {
            serde::de::Error::custom(format!("{text:?} is not a time of day such as 10:00"))
        })
}

/// A shipment that was just ordered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Created {
    #[serde(flatten)]
    shipment: ShipmentView,
    tracking: Tracking,
}

/// The consignee's link.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Tracking {
    token: String,
    /// Relative to the server.
    url: String,
}

/// Takes an order. With an Idempotency-Key it can be sent again safely.
#[utoipa::path(post, path = "/shipments", tag = "shipments", request_body = Order,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Created), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn create(
    State(app): State<Arc<App>>,
    report: Report<Order>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let command_id = report.command_id();
    let id = match (&report.content.id, &report.key) {
        (Some(id), _) => id.clone(),
        (None, Some(key)) => derived(ShipmentId::new, &["shipment", key]),
        (None, None) => fresh(ShipmentId::new),
    };
    let token = app.secret.tracking_token(id.as_str());
    let content = command(&app, id.clone(), report.content, &token)?;
    let command = envelope(command_id, report.occurred_at, app.now(), content.into());
    let stream = shipment_stream(&id);
    let executed = app.run::<Shipment>(&stream, &command, &app.settings.shipments).await?;
    let shipment = view(&app, &id, executed.version).await?;
    let tracking = Tracking { url: format!("/t/{token}"), token };
    Ok((StatusCode::CREATED, Json(Created { shipment, tracking })))
}

fn command(
    app: &App,
    id: ShipmentId,
    order: Order,
    token: &str,
) -> Result<CreateShipment, Problem> {
    let invalid = |field: &str, error: &dyn std::error::Error| {
        Problem::unprocessable("invalid_field", error).about(field)
    };
    let Door { lat, lon, geocode_confidence } = order.destination;
    let position = GeoPosition::new(lon, lat).map_err(|error| invalid("destination", &error))?;
    let mut destination = Destination::new(position);
    if let Some(confidence) = geocode_confidence {
        destination =
            destination.geocoded(confidence).map_err(|error| invalid("destination", &error))?;
    }
    let promise = order.promise.map(|window| window.promise(app)).transpose()?;
    Ok(CreateShipment {
        reference: order.reference,
        pieces: order.pieces,
        weight_g: order.weight_g,
        demand: order.demand,
        service_s: order.service_s,
        hub: order.hub,
        promise,
        cod: order.cod,
        tracking_token_hash: Some(Sha256Digest::of(token)),
        proofs: order.proofs,
        otp_digest: order.otp_digest,
        ..CreateShipment::new(id, order.client, destination)
    })
}

/// Which shipments to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct Filter {
    status: Option<String>,
    client: Option<String>,
    /// Those that the partner has.
    partner: Option<String>,
}

/// Shipments, the newest first; by one of status, client or partner, or all.
#[utoipa::path(get, path = "/shipments", tag = "shipments", params(Filter, Paging),
    responses((status = 200, body = Items<ShipmentView>)))]
async fn list(
    State(app): State<Arc<App>>,
    Query(filter): Query<Filter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Items<ShipmentView>>, Problem> {
    let wanted =
        [("status", &filter.status), ("client", &filter.client), ("partner", &filter.partner)];
    let mut wanted = wanted.iter().filter_map(|(index, value)| Some((*index, value.as_deref()?)));
    let place = wanted.next().unwrap_or(("all", "all"));
    if let Some((second, _)) = wanted.next() {
        let detail = "give one of status, client and partner";
        return Err(Problem::unprocessable("invalid_field", detail).about(second));
    }
    let models = app.ports.models.as_ref();
    let model = model_name::<ShipmentOperations>();
    let rows: Items<Option<OperationsRow>> = page(models, &model, place, true, &paging).await?;
    let items = rows.items.into_iter().flatten().map(Into::into).collect();
    Ok(Json(Items { items, next: rows.next }))
}

/// One shipment as it is now.
#[utoipa::path(get, path = "/shipments/{id}", tag = "shipments", params(("id" = String, Path)),
    responses((status = 200, body = ShipmentView), (status = 404, body = Problem)))]
async fn get(State(app): State<Arc<App>>, Path(id): Path<String>) -> Answer {
    let id = ShipmentId::new(&id)?;
    Ok(Json(view(&app, &id, Version::new(u64::MAX)).await?))
}

/// Runs one command on one shipment.
pub(super) async fn run<C>(app: &App, id: &str, report: Report<C>) -> Answer
where
    C: Into<ShipmentCommand>,
{
    let id = ShipmentId::new(id)?;
    let stream = shipment_stream(&id);
    let command_id = report.command_id();
    let command = envelope(command_id, report.occurred_at, app.now(), report.content.into());
    match app.run::<Shipment>(&stream, &command, &app.settings.shipments).await {
        Ok(executed) => Ok(Json(view(app, &id, executed.version).await?)),
        Err(ExecuteError::Rejected(ShipmentRejection::IllegalTransition {
            phase: Phase::Unknown,
            ..
        })) => Err(Problem::not_found("shipment", id.as_str())),
        Err(error) => Err(error.into()),
    }
}

/// The consignor handed it over. Body: `hub`, `partner`, `position`, `pieces`, `weight_g`,
/// `occurred_at`, all optional.
#[utoipa::path(post, path = "/shipments/{id}/pickup", tag = "shipments", params(("id" = String, Path)),
    request_body(content = Object, example = json!({"hub": "HUB-1"})),
    responses((status = 200, body = ShipmentView), (status = 409, body = Problem)))]
async fn pickup(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    report: Report<ConfirmPickup>,
) -> Answer {
    run(&app, &id, report).await
}

/// A scan at a hub: it came in, or it left for another hub.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Scan {
    #[schema(value_type = String)]
    hub: HubId,
    direction: Direction,
    /// Where an outbound shipment goes.
    #[schema(value_type = Option<String>)]
    to: Option<HubId>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Inbound,
    Outbound,
}

impl From<Scan> for ShipmentCommand {
    fn from(scan: Scan) -> Self {
        match scan.direction {
            Direction::Inbound => ScanInbound { hub: scan.hub }.into(),
            Direction::Outbound => ScanOutbound { hub: scan.hub, to: scan.to }.into(),
        }
    }
}

/// It was scanned at a hub.
#[utoipa::path(post, path = "/shipments/{id}/scans", tag = "shipments", params(("id" = String, Path)),
    request_body = Scan, responses((status = 200, body = ShipmentView), (status = 409, body = Problem)))]
async fn scan(State(app): State<Arc<App>>, Path(id): Path<String>, report: Report<Scan>) -> Answer {
    run(&app, &id, report).await
}

/// Who is to deliver it, outside of a dispatch run.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Assignment {
    #[schema(value_type = String)]
    partner: PartnerId,
    /// The business day; today when not given.
    date: Option<NaiveDate>,
}

/// Assigns it to a partner by hand.
#[utoipa::path(post, path = "/shipments/{id}/assign", tag = "shipments", params(("id" = String, Path)),
    request_body = Assignment, responses((status = 200, body = ShipmentView),
        (status = 409, body = Problem), (status = 422, body = Problem, description = "no such partner")))]
async fn assign(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    report: Report<Assignment>,
) -> Answer {
    let Report { content: Assignment { partner, date }, occurred_at, key } = report;
    if !app.board.knows(&partner) {
        let detail = format!("there is no partner {partner}");
        return Err(Problem::unprocessable("unknown_partner", detail).about("partner"));
    }
    let date = date.unwrap_or_else(|| app.date_of(app.now()));
    let content = AssignToPartner { partner, date, manifest_version: None, run: None };
    run(&app, &id, Report { content, occurred_at, key }).await
}

/// The partner left for delivery with it. Body: `partner`, `position`, `occurred_at`.
#[utoipa::path(post, path = "/shipments/{id}/out-for-delivery", tag = "shipments",
    params(("id" = String, Path)),
    request_body(content = Object, example = json!({"partner": "DP-1", "position": {"lat": 18.52, "lon": 73.85}})),
    responses((status = 200, body = ShipmentView), (status = 409, body = Problem)))]
async fn out_for_delivery(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    report: Report<StartDelivery>,
) -> Answer {
    run(&app, &id, report).await
}

/// A delivery was tried and failed. Body: `reason`, `partner`, `position`, `evidence`, `occurred_at`.
#[utoipa::path(post, path = "/shipments/{id}/attempts", tag = "shipments", params(("id" = String, Path)),
    request_body(content = Object, example = json!({"reason": "unavailable"})),
    responses((status = 200, body = ShipmentView), (status = 409, body = Problem)))]
async fn attempt(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    report: Report<RecordAttempt>,
) -> Answer {
    run(&app, &id, report).await
}

/// It was delivered. Body: `proof`, `partner`, `position`, `cod_collected`, `more_proofs`,
/// `occurred_at`.
#[utoipa::path(post, path = "/shipments/{id}/delivery", tag = "shipments", params(("id" = String, Path)),
    request_body(content = Object, example = json!({"proof": {"kind": "photo"}})),
    responses((status = 200, body = ShipmentView), (status = 409, body = Problem)))]
async fn delivery(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    report: Report<ConfirmDelivery>,
) -> Answer {
    run(&app, &id, report).await
}

/// It will not be delivered; what was picked up goes back. Body: `reason`.
#[utoipa::path(post, path = "/shipments/{id}/cancel", tag = "shipments", params(("id" = String, Path)),
    request_body(content = Object, example = json!({"reason": "client_request"})),
    responses((status = 200, body = ShipmentView), (status = 409, body = Problem)))]
async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    report: Report<Cancel>,
) -> Answer {
    run(&app, &id, report).await
}

/// Another time to deliver.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct Rescheduling {
    promise: Window,
    /// `client`, `consignee` or `operations`.
    #[schema(value_type = String)]
    requested_by: RequestedBy,
}

/// Another time is promised; the first one is kept.
#[utoipa::path(post, path = "/shipments/{id}/promise", tag = "shipments", params(("id" = String, Path)),
    request_body = Rescheduling,
    responses((status = 200, body = ShipmentView), (status = 409, body = Problem)))]
async fn reschedule(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    report: Report<Rescheduling>,
) -> Answer {
    let Report { content: Rescheduling { promise, requested_by }, occurred_at, key } = report;
    let content = Reschedule { promise: promise.promise(&app)?, requested_by };
    run(&app, &id, Report { content, occurred_at, key }).await
}
