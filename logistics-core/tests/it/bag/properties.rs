//! What holds for every history of a bag.

use std::collections::BTreeSet;

use logistics_core::bag::{Bag, BagEvent, BagPhase, BagPolicy};
use logistics_core::eventsourcing::{
    DecideContext, Decider, DomainEvent, Occurred, Version, replay,
};
use logistics_core::testing::{any_bag_command, any_bag_event, legal_bag_history};
use proptest::collection::vec;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::fixtures::minute;
use crate::scale::cases;

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn replaying_a_history_gives_the_state_that_was_lived(history in legal_bag_history()) {
        for cut in 0..=history.events.len() {
            let (head, tail) = history.events.split_at(cut);
            let then = replay::<Bag>(head);
            prop_assert_eq!(&then, &history.states[cut]);
            prop_assert_eq!(then.version, Version::new(cut as u64));
            let now = tail.iter().fold(then, Bag::evolve);
            prop_assert_eq!(Some(&now), history.states.last());
        }
    }

    #[test]
    fn contents_change_only_in_an_open_bag(history in legal_bag_history()) {
        for pair in history.states.windows(2) {
            if pair[0].contents != pair[1].contents {
                prop_assert_eq!(pair[0].phase, BagPhase::Open);
            }
            let travels = matches!(pair[1].phase, BagPhase::Sealed | BagPhase::InTransit);
            prop_assert_eq!(pair[1].seal.is_some(), travels);
        }
    }

    #[test]
    fn a_bag_is_misrouted_when_it_is_scanned_where_it_was_not_expected(
        history in legal_bag_history(),
    ) {
        for (at, event) in history.events.iter().enumerate() {
            let scanned = match event {
                BagEvent::BagDeparted(scan) => &scan.hub,
                BagEvent::BagArrived(scan) => &scan.hub,
                _ => continue,
            };
            let told = at.checked_sub(1).map(|before| &history.events[before]);
            let told = matches!(told, Some(BagEvent::BagMisrouted(wrong)) if wrong.found == *scanned);
            let expected = history.states[at].expected_hub.as_ref() == Some(scanned);
            prop_assert_eq!(told, !expected);
        }
    }

    #[test]
    fn scans_are_pending_until_they_are_recorded_as_moved(history in legal_bag_history()) {
        let mut pending = BTreeSet::new();
        for (event, number) in history.events.iter().zip(1..) {
            match event {
                BagEvent::BagDeparted(_) | BagEvent::BagArrived(_) => {
                    pending.insert(Version::new(number));
                }
                BagEvent::ContentsMoved(moved) => prop_assert!(pending.remove(&moved.scan)),
                _ => {}
            }
        }
        prop_assert_eq!(history.states.last().map(|state| &state.pending), Some(&pending));
    }

    #[test]
    fn a_closed_bag_takes_nothing_but_word_of_its_scans(
        history in legal_bag_history(),
        command in any_bag_command(),
    ) {
        let ended = history.states.iter().position(|state| state.phase == BagPhase::Closed);
        for event in ended.map_or(&[][..], |ended| &history.events[ended..]) {
            prop_assert!(matches!(event, BagEvent::ContentsMoved(_)), "{event:?}");
        }
        let (policy, occurred) = (BagPolicy, Occurred::observed(minute(0)));
        let context = DecideContext { now: minute(0), occurred, policy: &policy };
        if let Some(ended) = ended {
            let decided = Bag::decide(&history.states[ended], &command, &context);
            let moved = |event: &BagEvent| matches!(event, BagEvent::ContentsMoved(_));
            prop_assert!(decided.is_err() || decided.is_ok_and(|events| events.iter().all(moved)));
        }
    }

    #[test]
    fn any_events_in_any_order_can_be_folded_and_decided_upon(
        events in vec(any_bag_event(), 0..30),
        command in any_bag_command(),
    ) {
        let state = replay::<Bag>(&events);
        let before = state.clone();
        let (policy, occurred) = (BagPolicy, Occurred::observed(minute(0)));
        let context = DecideContext { now: minute(0), occurred, policy: &policy };
        let first = Bag::decide(&state, &command, &context);
        prop_assert_eq!(&state, &before);
        prop_assert_eq!(Bag::decide(&state, &command, &context), first);
    }

    #[test]
    fn events_are_read_as_they_were_written(event in any_bag_event()) {
        let bytes = event.encode().expect("JSON");
        let back = BagEvent::decode(event.event_type(), event.schema(), &bytes).expect("read");
        prop_assert_eq!(back, event);
    }
}

#[test]
fn histories_reach_every_phase_and_record_every_event() {
    let mut runner = TestRunner::deterministic();
    let (mut phases, mut events) = (Vec::new(), BTreeSet::new());
    for _ in 0..400 {
        let history = legal_bag_history().new_tree(&mut runner).unwrap().current();
        phases.extend(history.states.iter().map(|state| state.phase));
        events.extend(history.events.iter().map(DomainEvent::event_type));
    }
    phases.sort_unstable();
    phases.dedup();
    assert_eq!(phases, BagPhase::ALL);
    assert_eq!(events.len(), 11, "{events:?}");
}
