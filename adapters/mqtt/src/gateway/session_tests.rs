//! The session machine without sockets: order, windows and deadlines, and any bytes whatever.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::handler::{Disposition, Manifest};
use super::mailbox::Outgoing;
use super::packet::Fault;
use super::session::{Action, Ending, Limits, Session};

const LIMITS: Limits = Limits {
    connect_timeout: Duration::from_secs(5),
    packet_bytes_max: 1_024,
    in_flight_max: 3,
    session_expiry_max_s: 60,
};

/// CONNECT of client `a`, clean, keep-alive 10 s, in 3.1.1 and 5.
const CONNECTS: [&[u8]; 2] = [
    &[0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 10, 0, 1, b'a'],
    &[0x10, 14, 0, 4, b'M', b'Q', b'T', b'T', 5, 2, 0, 10, 0, 0, 1, b'a'],
];

fn online(version: usize, now: Instant) -> Session {
    let mut session = Session::new(LIMITS, now);
    session.receive(CONNECTS[version], now);
    assert!(matches!(session.next_action(), Some(Action::Connect(_))));
    session.admit(false, None, now);
    assert!(session.is_online());
    session.output().clear();
    session
}

fn publish(id: u8) -> Vec<u8> {
    vec![0x32, 6, 0, 1, b't', 0, id, b'p']
}

fn published(session: &mut Session) -> Vec<u16> {
    std::iter::from_fn(|| session.next_action())
        .map(|action| match action {
            Action::Publish(publish) => publish.id.unwrap(),
            other => panic!("{other:?}"),
        })
        .collect()
}

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

/// Does what a shell would, with a host that stores everything. Gives what it was asked to do.
fn obey(session: &mut Session, now: Instant) -> Vec<Action> {
    let mut obeyed = Vec::new();
    while let Some(action) = session.next_action() {
        obeyed.push(action.clone());
        match action {
            Action::Connect(_) => session.admit(false, None, now),
            Action::Publish(publish) => {
                session.settled(publish.id, Disposition::Stored, false, now);
            }
            Action::Subscribe(subscribe) => session.subscribed(subscribe.id, &[]),
            Action::Unsubscribe(id, filters) => {
                session.unsubscribed(id, &vec![true; filters.len()]);
            }
            Action::ManifestConfirmed(_) | Action::SessionExpiry(_) => {}
        }
    }
    obeyed
}

/// Well-formed packets of both versions, to be bent.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let whole = prop::sample::select(vec![
        CONNECTS[0].to_vec(),
        CONNECTS[1].to_vec(),
        publish(1),
        vec![0x32, 7, 0, 1, b't', 0, 1, 0, b'p'],
        vec![0x30, 9, 0, 1, b'#', 5, 0x26, 0, 0, 0, 0],
        vec![0x82, 6, 0, 1, 0, 1, b't', 1],
        vec![0x82, 7, 0, 1, 0, 0, 1, b't', 1],
        vec![0xA2, 5, 0, 1, 0, 1, b't'],
        vec![0xA2, 6, 0, 1, 0, 0, 1, b't'],
        vec![0x40, 2, 0, 1],
        vec![0x40, 4, 0, 1, 0x10, 0],
        vec![0xC0, 0],
        vec![0xE0, 0],
        vec![0xE0, 7, 0, 5, 0x11, 0, 0, 0, 9],
        vec![0xF0, 0],
    ]);
    let bend = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
    (whole, bend).prop_map(|(mut bytes, bends)| {
        for (at, byte) in bends {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bytes_break_the_machine(
        version in 0..3_usize,
        stream in prop::collection::vec(prop_oneof![packets(), prop::collection::vec(any::<u8>(), 0..40)], 0..12),
        cuts in prop::collection::vec(1..30_usize, 1..8),
    ) {
        let now = Instant::now();
        let mut session = if version < 2 { online(version, now) } else { Session::new(LIMITS, now) };
        let bytes = stream.concat();
        let mut rest = &bytes[..];
        for cut in cuts.iter().cycle() {
            if rest.is_empty() || session.ending().is_some() {
                break;
            }
            prop_assert!(session.wants_input());
            let (part, later) = rest.split_at((*cut).min(rest.len()));
            session.receive(part, now);
            obey(&mut session, now);
            rest = later;
        }
        session.end(Ending::PeerGone);
        prop_assert!(session.ending().is_some());
        // Answers stay in proportion: nobody gets much for little.
        prop_assert!(session.output().len() <= 64 + 2 * bytes.len());
    }

    #[test]
    fn the_cut_of_the_stream_makes_no_difference(
        version in 0..2_usize,
        stream in prop::collection::vec(packets(), 1..8),
        cuts in prop::collection::vec(1..9_usize, 1..8),
    ) {
        let now = Instant::now();
        let bytes = stream.concat();
        let mut whole = online(version, now);
        whole.receive(&bytes, now);
        let expected = obey(&mut whole, now);
        let mut cut = online(version, now);
        let mut actions = Vec::new();
        let mut rest = &bytes[..];
        for size in cuts.iter().cycle() {
            if rest.is_empty() || cut.ending().is_some() {
                break;
            }
            let (part, later) = rest.split_at((*size).min(rest.len()));
            cut.receive(part, now);
            actions.extend(obey(&mut cut, now));
            rest = later;
        }
        prop_assert_eq!(whole.ending(), cut.ending());
        prop_assert_eq!(expected, actions);
    }

    /// What we write by hand, read by the codec that others use.
    #[test]
    fn a_delivery_reads_back(
        version in 0..2_usize,
        id in proptest::option::of(1..=u16::MAX),
        duplicate: bool,
        retain: bool,
        payload in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let now = Instant::now();
        let mut session = online(version, now);
        let duplicate = duplicate && id.is_some();
        let manifest = Manifest { version: 1, payload: payload.clone().into() };
        let topic = String::from("logistics/dp/a/manifest");
        let outgoing = Outgoing { id, duplicate, retain, topic: topic.clone(), manifest };
        prop_assert!(session.deliver(&outgoing));
        let (got, read_id, read_topic, flags) = if version == 0 {
            match mqtt_proto::v3::Packet::decode(session.output()).unwrap().unwrap() {
                mqtt_proto::v3::Packet::Publish(p) => (p.payload, p.qos_pid, p.topic_name, (p.dup, p.retain)),
                other => panic!("{other:?}"),
            }
        } else {
            match mqtt_proto::v5::Packet::decode(session.output()).unwrap().unwrap() {
                mqtt_proto::v5::Packet::Publish(p) => (p.payload, p.qos_pid, p.topic_name, (p.dup, p.retain)),
                other => panic!("{other:?}"),
            }
        };
        prop_assert_eq!((&got[..], &*read_topic, flags), (&payload[..], &*topic, (duplicate, retain)));
        prop_assert_eq!(read_id.pid().map(mqtt_proto::Pid::value), id);
    }
}
