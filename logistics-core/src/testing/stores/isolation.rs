//! Cases of names that are alike: nothing of one stream is seen in another.

use super::Stores;
use super::fixtures::{
    at, check_feed, command_id, commit, entry, find, stream, take, unplaced, versions,
};
use crate::eventsourcing::{EventId, StreamId, Version, load_all};

/// Streams that differ by case, length or script are different streams.
pub async fn similar_streams_are_told_apart(stores: &Stores) {
    let ids = [
        "a",
        "A",
        "a ",
        " a",
        "aa",
        "á",
        "a\u{301}",
        "a%",
        "a_",
        "a*",
        "a/b",
        "a\\b",
        "'a'",
        "\"a\"",
        "1",
        "01",
        "1.0",
        "null",
        "\u{10ffff}",
        "\u{fffd}",
        "ß",
        "ss",
        "ı",
        "i",
    ];
    check_apart(stores, &ids.map(str::to_owned)).await;
}

/// Ids of the greatest length that differ in their last byte, and one that is the beginning of
/// another, are different streams.
pub async fn long_streams_are_told_apart(stores: &Stores) {
    let long = "x".repeat(127);
    let ids = [long.clone(), format!("{long}a"), format!("{long}b"), format!("{}é", &long[1..])];
    check_apart(stores, &ids).await;
}

async fn check_apart(stores: &Stores, ids: &[String]) {
    let mut told = Vec::new();
    for (n, id) in (1..).zip(ids) {
        let mut made = commit(&stream(id), "c", 0, n % 3 + 1);
        made.index = Some(vec![entry("apart", id, "1")]);
        told.push(take(stores, made).await);
    }
    for (id, told) in ids.iter().zip(&told) {
        let events = load_all(&*stores.events, &stream(id)).await.expect("loaded");
        assert_eq!(unplaced(&events), unplaced(told), "{id:?}");
        let found = find(stores, "apart", id).await;
        assert!(found.iter().map(|found| &found.stream).eq([&stream(id)]), "{id:?}: {found:?}");
    }
    check_feed(stores, &told.concat(), 100).await;
}

/// The same id in categories that are alike.
pub async fn similar_categories_are_told_apart(stores: &Stores) {
    let mut told = Vec::new();
    let categories = ["T", "TL", "TLY", "tly", "TLYT"];
    for (n, category) in (1..).zip(categories) {
        let stream = StreamId::new(category, "a").expect("a legal id");
        told.push(take(stores, commit(&stream, "c", 0, n)).await);
    }
    for (told, category) in told.iter().zip(categories) {
        let stream = StreamId::new(category, "a").expect("a legal id");
        let events = load_all(&*stores.events, &stream).await.expect("loaded");
        assert_eq!(unplaced(&events), unplaced(told), "{category}");
    }
}

/// Commands whose ids are alike are different commands, in the same stream too.
pub async fn similar_commands_are_told_apart(stores: &Stores) {
    let (long, stream) = ("x".repeat(126), stream("commands"));
    let ids =
        ["a", "A", "a ", "aa", "á", "a\u{301}", &format!("{long}ab"), &format!("{long}aa"), &long];
    for (n, id) in (0..).zip(ids) {
        let mut made = commit(&stream, id, n, 1);
        made.command.digest = [u8::try_from(n).expect("small"); 32];
        take(stores, made).await;
    }
    for (n, id) in (0..).zip(ids) {
        let record = stores.events.command(&stream, &command_id(id)).await.expect("answered");
        let record = record.expect("known");
        let (digest, before) = ([u8::try_from(n).expect("small"); 32], Version::new(n));
        assert_eq!((record.digest, record.before), (digest, before), "{id:?}");
    }
    let events = load_all(&*stores.events, &stream).await.expect("loaded");
    assert!(events.iter().map(|event| event.command_id.as_str()).eq(ids));
}

/// What one stream goes through is not seen in another: neither its versions, nor its conflicts,
/// nor its commands.
pub async fn streams_do_not_disturb_each_other(stores: &Stores) {
    let (one, two) = (stream("one"), stream("one-two"));
    let mut told = Vec::new();
    for n in 0..4 {
        told.extend(take(stores, commit(&one, &format!("c{n}"), n * 2, 2)).await);
        told.extend(take(stores, commit(&two, &format!("c{n}"), n, 1)).await);
        stores.events.commit(commit(&two, "late", 0, 1)).await.err();
    }
    for (stream, events) in [(&one, 8), (&two, 4)] {
        let loaded = load_all(&*stores.events, stream).await.expect("loaded");
        assert_eq!(versions(&loaded), (1..=events).collect::<Vec<_>>(), "{stream}");
        for event in &loaded {
            let id = EventId::derive(stream, &event.command_id, at(0), 0);
            let of_this = loaded.iter().any(|event| event.event.event_id == id);
            assert!(of_this && event.stream == *stream, "{event:?}");
        }
    }
}
