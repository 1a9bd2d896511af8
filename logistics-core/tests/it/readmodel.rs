//! Read models: what rows hold, under what they are found, that a second delivery changes nothing.

use logistics_core::eventsourcing::{IndexEntry, Projection, RecordedEvent};
use logistics_core::manifest::{ManifestEvent, ManifestPlanned, manifest_stream};
use logistics_core::partner::{
    PartnerEvent, PartnerProfile, PartnerRegistered, PartnerUpdated, Vehicle, partner_stream,
    shift_stream,
};
use logistics_core::readmodel::{
    ManifestRow, Manifests, OperationsRow, Partners, ShipmentOperations, ShipmentTracking,
    TrackingRow, sort_key,
};
use logistics_core::shipment::{
    AttemptReason, CarrierAllocated, CarrierEventIngested, CarrierMeaning, CodStatus, CodWaived,
    Custody, DeliveryRescheduled, EventRetracted, HandedOver, Held, Phase, Released, RequestedBy,
    RetractionReason, Shipment, ShipmentCreated, ShipmentEvent, shipment_stream,
};
use logistics_core::sla::Promise;
use logistics_core::testing::legal_history;
use logistics_core::values::Sha256Digest;
use logistics_core::{CarrierId, Waybill};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use crate::fixtures::{
    arrived, at, day, delivered, failed, inr, on_board, order, partner, recorded, run, shipment,
    stop,
};

fn promised() -> ShipmentCreated {
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    ShipmentCreated {
        promise: Promise::on_date("Asia/Kolkata", day(), time(10), time(18)).ok(),
        tracking_token_hash: Some(Sha256Digest::of("token")),
        ..order()
    }
}

/// The events as stored, a minute apart, each reported half a minute before by a minute's grain.
fn stored(events: &[ShipmentEvent]) -> Vec<RecordedEvent> {
    let stream = shipment_stream(&shipment("S-1"));
    (1..)
        .zip(events)
        .map(|(n, event)| {
            let minutes = i64::try_from(n).unwrap();
            recorded(&stream, n, minutes, minutes - 1, event)
        })
        .collect()
}

fn folded<P: Projection>(events: &[RecordedEvent]) -> P::Row {
    let row =
        events.iter().fold(None, |row, event| Some(P::apply(row, event.decode().unwrap(), event)));
    row.unwrap()
}

fn indexes(row: &OperationsRow) -> Vec<(String, String)> {
    let entries = ShipmentOperations::indexes(&Some(row.clone()));
    entries.into_iter().map(|entry| (entry.index, entry.partition)).collect()
}

#[test]
fn operations_follow_a_shipment_to_the_door() {
    let mut events = on_board(promised());
    let row = folded::<ShipmentOperations>(&stored(&events)).unwrap();
    assert_eq!((row.status, row.version, row.attempts), (Phase::OutForDelivery, 5, 1));
    assert_eq!(row.partner, Some(partner("DP-1")));
    assert!(indexes(&row).contains(&("on_board".into(), "DP-1".into())));
    assert!(indexes(&row).contains(&("date".into(), "2026-11-23".into())));
    assert!(indexes(&row).contains(&("status".into(), "out_for_delivery".into())));
    assert_eq!((row.delivered_at, row.on_time()), (None, None));

    events.push(delivered("DP-1", 1).into());
    let row = folded::<ShipmentOperations>(&stored(&events)).unwrap();
    assert_eq!(row.status, Phase::Delivered);
    assert_eq!(row.delivered_at, Some(at("2026-11-23T09:05:00Z")));
    assert_eq!(row.on_time(), Some(true));
    assert!(indexes(&row).contains(&("partner".into(), "DP-1".into())));
    assert!(!indexes(&row).iter().any(|(index, _)| index == "on_board"));
    assert_eq!(
        (row.created_at, row.updated_at),
        (at("2026-11-23T09:01:00Z"), at("2026-11-23T09:06:00Z"))
    );
}

#[test]
fn operations_show_holds_promises_carriers_and_cash() {
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let later = Promise::on_date("Asia/Kolkata", day(), time(18), time(20)).unwrap();
    let first = promised().promise;
    let mut events: Vec<ShipmentEvent> =
        vec![ShipmentCreated { cod: Some(inr(100)), ..promised() }.into()];
    let change =
        DeliveryRescheduled { promise: later.clone(), requested_by: RequestedBy::Consignee };
    events.extend([arrived().into(), change.into(), Held { reason: "customs".into() }.into()]);
    let row = folded::<ShipmentOperations>(&stored(&events)).unwrap();
    assert_eq!((&row.promise, &row.original_promise), (&Some(later), &first));
    assert_eq!((row.hold.as_deref(), row.cod_status), (Some("customs"), CodStatus::Due));
    assert!(indexes(&row).contains(&("hold".into(), "all".into())));

    let (carrier, waybill) = (CarrierId::new("C-1").unwrap(), Waybill::new("W-1").unwrap());
    let chosen = CarrierAllocated { carrier: carrier.clone(), waybill: waybill.clone(), leg: 1 };
    let waived = CodWaived { amount: inr(100), reason: "a gift".into() };
    events.extend([Released { reason: None }.into(), chosen.into(), waived.into()]);
    let row = folded::<ShipmentOperations>(&stored(&events)).unwrap();
    assert_eq!((row.carrier.as_ref(), row.waybill.as_ref()), (Some(&carrier), Some(&waybill)));
    assert_eq!((&row.hold, row.cod_status), (&None, CodStatus::Waived));
    assert_eq!(row.custody, Custody::Hub(arrived().hub));
    assert!(!indexes(&row).iter().any(|(index, _)| index == "hold"));
}

#[test]
fn a_retracted_delivery_is_no_delivery() {
    let mut events = on_board(promised());
    events.push(delivered("DP-1", 1).into());
    let stored_events = stored(&events);
    let last = stored_events.last().unwrap();
    let retraction = EventRetracted {
        event_id: last.event.event_id,
        version: last.version.get(),
        event_type: last.event.event_type.clone(),
        reason: RetractionReason::DidNotOccur,
        by: "asha".into(),
        approved_by: Some("ravi".into()),
    };
    events.push(retraction.into());
    let row = folded::<ShipmentOperations>(&stored(&events)).unwrap();
    assert_eq!((row.status, row.delivered_at), (Phase::OutForDelivery, None));
    let row = folded::<ShipmentTracking>(&stored(&events)).unwrap();
    assert_eq!((row.status, row.delivered_at), (Phase::OutForDelivery, None));
    assert_eq!(row.visible_partner(), Some(&partner("DP-1")));
    assert_eq!(row.history.last().unwrap().text, "We have put an entry right.");
}

#[test]
fn customers_are_told_what_a_carrier_tells() {
    let carrier = CarrierId::new("C-1").unwrap();
    let waybill = Waybill::new("W-1").unwrap();
    let (from, to) = (Custody::Hub(arrived().hub), carrier.clone());
    let handed = HandedOver { from, to, waybill: waybill.clone(), leg: 1 };
    let told = |meaning| CarrierEventIngested {
        carrier: carrier.clone(),
        waybill: waybill.clone(),
        leg: 1,
        code: "x".into(),
        at: at("2026-11-23T09:00:00Z"),
        meaning,
        flag: None,
    };
    let events: Vec<ShipmentEvent> = vec![
        promised().into(),
        arrived().into(),
        handed.into(),
        told(Some(CarrierMeaning::OutForDelivery)).into(),
        told(None).into(),
    ];
    let row = folded::<ShipmentTracking>(&stored(&events)).unwrap();
    let texts: Vec<_> = row.history.iter().skip(2).map(|line| line.text.as_str()).collect();
    let carried = "Handed to another carrier, who will deliver it.";
    assert_eq!(texts, [carried, "Out for delivery with the carrier."]);
    assert_eq!(row.status, Phase::WithCarrier);
}

#[test]
fn a_delivery_reported_from_the_future_counts_when_it_was_recorded() {
    let mut events = on_board(promised());
    events.push(delivered("DP-1", 1).into());
    let mut events = stored(&events);
    let last = events.last_mut().unwrap();
    last.event.occurred.at = at("2027-01-01T00:00:00Z");
    last.event.occurred.suspect = true;
    let row = folded::<ShipmentOperations>(&events).unwrap();
    assert_eq!(row.delivered_at, Some(at("2026-11-23T09:06:00Z")));
    let tracking = folded::<ShipmentTracking>(&events).unwrap();
    assert_eq!(tracking.delivered_at, row.delivered_at);
}

#[test]
fn customers_see_milestones_and_the_partner_only_while_it_is_on_board() {
    let mut events = on_board(promised());
    let row: TrackingRow = folded::<ShipmentTracking>(&stored(&events)).unwrap();
    assert_eq!(row.visible_partner(), Some(&partner("DP-1")));
    let hash = Sha256Digest::of("token").to_string();
    let expected = IndexEntry::new("token", hash, "2026-11-23T09:00:00.000000Z");
    assert_eq!(ShipmentTracking::indexes(&Some(row)), [expected]);

    events.push(failed("DP-1", 1, AttemptReason::Unavailable).into());
    events.push(arrived().into());
    let row = folded::<ShipmentTracking>(&stored(&events)).unwrap();
    assert_eq!((row.visible_partner(), &row.round), (None, &None));
    let told: Vec<&str> = row.history.iter().map(|line| line.event.as_str()).collect();
    assert_eq!(
        told,
        [
            "ShipmentCreated",
            "PickupConfirmed",
            "HubArrived",
            "AssignedToPartner",
            "OutForDelivery",
            "DeliveryAttempted",
            "HubArrived"
        ]
    );
}

#[test]
fn partners_and_manifests_are_found_by_what_they_are() {
    let stream = partner_stream(&partner("DP-1"));
    let profile = PartnerProfile::new(Vehicle::TwoWheeler);
    let registered = PartnerRegistered { partner: partner("DP-1"), profile };
    let profile = PartnerProfile::new(Vehicle::FourWheeler);
    let updated = PartnerUpdated { partner: partner("DP-1"), profile };
    let row = folded::<Partners>(&[
        recorded(&stream, 1, 0, 0, &PartnerEvent::from(registered)),
        recorded(&stream, 2, 9, 9, &PartnerEvent::from(updated)),
    ]);
    assert_eq!((row.profile.vehicle, row.version), (Vehicle::FourWheeler, 2));
    assert_eq!(row.registered_at, at("2026-11-23T09:00:00Z"));
    assert_eq!(Partners::indexes(&row), [IndexEntry::new("all", "all", "DP-1")]);

    let stream = manifest_stream(&partner("DP-1"), day());
    let planned: ManifestEvent = ManifestPlanned {
        partner: partner("DP-1"),
        date: day(),
        version: 1,
        run: run("r1"),
        stops: vec![stop("S-1", 5)],
        travel_s: 60,
        distance_m: 400,
        doubts: Vec::new(),
    }
    .into();
    let row: ManifestRow = folded::<Manifests>(&[recorded(&stream, 1, 0, 0, &planned)]);
    assert_eq!(row.round.stops, [stop("S-1", 5)]);
    assert_eq!(
        Manifests::indexes(&row),
        [
            IndexEntry::new("date", "2026-11-23", "DP-1"),
            IndexEntry::new("partner", "DP-1", "2026-11-23")
        ]
    );
    let json = serde_json::to_vec(&row).unwrap();
    assert_eq!(serde_json::from_slice::<ManifestRow>(&json).unwrap(), row);
    assert_eq!(Manifests::key(&shift_stream(&partner("DP-1"), day())), None);
}

#[test]
fn text_order_is_time_order() {
    let times = ["2026-11-23T09:00:00Z", "2026-11-23T09:00:00.000001Z", "2026-11-23T09:00:00.1Z"];
    let keys: Vec<String> = times.iter().map(|time| sort_key(at(time))).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert!(keys.iter().all(|key| key.len() == 27), "{keys:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn operations_agree_with_the_state_as_lived(history in legal_history()) {
        let row = folded::<ShipmentOperations>(&stored(&history.events)).expect("created");
        let state = logistics_core::eventsourcing::replay::<Shipment>(&history.events);
        prop_assert_eq!(row.status, state.phase);
        prop_assert_eq!(&row.partner, &state.partner);
        prop_assert_eq!(row.attempts, state.attempts);
        prop_assert_eq!(row.last_reason, state.last_reason);
        let tracking = folded::<ShipmentTracking>(&stored(&history.events)).expect("created");
        prop_assert_eq!(tracking.status, state.phase);
        prop_assert_eq!(row.delivered_at.is_some(), state.phase == Phase::Delivered);
        prop_assert_eq!(tracking.delivered_at, row.delivered_at);
        prop_assert_eq!(&*row.state, &state);
        prop_assert_eq!(&tracking.promise, &row.promise);
    }
}
