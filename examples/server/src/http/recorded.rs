//! Recorded events as callers see them, and the histories made of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use chrono::{DateTime, NaiveDate, Utc};
use logistics_core::eventsourcing::{Actor, AsOf, RecordedEvent, Version, load_all};
use logistics_core::partner::shift_stream;
use logistics_core::shipment::shipment_stream;
use logistics_core::{PartnerId, ShipmentId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::paging::Items;
use super::problem::Problem;
use crate::app::App;
use crate::shipments::crossings_on_board;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(of_shipment)).routes(routes!(of_partner))
}

/// One recorded event.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct EventView {
    event_id: String,
    stream: String,
    version: u64,
    /// Such as `OutForDelivery`.
    #[serde(rename = "type")]
    kind: String,
    schema: u16,
    /// When it happened, as the reporter knew.
    occurred_at: DateTime<Utc>,
    /// The reporter's clock disagreed with ours.
    occurred_suspect: bool,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    #[schema(value_type = Object)]
    actor: Actor,
    correlation_id: String,
    causation_id: Option<String>,
    command_id: String,
    /// What is kept of it, as it was written.
    #[schema(value_type = Object)]
    data: Value,
}

impl From<RecordedEvent> for EventView {
    fn from(recorded: RecordedEvent) -> Self {
        let event = recorded.event;
        Self {
            event_id: event.event_id.to_string(),
            stream: recorded.stream.to_string(),
            version: recorded.version.get(),
            kind: event.event_type,
            schema: event.schema,
            occurred_at: event.occurred.at,
            occurred_suspect: event.occurred.suspect,
            recorded_at: event.recorded_at,
            actor: event.actor,
            correlation_id: event.correlation_id.to_string(),
            causation_id: event.causation_id.map(|id| id.to_string()),
            command_id: recorded.command_id.to_string(),
            data: serde_json::from_slice(&event.payload).unwrap_or(Value::Null),
        }
    }
}

/// As of when to look.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct Past {
    /// After the event with this version.
    version: Option<u64>,
    /// At this time.
    as_of: Option<DateTime<Utc>>,
    /// What had been `recorded` by then (what was known, the default), or what had `occurred`.
    axis: Option<Axis>,
}

#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Axis {
    Recorded,
    Occurred,
}

impl Past {
    fn point(&self) -> Result<Option<AsOf>, Problem> {
        match (self.version, self.as_of, self.axis) {
            (None, None, None) => Ok(None),
            (Some(version), None, None) => Ok(Some(AsOf::Version(Version::new(version)))),
            (None, Some(at), None | Some(Axis::Recorded)) => Ok(Some(AsOf::Recorded(at))),
            (None, Some(at), Some(Axis::Occurred)) => Ok(Some(AsOf::Occurred(at))),
            _ => {
                let detail = "give version, or as_of with an axis";
                Err(Problem::unprocessable("invalid_field", detail).about("as_of"))
            }
        }
    }
}

/// A shipment's history: its own events, and the zone borders that its partner crossed with it on
/// board; in the order of recording. Whole, or as it was.
#[utoipa::path(get, path = "/shipments/{id}/events", tag = "shipments",
    params(("id" = String, Path), Past),
    responses((status = 200, body = Items<EventView>), (status = 404, body = Problem)))]
async fn of_shipment(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(past): Query<Past>,
) -> Result<Json<Items<EventView>>, Problem> {
    let point = past.point()?;
    let shipment = ShipmentId::new(&id)?;
    let store = app.ports.events.as_ref();
    let mut events = load_all(store, &shipment_stream(&shipment)).await?;
    if events.is_empty() {
        return Err(Problem::not_found("shipment", &id));
    }
    events.retain(|event| point.is_none_or(|point| point.admits(event)));
    let mut trail = crossings_on_board(&app, &events).await?;
    if let Some(point @ (AsOf::Recorded(_) | AsOf::Occurred(_))) = point {
        trail.retain(|event| point.admits(event));
    }
    events.extend(trail);
    events.sort_by_key(|event| event.event.recorded_at);
    Ok(Json(Items::all(events.into_iter().map(Into::into).collect())))
}

/// Which day.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
struct Day {
    /// The business day; today when not given.
    date: Option<NaiveDate>,
}

/// What happened in a partner's shift: the zone borders it crossed.
#[utoipa::path(get, path = "/partners/{id}/events", tag = "partners",
    params(("id" = String, Path), Day),
    responses((status = 200, body = Items<EventView>), (status = 404, body = Problem)))]
async fn of_partner(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(day): Query<Day>,
) -> Result<Json<Items<EventView>>, Problem> {
    let partner = PartnerId::new(&id)?;
    if !app.board.knows(&partner) {
        return Err(Problem::not_found("partner", &id));
    }
    let date = day.date.unwrap_or_else(|| app.date_of(app.now()));
    let events = load_all(app.ports.events.as_ref(), &shift_stream(&partner, date)).await?;
    Ok(Json(Items::all(events.into_iter().map(Into::into).collect())))
}
