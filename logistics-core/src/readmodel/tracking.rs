//! What a customer sees of a shipment: no more than that.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::sort_key;
use crate::eventsourcing::{IndexEntry, Projection, RecordedEvent, StreamId};
use crate::ids::{PartnerId, ShipmentId};
use crate::shipment::{self, Destination, Phase, ShipmentEvent};
use crate::sla::Promise;

/// Most milestones that are kept: the first one and the latest.
const MILESTONES_MAX: usize = 100;

/// One line of the history that a customer sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// When it happened, as reported.
    pub at: DateTime<Utc>,
    /// The event's name, such as `OutForDelivery`.
    pub event: String,
    /// What it means to a customer.
    pub text: String,
}

/// What a customer sees of a shipment, and what is needed to find and extend it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackingRow {
    /// The shipment. Not for the customer.
    pub id: ShipmentId,
    /// The digest of the tracking token, under which the row is found.
    pub token_hash: Option<String>,
    /// Where it stands.
    pub status: Phase,
    /// When it was promised.
    pub promise: Option<Promise>,
    /// When it was handed over.
    pub delivered_at: Option<DateTime<Utc>>,
    /// What happened, oldest first.
    pub history: Vec<Milestone>,
    /// The partner and local date of the round, once it is assigned and until it is over: for the
    /// arrival time of the stop. Not for the customer.
    pub round: Option<(PartnerId, NaiveDate)>,
    /// Where it goes.
    pub destination: Destination,
}

impl TrackingRow {
    /// The partner whose position the customer may see: only while the shipment is on board.
    #[must_use]
    pub fn visible_partner(&self) -> Option<&PartnerId> {
        let (partner, _) = self.round.as_ref()?;
        (self.status == Phase::OutForDelivery).then_some(partner)
    }
}

/// A position that a customer sees: the partner's, while the shipment is on board.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrackingPosition {
    /// Latitude, in degrees.
    pub lat: f64,
    /// Longitude, in degrees.
    pub lon: f64,
    /// When, in milliseconds since 1970.
    pub ts: i64,
}

/// The customer's view of shipments. Index `token`: the digest of the tracking token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShipmentTracking;

impl Projection for ShipmentTracking {
    const NAME: &'static str = "tracking";
    const REVISION: u16 = 1;
    /// `null` only in a stream that does not start with `ShipmentCreated`.
    type Row = Option<TrackingRow>;
    type Event = ShipmentEvent;

    fn key(stream: &StreamId) -> Option<String> {
        (stream.category() == shipment::CATEGORY).then(|| stream.id().to_owned())
    }

    fn apply(row: Option<Self::Row>, decoded: ShipmentEvent, event: &RecordedEvent) -> Self::Row {
        let row = match (row.flatten(), &decoded) {
            (_, ShipmentEvent::ShipmentCreated(order)) => Some(TrackingRow {
                id: order.id.clone(),
                token_hash: order.tracking_token_hash.map(String::from),
                status: Phase::Created,
                promise: order.promise.clone(),
                delivered_at: None,
                history: Vec::new(),
                round: None,
                destination: order.destination,
            }),
            (row, _) => row,
        };
        row.map(|row| changed(row, &decoded, event))
    }

    fn indexes(row: &Self::Row) -> Vec<IndexEntry> {
        row.iter()
            .filter_map(|row| {
                let at = row.history.first().map(|first| sort_key(first.at)).unwrap_or_default();
                Some(IndexEntry::new("token", row.token_hash.clone()?, at))
            })
            .collect()
    }
}

fn changed(mut row: TrackingRow, decoded: &ShipmentEvent, event: &RecordedEvent) -> TrackingRow {
    let (status, text) = match decoded {
        ShipmentEvent::ShipmentCreated(_) => (Phase::Created, "We have the order."),
        ShipmentEvent::PickupConfirmed(_) => (Phase::PickedUp, "Picked up from the sender."),
        ShipmentEvent::HubArrived(_) => {
            row.round = None;
            (Phase::AtHub, "Arrived at a delivery centre.")
        }
        ShipmentEvent::HubDeparted(_) => (Phase::InTransit, "On its way to the next centre."),
        // How rounds are planned and scans put right is nothing that a customer can use.
        ShipmentEvent::Misrouted(_) => return row,
        ShipmentEvent::AssignedToPartner(assignment) => {
            let again = row.round.replace((assignment.partner.clone(), assignment.date)).is_some();
            row.status = Phase::Assigned;
            if again {
                return row;
            }
            (Phase::Assigned, "Planned for delivery.")
        }
        ShipmentEvent::UnassignedFromPartner(_) => {
            (row.round, row.status) = (None, Phase::AtHub);
            return row;
        }
        ShipmentEvent::OutForDelivery(_) => (Phase::OutForDelivery, "Out for delivery."),
        ShipmentEvent::DeliveryAttempted(_) => (Phase::AttemptFailed, "We could not hand it over."),
        ShipmentEvent::DeliveryConfirmed(_) => {
            let (recorded_at, occurred) = (event.event.recorded_at, event.event.occurred);
            row.delivered_at = Some(if occurred.suspect { recorded_at } else { occurred.at });
            row.round = None;
            (Phase::Delivered, "Delivered.")
        }
        ShipmentEvent::Cancelled(_) => (Phase::Cancelled, "Called off."),
    };
    row.status = status;
    if row.history.len() >= MILESTONES_MAX {
        row.history.remove(1);
    }
    row.history.push(Milestone {
        at: event.event.occurred.at,
        event: event.event.event_type.clone(),
        text: text.to_owned(),
    });
    row
}
