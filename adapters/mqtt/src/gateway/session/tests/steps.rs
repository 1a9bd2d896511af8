//! Order, windows and deadlines, step by step.

use std::time::{Duration, Instant};

use super::super::super::fault::Fault;
use super::super::{Action, Ending, Session};
use super::{CONNECTS, LIMITS, online, publish, published};
use crate::host::Disposition;

#[test]
fn at_the_window_no_more_is_taken_until_an_answer_comes() {
    let now = Instant::now();
    let mut session = online(0, now);
    session.receive(&[1, 2, 3, 4, 5].map(publish).concat(), now);
    assert_eq!(published(&mut session), [1, 2, 3]);
    assert!(!session.wants_input());
    assert_eq!(session.deadline(), None, "a client that is not read is not blamed");
    assert!(session.settled(Some(1), Disposition::Stored, false, now));
    assert_eq!(*session.output(), [0x40, 2, 0, 1]);
    assert_eq!(published(&mut session), [4]);
}

#[test]
fn bytes_sent_before_the_connack_wait_for_the_decision() {
    let now = Instant::now();
    let mut session = Session::new(LIMITS, now);
    session.receive(&[CONNECTS[0], &publish(1)].concat(), now);
    assert!(matches!(session.next_action(), Some(Action::Connect(_))));
    assert_eq!(session.next_action(), None);
    session.admit(true, None, now);
    assert_eq!(*session.output(), [0x20, 2, 1, 0]);
    assert_eq!(published(&mut session), [1]);
}

#[test]
fn deadlines_are_the_connect_timeout_and_then_one_and_a_half_keep_alives() {
    let start = Instant::now();
    let at = |ms| start + Duration::from_millis(ms);
    let mut silent = Session::new(LIMITS, start);
    assert_eq!(silent.deadline(), Some(at(5_000)));
    silent.tick(at(4_999));
    assert_eq!(silent.ending(), None);
    silent.tick(at(5_000));
    assert_eq!(silent.ending(), Some(Ending::Silent));

    let mut session = online(1, start);
    assert_eq!(session.deadline(), Some(at(15_000)));
    session.receive(&[0xC0], at(6_000));
    assert_eq!(session.deadline(), Some(at(21_000)), "any byte counts");
    session.tick(at(20_999));
    assert_eq!(session.ending(), None);
    session.tick(at(21_000));
    assert_eq!(session.ending(), Some(Ending::KeepAlive));
    assert_eq!(*session.output(), [0xE0, 1, 0x8D]);
}

#[test]
fn what_came_before_the_end_is_still_handed_out() {
    let now = Instant::now();
    for (last, ending) in [
        (&[0xE0, 0][..], Ending::Goodbye { with_will: false }),
        (
            &[0x20, 0][..],
            Ending::Fault(Fault::Protocol(
                "a packet that only a server sends, or a QoS 2 handshake",
            )),
        ),
    ] {
        let mut session = online(0, now);
        session.receive(&[&publish(1)[..], last, &publish(2)].concat(), now);
        assert_eq!(published(&mut session), [1]);
        assert_eq!(session.ending(), Some(ending));
        assert!(
            !session.settled(Some(1), Disposition::Stored, false, now),
            "too late for a PUBACK"
        );
    }
}

#[test]
fn draining_ends_when_the_last_answer_is_in() {
    let now = Instant::now();
    let mut session = online(1, now);
    session.receive(&[0x32, 7, 0, 1, b't', 0, 1, 0, b'p'], now);
    session.drain();
    assert_eq!((session.ending(), session.wants_input()), (None, false));
    assert!(session.settled(Some(1), Disposition::Stored, false, now));
    assert_eq!(session.ending(), Some(Ending::ShuttingDown));
    session.end(Ending::ShuttingDown);
    assert_eq!(*session.output(), [0x40, 2, 0, 1, 0xE0, 1, 0x8B]);
}

#[test]
fn a_session_expiry_from_nowhere_is_an_error() {
    let now = Instant::now();
    let mut session = online(1, now);
    session.receive(&[0xE0, 7, 0, 5, 0x11, 0, 0, 0, 9], now);
    assert!(matches!(session.ending(), Some(Ending::Fault(Fault::Protocol(_)))));
}
