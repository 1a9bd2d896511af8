//! The stored form of every event, written down: what was once stored must always be read.

use std::collections::BTreeSet;

use logistics_core::bag::BagEvent;
use logistics_core::dispatch_run::DispatchRunEvent;
use logistics_core::eventsourcing::{DecodeError, DomainEvent};
use logistics_core::manifest::ManifestEvent;
use logistics_core::partner::{PartnerEvent, ShiftEvent};
use logistics_core::shipment::ShipmentEvent;

/// Lines of `category type schema payload`.
const EVENTS: &str = include_str!("golden/events.txt");

/// Every name that has ever been stored.
const NAMES: &str = "AssignedToPartner BagArrived BagClosed BagDeparted BagMisrouted BagOpened BagSealed \
    BagUnsealed Cancelled CarrierAllocated CarrierEventIngested CodCollected CodWaived \
    ContentsMoved Damaged DeliveryAttempted DeliveryConfirmed DeliveryRescheduled \
    DispatchRunApplied DispatchRunDivided DispatchRunPlanned DisputeClosed DisputeOpened EventRetracted Found \
    GeofenceBreached HandedOver HandoverRejected HandoverScanned Held HubArrived HubDeparted \
    LegalHoldLifted LegalHoldPlaced Lost ManifestOverridden ManifestPlanned Misrouted \
    OutForDelivery PartiallyDelivered PartnerBackOnRoute PartnerHeard PartnerRegistered \
    PartnerSilent PartnerUpdated PartnerWentOffRoute PickupConfirmed ReattemptCancelled \
    ReattemptScheduled Released RetractionRequested RoutesPlanned RtoDelivered RtoDeparted \
    RtoInitiated RunPartsNamed SealMismatched ShiftEnded ShiftStarted ShipmentCreated ShipmentPutIn \
    ShipmentTakenOut ShipmentsLeftOut SubjectErased UnassignedFromPartner";

fn read_and_write<E: DomainEvent>(
    name: &str,
    schema: u16,
    payload: &str,
) -> Result<String, DecodeError> {
    let event = E::decode(name, schema, payload.as_bytes())?;
    assert_eq!((event.event_type(), event.schema()), (name, schema));
    Ok(String::from_utf8(event.encode().unwrap()).unwrap())
}

#[test]
fn every_stored_event_is_read_and_written_the_same() {
    let mut seen = BTreeSet::new();
    for line in EVENTS.lines() {
        let mut parts = line.splitn(4, ' ');
        let mut part = || parts.next().unwrap_or_else(|| panic!("too short: {line}"));
        let (category, name, schema, payload) = (part(), part(), part(), part());
        let schema = schema.parse().unwrap();
        let written = match category {
            "SHP" => read_and_write::<ShipmentEvent>(name, schema, payload),
            "DPR" => read_and_write::<PartnerEvent>(name, schema, payload),
            "SHF" => read_and_write::<ShiftEvent>(name, schema, payload),
            "MFT" => read_and_write::<ManifestEvent>(name, schema, payload),
            "BAG" => read_and_write::<BagEvent>(name, schema, payload),
            "RUN" => read_and_write::<DispatchRunEvent>(name, schema, payload),
            other => panic!("no such category: {other}"),
        };
        assert_eq!(written.unwrap(), payload, "{name}");
        seen.insert(name);
    }
    assert!(seen.iter().copied().eq(NAMES.split_whitespace()), "{seen:?}");
}

#[test]
fn what_is_not_known_is_not_skipped() {
    let unknown = ShipmentEvent::decode("ShipmentTeleported", 1, b"{}");
    assert!(matches!(unknown, Err(DecodeError::UnknownType { .. })), "{unknown:?}");
    let newer = ShipmentEvent::decode("HubArrived", 2, br#"{"hub":"HUB-1"}"#);
    assert!(matches!(newer, Err(DecodeError::UnknownSchema { schema: 2, .. })), "{newer:?}");
    let damaged = ShipmentEvent::decode("HubArrived", 1, br#"{"hub":"HUB#1"}"#);
    assert!(matches!(damaged, Err(DecodeError::Payload { .. })), "{damaged:?}");
}
