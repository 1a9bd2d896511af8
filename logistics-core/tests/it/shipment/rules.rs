//! What is checked after the transition table: partners, attempts, cash, scans, sizes.

use chrono::Duration;
use logistics_core::shipment::{
    AssignToPartner, AttemptReason, Cancel, ConfirmDelivery, CreateShipment, DeliveryConfirmed,
    HubDeparted, Misrouted, PickupConfirmed, RecordAttempt, ScanInbound, ScanOutbound, Shipment,
    ShipmentCommand, ShipmentCreated, ShipmentEvent, ShipmentRejection, StartDelivery,
    TEXT_BYTES_MAX, Unassign, UnassignedFromPartner,
};
use logistics_core::testing::given;
use logistics_core::values::Money;

use crate::fixtures::{
    arrived, assigned, day, delivered, failed, hub, inr, minute, on_board, order, out, partner,
    picked_up, proof, run,
};

fn deliver(cod_collected: Option<Money>) -> ConfirmDelivery {
    ConfirmDelivery { cod_collected, ..ConfirmDelivery::new(proof()) }
}

fn wrong_partner(rejection: &ShipmentRejection) -> bool {
    rejection.code() == "wrong_partner" && rejection.field() == Some("partner")
}

#[test]
fn only_the_assigned_partner_reports() {
    let other = Some(partner("DP-2"));
    let attempt =
        RecordAttempt { partner: other.clone(), ..RecordAttempt::new(AttemptReason::Refused) };
    let start = StartDelivery { partner: other.clone(), position: None };
    given::<Shipment>(on_board(order()).into_iter().take(4))
        .when(start)
        .then_rejected(wrong_partner);
    given::<Shipment>(on_board(order())).when(attempt).then_rejected(wrong_partner);
    given::<Shipment>(on_board(order()))
        .when(ConfirmDelivery { partner: other, ..deliver(None) })
        .then_rejected(wrong_partner);
    given::<Shipment>(on_board(order()))
        .when(ConfirmDelivery { partner: Some(partner("DP-1")), ..deliver(None) })
        .then([delivered("DP-1", 1).into()]);
}

#[test]
fn cash_that_is_due_is_collected_exactly() {
    let due = || on_board(ShipmentCreated { cod: Some(inr(49_900)), ..order() });
    let refused = |code: &'static str| move |r: &ShipmentRejection| r.code() == code;
    for collected in [None, Some(inr(49_800)), Some(inr(50_000)), Some(inr(0))] {
        given::<Shipment>(due()).when(deliver(collected)).then_rejected(refused("cod_not_settled"));
    }
    let paid = DeliveryConfirmed { cod_collected: Some(inr(49_900)), ..delivered("DP-1", 1) };
    given::<Shipment>(due()).when(deliver(Some(inr(49_900)))).then([paid.into()]);
    given::<Shipment>(on_board(order()))
        .when(deliver(Some(inr(1))))
        .then_rejected(refused("cod_not_due"));
    let rejection = given::<Shipment>(due()).when(deliver(None)).decision().unwrap_err();
    assert_eq!(
        rejection.to_string(),
        "cash on delivery of 49900 minor units of INR is due, nothing was collected"
    );
}

/// On board, failed, back at the hub, assigned again; `reasons.len()` times.
fn rounds(reasons: &[AttemptReason]) -> Vec<ShipmentEvent> {
    let mut events = on_board(order());
    events.truncate(4);
    for (n, &reason) in (1..).zip(reasons) {
        events.extend([
            out("DP-1", n).into(),
            failed("DP-1", n, reason).into(),
            arrived().into(),
            assigned("DP-1").into(),
        ]);
    }
    events
}

#[test]
fn attempts_are_numbered_without_gap_and_limited_by_those_that_count() {
    use AttemptReason::{NotAttempted, Unavailable, Unreachable};
    let start = || StartDelivery::default();
    given::<Shipment>(rounds(&[Unavailable])).when(start()).then([out("DP-1", 2).into()]);
    given::<Shipment>(rounds(&[Unavailable, NotAttempted, Unreachable]))
        .when(start())
        .then([out("DP-1", 4).into()]);
    given::<Shipment>(rounds(&[Unavailable, Unreachable, Unavailable]))
        .when(start())
        .then_rejected(|r| *r == ShipmentRejection::AttemptsExhausted { used: 3, max: 3 });
}

#[test]
fn a_late_report_overrules_a_failed_attempt_for_a_day() {
    let history = || {
        let mut events = on_board(order());
        events.push(failed("DP-1", 1, AttemptReason::Unreachable).into());
        events
    };
    let late = DeliveryConfirmed { late_report: true, ..delivered("DP-1", 1) };
    let end = minute(24 * 60);
    given::<Shipment>(history()).at(end).when(deliver(None)).then([late.into()]);
    given::<Shipment>(history())
        .at(end + Duration::seconds(1))
        .when(deliver(None))
        .then_rejected(|r| *r == ShipmentRejection::LateReportClosed { until: end });
    // Once it is back at the hub it cannot have been handed over.
    let mut back = history();
    back.push(arrived().into());
    given::<Shipment>(back)
        .at(minute(60))
        .when(deliver(None))
        .then_rejected(|r| r.code() == "not_out_for_delivery");
}

#[test]
fn failing_sets_the_end_of_the_window_by_the_time_of_recording() {
    let attempt = RecordAttempt::new(AttemptReason::Unreachable);
    given::<Shipment>(on_board(order())).at(minute(0)).when(attempt).then([failed(
        "DP-1",
        1,
        AttemptReason::Unreachable,
    )
    .into()]);
}

#[test]
fn a_scan_at_another_hub_is_recorded_and_believed() {
    let bound = PickupConfirmed { hub: Some(hub("HUB-1")), ..picked_up() };
    let elsewhere = || ScanInbound { hub: hub("HUB-9") };
    given::<Shipment>([order().into(), bound.into()]).when(elsewhere()).then([
        Misrouted { expected: hub("HUB-1"), found: hub("HUB-9") }.into(),
        logistics_core::shipment::HubArrived { hub: hub("HUB-9") }.into(),
    ]);
    let sent = HubDeparted { hub: hub("HUB-1"), to: Some(hub("HUB-2")) };
    given::<Shipment>([arrived().into(), sent.clone().into()])
        .when(ScanInbound { hub: hub("HUB-2") })
        .then([logistics_core::shipment::HubArrived { hub: hub("HUB-2") }.into()]);
    given::<Shipment>([arrived().into()])
        .when(ScanOutbound { hub: hub("HUB-1"), to: Some(hub("HUB-2")) })
        .then([sent.into()]);
}

#[test]
fn assigning_again_to_the_same_round_changes_nothing() {
    let assign = |to: &str, from_run: Option<&str>| AssignToPartner {
        partner: partner(to),
        date: day(),
        manifest_version: Some(2),
        run: from_run.map(run),
    };
    let at_hub: Vec<ShipmentEvent> = on_board(order()).into_iter().take(4).collect();
    given::<Shipment>(at_hub.clone()).when(assign("DP-1", Some("run-2"))).then_nothing();
    let again = assign("DP-2", None);
    given::<Shipment>(at_hub.clone()).when(again).then([
        logistics_core::shipment::AssignedToPartner {
            manifest_version: Some(2),
            ..assigned("DP-2")
        }
        .into(),
    ]);
    let dropped = UnassignedFromPartner { partner: partner("DP-1"), run: Some(run("run-3")) };
    given::<Shipment>(at_hub).when(Unassign { run: Some(run("run-3")) }).then([dropped.into()]);
}

#[test]
fn sizes_and_texts_have_limits() {
    let ShipmentCreated { id, client, destination, .. } = order();
    let legal = CreateShipment {
        reference: Some("PO 7".into()),
        ..CreateShipment::new(id, client, destination)
    };
    let field = |command: CreateShipment| {
        let rejection = given::<Shipment>([]).when(command).decision().err()?;
        assert!(rejection.is_invalid_input(), "{rejection}");
        rejection.field()
    };
    assert_eq!(field(legal.clone()), None);
    assert_eq!(field(CreateShipment { pieces: 0, ..legal.clone() }), Some("pieces"));
    assert_eq!(field(CreateShipment { demand: 0, ..legal.clone() }), Some("demand"));
    assert_eq!(field(CreateShipment { service_s: 86_401, ..legal.clone() }), Some("service_s"));
    let heavy = CreateShipment { weight_g: Some(u32::MAX), ..legal.clone() };
    assert_eq!(field(heavy), Some("weight_g"));
    let long = "x".repeat(TEXT_BYTES_MAX + 1);
    let named = CreateShipment { reference: Some(long.clone()), ..legal };
    assert_eq!(field(named), Some("reference"));
    for reason in [String::new(), long] {
        given::<Shipment>([order().into()])
            .when(Cancel { reason })
            .then_rejected(|r| r.field() == Some("reason"));
    }
}

#[test]
fn reasons_say_what_follows_from_them() {
    for reason in AttemptReason::ALL {
        let json = serde_json::to_string(reason).unwrap();
        assert_eq!(json, format!("\"{}\"", reason.as_str()));
    }
    let not_counted: Vec<_> =
        AttemptReason::ALL.iter().filter(|r| !r.counts_as_attempt()).map(|r| r.as_str()).collect();
    assert_eq!(not_counted, ["force_majeure", "damaged", "not_attempted"]);
    let final_ones: Vec<_> =
        AttemptReason::ALL.iter().filter(|r| !r.retryable()).map(|r| r.as_str()).collect();
    assert_eq!(final_ones, ["refused", "cancelled_by_consignee", "out_of_area", "damaged"]);
}

#[test]
fn commands_are_read_from_json_as_they_are_written() {
    let json = r#"{"confirm_delivery":{"proof":{"kind":"otp"},"cod_collected":{"amount_minor":49900,"currency":"INR"}}}"#;
    let command: ShipmentCommand = serde_json::from_str(json).unwrap();
    assert_eq!(command, deliver(Some(inr(49_900))).into());
    assert_eq!(serde_json::to_string(&command).unwrap(), json);
}
