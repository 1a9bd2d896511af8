//! What holds for every history of a shipment.

use logistics_core::eventsourcing::{DecideContext, Decider, DomainEvent, Occurred, replay};
use logistics_core::shipment::{
    AttemptReason, Phase, Shipment, ShipmentEvent, ShipmentPolicy, ShipmentState,
};
use logistics_core::testing::{any_command, any_event, legal_history};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::fixtures::minute;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn replaying_a_history_gives_the_state_that_was_lived(history in legal_history()) {
        for cut in 0..=history.events.len() {
            let (head, tail) = history.events.split_at(cut);
            let then = replay::<Shipment>(head);
            prop_assert_eq!(&then, &history.states[cut]);
            let now = tail.iter().fold(then, Shipment::evolve);
            prop_assert_eq!(Some(&now), history.states.last());
        }
    }

    #[test]
    fn attempts_are_contiguous_and_within_the_policy(history in legal_history()) {
        let mut expected = 0;
        let mut counted = 0;
        for event in &history.events {
            match event {
                ShipmentEvent::OutForDelivery(start) => {
                    prop_assert!(counted < ShipmentPolicy::default().max_attempts);
                    expected += 1;
                    prop_assert_eq!(start.attempt, expected);
                }
                ShipmentEvent::DeliveryAttempted(attempt) => {
                    prop_assert_eq!(attempt.attempt, expected);
                    counted += u32::from(AttemptReason::counts_as_attempt(attempt.reason));
                }
                ShipmentEvent::DeliveryConfirmed(delivery) => {
                    prop_assert_eq!(delivery.attempt, expected);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn the_end_is_the_end(history in legal_history(), command in any_command()) {
        let ended = history.states.iter().position(|state| state.phase.is_terminal());
        if let Some(ended) = ended {
            prop_assert_eq!(ended + 1, history.states.len());
            let policy = ShipmentPolicy::default();
            let occurred = Occurred::observed(minute(0));
            let context = DecideContext { now: minute(0), occurred, policy: &policy };
            prop_assert!(Shipment::decide(&history.states[ended], &command, &context).is_err());
        }
    }

    #[test]
    fn nobody_holds_what_is_not_given_to_a_partner(history in legal_history()) {
        for state in &history.states {
            let held = matches!(
                state.phase,
                Phase::Assigned | Phase::OutForDelivery | Phase::AttemptFailed | Phase::Delivered
            );
            prop_assert_eq!(state.partner.is_some(), held, "{:?}", state.phase);
        }
    }

    #[test]
    fn any_events_in_any_order_can_be_folded_and_decided_upon(
        events in vec(any_event(), 0..30),
        command in any_command(),
    ) {
        let state = replay::<Shipment>(&events);
        let before = state.clone();
        let policy = ShipmentPolicy::default();
        let occurred = Occurred::observed(minute(0));
        let context = DecideContext { now: minute(0), occurred, policy: &policy };
        let first = Shipment::decide(&state, &command, &context);
        prop_assert_eq!(&state, &before);
        prop_assert_eq!(Shipment::decide(&state, &command, &context), first);
    }

    #[test]
    fn events_are_read_as_they_were_written(event in any_event()) {
        let bytes = event.encode().expect("JSON");
        let back = ShipmentEvent::decode(event.event_type(), event.schema(), &bytes).expect("read");
        prop_assert_eq!(back, event);
    }
}

#[test]
fn histories_reach_every_phase() {
    let mut runner = TestRunner::deterministic();
    let mut reached: Vec<Phase> = Vec::new();
    let mut second_attempts = 0;
    for _ in 0..400 {
        let history = legal_history().new_tree(&mut runner).unwrap().current();
        reached.extend(history.states.iter().map(|state: &ShipmentState| state.phase));
        second_attempts += u32::from(history.states.iter().any(|state| state.attempts > 1));
    }
    reached.sort_unstable();
    reached.dedup();
    assert_eq!(reached, Phase::ALL);
    assert!(second_attempts > 10, "only {second_attempts} of 400 go out twice");
}
