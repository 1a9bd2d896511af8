//! Any bytes whatever, in any pieces; and what we write, read by the codec that others use.

use std::time::Instant;

use proptest::prelude::*;

use super::super::super::queue::Outgoing;
use super::super::{Action, Ending, Session};
use super::{CONNECTS, LIMITS, online, publish};
use crate::host::{Disposition, Manifest};

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
