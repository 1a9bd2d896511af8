//! `/v1/ingest/owntracks` and `/v1/ingest/osmand`: the apps of other people, as they are.
//!
//! A phone sends again what is not answered with success, for ever. So what it cannot mend (an
//! inaccurate fix, a wrong clock) is answered with success all the same; if it was refused, it is a
//! dead letter by then.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use logistics_core::PartnerId;
use logistics_core::telemetry::{Form, Inbound, MESSAGE_BYTES_MAX, Outcome, OwnTracksTopic, Tally};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body;
use super::problem::Problem;
use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(owntracks)).routes(routes!(osmand_get, osmand_post))
}

/// How many fixes of a message met which fate.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub(super) struct Counts {
    /// New fixes, durable now.
    stored: u32,
    /// Known already.
    duplicates: u32,
    /// Not accurate enough to be used.
    filtered: u32,
    /// Parts that say no position.
    ignored: u32,
    /// Kept as dead letters.
    refused: u32,
}

impl From<Tally> for Counts {
    fn from(tally: Tally) -> Self {
        Self {
            stored: tally.stored,
            duplicates: tally.duplicates + tally.conflicts,
            filtered: tally.filtered,
            ignored: tally.ignored,
            refused: tally.refused,
        }
    }
}

/// Who sends, for an app that does not say it in the message.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct Sender {
    /// The user, unless the message has a `topic` or `X-Limit-U` and `X-Limit-D` are there.
    u: Option<String>,
    /// The device.
    d: Option<String>,
}

/// Takes what the app OwnTracks sends in its mode HTTP. The partner is `{user}.{device}`.
#[utoipa::path(post, path = "/ingest/owntracks", tag = "devices", params(Sender),
    request_body(content = Object, description = "A message of OwnTracks"),
    responses((status = 200, body = Vec<Object>, description = "Always an empty list"),
        (status = 400, body = Problem), (status = 413, body = Problem), (status = 503, body = Problem)))]
async fn owntracks(
    State(app): State<Arc<App>>,
    Query(sender): Query<Sender>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<[Value; 0]>, Problem> {
    let payload = body::read(body, MESSAGE_BYTES_MAX).await?.to_vec();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let of = |user: Option<&str>, device: Option<&str>| {
        let named =
            user.zip(device).filter(|(user, device)| !user.is_empty() && !device.is_empty());
        named.map(|(user, device)| OwnTracksTopic { user, device }.partner())
    };
    let partner = Form::OwnTracks
        .named_partner(&payload)
        .map(PartnerId::new)
        .or_else(|| of(header("x-limit-u"), header("x-limit-d")))
        .or_else(|| of(sender.u.as_deref(), sender.d.as_deref()));
    let partner = named(partner, "a topic, X-Limit-U and X-Limit-D, or ?u= and &d=")?;
    // Whatever became of it: there is nothing that the phone could do about it.
    take(&app, partner, Form::OwnTracks, payload).await?;
    Ok(Json([]))
}

/// Takes the OsmAnd protocol: a position in the query.
#[utoipa::path(get, path = "/ingest/osmand", tag = "devices",
    params(("id" = String, Query), ("lat" = f64, Query), ("lon" = f64, Query), ("timestamp" = String, Query)),
    responses((status = 200, body = Counts), (status = 400, body = Problem), (status = 503, body = Problem)))]
async fn osmand_get(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Counts>, Problem> {
    take_osmand(&app, Form::OsmAnd, query.unwrap_or_default().into_bytes()).await
}

/// Takes the OsmAnd protocol: a position in the query or as a form, or JSON as Traccar Client sends
/// it from version 9 on.
#[utoipa::path(post, path = "/ingest/osmand", tag = "devices",
    request_body(content = Object, description = "JSON of Traccar Client, or a form"),
    responses((status = 200, body = Counts), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 413, body = Problem), (status = 503, body = Problem)))]
async fn osmand_post(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Counts>, Problem> {
    let payload = body::read(body, MESSAGE_BYTES_MAX).await?.to_vec();
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_json = content_type.is_some_and(|kind| kind.starts_with("application/json"))
        || payload.trim_ascii_start().starts_with(b"{");
    match query.filter(|query| !query.is_empty()) {
        _ if is_json && !payload.is_empty() => take_osmand(&app, Form::Traccar, payload).await,
        // As Traccar does: the body is looked at where the URL says nothing.
        Some(query) => take_osmand(&app, Form::OsmAnd, query.into_bytes()).await,
        None => take_osmand(&app, Form::OsmAnd, payload).await,
    }
}

async fn take_osmand(app: &App, form: Form, payload: Vec<u8>) -> Result<Json<Counts>, Problem> {
    let (field, unknown) = match form {
        Form::Traccar => ("device_id", StatusCode::NOT_FOUND),
        _ => ("id", StatusCode::BAD_REQUEST),
    };
    let partner = named(form.named_partner(&payload).map(PartnerId::new), field)?;
    match take(app, partner, form, payload).await? {
        Outcome::Taken(tally) => Ok(Json(tally.into())),
        Outcome::Rejected { code: "unknown_partner", detail } => {
            Err(Problem::new(unknown, "unknown_partner", detail).about(field))
        }
        Outcome::Rejected { code: "from_the_future" | "store_refused", .. } => {
            Ok(Json(Counts { refused: 1, ..Counts::default() }))
        }
        Outcome::Rejected { code, detail } => Err(Problem::bad_request(code, detail)),
        Outcome::Unavailable => Err(unavailable()),
    }
}

/// The partner that the message names, as `by` says.
fn named(
    partner: Option<Result<PartnerId, logistics_core::ids::IdError>>,
    by: &str,
) -> Result<PartnerId, Problem> {
    match partner {
        Some(Ok(partner)) => Ok(partner),
        Some(Err(error)) => Err(Problem::bad_request("invalid_partner", error)),
        None => Err(Problem::bad_request("no_device", format!("nothing names the sender: {by}"))),
    }
}

async fn take(
    app: &App,
    partner: PartnerId,
    form: Form,
    payload: Vec<u8>,
) -> Result<Outcome, Problem> {
    let (source, received_at) = (format!("http {}", form.name()), app.now());
    let inbound = Inbound { partner, source, form, payload, received_at };
    match app.gps.ingest(vec![inbound], app.now()).await.pop() {
        Some(outcome) if outcome.is_durable() => Ok(outcome),
        _ => Err(unavailable()),
    }
}

/// The store cannot answer.
pub(super) fn unavailable() -> Problem {
    let detail = "the store cannot answer now; send it again";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", detail)
}
