//! The operations desk's list of shipments: one row each, as it stands.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::sort_key;
use crate::eventsourcing::{Decider, IndexEntry, Projection, RecordedEvent, StreamId};
use crate::ids::{CarrierId, ClientId, HubId, PartnerId, ShipmentId, Waybill};
use crate::shipment::{
    self, AttemptReason, CodStatus, Custody, Destination, Phase, Shipment, ShipmentEvent,
    ShipmentState,
};
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
    /// Who has it in hand.
    pub custody: Custody,
    /// Why it is on hold, while it is.
    pub hold: Option<String>,
    /// When it was promised: the latest promise.
    pub promise: Option<Promise>,
    /// When it was promised first.
    pub original_promise: Option<Promise>,
    /// How much of a vehicle's capacity it takes, in capacity units.
    pub demand: u32,
    /// How long handing it over takes, in seconds.
    pub service_s: u32,
    /// The cash to collect on delivery.
    pub cod: Option<Money>,
    /// How it stands with that cash.
    pub cod_status: CodStatus,
    /// The carrier that is to deliver it, or has it.
    pub carrier: Option<CarrierId>,
    /// The carrier's own name for it.
    pub waybill: Option<Waybill>,
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
    /// All that is known of it, from which the other fields are taken: a retraction can take it back.
    pub state: Box<ShipmentState>,
}

impl OperationsRow {
    /// Whether it was handed over within its first promise; `None` where neither can be said yet.
    #[must_use]
    pub fn on_time(&self) -> Option<bool> {
        Some(self.delivered_at? <= self.original_promise.as_ref()?.end())
    }

    /// Whether it was handed over within its latest promise; `None` where neither can be said yet.
    #[must_use]
    pub fn on_time_as_rescheduled(&self) -> Option<bool> {
        Some(self.delivered_at? <= self.promise.as_ref()?.end())
    }
}

/// The operations desk's list of shipments.
///
/// Indexes, each sorted by the time of creation unless said otherwise: `all` (partition `all`),
/// `status`, `client`, `partner` (the last one, also after delivery), `on_board` (the partner,
/// while the shipment is assigned to or with it), `at_hub` (the hub, while it waits there), `date` (the
/// local date on which the latest promise falls due, sorted by the end of the promise), `hold`
/// (partition `all`, while it is on hold).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShipmentOperations;

impl Projection for ShipmentOperations {
    const NAME: &'static str = "operations";
    const REVISION: u16 = 3;
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
    if let Some(hub) = row.hub.as_ref().filter(|_| row.status == Phase::AtHub) {
        entries.push(entry("at_hub", hub.as_str()));
    }
    if row.hold.is_some() {
        entries.push(entry("hold", "all"));
    }
    if let Some(promise) = &row.promise {
        let (date, end) = (promise.date().to_string(), sort_key(promise.end()));
        entries.push(IndexEntry::new("date", date, end));
    }
    entries
}

fn created(order: shipment::ShipmentCreated, event: &RecordedEvent) -> OperationsRow {
    let recorded_at = event.event.recorded_at;
    let state = Shipment::evolve(ShipmentState::default(), &order.clone().into());
    OperationsRow {
        id: order.id,
        client: order.client,
        reference: order.reference,
        status: Phase::Created,
        version: event.version.get(),
        destination: order.destination,
        custody: Custody::Consignor,
        hold: None,
        promise: order.promise.clone(),
        original_promise: order.promise,
        demand: order.demand,
        service_s: order.service_s,
        cod: order.cod,
        cod_status: state.cod_status(),
        carrier: None,
        waybill: None,
        hub: order.hub,
        partner: None,
        date: None,
        attempts: 0,
        last_reason: None,
        created_at: recorded_at,
        updated_at: recorded_at,
        status_at: event.event.occurred.at,
        delivered_at: None,
        state: Box::new(state),
    }
}

fn changed(row: OperationsRow, decoded: &ShipmentEvent, event: &RecordedEvent) -> OperationsRow {
    let (recorded_at, occurred) = (event.event.recorded_at, event.event.occurred);
    let state = Shipment::evolve(*row.state, decoded);
    let (status_at, delivered_at) = match state.phase {
        phase if phase == row.status => (row.status_at, row.delivered_at),
        Phase::Delivered => {
            (occurred.at, Some(if occurred.suspect { recorded_at } else { occurred.at }))
        }
        _ => (occurred.at, None),
    };
    let allocation = state.carrier.as_ref();
    OperationsRow {
        status: state.phase,
        version: event.version.get(),
        custody: state.custody.clone(),
        hold: state.hold.clone(),
        promise: state.promise().cloned(),
        cod_status: state.cod_status(),
        carrier: allocation.map(|own| own.carrier.clone()),
        waybill: allocation.map(|own| own.waybill.clone()),
        hub: state.hub.clone().or(row.hub),
        partner: state.partner.clone(),
        date: state.date,
        attempts: state.attempts,
        last_reason: state.last_reason,
        updated_at: recorded_at,
        status_at,
        delivered_at,
        state: Box::new(state),
        ..row
    }
}
