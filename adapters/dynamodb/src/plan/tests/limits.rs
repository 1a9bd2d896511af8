//! DynamoDB's limits: what is within is planned, what is beyond is refused before it is sent.

use logistics_core::eventsourcing::{
    COMMIT_EFFECTS_MAX, COMMIT_EVENTS_MAX, COMMIT_INDEX_MAX, CommitError, PAYLOAD_BYTES_MAX,
    TimerOp,
};

use super::super::commit::Role;
use super::super::{
    ACTIONS_MAX, Action, Change, Condition, ENTRIES_FOLLOW, ITEM_BYTES_MAX, Known, SK_BYTES_MAX,
    TRANSACTION_BYTES_MAX, check_limits, plan,
};
use super::fixtures::{commit, entry, message, stream, timer};
use crate::item::{Reader, bytes, item};
use crate::keys::Key;

fn put(sk: &str, payload: usize) -> Action {
    let item = item(&Key::new("p", sk), [("payload", Some(bytes(vec![0; payload])))]);
    Action::new(Change::Put(item), Condition::Always)
}

#[test]
fn a_transaction_has_its_limits() {
    let many = |count: usize| (0..count).map(|n| put(&n.to_string(), 1)).collect::<Vec<_>>();
    assert_eq!(check_limits(&many(ACTIONS_MAX)), Ok(()));
    assert!(check_limits(&many(ACTIONS_MAX + 1)).is_err());
    // PK, SK, payload: names and values beside the payload.
    let overhead = 2 + 1 + 2 + 1 + 7;
    assert_eq!(check_limits(&[put("s", ITEM_BYTES_MAX - overhead)]), Ok(()));
    assert!(check_limits(&[put("s", ITEM_BYTES_MAX - overhead + 1)]).is_err());
    let share = TRANSACTION_BYTES_MAX / 16 - overhead;
    let heavy = |extra: usize| {
        (0..16_u8)
            .map(|n| put(&char::from(b'a' + n).to_string(), share + extra))
            .collect::<Vec<_>>()
    };
    assert_eq!(check_limits(&heavy(0)), Ok(()));
    assert!(check_limits(&heavy(1)).is_err());
    assert_eq!(check_limits(&[put(&"s".repeat(SK_BYTES_MAX), 1)]), Ok(()));
    assert!(check_limits(&[put(&"s".repeat(SK_BYTES_MAX + 1), 1)]).is_err());
}

#[test]
fn the_largest_commits_have_room() {
    for messages in [0, 1, COMMIT_EFFECTS_MAX / 2, COMMIT_EFFECTS_MAX] {
        let mut made = commit(&stream("7"), "c", 9, u32::try_from(COMMIT_EVENTS_MAX).unwrap());
        made.outbox = (0..messages).map(|n| message(&n.to_string())).collect();
        let timers = messages..COMMIT_EFFECTS_MAX;
        let arm = |n: usize| TimerOp::Arm(timer(&n.to_string(), "n", 1, 0));
        made.timers = timers.map(arm).collect();
        let places = |from: usize| (from..from + COMMIT_INDEX_MAX).map(|n| n.to_string());
        made.index = Some(places(0).map(|n| entry("i", "p", &n)).collect());
        let entries = places(100).map(|n| Key::new("IDX#i#p", format!("{n}#SHP#7"))).collect();
        let known = Known { entries, ..Known::default() };
        let plan = plan(&made, &known, 7).unwrap();
        assert!(plan.actions.len() <= ACTIONS_MAX, "{messages}: {}", plan.actions.len());
        // The entries found no room: the marker remembers the old ones until all are written.
        assert!(plan.entries_follow && !plan.roles.contains(&Role::IndexEntry));
        let marker = plan.roles.iter().position(|role| *role == Role::Marker).unwrap();
        let Change::Put(marker) = &plan.actions[marker].change else { panic!("{marker}") };
        assert_eq!(Reader(marker).list(ENTRIES_FOLLOW).unwrap().len(), COMMIT_INDEX_MAX);
    }
}

#[test]
fn entries_stay_in_the_transaction_while_they_have_room() {
    let mut made = commit(&stream("7"), "c", 0, 32);
    made.index = Some((0..16).map(|n| entry("i", "p", &n.to_string())).collect());
    // 3 + 32 + 16 items, and 49 timers.
    made.timers = (0..49).map(|n| TimerOp::Arm(timer(&n.to_string(), "n", 1, 0))).collect();
    let full = plan(&made, &Known::default(), 7).unwrap();
    assert_eq!((full.actions.len(), full.entries_follow), (ACTIONS_MAX, false));
    made.timers.push(TimerOp::Arm(timer("one more", "n", 1, 0)));
    let over = plan(&made, &Known::default(), 7).unwrap();
    assert_eq!((over.actions.len(), over.entries_follow), (3 + 32 + 50, true));
}

#[test]
fn what_dynamodb_would_refuse_is_too_large() {
    let mut heavy = commit(&stream("7"), "c", 0, 17);
    heavy.events.iter_mut().for_each(|event| event.payload = vec![0; PAYLOAD_BYTES_MAX]);
    let mut key = commit(&stream("7"), "c", 0, 1);
    key.events[0].event_type = "x".repeat(SK_BYTES_MAX);
    let mut item = commit(&stream("7"), "c", 0, 1);
    item.outbox = vec![message("a")];
    item.outbox[0].body = vec![0; PAYLOAD_BYTES_MAX];
    item.outbox[0].key = "k".repeat(ITEM_BYTES_MAX - PAYLOAD_BYTES_MAX);
    for (made, of) in
        [(heavy, "bytes of a transaction"), (key, "bytes of a key"), (item, "bytes of an item")]
    {
        let refused = plan(&made, &Known::default(), 7);
        let named = matches!(&refused, Err(CommitError::TooLarge { what, found, limit })
            if *what == of && found > limit);
        assert!(named, "{of}: {refused:?}");
    }
}
