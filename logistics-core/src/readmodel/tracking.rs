//! What a customer sees of a shipment: no more than that.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::sort_key;
use crate::eventsourcing::{Decider, IndexEntry, Projection, RecordedEvent, StreamId};
use crate::ids::{PartnerId, ShipmentId};
use crate::shipment::{
    self, CarrierMeaning, Destination, Phase, Shipment, ShipmentEvent, ShipmentState,
};
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
    /// When it was promised: the latest promise.
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
    /// All that is known of it. Not for the customer.
    pub state: Box<ShipmentState>,
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
    const REVISION: u16 = 2;
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
                status: Phase::Unknown,
                promise: None,
                delivered_at: None,
                history: Vec::new(),
                round: None,
                destination: order.destination,
                state: Box::default(),
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
    let (before, planned) = (row.status, row.round.is_some());
    let (recorded_at, occurred) = (event.event.recorded_at, event.event.occurred);
    let state = Shipment::evolve(*row.state, decoded);
    row.status = state.phase;
    row.promise = state.promise().cloned();
    row.round = state.partner.clone().zip(state.date).filter(|_| on_round(state.phase));
    row.state = Box::new(state);
    if row.status != before {
        let at = if occurred.suspect { recorded_at } else { occurred.at };
        row.delivered_at = (row.status == Phase::Delivered).then_some(at);
    }
    let text = match decoded {
        // Moved from one round to another: nothing that a customer can use.
        ShipmentEvent::AssignedToPartner(_) if planned => None,
        ShipmentEvent::EventRetracted(_) if row.status == before => None,
        ShipmentEvent::HubArrived(_) if row.status != Phase::AtHub => {
            Some("Passed a delivery centre on its way back.")
        }
        decoded => text(decoded),
    };
    if let Some(text) = text {
        if row.history.len() >= MILESTONES_MAX {
            row.history.remove(1);
        }
        row.history.push(Milestone {
            at: occurred.at,
            event: event.event.event_type.clone(),
            text: text.to_owned(),
        });
    }
    row
}

const fn on_round(phase: Phase) -> bool {
    matches!(phase, Phase::Assigned | Phase::OutForDelivery | Phase::AttemptFailed)
}

/// What an event means to a customer; none where it is nothing that a customer can use, such as how
/// rounds are planned and scans put right.
const fn text(decoded: &ShipmentEvent) -> Option<&'static str> {
    use ShipmentEvent as E;
    Some(match decoded {
        E::ShipmentCreated(_) => "We have the order.",
        E::PickupConfirmed(_) => "Picked up from the sender.",
        E::HubArrived(_) => "Arrived at a delivery centre.",
        E::HubDeparted(_) => "On its way to the next centre.",
        E::AssignedToPartner(_) => "Planned for delivery.",
        E::OutForDelivery(_) => "Out for delivery.",
        E::DeliveryAttempted(_) => "We could not hand it over.",
        E::PartiallyDelivered(_) => "Delivered in part.",
        E::DeliveryConfirmed(_) => "Delivered.",
        E::ReattemptScheduled(_) => "We will try again.",
        E::CodCollected(_) => "We have received a payment.",
        E::CodWaived(_) => "There is nothing left to pay.",
        E::DeliveryRescheduled(_) => "The delivery time was changed.",
        E::Held(_) => "On hold.",
        E::Released(_) => "No longer on hold.",
        E::HandedOver(_) => "Handed to another carrier, who will deliver it.",
        E::CarrierEventIngested(report) => match report.meaning {
            Some(CarrierMeaning::InTransit) => "On its way with the carrier.",
            Some(CarrierMeaning::OutForDelivery) => "Out for delivery with the carrier.",
            Some(CarrierMeaning::AttemptFailed) => "The carrier could not hand it over.",
            // What follows from any other is an event of its own.
            _ => return None,
        },
        E::RtoInitiated(_) => "It is to go back to the sender.",
        E::RtoDeparted(_) => "On its way back to the sender.",
        E::RtoDelivered(_) => "Back with the sender.",
        E::Cancelled(_) => "Called off.",
        E::Lost(_) => "We cannot find it and are sorry.",
        E::Damaged(_) => "It was damaged and will not be delivered. We are sorry.",
        E::Found(_) => "We have found it.",
        E::EventRetracted(_) => "We have put an entry right.",
        E::Misrouted(_)
        | E::UnassignedFromPartner(_)
        | E::ReattemptCancelled(_)
        | E::CarrierAllocated(_)
        | E::HandoverScanned(_)
        | E::HandoverRejected(_)
        | E::RetractionRequested(_)
        | E::LegalHoldPlaced(_)
        | E::LegalHoldLifted(_)
        | E::DisputeOpened(_)
        | E::DisputeClosed(_)
        | E::SubjectErased(_) => return None,
    })
}
