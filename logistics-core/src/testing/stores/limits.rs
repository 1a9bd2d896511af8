//! Cases of what one commit may hold.

use super::Stores;
use super::fixtures::{
    at, check_feed, commit, entry, find, message, number, stream, take, timer, versions,
};
use crate::eventsourcing::{
    COMMIT_EFFECTS_MAX, COMMIT_EVENTS_MAX, COMMIT_INDEX_MAX, Commit, CommitError,
    PAYLOAD_BYTES_MAX, TimerOp, load_all,
};

/// A commit of so many events, with `effects` messages and timers by turns and `entries` entries.
fn full(id: &str, events: usize, effects: usize, entries: usize) -> Commit {
    let events = u32::try_from(events).expect("small");
    let mut made = commit(&stream(id), "c", 0, events);
    for n in 0..effects {
        if n % 2 == 0 {
            made.outbox.push(message(&format!("{id}-{n:03}")));
        } else {
            made.timers.push(TimerOp::Arm(timer(id, &n.to_string(), 1, at(0))));
        }
    }
    let at_place = |n: usize| entry("limits", id, &format!("{n:03}"));
    made.index = Some((0..entries).map(at_place).collect());
    made
}

/// Everything that one commit may hold, at once: it is taken, and nothing of it is lost.
pub async fn the_largest_commit_is_taken(stores: &Stores) {
    let (effects, entries) = (COMMIT_EFFECTS_MAX, COMMIT_INDEX_MAX);
    let told = take(stores, full("full", COMMIT_EVENTS_MAX, effects, entries)).await;
    assert_eq!(versions(&told), (1..=number(COMMIT_EVENTS_MAX)).collect::<Vec<_>>());
    check_feed(stores, &told, 100).await;
    let half = effects / 2;
    assert_eq!(stores.outbox.pending(1_000).await.expect("answered").len(), half);
    assert_eq!(stores.timers.due(at(0), 1_000).await.expect("answered").len(), half);
    let found = find(stores, "limits", "full").await;
    assert_eq!(found.len(), entries);
}

/// One too many of anything, or one byte too long a payload, is refused as a whole.
pub async fn what_passes_a_limit_is_refused(stores: &Stores) {
    let (events, effects, entries) = (COMMIT_EVENTS_MAX, COMMIT_EFFECTS_MAX, COMMIT_INDEX_MAX);
    let mut payload = full("payload", 1, 2, 1);
    payload.events.iter_mut().for_each(|event| event.payload = vec![b' '; PAYLOAD_BYTES_MAX + 1]);
    let mut body = full("body", 1, 2, 1);
    body.outbox.iter_mut().for_each(|item| item.body = vec![b' '; PAYLOAD_BYTES_MAX + 1]);
    for (too_large, of, found, limit) in [
        (full("events", events + 1, 2, 1), "events", events + 1, events),
        (full("effects", 1, effects + 1, 1), "effects", effects + 1, effects),
        (full("entries", 1, 2, entries + 1), "index entries", entries + 1, entries),
        (payload, "payload bytes", PAYLOAD_BYTES_MAX + 1, PAYLOAD_BYTES_MAX),
        (body, "payload bytes", PAYLOAD_BYTES_MAX + 1, PAYLOAD_BYTES_MAX),
    ] {
        let refused = stores.events.commit(too_large).await;
        let told = matches!(&refused, Err(CommitError::TooLarge { what, found: f, limit: l })
            if (*what, *f, *l) == (of, found, limit));
        assert!(told, "{of}: {refused:?}");
        assert_eq!(find(stores, "limits", of).await, []);
    }
    check_feed(stores, &[], 10).await;
    assert_eq!(stores.outbox.pending(10).await.expect("answered"), []);
    assert_eq!(stores.timers.due(at(9), 10).await.expect("answered"), []);
}

/// A payload and a message of the largest size are taken and come back.
pub async fn the_largest_payload_is_taken(stores: &Stores) {
    let mut made = full("payload", 2, 1, 0);
    made.events.iter_mut().for_each(|event| event.payload = vec![0xa5; PAYLOAD_BYTES_MAX]);
    made.outbox.iter_mut().for_each(|item| item.body = vec![0x5a; PAYLOAD_BYTES_MAX]);
    take(stores, made.clone()).await;
    let loaded = load_all(&*stores.events, &made.stream).await.expect("loaded");
    assert!(loaded.iter().all(|event| event.event.payload == made.events[0].payload));
    assert_eq!(stores.outbox.pending(9).await.expect("answered"), made.outbox);
}
