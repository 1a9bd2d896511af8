//! Shipments as callers see them, folded fresh from their events.

use chrono::{DateTime, Duration, Utc};
use logistics_core::ShipmentId;
use logistics_core::eventsourcing::{
    Projection as _, RecordedEvent, StoreError, Version, load_all,
};
use logistics_core::partner::shift_stream;
use logistics_core::readmodel::{OperationsRow, ShipmentOperations, on_board_intervals, trail};
use logistics_core::shipment::{CodStatus, Phase, shipment_stream};
use serde::Serialize;

use crate::app::App;
use crate::http::Problem;

/// How far a device's clock may be off before its reports are not matched with ours.
const CLOCK_TOLERANCE: Duration = Duration::minutes(2);

/// A shipment as it stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct ShipmentView {
    pub(crate) id: String,
    client: String,
    reference: Option<String>,
    /// `created`, `picked_up`, `in_transit`, `at_hub`, `assigned`, `out_for_delivery`,
    /// `attempt_failed`, `with_carrier`, `rto_pending`, `rto_in_transit`, `delivered`, `cancelled`,
    /// `rto_delivered`, `lost` or `damaged`.
    status: &'static str,
    /// Why it is on hold, while it is.
    hold: Option<String>,
    /// How many events it has.
    version: u64,
    destination: Place,
    promise: Option<PromiseView>,
    /// The first promise, where another holds now.
    original_promise: Option<PromiseView>,
    /// Who has it, or had it last.
    partner: Option<String>,
    hub: Option<String>,
    /// The carrier that is to deliver it, or has it.
    carrier: Option<String>,
    waybill: Option<String>,
    /// How it stands with cash on delivery: `none`, `due`, `collected` or `waived`.
    #[schema(value_type = String)]
    cod_status: CodStatus,
    /// Delivery attempts begun.
    attempts: u32,
    /// Those of them that failed.
    failed_attempts: u32,
    /// Why the last attempt failed.
    last_reason: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    delivered_at: Option<DateTime<Utc>>,
    /// Whether it came within its first promise; null until it is delivered.
    on_time: Option<bool>,
}

/// A place.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub(crate) struct Place {
    pub(crate) lat: f64,
    pub(crate) lon: f64,
}

/// The window in which a shipment is to be delivered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct PromiseView {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// IANA name of the zone it was made in.
    time_zone: String,
}

impl From<&logistics_core::sla::Promise> for PromiseView {
    fn from(promise: &logistics_core::sla::Promise) -> Self {
        let time_zone = promise.time_zone().to_string();
        Self { start: promise.start(), end: promise.end(), time_zone }
    }
}

impl From<OperationsRow> for ShipmentView {
    fn from(row: OperationsRow) -> Self {
        let position = row.destination.position();
        Self {
            on_time: row.on_time(),
            id: row.id.to_string(),
            client: row.client.to_string(),
            reference: row.reference,
            status: row.status.as_str(),
            version: row.version,
            destination: Place { lat: position.lat(), lon: position.lon() },
            hold: row.hold,
            original_promise: row
                .original_promise
                .as_ref()
                .filter(|first| Some(*first) != row.promise.as_ref())
                .map(Into::into),
            promise: row.promise.as_ref().map(Into::into),
            carrier: row.carrier.map(Into::into),
            waybill: row.waybill.map(Into::into),
            cod_status: row.cod_status,
            partner: row.partner.map(Into::into),
            hub: row.hub.map(Into::into),
            failed_attempts: match row.status {
                Phase::OutForDelivery | Phase::Delivered => row.attempts.saturating_sub(1),
                _ => row.attempts,
            },
            attempts: row.attempts,
            last_reason: row.last_reason.map(|reason| reason.as_str().to_owned()),
            created_at: row.created_at,
            updated_at: row.updated_at,
            delivered_at: row.delivered_at,
        }
    }
}

/// A shipment as it stood at `version`, or as it stands if that is later.
pub(crate) async fn view(
    app: &App,
    id: &ShipmentId,
    version: Version,
) -> Result<ShipmentView, Problem> {
    let events = load_all(app.ports.events.as_ref(), &shipment_stream(id)).await?;
    let mut row = None;
    for event in events.iter().filter(|event| event.version <= version) {
        let decoded = event.decode().map_err(|error| Problem::internal(&error))?;
        row = Some(ShipmentOperations::apply(row, decoded, event));
    }
    let row = row.flatten().ok_or_else(|| Problem::not_found("shipment", id.as_str()))?;
    Ok(row.into())
}

/// The zone borders that partners crossed with the shipment of these events on board.
pub(crate) async fn crossings_on_board(
    app: &App,
    own: &[RecordedEvent],
) -> Result<Vec<RecordedEvent>, Problem> {
    let unreadable = |error| Problem::internal(&error);
    let mut shifts = Vec::new();
    for stay in on_board_intervals(own).map_err(unreadable)? {
        for date in stay.dates(app.settings.time_zone, app.now(), CLOCK_TOLERANCE) {
            let stream = shift_stream(&stay.partner, date);
            let events: Result<_, StoreError> = load_all(app.ports.events.as_ref(), &stream).await;
            shifts.extend(events?);
        }
    }
    let joined = trail(own, &shifts, CLOCK_TOLERANCE).map_err(unreadable)?;
    let own_stream = own.first().map(|event| &event.stream);
    let crossings = joined.into_iter().filter(|event| Some(&event.stream) != own_stream);
    Ok(crossings.cloned().collect())
}
