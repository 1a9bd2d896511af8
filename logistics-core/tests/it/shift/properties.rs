//! What holds for every history of a shift.

use std::collections::BTreeSet;

use logistics_core::eventsourcing::{DecideContext, Decider, DomainEvent, Occurred, replay};
use logistics_core::partner::{PartnerShift, ShiftEvent, ShiftPhase, ShiftPolicy};
use logistics_core::testing::{any_shift_command, any_shift_event, legal_shift_history};
use proptest::collection::vec;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::fixtures::minute;
use crate::scale::cases;

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn replaying_a_history_gives_the_state_that_was_lived(history in legal_shift_history()) {
        for cut in 0..=history.events.len() {
            let (head, tail) = history.events.split_at(cut);
            let then = replay::<PartnerShift>(head);
            prop_assert_eq!(&then, &history.states[cut]);
            let now = tail.iter().fold(then, PartnerShift::evolve);
            prop_assert_eq!(Some(&now), history.states.last());
        }
    }

    #[test]
    fn silences_and_detours_begin_and_end_in_turn(history in legal_shift_history()) {
        let (mut silent, mut off) = (None, None);
        let mut ended = 0;
        for event in &history.events {
            match event {
                ShiftEvent::PartnerSilent(one) => {
                    prop_assert_eq!(silent.replace(one.since), None);
                }
                ShiftEvent::PartnerHeard(one) => {
                    prop_assert!(silent.take().is_some_and(|since| since < one.at));
                }
                ShiftEvent::PartnerWentOffRoute(one) => {
                    prop_assert_eq!(off.replace(one.since), None);
                }
                ShiftEvent::PartnerBackOnRoute(one) => {
                    prop_assert!(off.take().is_some_and(|since| since < one.at));
                }
                ShiftEvent::ShiftEnded(_) => {
                    (silent, off) = (None, None);
                    ended += 1;
                }
                ShiftEvent::ShiftStarted(_) | ShiftEvent::GeofenceBreached(_) => {}
            }
        }
        prop_assert!(ended <= 1);
        let last = history.states.last().expect("the first state");
        prop_assert_eq!((last.silent_since, last.off_route_since), (silent, off));
    }

    #[test]
    fn nothing_but_crossings_happens_outside_of_the_shift(history in legal_shift_history()) {
        for (event, before) in history.events.iter().zip(&history.states) {
            let outside = matches!(before.phase, ShiftPhase::NotStarted | ShiftPhase::Ended);
            let crossing = matches!(event, ShiftEvent::GeofenceBreached(_));
            let begins = matches!(event, ShiftEvent::ShiftStarted(_));
            prop_assert!(!outside || crossing || begins, "{event:?}");
            prop_assert_eq!(before.phase == ShiftPhase::Silent, before.silent_since.is_some());
        }
    }

    #[test]
    fn reporting_anything_twice_is_reporting_it_once(history in legal_shift_history()) {
        let policy = ShiftPolicy::default();
        let mut state = history.states[0].clone();
        for (now, command) in history.commands {
            let context = DecideContext { now, occurred: Occurred::observed(now), policy: &policy };
            let events = PartnerShift::decide(&state, &command, &context).expect("it was taken");
            state = events.iter().fold(state, PartnerShift::evolve);
            prop_assert_eq!(PartnerShift::decide(&state, &command, &context), Ok(Vec::new()));
        }
    }

    #[test]
    fn any_events_in_any_order_can_be_folded_and_decided_upon(
        events in vec(any_shift_event(), 0..30),
        command in any_shift_command(),
    ) {
        let state = replay::<PartnerShift>(&events);
        let before = state.clone();
        let policy = ShiftPolicy::default();
        let occurred = Occurred::observed(minute(0));
        let context = DecideContext { now: minute(0), occurred, policy: &policy };
        let first = PartnerShift::decide(&state, &command, &context);
        prop_assert_eq!(&state, &before);
        prop_assert_eq!(PartnerShift::decide(&state, &command, &context), first);
    }

    #[test]
    fn events_are_read_as_they_were_written(event in any_shift_event()) {
        let bytes = event.encode().expect("JSON");
        let back = ShiftEvent::decode(event.event_type(), event.schema(), &bytes).expect("read");
        prop_assert_eq!(back, event);
    }
}

#[test]
fn histories_reach_every_phase_and_record_every_event() {
    let mut runner = TestRunner::deterministic();
    let (mut phases, mut events) = (Vec::new(), BTreeSet::new());
    for _ in 0..400 {
        let history = legal_shift_history().new_tree(&mut runner).unwrap().current();
        phases.extend(history.states.iter().map(|state| state.phase));
        events.extend(history.events.iter().map(DomainEvent::event_type));
    }
    phases.sort_unstable();
    phases.dedup();
    assert_eq!(phases, ShiftPhase::ALL);
    assert_eq!(events.len(), 7, "{events:?}");
}
