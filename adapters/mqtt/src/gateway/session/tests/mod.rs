//! The session machine without sockets.

mod any_bytes;
mod steps;

use std::time::{Duration, Instant};

use super::{Action, Limits, Session};

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
