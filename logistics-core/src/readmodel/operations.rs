//! The operations desk's list of shipments: one row each, as it stands.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::sort_key;
use crate::eventsourcing::{IndexEntry, Projection, RecordedEvent, StreamId};
use crate::ids::{ClientId, HubId, PartnerId, ShipmentId};
use crate::shipment::{self, AttemptReason, Destination, Phase, ShipmentEvent};
use crate::sla::Promise;
use crate::values::Money;

/// One shipment as the operations desk sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationsRow {
    /// The shipment.
    pub id: ShipmentId,
    /// Whose order it is.
    pub client: ClientId,
    /// The client's own name for it.
    pub reference: Option<String>,
    /// Where it stands.
    pub status: Phase,
    /// The version of its stream.
    pub version: u64,
    /// Where it goes.
    pub destination: Destination,
    /// When it was promised.
    pub promise: Option<Promise>,
    /// How much of a vehicle's capacity it takes, in capacity units.
    pub demand: u32,
    /// How long handing it over takes, in seconds.
    pub service_s: u32,
    /// The cash to collect on delivery.
    pub cod: Option<Money>,
    /// The hub it was last scanned at; before that, the one that is to deliver it.
    pub hub: Option<HubId>,
    /// The partner whose round it belongs to, or who delivered it.
    pub partner: Option<PartnerId>,
    /// The local date of that round.
    pub date: Option<NaiveDate>,
    /// The number of the attempt that began last.
    pub attempts: u32,
    /// Why the last attempt failed, while that stands.
    pub last_reason: Option<AttemptReason>,
    /// When it was recorded first.
    pub created_at: DateTime<Utc>,
    /// When anything was recorded last.
    pub updated_at: DateTime<Utc>,
    /// When the status that it has was reached, as reported.
    pub status_at: DateTime<Utc>,
    /// When it was handed over: as reported, or as recorded where the report cannot be true.
    pub delivered_at: Option<DateTime<Utc>>,
}

impl OperationsRow {
    /// Whether it was handed over within its promise; `None` where neither can be said yet.
    #[must_use]
    pub fn on_time(&self) -> Option<bool> {
        Some(self.delivered_at? <= self.promise.as_ref()?.end())
    }
}

/// The operations desk's list of shipments.
///
/// Indexes, each sorted by the time of creation unless said otherwise: `all` (partition `all`),
/// `status`, `client`, `partner` (the last one, also after delivery), `on_board` (the partner,
/// while the shipment is assigned to or with it), `date` (the local date on which the promise falls
/// due, sorted by the end of the promise).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShipmentOperations;

impl Projection for ShipmentOperations {
    const NAME: &'static str = "operations";
    const REVISION: u16 = 1;
    /// `null` only in a stream that does not start with `ShipmentCreated`.
    type Row = Option<OperationsRow>;
    type Event = ShipmentEvent;

    fn key(stream: &StreamId) -> Option<String> {
        (stream.category() == shipment::CATEGORY).then(|| stream.id().to_owned())
    }

    fn apply(row: Option<Self::Row>, decoded: ShipmentEvent, event: &RecordedEvent) -> Self::Row {
        match (row.flatten(), decoded) {
            (_, ShipmentEvent::ShipmentCreated(order)) => Some(created(order, event)),
            (Some(row), decoded) => Some(changed(row, &decoded, event)),
            (None, _) => None,
        }
    }

    fn indexes(row: &Self::Row) -> Vec<IndexEntry> {
        row.as_ref().map(entries).unwrap_or_default()
    }
}

fn entries(row: &OperationsRow) -> Vec<IndexEntry> {
    let created = sort_key(row.created_at);
    let entry = |index: &str, partition: &str| IndexEntry::new(index, partition, created.as_str());
    let mut entries = vec![
        entry("all", "all"),
        entry("status", row.status.as_str()),
        entry("client", row.client.as_str()),
    ];
    if let Some(partner) = &row.partner {
        entries.push(entry("partner", partner.as_str()));
        if matches!(row.status, Phase::Assigned | Phase::OutForDelivery | Phase::AttemptFailed) {
            entries.push(entry("on_board", partner.as_str()));
        }
    }
    if let Some(promise) = &row.promise {
        let (date, end) = (promise.date().to_string(), sort_key(promise.end()));
        entries.push(IndexEntry::new("date", date, end));
    }
    entries
}

fn created(order: shipment::ShipmentCreated, event: &RecordedEvent) -> OperationsRow {
    let recorded_at = event.event.recorded_at;
    OperationsRow {
        id: order.id,
        client: order.client,
        reference: order.reference,
        status: Phase::Created,
        version: event.version.get(),
        destination: order.destination,
        promise: order.promise,
        demand: order.demand,
        service_s: order.service_s,
        cod: order.cod,
        hub: order.hub,
        partner: None,
        date: None,
        attempts: 0,
        last_reason: None,
        created_at: recorded_at,
        updated_at: recorded_at,
        status_at: event.event.occurred.at,
        delivered_at: None,
    }
}

fn changed(
    mut row: OperationsRow,
    decoded: &ShipmentEvent,
    event: &RecordedEvent,
) -> OperationsRow {
    let (recorded_at, occurred) = (event.event.recorded_at, event.event.occurred);
    row.version = event.version.get();
    row.updated_at = recorded_at;
    let status = match decoded {
        ShipmentEvent::ShipmentCreated(_) => Phase::Created,
        ShipmentEvent::PickupConfirmed(_) => Phase::PickedUp,
        ShipmentEvent::Misrouted(_) => row.status,
        ShipmentEvent::HubArrived(scan) => {
            row.hub = Some(scan.hub.clone());
            (row.partner, row.date) = (None, None);
            Phase::AtHub
        }
        ShipmentEvent::HubDeparted(scan) => {
            row.hub = Some(scan.hub.clone());
            Phase::InTransit
        }
        ShipmentEvent::AssignedToPartner(assignment) => {
            row.partner = Some(assignment.partner.clone());
            row.date = Some(assignment.date);
            Phase::Assigned
        }
        ShipmentEvent::UnassignedFromPartner(_) => {
            (row.partner, row.date) = (None, None);
            Phase::AtHub
        }
        ShipmentEvent::OutForDelivery(start) => {
            row.attempts = start.attempt;
            row.last_reason = None;
            Phase::OutForDelivery
        }
        ShipmentEvent::DeliveryAttempted(attempt) => {
            row.last_reason = Some(attempt.reason);
            Phase::AttemptFailed
        }
        ShipmentEvent::DeliveryConfirmed(_) => {
            row.last_reason = None;
            row.delivered_at = Some(if occurred.suspect { recorded_at } else { occurred.at });
            Phase::Delivered
        }
        ShipmentEvent::Cancelled(_) => Phase::Cancelled,
    };
    if status != row.status {
        (row.status, row.status_at) = (status, occurred.at);
    }
    row
}
