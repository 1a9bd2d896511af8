//! The trail of a shipment: zone borders crossed while it was on board, and no others.

use chrono::Duration;
use chrono_tz::Tz;
use logistics_core::eventsourcing::RecordedEvent;
use logistics_core::partner::{GeofenceBreached, ShiftEvent, ShiftStarted, Vehicle, shift_stream};
use logistics_core::readmodel::{OnBoard, on_board_intervals, trail};
use logistics_core::shipment::{
    AttemptReason, DeliveryConfirmed, EventRetracted, RetractionReason, ShipmentEvent,
    shipment_stream,
};

use crate::fixtures::{
    arrived, assigned, day, delivered, failed, minute, on_board, order, out, partner, place,
    recorded, shipment, zones,
};

fn own(events: &[(i64, ShipmentEvent)]) -> Vec<RecordedEvent> {
    let stream = shipment_stream(&shipment("S-1"));
    (1..).zip(events).map(|(n, (at, event))| recorded(&stream, n, *at, *at, event)).collect()
}

/// Out with DP-1 from minute 10 to 30, failed, back, out with DP-2 from minute 60 to 90.
fn history() -> Vec<RecordedEvent> {
    let start = on_board(order());
    let mut events: Vec<(i64, ShipmentEvent)> = (6..).zip(start).collect();
    events.extend([
        (30, failed("DP-1", 1, AttemptReason::Unavailable).into()),
        (40, arrived().into()),
        (50, assigned("DP-2").into()),
        (60, out("DP-2", 2).into()),
        (90, delivered("DP-2", 2).into()),
    ]);
    own(&events)
}

fn breach(of: &str, version: u64, occurred: i64, recorded_at: i64) -> RecordedEvent {
    let event: ShiftEvent = GeofenceBreached {
        partner: partner(of),
        city: None,
        from: zones(&["a"]),
        to: zones(&["b"]),
        at: minute(occurred),
        position: place(),
        zone_set_version: 1,
    }
    .into();
    recorded(&shift_stream(&partner(of), day()), version, recorded_at, occurred, &event)
}

#[test]
fn stays_on_board_are_those_between_leaving_and_outcome() {
    let stays = on_board_intervals(&history()).unwrap();
    let stay = |of, from, to| OnBoard { partner: partner(of), from: minute(from), to };
    assert_eq!(stays, [stay("DP-1", 10, Some(minute(30))), stay("DP-2", 60, Some(minute(90)))]);
    let open = on_board_intervals(&history()[..9]).unwrap();
    assert_eq!(open[1], stay("DP-2", 60, None));
    assert!(open[1].covers(minute(10_000), Duration::zero()));
}

#[test]
fn crossings_on_board_join_by_when_they_happened() {
    let own = history();
    let started: ShiftEvent = ShiftStarted {
        partner: partner("DP-1"),
        date: day(),
        vehicle: Vehicle::TwoWheeler,
        position: None,
    }
    .into();
    let shifts = [
        recorded(&shift_stream(&partner("DP-1"), day()), 1, 20, 20, &started),
        breach("DP-1", 2, 7, 7),    // before it left, clocks considered
        breach("DP-1", 3, 8, 8),    // within the tolerance
        breach("DP-1", 4, 25, 200), // recorded late
        breach("DP-1", 5, 33, 33),  // after the attempt
        breach("DP-1", 6, 70, 70),  // the other partner has it by then
        breach("DP-2", 1, 70, 71),
    ];
    let tolerance = Duration::minutes(2);
    let joined = trail(&own, &shifts, tolerance).unwrap();
    let breaches: Vec<(&str, u64)> = joined
        .iter()
        .filter(|event| event.stream.category() == "SHF")
        .map(|event| (event.stream.id(), event.version.get()))
        .collect();
    let (one, two) = ("DP-1/2026-11-23", "DP-2/2026-11-23");
    assert_eq!(breaches, [(one, 3), (two, 1), (one, 4)]);
    assert_eq!(joined.len(), own.len() + 3);
    assert!(joined.is_sorted_by_key(|event| event.event.recorded_at));

    let twice: Vec<_> = shifts.iter().chain(&shifts).cloned().collect();
    assert_eq!(trail(&own, &twice, tolerance).unwrap(), joined);
}

#[test]
fn a_late_report_does_not_stretch_the_stay() {
    let mut events: Vec<(i64, ShipmentEvent)> = (6..).zip(on_board(order())).collect();
    events.push((30, failed("DP-1", 1, AttemptReason::Unreachable).into()));
    let late = DeliveryConfirmed { late_report: true, ..delivered("DP-1", 1) };
    events.push((300, late.into()));
    let stays = on_board_intervals(&own(&events)).unwrap();
    assert_eq!(stays[0].to, Some(minute(30)));
}

#[test]
fn what_was_retracted_is_no_stay() {
    let retracted = |events: &[RecordedEvent], version: u64| {
        let event = &events[usize::try_from(version).unwrap() - 1];
        let retraction: ShipmentEvent = EventRetracted {
            event_id: event.event.event_id,
            version,
            event_type: event.event.event_type.clone(),
            reason: RetractionReason::DidNotOccur,
            by: "asha".into(),
            approved_by: None,
        }
        .into();
        let mut all = events.to_vec();
        all.push(recorded(&shipment_stream(&shipment("S-1")), 99, 95, 95, &retraction));
        on_board_intervals(&all).unwrap()
    };
    let events = history();
    let all = on_board_intervals(&events).unwrap();
    // Version 5 and 9 are when it left, 10 is when it was delivered.
    assert_eq!(retracted(&events, 5), all[1..]);
    assert_eq!(retracted(&events, 9), all[..1]);
    assert_eq!(retracted(&events, 10)[1].to, None);
    assert_eq!(retracted(&events, 7), all);
}

#[test]
fn a_hub_or_a_loss_ends_a_stay_and_a_carrier_has_none() {
    let mut events: Vec<(i64, ShipmentEvent)> = (6..).zip(on_board(order())).collect();
    events.push((40, arrived().into()));
    let by_carrier = DeliveryConfirmed { partner: None, ..delivered("DP-1", 1) };
    events.push((90, by_carrier.into()));
    let stays = on_board_intervals(&own(&events)).unwrap();
    assert_eq!(stays.iter().map(|stay| stay.to).collect::<Vec<_>>(), [Some(minute(40))]);
}

#[test]
fn a_stay_names_the_local_dates_of_its_shifts() {
    // 18:30 UTC is midnight in India: minute 570.
    let dates = |from, to: Option<i64>, now| {
        let stay = OnBoard { partner: partner("DP-1"), from: minute(from), to: to.map(minute) };
        let dates = stay.dates(Tz::Asia__Kolkata, minute(now), Duration::minutes(2));
        dates.iter().map(|date| date.to_string()[8..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(dates(60, Some(90), 10_000), ["23"]);
    assert_eq!(dates(560, Some(568), 10_000), ["23", "24"]);
    assert_eq!(dates(571, Some(600), 10_000), ["23", "24"]);
    assert_eq!(dates(60, None, 60 + 24 * 60), ["23", "24"]);
    assert_eq!(dates(0, None, 1_000_000).len(), 32);
}
