//! Cases of [`EventStore::commit`].

use chrono::Duration;

use super::Stores;
use super::fixtures::{
    TakingTurns, all, at, check_feed, check_positions, command_id, commit, entry, find, message,
    partner, stream, take, timer, unplaced, versions,
};
use crate::eventsourcing::{
    Actor, COMMIT_EVENTS_MAX, CommitError, EventId, EventStore, Expected, Occurred,
    PAYLOAD_BYTES_MAX, Retry, StoreErrorKind, TimerOp, Version, load_all,
};
use crate::ids::CorrelationId;

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
    check_positions(stores, &committed.events, 1);
    assert!(committed.events.iter().all(|e| e.stream == stream && e.command_id == command_id("c")));
    let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!(unplaced(&loaded), unplaced(&committed.events));
    check_positions(stores, &loaded, 1);
    check_feed(stores, &committed.events, 3).await;
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

/// All or nothing: a refused commit leaves no event, record, message, timer or entry.
pub async fn a_refused_commit_changes_nothing(stores: &Stores) {
    let stream = stream("refused");
    let first = take(stores, commit(&stream, "first", 0, 1)).await;
    let mut refused = commit(&stream, "second", 0, 3);
    refused.outbox.push(message("e"));
    refused.timers.push(TimerOp::Arm(timer("o", "n", 1, at(0))));
    refused.index = Some(vec![entry("i", "p", "s")]);
    stores.events.commit(refused).await.expect_err("refused");
    check_feed(stores, &first, 10).await;
    let record = stores.events.command(&stream, &command_id("second")).await;
    assert_eq!(record.expect("answered"), None);
    assert_eq!(stores.outbox.pending(10).await.expect("answered"), []);
    assert_eq!(stores.timers.due(at(9), 10).await.expect("answered"), []);
    assert_eq!(find(stores, "i", "p").await, []);
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
    let mut told = Vec::new();
    for id in ["one", "two"] {
        told.extend(take(stores, commit(&stream(id), "c", 0, 1)).await);
    }
    check_feed(stores, &told, 10).await;
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
    check_positions(stores, &committed.events, 4);
    assert_eq!(committed.version.get(), 3 + u64::from(events));
}

/// An event id that is known is refused for good, and takes nothing with it. A store that does not
/// compare event ids takes both events, each in its stream.
pub async fn an_event_id_cannot_come_twice(stores: &Stores) {
    let (one, two) = (stream("one"), stream("two"));
    let first = commit(&one, "c", 0, 1);
    let mut second = commit(&two, "c", 0, 2);
    for (event, known) in second.events.iter_mut().zip(&first.events) {
        event.event_id = known.event_id;
    }
    let mut told = take(stores, first).await;
    let answer = stores.events.commit(second).await;
    if stores.capabilities.unique_event_ids {
        let invalid = matches!(&answer, Err(CommitError::Store(error))
            if error.kind == StoreErrorKind::Invalid && error.retry == Retry::Never);
        assert!(invalid, "{answer:?}");
        told.extend(take(stores, commit(&two, "c", 0, 1)).await);
    } else {
        told.extend(answer.expect("taken").events);
        let loaded = load_all(&*stores.events, &two).await.expect("loaded");
        assert_eq!(unplaced(&loaded), unplaced(&told[1..]));
    }
    check_feed(stores, &told, 10).await;
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
    assert_eq!(unplaced(&loaded), unplaced(&committed.events));
    for (recorded, moment) in loaded.iter().zip([at(0), before_1970]) {
        assert_eq!(recorded.event.recorded_at, moment + Duration::microseconds(123_456));
        assert_eq!(recorded.event.occurred.at, moment + Duration::microseconds(999_999));
    }
}

/// Whoever does not know what became of a commit sends it again: it was taken once, and the answer
/// is the record of that.
pub async fn an_unknown_outcome_is_found_by_sending_again(stores: &Stores) {
    let stream = stream("unknown");
    let made = commit(&stream, "c", 0, 3);
    let told = take(stores, made.clone()).await;
    for _ in 0..3 {
        let answer = stores.events.commit(made.clone()).await;
        assert!(
            matches!(&answer, Err(CommitError::Duplicate(record)) if *record == made.command),
            "{answer:?}"
        );
    }
    let record = stores.events.command(&stream, &command_id("c")).await.expect("answered");
    assert_eq!(record, Some(made.command));
    check_feed(stores, &told, 10).await;
}

/// The same commit sent by many at once is taken once; the others get its record.
pub async fn a_commit_sent_at_once_by_many_is_taken_once(stores: &Stores) {
    let store = TakingTurns(&*stores.events);
    let made = commit(&stream("at once"), "c", 0, 2);
    let answers = all((0..16).map(|_| EventStore::commit(&store, made.clone()))).await;
    let mut told = Vec::new();
    for answer in answers {
        match answer {
            Ok(committed) => told.extend(committed.events),
            Err(CommitError::Duplicate(record)) => assert_eq!(record, made.command),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(versions(&told), [1, 2]);
    check_feed(stores, &told, 10).await;
}

/// Events that were recorded at one time, down to the microsecond, are all kept in their order.
pub async fn events_of_one_microsecond_are_told_apart(stores: &Stores) {
    let stream = stream("one time");
    let mut told = Vec::new();
    for (command, version) in [("a", 0), ("b", 5), ("c", 10)] {
        let mut made = commit(&stream, command, version, 5);
        made.events.iter_mut().for_each(|event| event.recorded_at = at(0));
        told.extend(take(stores, made).await);
    }
    let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!(unplaced(&loaded), unplaced(&told));
    check_feed(stores, &told, 4).await;
}
