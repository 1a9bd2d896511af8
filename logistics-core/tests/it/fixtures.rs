//! Things that many tests need: ids, positions, a shipment on its way, events as stored.

use chrono::{DateTime, NaiveDate, Utc};
use logistics_core::eventsourcing::{
    Actor, DomainEvent, EventId, NewEvent, Occurred, Position, RecordedEvent, StreamId, Version,
};
use logistics_core::manifest::Stop;
use logistics_core::shipment::{
    AssignedToPartner, AttemptReason, DeliveryAttempted, DeliveryConfirmed, Destination,
    HubArrived, OutForDelivery, PickupConfirmed, Proof, ProofKind, ShipmentCreated, ShipmentEvent,
};
use logistics_core::values::{Currency, GeoPosition, Money};
use logistics_core::{
    ClientId, CommandId, CorrelationId, HubId, PartnerId, RunId, ShipmentId, ZoneId,
};

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// So many minutes after 09:00 UTC on 23 November 2026.
pub(crate) fn minute(minutes: i64) -> DateTime<Utc> {
    at("2026-11-23T09:00:00Z") + chrono::Duration::minutes(minutes)
}

pub(crate) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

pub(crate) fn shipment(id: &str) -> ShipmentId {
    ShipmentId::new(id).unwrap()
}

pub(crate) fn partner(id: &str) -> PartnerId {
    PartnerId::new(id).unwrap()
}

pub(crate) fn hub(id: &str) -> HubId {
    HubId::new(id).unwrap()
}

pub(crate) fn run(id: &str) -> RunId {
    RunId::new(id).unwrap()
}

pub(crate) fn zones(ids: &[&str]) -> Vec<ZoneId> {
    ids.iter().map(|id| ZoneId::new(id).unwrap()).collect()
}

pub(crate) fn place() -> GeoPosition {
    GeoPosition::new(73.8077, 18.5074).unwrap()
}

pub(crate) fn inr(amount_minor: u64) -> Money {
    Money::new(amount_minor, Currency::INR)
}

pub(crate) fn proof() -> Proof {
    Proof { kind: ProofKind::Otp, digest: None }
}

pub(crate) fn order() -> ShipmentCreated {
    ShipmentCreated {
        id: shipment("S-1"),
        client: ClientId::new("acme").unwrap(),
        reference: None,
        pieces: 1,
        weight_g: None,
        demand: 1,
        service_s: 180,
        destination: Destination::new(place()),
        hub: None,
        promise: None,
        cod: None,
        tracking_token_hash: None,
        proofs: Vec::new(),
        otp_digest: None,
        consignee: None,
        at: Some(minute(0)),
    }
}

pub(crate) fn picked_up() -> PickupConfirmed {
    PickupConfirmed { hub: None, partner: None, position: None, pieces: None, weight_g: None }
}

pub(crate) fn arrived() -> HubArrived {
    HubArrived { hub: hub("HUB-1") }
}

pub(crate) fn assigned(to: &str) -> AssignedToPartner {
    AssignedToPartner { partner: partner(to), date: day(), manifest_version: None, run: None }
}

pub(crate) fn out(who: &str, attempt: u32) -> OutForDelivery {
    OutForDelivery { partner: partner(who), attempt, position: None, at: Some(minute(0)) }
}

pub(crate) fn failed(who: &str, attempt: u32, reason: AttemptReason) -> DeliveryAttempted {
    let late_report_until = minute(24 * 60);
    DeliveryAttempted {
        partner: partner(who),
        attempt,
        reason,
        position: None,
        late_report_until,
        evidence: Vec::new(),
        distance_m: None,
        suspect: false,
    }
}

pub(crate) fn delivered(who: &str, attempt: u32) -> DeliveryConfirmed {
    DeliveryConfirmed {
        partner: Some(partner(who)),
        carrier: None,
        attempt,
        proof: proof(),
        position: None,
        cod_collected: None,
        late_report: false,
        more_proofs: Vec::new(),
    }
}

/// Events that bring `order` on board of DP-1.
pub(crate) fn on_board(order: ShipmentCreated) -> Vec<ShipmentEvent> {
    vec![
        order.into(),
        picked_up().into(),
        arrived().into(),
        assigned("DP-1").into(),
        out("DP-1", 1).into(),
    ]
}

pub(crate) fn stop(id: &str, arrival_minute: i64) -> Stop {
    Stop {
        shipment: shipment(id),
        position: place(),
        arrival: minute(arrival_minute),
        departure: minute(arrival_minute + 3),
        service_s: 180,
        window: None,
        doubts: Vec::new(),
    }
}

/// `event` as a store would return it: recorded and occurred at the given minutes.
pub(crate) fn recorded(
    stream: &StreamId,
    version: u64,
    recorded_minute: i64,
    occurred_minute: i64,
    event: &impl DomainEvent,
) -> RecordedEvent {
    let command_id = CommandId::new(format!("c-{version}")).unwrap();
    let recorded_at = minute(recorded_minute);
    RecordedEvent {
        stream: stream.clone(),
        version: Version::new(version),
        position: Position::new(version),
        event: NewEvent {
            event_id: EventId::derive(stream, &command_id, recorded_at, 0),
            event_type: event.event_type().to_owned(),
            schema: event.schema(),
            payload: event.encode().unwrap(),
            occurred: Occurred::observed(minute(occurred_minute)),
            recorded_at,
            actor: Actor::System,
            correlation_id: CorrelationId::from(&command_id),
            causation_id: None,
            hash: logistics_core::values::Sha256Digest::ZERO,
        },
        command_id,
    }
}
