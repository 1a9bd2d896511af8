//! What holds for every history of a shipment.

use std::collections::{BTreeMap, BTreeSet};

use logistics_core::eventsourcing::{
    DecideContext, Decider, DomainEvent, Occurred, Snapshotted, replay,
};
use logistics_core::shipment::{
    AttemptReason, CommandKind, Custody, Phase, Shipment, ShipmentEvent, ShipmentPolicy,
    ShipmentState,
};
use logistics_core::testing::{any_command, any_event, illegal_history, legal_history};
use proptest::collection::vec;
use proptest::prelude::{TestCaseError, prop_assert, prop_assert_eq, proptest};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::fixtures::minute;
use crate::scale::{cases, tried};

fn snapshot(state: &ShipmentState) -> ShipmentState {
    serde_json::from_slice(&serde_json::to_vec(state).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(cases(300))]

    /// All at once, or a part and then the rest, or a snapshot and then the rest: the same, at
    /// every cut.
    #[test]
    fn replaying_a_history_gives_the_state_that_was_lived(history in legal_history()) {
        for cut in 0..=history.events.len() {
            let (head, tail) = history.events.split_at(cut);
            let then = replay::<Shipment>(head);
            prop_assert_eq!(&then, &history.states[cut]);
            prop_assert_eq!(then.version, u64::try_from(cut).unwrap());
            let kept = snapshot(&then);
            prop_assert_eq!(&kept, &then);
            let now = tail.iter().fold(kept, Shipment::evolve);
            prop_assert_eq!(Some(&now), history.states.last());
        }
    }

    #[test]
    fn attempts_are_contiguous_and_within_the_policy(history in legal_history()) {
        let mut expected = 0;
        for (event, state) in history.events.iter().zip(&history.states) {
            match event {
                ShipmentEvent::OutForDelivery(start) => {
                    prop_assert!(state.counted_attempts < ShipmentPolicy::default().max_attempts);
                    expected += 1;
                    prop_assert_eq!(start.attempt, expected);
                }
                ShipmentEvent::DeliveryAttempted(attempt) => {
                    prop_assert_eq!(attempt.attempt, expected);
                    let after = Shipment::evolve(state.clone(), event);
                    let counts = AttemptReason::counts_as_attempt(attempt.reason);
                    prop_assert_eq!(
                        after.counted_attempts - state.counted_attempts,
                        u32::from(counts)
                    );
                }
                ShipmentEvent::ReattemptScheduled(again) => {
                    prop_assert_eq!(again.attempt, expected + 1);
                }
                ShipmentEvent::DeliveryConfirmed(delivery) => {
                    prop_assert_eq!(delivery.attempt, expected);
                }
                _ => {}
            }
        }
    }

    /// It ends once; only what was lost is found again, and only a correction takes an end back.
    #[test]
    fn the_end_is_the_end(history in legal_history()) {
        for (event, states) in history.events.iter().zip(history.states.windows(2)) {
            let [before, after] = states else { continue };
            if !before.phase.is_terminal() || after.phase == before.phase {
                continue;
            }
            let found = matches!(event, ShipmentEvent::Found(_)) && before.phase == Phase::Lost;
            let corrected = matches!(
                event,
                ShipmentEvent::EventRetracted(retraction) if retraction.approved_by.is_some()
            );
            prop_assert!(found || corrected, "{event:?} leads from {:?}", before.phase);
        }
    }

    #[test]
    fn custody_goes_from_one_holder_to_the_next(history in legal_history()) {
        for (event, states) in history.events.iter().zip(history.states.windows(2)) {
            let [before, after] = states else { continue };
            check_custody(event, before, after)?;
        }
    }

    #[test]
    fn a_partner_has_what_is_in_or_on_its_round(history in legal_history()) {
        for state in &history.states {
            let on_round = matches!(
                state.phase,
                Phase::Assigned | Phase::OutForDelivery | Phase::AttemptFailed
            );
            if on_round {
                prop_assert!(state.partner.is_some() && state.date.is_some(), "{:?}", state.phase);
            }
            if matches!(state.custody, Custody::Hub(_)) && state.phase != Phase::Assigned {
                prop_assert_eq!(&state.partner, &None, "{:?}", state.phase);
            }
        }
    }

    /// Also where payments and waivers are retracted.
    #[test]
    fn cash_is_collected_once_and_never_beyond_what_is_due(history in legal_history()) {
        for state in &history.states {
            let due = state.order.as_ref().and_then(|order| order.cod);
            let paid: u64 = state.payments.iter().map(|p| p.amount.amount_minor).sum();
            prop_assert!(paid <= due.map_or(0, |due| due.amount_minor));
            let references: Vec<_> =
                state.payments.iter().filter_map(|p| p.reference.as_ref()).collect();
            let distinct: BTreeSet<_> = references.iter().collect();
            prop_assert_eq!(distinct.len(), references.len());
            if state.phase == Phase::Delivered {
                prop_assert_eq!(state.cod_due(), None);
                prop_assert_eq!(state.pieces_left(), 0);
            }
        }
    }

    /// Unless the return is retracted.
    #[test]
    fn what_was_returned_is_not_delivered(history in legal_history()) {
        let mut returned = false;
        for (event, state) in history.events.iter().zip(&history.states[1..]) {
            match event {
                ShipmentEvent::RtoDelivered(_) => returned = true,
                ShipmentEvent::EventRetracted(_) => returned &= state.phase == Phase::RtoDelivered,
                ShipmentEvent::DeliveryConfirmed(_) => prop_assert!(!returned),
                _ => {}
            }
        }
    }

    #[test]
    fn legs_are_contiguous(history in legal_history()) {
        let mut expected = 1;
        for event in &history.events {
            match event {
                ShipmentEvent::RtoInitiated(start) => {
                    expected += 1;
                    prop_assert_eq!(start.leg, expected);
                }
                ShipmentEvent::RtoDelivered(end) => prop_assert!((2..=expected).contains(&end.leg)),
                _ => {}
            }
        }
    }

    #[test]
    fn a_hold_is_never_seen_on_what_has_ended(history in legal_history()) {
        for state in &history.states {
            prop_assert!(state.hold.is_none() || state.phase.is_live());
        }
    }

    #[test]
    fn what_must_be_refused_is_refused(refused in illegal_history()) {
        let state = refused.history.states.last().unwrap();
        let policy = ShipmentPolicy::default();
        let occurred = Occurred::observed(refused.now);
        let context = DecideContext { now: refused.now, occurred, policy: &policy };
        let decision = Shipment::decide(state, &refused.command, &context);
        let code = decision.as_ref().map_err(logistics_core::shipment::ShipmentRejection::code);
        prop_assert_eq!(code.err(), Some(refused.code), "{:?}: {:?}", refused.command, decision);
    }

    #[test]
    fn any_events_in_any_order_can_be_folded_and_decided_upon(
        events in vec(any_event(), 0..30),
        command in any_command(),
    ) {
        let state = replay::<Shipment>(&events);
        prop_assert_eq!(&snapshot(&state), &state);
        let before = state.clone();
        let policy = ShipmentPolicy::default();
        let occurred = Occurred::observed(minute(0));
        let context = DecideContext { now: minute(0), occurred, policy: &policy };
        let first = Shipment::decide(&state, &command, &context);
        prop_assert_eq!(&state, &before);
        prop_assert_eq!(Shipment::decide(&state, &command, &context), first);
        let _ = Shipment::index(&state);
    }

    #[test]
    fn events_are_read_as_they_were_written(event in any_event()) {
        let bytes = event.encode().expect("JSON");
        let back = ShipmentEvent::decode(event.event_type(), event.schema(), &bytes).expect("read");
        prop_assert_eq!(back, event);
    }
}

/// Only what scans or hands it over moves it, and what says from whom says so truly.
fn check_custody(
    event: &ShipmentEvent,
    before: &ShipmentState,
    after: &ShipmentState,
) -> Result<(), TestCaseError> {
    let (from, to) = (&before.custody, &after.custody);
    let may_move = match event {
        ShipmentEvent::PickupConfirmed(_) => *from == Custody::Consignor,
        ShipmentEvent::HubArrived(scan) => {
            prop_assert!(!matches!(from, Custody::Carrier(_)));
            *to == Custody::Hub(scan.hub.clone())
        }
        ShipmentEvent::HubDeparted(scan) => *to == Custody::Hub(scan.hub.clone()),
        ShipmentEvent::OutForDelivery(start) => {
            *to == Custody::Partner(Some(start.partner.clone()))
        }
        ShipmentEvent::DeliveryConfirmed(delivery) => {
            match from {
                Custody::Partner(partner) => prop_assert_eq!(partner, &delivery.partner),
                Custody::Carrier(id) => prop_assert_eq!(Some(id), delivery.carrier.as_ref()),
                other => prop_assert!(false, "delivered by {other}"),
            }
            *to == Custody::Consignee
        }
        ShipmentEvent::HandedOver(handover) => {
            prop_assert_eq!(&handover.from, from);
            let scans = before.carrier.as_ref().map(|own| (own.giver_scanned, own.taker_scanned));
            prop_assert_eq!(scans, Some((true, true)));
            *to == Custody::Carrier(handover.to.clone())
        }
        ShipmentEvent::RtoDelivered(_) => *to == Custody::Consignor,
        ShipmentEvent::Lost(loss) => {
            prop_assert_eq!(&loss.last_holder, from);
            *to == Custody::Lost
        }
        ShipmentEvent::Found(_) => *from == Custody::Lost,
        ShipmentEvent::EventRetracted(_) => true,
        _ => from == to,
    };
    prop_assert!(may_move, "{event:?} moves it from {from} to {to}");
    Ok(())
}

#[test]
fn histories_reach_every_phase_event_and_command() {
    let mut runner = TestRunner::deterministic();
    let mut phases: BTreeMap<Phase, u32> = BTreeMap::new();
    let mut events: BTreeMap<&str, u32> = BTreeMap::new();
    let mut commands: BTreeMap<CommandKind, u32> = BTreeMap::new();
    let mut held: BTreeSet<Phase> = BTreeSet::new();
    let (mut again, mut exhausted) = (0, 0);
    let histories = legal_history();
    for _ in 0..1_500 {
        let history = histories.new_tree(&mut runner).unwrap().current();
        for state in &history.states {
            *phases.entry(state.phase).or_default() += 1;
            held.extend(state.hold.as_ref().map(|_| state.phase));
        }
        let last = history.states.last().unwrap();
        again += u32::from(last.attempts > 1);
        exhausted += u32::from(last.counted_attempts == ShipmentPolicy::default().max_attempts);
        for event in &history.events {
            *events.entry(event.event_type()).or_default() += 1;
        }
        for (_, command) in &history.commands {
            *commands.entry(command.kind()).or_default() += 1;
        }
    }
    tried("phases", format!("{phases:?}"));
    tried("events", format!("{events:?}"));
    tried("commands", format!("{commands:?}"));
    assert!(phases.keys().eq(Phase::ALL), "{phases:?}");
    assert!(commands.keys().eq(CommandKind::ALL), "{commands:?}");
    assert!(held.iter().eq(Phase::ALL.iter().filter(|phase| phase.is_live())), "{held:?}");
    let known: BTreeSet<&str> = super::table::event_names().collect();
    assert!(events.keys().eq(&known), "{:?}", known.difference(&events.keys().copied().collect()));
    assert!(again > 100 && exhausted > 5, "{again} go out twice, {exhausted} too often");
}

#[test]
fn any_event_is_any() {
    let mut runner = TestRunner::deterministic();
    let events = any_event();
    let drawn: BTreeSet<&str> =
        (0..2_000).map(|_| events.new_tree(&mut runner).unwrap().current().event_type()).collect();
    let known: BTreeSet<&str> = super::table::event_names().collect();
    assert_eq!(drawn, known);
    assert_eq!(<Shipment as Snapshotted>::REVISION, 1);
}
