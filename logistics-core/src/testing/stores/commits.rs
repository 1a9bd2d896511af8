//! Cases of [`EventStore::commit`](crate::eventsourcing::EventStore::commit).

use chrono::Duration;

use super::Stores;
use super::fixtures::{at, command_id, commit, partner, positions, stream, versions, whole_feed};
use crate::eventsourcing::{
    Actor, COMMIT_EFFECTS_MAX, COMMIT_EVENTS_MAX, CommitError, EventId, Expected, Occurred,
    OutboxItem, PAYLOAD_BYTES_MAX, Retry, StoreErrorKind, Timer, TimerOp, Version, load_all,
};
use crate::ids::{CorrelationId, EffectId};

/// Every field of an event comes back, from the commit, the stream and the feed alike.
pub async fn a_commit_is_read_back_as_it_was_made(stores: &Stores) {
    let stream = stream("fields");
    let mut made = commit(&stream, "c", 0, 4);
    let cause = EventId::derive(&stream, &command_id("cause"), at(0), 9);
    let actors = [
        Actor::System,
        Actor::Partner(partner("DP-7")),
        Actor::Api("key \"one\"".to_owned()),
        Actor::Operator("Ünïcödé 行".to_owned()),
    ];
    for (event, actor) in made.events.iter_mut().zip(actors) {
        event.actor = actor;
        event.schema = u16::MAX;
        event.occurred = Occurred { at: at(-9), offset_min: Some(-210), suspect: true };
        event.correlation_id = CorrelationId::new("order / 7").expect("a legal id");
        event.causation_id = Some(cause);
    }
    let committed = stores.events.commit(made.clone()).await.expect("taken");
    assert_eq!(committed.version, Version::new(4));
    let events: Vec<_> = committed.events.iter().map(|recorded| recorded.event.clone()).collect();
    assert_eq!(events, made.events);
    assert_eq!(versions(&committed.events), [1, 2, 3, 4]);
    assert_eq!(positions(&committed.events), [1, 2, 3, 4]);
    assert!(committed.events.iter().all(|e| e.stream == stream && e.command_id == command_id("c")));
    let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!(loaded, committed.events);
    assert_eq!(whole_feed(&*stores.events, 3).await, committed.events);
}

/// A payload is bytes: spaces, order of keys, even what is not UTF-8.
pub async fn payloads_come_back_byte_for_byte(stores: &Stores) {
    let stream = stream("bytes");
    let mut made = commit(&stream, "c", 0, 4);
    let payloads: [Vec<u8>; 4] = [
        br#"{ "b" : 1.0,  "a":1e0 }"#.to_vec(),
        Vec::new(),
        (0..=255).collect(),
        vec![b'x'; PAYLOAD_BYTES_MAX],
    ];
    for (event, payload) in made.events.iter_mut().zip(&payloads) {
        event.payload.clone_from(payload);
    }
    stores.events.commit(made).await.expect("taken");
    let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
    assert!(loaded.iter().map(|event| &event.event.payload).eq(&payloads), "payloads differ");
}

/// `NoStream` is refused once the stream has events.
pub async fn no_stream_conflicts_with_an_existing_stream(stores: &Stores) {
    let stream = stream("exists");
    stores.events.commit(commit(&stream, "first", 0, 2)).await.expect("taken");
    let second = stores.events.commit(commit(&stream, "second", 0, 1)).await;
    assert!(
        matches!(second, Err(CommitError::Conflict { actual }) if actual == Version::new(2)),
        "{second:?}"
    );
}

/// `Exact` is refused below and above where the stream stands, and on a stream without events.
pub async fn another_version_conflicts(stores: &Stores) {
    let (known, unknown) = (stream("known"), stream("unknown"));
    stores.events.commit(commit(&known, "first", 0, 2)).await.expect("taken");
    for (of, expected, stands) in [(&known, 1, 2), (&known, 3, 2), (&unknown, 1, 0)] {
        let refused = stores.events.commit(commit(of, "second", expected, 1)).await;
        assert!(
            matches!(refused, Err(CommitError::Conflict { actual }) if actual.get() == stands),
            "{of} expected at {expected}: {refused:?}"
        );
    }
    stores.events.commit(commit(&known, "second", 2, 1)).await.expect("taken");
}

/// All or nothing: a refused commit leaves no event, record, message or timer.
pub async fn a_refused_commit_changes_nothing(stores: &Stores) {
    let stream = stream("refused");
    stores.events.commit(commit(&stream, "first", 0, 1)).await.expect("taken");
    let mut refused = commit(&stream, "second", 0, 3);
    refused.outbox.push(OutboxItem {
        effect_id: EffectId::new("e").expect("a legal id"),
        kind: "k".to_owned(),
        key: String::new(),
        body: Vec::new(),
        created_at: at(0),
    });
    refused.timers.push(TimerOp::Arm(Timer {
        owner: "o".to_owned(),
        name: "n".to_owned(),
        generation: 1,
        fire_at: at(0),
    }));
    stores.events.commit(refused).await.expect_err("refused");
    assert_eq!(whole_feed(&*stores.events, 10).await.len(), 1);
    let record = stores.events.command(&stream, &command_id("second")).await;
    assert_eq!(record.expect("answered"), None);
    assert_eq!(stores.outbox.pending(10).await.expect("answered"), []);
    assert_eq!(stores.timers.due(at(9), 10).await.expect("answered"), []);
}

/// A command that was taken answers with its record, though its version is long past.
pub async fn a_duplicate_is_seen_before_a_conflict(stores: &Stores) {
    let stream = stream("duplicate");
    let first = commit(&stream, "first", 0, 1);
    stores.events.commit(first.clone()).await.expect("taken");
    stores.events.commit(commit(&stream, "second", 1, 1)).await.expect("taken");
    let mut again = first.clone();
    again.command.digest = [8; 32];
    again.expected = Expected::Exact(Version::new(77));
    for again in [first.clone(), again] {
        let answer = stores.events.commit(again).await;
        assert!(
            matches!(&answer, Err(CommitError::Duplicate(record)) if *record == first.command),
            "{answer:?}"
        );
    }
    assert_eq!(load_all(&*stores.events, &stream).await.expect("loaded").len(), 2);
}

/// Command ids are the streams' own.
pub async fn the_same_command_id_in_two_streams_is_two_commands(stores: &Stores) {
    for id in ["one", "two"] {
        stores.events.commit(commit(&stream(id), "c", 0, 1)).await.expect("taken");
    }
    assert_eq!(whole_feed(&*stores.events, 10).await.len(), 2);
}

/// A command that changed nothing is remembered, and its stream still has no events.
pub async fn an_empty_commit_is_recorded(stores: &Stores) {
    let stream = stream("empty");
    let made = commit(&stream, "nothing", 0, 0);
    let committed = stores.events.commit(made.clone()).await.expect("taken");
    assert_eq!((committed.version, committed.events.len()), (Version::NONE, 0));
    let record = stores.events.command(&stream, &command_id("nothing")).await;
    assert_eq!(record.expect("answered"), Some(made.command.clone()));
    let again = stores.events.commit(made).await;
    assert!(matches!(again, Err(CommitError::Duplicate(_))), "{again:?}");
    let stale = stores.events.commit(commit(&stream, "nothing either", 3, 0)).await;
    assert!(matches!(stale, Err(CommitError::Conflict { .. })), "{stale:?}");
    stores.events.commit(commit(&stream, "something", 0, 1)).await.expect("taken");
}

/// The largest commit that is accepted numbers its events without gaps, after those before.
pub async fn versions_are_contiguous_within_a_commit(stores: &Stores) {
    let stream = stream("contiguous");
    stores.events.commit(commit(&stream, "first", 0, 3)).await.expect("taken");
    let events = u32::try_from(COMMIT_EVENTS_MAX).expect("small");
    let committed = stores.events.commit(commit(&stream, "second", 3, events)).await;
    let expected: Vec<u64> = (4..4 + u64::from(events)).collect();
    let committed = committed.expect("taken");
    assert_eq!(versions(&committed.events), expected);
    assert_eq!(positions(&committed.events), expected);
    assert_eq!(committed.version.get(), 3 + u64::from(events));
}

/// Too many events or effects, or too long a payload, are refused as a whole.
pub async fn what_passes_a_limit_is_refused(stores: &Stores) {
    let stream = stream("limits");
    let events = u32::try_from(COMMIT_EVENTS_MAX + 1).expect("small");
    let mut effects = commit(&stream, "effects", 0, 1);
    effects.timers = vec![
        TimerOp::Disarm { owner: "o".to_owned(), name: "n".to_owned() };
        COMMIT_EFFECTS_MAX + 1
    ];
    let mut payload = commit(&stream, "payload", 0, 1);
    payload.events.iter_mut().for_each(|event| event.payload = vec![b' '; PAYLOAD_BYTES_MAX + 1]);
    for (too_large, of) in [
        (commit(&stream, "events", 0, events), "events"),
        (effects, "effects"),
        (payload, "payload bytes"),
    ] {
        let refused = stores.events.commit(too_large).await;
        assert!(
            matches!(refused, Err(CommitError::TooLarge { what, .. }) if what == of),
            "{of}: {refused:?}"
        );
    }
    assert_eq!(whole_feed(&*stores.events, 10).await, []);
}

/// An event id that is known is refused for good, and takes nothing with it.
pub async fn an_event_id_cannot_come_twice(stores: &Stores) {
    let first = commit(&stream("one"), "c", 0, 1);
    let mut second = commit(&stream("two"), "c", 0, 2);
    for (event, known) in second.events.iter_mut().zip(&first.events) {
        event.event_id = known.event_id;
    }
    stores.events.commit(first).await.expect("taken");
    let refused = stores.events.commit(second).await;
    let invalid = matches!(&refused, Err(CommitError::Store(error))
        if error.kind == StoreErrorKind::Invalid && error.retry == Retry::Never);
    assert!(invalid, "{refused:?}");
    stores.events.commit(commit(&stream("two"), "c", 0, 1)).await.expect("nothing was left behind");
    assert_eq!(positions(&whole_feed(&*stores.events, 10).await), [1, 2]);
}

/// What is answered now equals what is read later, to the microsecond, also before 1970.
pub async fn times_are_kept_to_the_microsecond(stores: &Stores) {
    let stream = stream("times");
    let mut made = commit(&stream, "c", 0, 2);
    let before_1970 = at(0) - Duration::days(60 * 365);
    for (event, moment) in made.events.iter_mut().zip([at(0), before_1970]) {
        event.recorded_at = moment + Duration::nanoseconds(123_456_789);
        event.occurred.at = moment + Duration::nanoseconds(999_999_999);
    }
    let committed = stores.events.commit(made).await.expect("taken");
    let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!(loaded, committed.events);
    for (recorded, moment) in loaded.iter().zip([at(0), before_1970]) {
        assert_eq!(recorded.event.recorded_at, moment + Duration::microseconds(123_456));
        assert_eq!(recorded.event.occurred.at, moment + Duration::microseconds(999_999));
    }
}

/// Streams that differ by case, length or script are different streams.
pub async fn similar_streams_are_told_apart(stores: &Stores) {
    let ids = ["a", "A", "a ", "aa", "á", "a\u{301}", "a%", "a_", "1", "01", "1.0"];
    for id in ids {
        stores.events.commit(commit(&stream(id), "c", 0, 1)).await.expect("taken");
    }
    for id in ids {
        let events = load_all(&*stores.events, &stream(id)).await.expect("loaded");
        assert_eq!(versions(&events), [1], "{id:?}");
        assert!(events.iter().all(|event| event.stream == stream(id)), "{id:?}");
    }
}
