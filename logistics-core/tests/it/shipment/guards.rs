//! What is checked beside phase and hold in returns, carriers, cash, corrections and erasure.

use chrono::Duration;
use logistics_core::SubjectId;
use logistics_core::eventsourcing::Decider;
use logistics_core::privacy::Sealed;
use logistics_core::shipment::*;
use logistics_core::values::{Currency, GeoPosition, Money, Sha256Digest};

use super::commands::{
    allocate, carrier, collect, command, create, event_id, evidence, promise, retract, scan,
    subject, tell, waybill,
};
use super::places::{Place, decide, live};
use crate::fixtures::{hub, inr, minute, proof};

fn code(state: &ShipmentState, command: impl Into<ShipmentCommand>) -> &'static str {
    decide(state, &command.into()).map_or_else(|rejection| rejection.code(), |_| "taken")
}

fn names(state: &ShipmentState, command: impl Into<ShipmentCommand>) -> Vec<String> {
    use logistics_core::eventsourcing::DomainEvent as _;
    let events = decide(state, &command.into()).unwrap();
    events.iter().map(|event| event.event_type().to_owned()).collect()
}

/// On board, as `order` says.
fn on_board(order: CreateShipment) -> ShipmentState {
    let steps: [ShipmentCommand; 5] = [
        order.into(),
        ConfirmPickup::default().into(),
        ScanInbound { hub: hub("HUB-1") }.into(),
        super::commands::assign("DP-1").into(),
        StartDelivery::default().into(),
    ];
    steps.iter().fold(ShipmentState::default(), live)
}

#[test]
fn an_attempt_from_far_away_is_suspect() {
    let state = Place::Out.state();
    let attempt = |lon: f64, accuracy_m: Option<f64>| {
        let mut position = GeoPosition::new(lon, 18.5074).unwrap();
        if let Some(accuracy_m) = accuracy_m {
            position = position.with_accuracy(accuracy_m).unwrap();
        }
        let command = RecordAttempt {
            position: Some(position),
            evidence: vec![evidence()],
            ..RecordAttempt::new(AttemptReason::Unavailable)
        };
        let events = decide(&state, &command.into()).unwrap();
        let [ShipmentEvent::DeliveryAttempted(attempt)] = events.as_slice() else { panic!() };
        assert_eq!(attempt.evidence, [evidence()]);
        (attempt.distance_m.unwrap(), attempt.suspect)
    };
    // The door is at 73.8077; a thousandth of a degree is 105 m there.
    assert_eq!(attempt(73.8077, None), (0, false));
    let (near_m, suspect) = attempt(73.8120, None);
    assert!((450..460).contains(&near_m) && !suspect, "{near_m}");
    let (far_m, suspect) = attempt(73.8130, None);
    assert!((555..565).contains(&far_m) && suspect, "{far_m}");
    assert_eq!(attempt(73.8130, Some(100.0)), (far_m, false));
    let blind = RecordAttempt::new(AttemptReason::Unavailable);
    let events = decide(&state, &blind.into()).unwrap();
    let [ShipmentEvent::DeliveryAttempted(attempt)] = events.as_slice() else { panic!() };
    assert_eq!((attempt.distance_m, attempt.suspect), (None, false));
}

#[test]
fn the_proofs_that_the_client_demands_are_shown() {
    let otp = Sha256Digest::of("keyed 4711");
    let state = on_board(CreateShipment {
        cod: None,
        proofs: vec![ProofKind::Otp, ProofKind::Signature],
        otp_digest: Some(otp),
        ..create()
    });
    let shown = |kind, digest| Proof { kind, digest };
    let with = |first, more_proofs| ConfirmDelivery { more_proofs, ..ConfirmDelivery::new(first) };
    let signature = shown(ProofKind::Signature, Some(Sha256Digest::of("a line")));
    let right = shown(ProofKind::Otp, Some(otp));
    assert_eq!(code(&state, with(signature, vec![right])), "taken");
    assert_eq!(code(&state, with(right, vec![signature])), "taken");
    assert_eq!(code(&state, with(right, vec![])), "proof_missing");
    let bare = shown(ProofKind::Signature, None);
    assert_eq!(code(&state, with(right, vec![bare])), "proof_missing");
    let wrong = shown(ProofKind::Otp, Some(Sha256Digest::of("keyed 4712")));
    assert_eq!(code(&state, with(wrong, vec![signature])), "otp_mismatch");
    assert_eq!(code(&state, with(right, vec![signature, wrong])), "otp_mismatch");
    let many = vec![signature; EVIDENCE_MAX + 1];
    assert_eq!(code(&state, with(right, many)), "out_of_range");
    // One that was not demanded, but told, is compared too.
    let state = on_board(CreateShipment { cod: None, otp_digest: Some(otp), ..create() });
    assert_eq!(code(&state, with(wrong, vec![])), "otp_mismatch");
    assert_eq!(code(&state, with(signature, vec![])), "taken");
}

#[test]
fn cash_comes_in_parts_each_once_and_never_too_much() {
    let state = live(Place::Out.state(), &collect(9_900, "a").into());
    assert_eq!((state.cod_due(), state.cod_status()), (Some(inr(40_000)), CodStatus::Due));
    assert!(decide(&state, &collect(9_900, "a").into()).unwrap().is_empty());
    assert_eq!(code(&state, collect(9_901, "a")), "payment_reused");
    assert_eq!(code(&state, collect(40_001, "b")), "cod_exceeds_due");
    assert_eq!(code(&state, collect(0, "b")), "cod_exceeds_due");
    let pounds = CollectCod { amount: Money::new(1, Currency::GBP), ..collect(1, "b") };
    assert_eq!(code(&state, pounds), "cod_exceeds_due");
    let deliver = |amount: Option<u64>| ConfirmDelivery {
        cod_collected: amount.map(inr),
        ..ConfirmDelivery::new(proof())
    };
    assert_eq!(code(&state, deliver(None)), "cod_not_settled");
    assert_eq!(code(&state, deliver(Some(49_900))), "cod_not_settled");
    let rest = live(state.clone(), &deliver(Some(40_000)).into());
    assert_eq!((rest.cod_status(), rest.pieces_left()), (CodStatus::Collected, 0));
    let paid = live(state.clone(), &collect(40_000, "b").into());
    assert_eq!(code(&paid, deliver(None)), "taken");
    assert_eq!(code(&paid, deliver(Some(1))), "cod_not_due");
    let waived = live(state, &WaiveCod { reason: "no change".into() }.into());
    assert_eq!((waived.cod_due(), waived.cod_status()), (None, CodStatus::Waived));
    assert_eq!(code(&waived, deliver(None)), "taken");
    assert_eq!(code(&waived, collect(1, "c")), "cod_not_due");
    let free = on_board(CreateShipment { cod: None, ..create() });
    assert_eq!(free.cod_status(), CodStatus::None);
}

#[test]
fn parts_of_a_shipment_are_fewer_than_are_left() {
    let state = Place::Out.state();
    let part = |pieces, reason| DeliverPartially { pieces, reason, partner: None, position: None };
    for pieces in [0, 3, 4] {
        assert_eq!(code(&state, part(pieces, None)), "not_a_part");
    }
    let two = live(state, &part(2, None).into());
    assert_eq!((two.phase, two.pieces_delivered), (Phase::OutForDelivery, 2));
    assert_eq!(code(&two, part(1, None)), "not_a_part");
    let failed = live(Place::Out.state(), &part(1, Some(AttemptReason::Refused)).into());
    assert_eq!((failed.phase, failed.counted_attempts), (Phase::AttemptFailed, 1));
    assert_eq!((failed.pieces_left(), failed.late_report_until), (2, Some(minute(24 * 60))));
}

#[test]
fn the_first_promise_is_kept_beside_the_latest() {
    let state = live(
        ShipmentState::default(),
        &CreateShipment { promise: Some(promise(16)), ..create() }.into(),
    );
    let change = |promise| Reschedule { promise, requested_by: RequestedBy::Client };
    // Now is 14:30 in India.
    assert_eq!(code(&state, change(promise(12))), "promise_past");
    assert!(decide(&state, &change(promise(16)).into()).unwrap().is_empty());
    let moved = live(state, &change(promise(18)).into());
    assert_eq!(moved.promise(), Some(&promise(18)));
    assert_eq!(moved.order.unwrap().promise, Some(promise(16)));
}

#[test]
fn a_parcel_goes_to_a_carrier_when_both_have_scanned_it() {
    let state = live(Place::AtHub.state(), &allocate("C-1").into());
    assert!(decide(&state, &allocate("C-1").into()).unwrap().is_empty());
    let taken = live(state.clone(), &scan(HandoverSide::Taker).into());
    assert!(decide(&taken, &scan(HandoverSide::Taker).into()).unwrap().is_empty());
    assert_eq!(taken.custody, Custody::Hub(hub("HUB-1")));
    let events = decide(&taken, &scan(HandoverSide::Giver).into()).unwrap();
    let to = carrier("C-1");
    let handed = HandedOver { from: taken.custody.clone(), to, waybill: waybill("W-1"), leg: 1 };
    assert_eq!(events[1..], [handed.into()]);
    // A scan elsewhere begins it again; a rejection ends it.
    let again = live(taken.clone(), &ScanInbound { hub: hub("HUB-1") }.into());
    assert_eq!(names(&again, scan(HandoverSide::Giver)), ["HandoverScanned"]);
    let rejected = live(taken, &RejectHandover { reason: "too heavy".into() }.into());
    assert_eq!((rejected.phase, &rejected.carrier), (Phase::AtHub, &None));
    assert_eq!(code(&rejected, super::commands::assign("DP-1")), "taken");
}

#[test]
fn what_carriers_tell_is_kept_and_concluded_from() {
    use CarrierMeaning as M;
    let state = Place::WithCarrier.state();
    let unknown = names(&state, tell("X-9", None));
    assert_eq!(unknown, ["CarrierEventIngested"]);
    let events = decide(&state, &tell("X-9", None).into()).unwrap();
    let ShipmentEvent::CarrierEventIngested(kept) = &events[0] else { panic!() };
    assert_eq!((kept.code.as_str(), kept.flag.as_deref()), ("X-9", Some("unknown_code")));
    let heard = live(state.clone(), &tell("X-9", None).into());
    assert_eq!((heard.phase, heard.custody.clone()), (state.phase, state.custody.clone()));
    assert!(decide(&heard, &tell("X-9", Some(M::Delivered)).into()).unwrap().is_empty());
    let later = IngestCarrierEvent { at: minute(2), ..tell("X-9", None) };
    assert_eq!(names(&heard, later), ["CarrierEventIngested"]);
    // Cash is due: the delivery is kept, and a human must look at it.
    let events = decide(&state, &tell("DL", Some(M::Delivered)).into()).unwrap();
    let [ShipmentEvent::CarrierEventIngested(kept)] = events.as_slice() else { panic!() };
    assert_eq!(kept.flag.as_deref(), Some("cod_not_settled"));

    let told = "CarrierEventIngested";
    let paid = live(state, &RemoveCod.into());
    let due = live(paid.clone(), &command(CommandKind::InitiateRto, &paid));
    assert_eq!(names(&paid, tell("DL", Some(M::Delivered))), [told, "DeliveryConfirmed"]);
    let back = [told, "RtoInitiated", "RtoDeparted"];
    assert_eq!(names(&paid, tell("RT", Some(M::Returning))), back);
    let done = live(paid.clone(), &tell("RTD", Some(M::Returned)).into());
    assert_eq!((done.phase, done.leg), (Phase::RtoDelivered, 2));
    assert_eq!(names(&due, tell("DL", Some(M::Delivered))), [told, "DeliveryConfirmed"]);
    assert_eq!(names(&due, tell("RT", Some(M::Returning))), [told, "RtoDeparted"]);
    // On its way back, what is delivered is delivered to the consignor.
    let returning = Place::ReturningByCarrier.state();
    assert_eq!(names(&returning, tell("DL", Some(M::Delivered))), [told, "RtoDelivered"]);
    assert_eq!(names(&paid, tell("LT", Some(M::Lost))), [told, "Lost"]);
    assert_eq!(names(&paid, tell("DM", Some(M::Damaged))), [told, "Damaged"]);
}

/// Waives what is due.
struct RemoveCod;

impl From<RemoveCod> for ShipmentCommand {
    fn from(_: RemoveCod) -> Self {
        WaiveCod { reason: "a test".into() }.into()
    }
}

#[test]
fn a_return_has_a_leg_and_a_waybill_of_its_own() {
    let cause = RtoCause::AttemptsExhausted;
    assert_eq!(code(&Place::AttemptFailed.state(), InitiateRto { cause }), "attempts_left");
    let state = Place::RtoWithCarrier.state();
    assert_eq!((state.leg, state.legs), (2, 2));
    let back = live(state, &DepartRto { waybill: Some(waybill("W-2")) }.into());
    let told = |name: &str| IngestCarrierEvent { waybill: waybill(name), ..tell("IT", None) };
    assert_eq!(code(&back, told("W-1")), "taken");
    assert_eq!(code(&back, told("W-2")), "taken");
    assert_eq!(code(&back, told("W-3")), "wrong_waybill");
}

#[test]
fn a_return_can_be_overruled_while_it_has_not_begun() {
    let deliver = |state: &ShipmentState| command(CommandKind::ConfirmDelivery, state);
    let state = Place::RtoWithPartner.state();
    let delivered = live(state.clone(), &deliver(&state));
    assert!(delivered.late_report);
    let policy = ShipmentPolicy::default();
    let until = minute(0) + policy.late_report_window;
    let now = until + Duration::seconds(1);
    let occurred = logistics_core::eventsourcing::Occurred::observed(now);
    let context = logistics_core::eventsourcing::DecideContext { now, occurred, policy: &policy };
    let late = Shipment::decide(&state, &deliver(&state), &context).unwrap_err();
    assert_eq!(late, ShipmentRejection::LateReportClosed { until });
    let back = live(state, &ScanInbound { hub: hub("HUB-1") }.into());
    assert_eq!(code(&back, deliver(&back)), "not_in_hand");
}

#[test]
fn a_hold_ends_with_the_life_or_the_return_and_comes_back_with_them() {
    let held = Place::Out.on_hold();
    let delivered = live(held.clone(), &command(CommandKind::ConfirmDelivery, &held));
    assert_eq!(delivered.hold, None);
    let asked = live(delivered.clone(), &retract(&delivered, "op-1").into());
    let back = live(asked.clone(), &command(CommandKind::ApproveRetraction, &asked));
    assert_eq!((back.phase, back.hold.as_deref()), (Phase::OutForDelivery, Some("customs")));
    let returning = live(Place::AtHub.on_hold(), &command(CommandKind::InitiateRto, &back));
    assert_eq!(returning.hold, None);
    // What was released since is not held again.
    let arrived = live(Place::PickedUp.on_hold(), &ScanInbound { hub: hub("HUB-1") }.into());
    let free = live(arrived, &Release::default().into());
    let undone = live(free.clone(), &retract(&free, "op-1").into());
    assert_eq!((undone.phase, undone.hold), (Phase::PickedUp, None));
}

#[test]
fn a_retraction_takes_it_back_and_the_cash_with_it() {
    let out = Place::Out.state();
    let delivered = live(out.clone(), &command(CommandKind::ConfirmDelivery, &out));
    assert_eq!(delivered.cod_status(), CodStatus::Collected);
    let asked = live(delivered.clone(), &retract(&delivered, "op-1").into());
    let approve =
        |by: &str, version| ApproveRetraction { event_id: event_id(version), by: by.into() };
    assert_eq!(code(&asked, approve("op-1", delivered.version)), "same_operator");
    assert_eq!(code(&asked, approve("op-2", 2)), "no_retraction_requested");
    let back = live(asked, &approve("op-2", delivered.version).into());
    let (version, retracted, before) = (back.version, back.retracted.clone(), None);
    assert!(retracted.contains(&delivered.version));
    let as_before = ShipmentState { version, retracted, before, ..out };
    assert_eq!(back, as_before);
    // The next attempt has a number of its own.
    let failed = live(back, &command(CommandKind::RecordAttempt, &delivered));
    assert_eq!((failed.attempts, failed.counted_attempts), (1, 1));
}

#[test]
fn only_what_moved_it_last_is_taken_back() {
    let state = Place::Assigned.state();
    let of = |version, event_type: &str| RetractEvent {
        version,
        event_type: event_type.into(),
        ..retract(&state, "op-1")
    };
    let noted = live(state.clone(), &of(3, "HubArrived").into());
    assert_eq!((noted.phase, noted.partner.clone()), (Phase::Assigned, state.partner.clone()));
    assert!(decide(&noted, &of(3, "HubArrived").into()).unwrap().is_empty());
    let back = live(noted, &of(4, "AssignedToPartner").into());
    assert_eq!((back.phase, &back.partner), (Phase::AtHub, &None));
    assert_eq!(code(&state, of(0, "HubArrived")), "no_such_event");
    assert_eq!(code(&state, of(5, "HubArrived")), "no_such_event");
    assert_eq!(code(&state, of(1, "ShipmentCreated")), "not_retractable");
    for last in ["EventRetracted", "RetractionRequested", "SubjectErased"] {
        assert_eq!(code(&state, of(2, last)), "not_retractable");
    }
    let out = Place::OutPaid.state();
    let unpaid = live(out.clone(), &of(out.version, "CodCollected").into());
    assert_eq!((unpaid.phase, unpaid.cod_due()), (Phase::OutForDelivery, Some(inr(49_900))));
    let waived = live(Place::Out.state(), &RemoveCod.into());
    let due = live(waived.clone(), &of(waived.version, "CodWaived").into());
    assert_eq!(due.cod_status(), CodStatus::Due);
}

#[test]
fn lost_and_damaged_need_evidence() {
    let state = Place::InTransit.state();
    let (reason, none) = ("not on the vehicle".to_owned(), Vec::new());
    let loss = DeclareLost { reason: reason.clone(), evidence: none.clone() };
    assert_eq!(code(&state, loss), "evidence_missing");
    assert_eq!(code(&state, DeclareDamaged { reason, evidence: none }), "evidence_missing");
    let lost = live(Place::WithCarrier.state(), &command(CommandKind::DeclareLost, &state));
    assert_eq!(lost.custody, Custody::Lost);
    let found = live(lost, &DeclareFound { hub: hub("HUB-7") }.into());
    assert_eq!((found.custody, found.carrier), (Custody::Hub(hub("HUB-7")), None));
}

#[test]
fn erasure_waits_for_courts_and_disputes() {
    let erase = || EraseSubject { subject: subject() };
    let state = Place::Delivered.state();
    let file = |name: &str| PlaceLegalHold { reference: name.into() };
    let held = live(state.clone(), &file("file-1").into());
    assert!(decide(&held, &file("file-1").into()).unwrap().is_empty());
    let held = live(held, &file("file-2").into());
    let disputed = live(held, &OpenDispute { reference: "claim".into() }.into());
    assert_eq!(code(&disputed, erase()), "under_legal_hold");
    let lift = |name: &str| LiftLegalHold { reference: name.into() };
    assert_eq!(code(&disputed, lift("file-3")), "no_such_reference");
    let one = live(disputed, &lift("file-1").into());
    assert_eq!(code(&one, erase()), "under_legal_hold");
    let lifted = live(one, &lift("file-2").into());
    assert_eq!(code(&lifted, erase()), "disputed");
    let closed = live(lifted, &CloseDispute { reference: "claim".into() }.into());
    let stranger = EraseSubject { subject: SubjectId::new("subject-2").unwrap() };
    assert_eq!(code(&closed, stranger), "unknown_subject");
    let erased = live(closed, &erase().into());
    assert_eq!(erased.subject(), None);
    assert!(!serde_json::to_string(&erased).unwrap().contains("c2VhbGVk"));
    assert!(decide(&erased, &erase().into()).unwrap().is_empty());
    let full =
        (0..ENTRIES_MAX).fold(state, |state, n| live(state, &file(&format!("file-{n}")).into()));
    assert_eq!(code(&full, file("one more")), "too_many");
}

#[test]
fn pickup_scans_every_piece() {
    let state = Place::Created.state();
    let pickup = |pieces| ConfirmPickup { pieces: Some(pieces), ..Default::default() };
    assert_eq!(code(&state, pickup(2)), "pieces_mismatch");
    assert_eq!(code(&state, pickup(3)), "taken");
    let heavy = ConfirmPickup { weight_g: Some(u32::MAX), ..Default::default() };
    assert_eq!(code(&state, heavy), "out_of_range");
}

/// The partitions under which it is found.
fn found(state: &ShipmentState) -> Vec<(String, String)> {
    let entries = Shipment::index(state).into_iter();
    entries.map(|entry| (entry.index, entry.partition)).collect()
}

#[test]
fn it_is_found_by_client_hub_round_and_person_while_that_lasts() {
    let pair = |index: &str, partition: &str| (index.to_owned(), partition.to_owned());
    let always = [pair("client", "acme"), pair("subject", "subject-1")];
    let with = |more: &[(String, String)]| {
        let mut all = always.to_vec();
        all.splice(1..1, more.iter().cloned());
        all
    };
    let (at_hub, round) = (pair("hub", "HUB-1"), pair("partner_day", "DP-1/2026-11-23"));
    let out = pair("pending_confirmation", "all");
    assert_eq!(found(&Place::Unknown.state()), []);
    assert_eq!(found(&Place::Created.state()), always);
    assert_eq!(found(&Place::AtHub.state()), with(std::slice::from_ref(&at_hub)));
    assert_eq!(found(&Place::Assigned.state()), with(std::slice::from_ref(&round)));
    assert_eq!(found(&Place::Out.state()), with(&[round.clone(), out]));
    assert_eq!(found(&Place::AttemptFailed.state()), with(&[round]));
    for place in [Place::Delivered, Place::Lost, Place::RtoWithPartner, Place::WithCarrier] {
        assert_eq!(found(&place.state()), always, "{place:?}");
    }
    let state = Place::Delivered.state();
    let erased = live(state, &EraseSubject { subject: subject() }.into());
    assert_eq!(found(&erased), always[..1]);

    let sort = |state: &ShipmentState, index: &str| {
        let entries = Shipment::index(state).into_iter();
        entries.filter(|entry| entry.index == index).map(|entry| entry.sort).next()
    };
    let state = Place::Out.state();
    assert_eq!(sort(&state, "client").as_deref(), Some("2026-11-23T09:00:00.000000Z#S-1"));
    let since = Some("2026-11-23T09:00:00.000000Z");
    assert_eq!(sort(&state, "pending_confirmation").as_deref(), since);
}

#[test]
fn orders_carry_sealed_data_and_nothing_else_of_a_person() {
    let order = create();
    let sealed: Option<Sealed> = order.consignee.clone();
    let state = live(ShipmentState::default(), &order.into());
    assert_eq!(state.order.as_ref().unwrap().consignee, sealed);
    assert_eq!(state.subject(), Some(&subject()));
    let held = serde_json::to_string(&Place::PickedUp.state()).unwrap();
    assert!(held.contains(r#""custody":{"holder":"partner","id":"DP-9"}"#), "{held}");
}
