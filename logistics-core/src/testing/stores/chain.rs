//! Cases of the hash chain: a store keeps the links as they were made and makes none itself.

use std::collections::BTreeMap;

use super::Stores;
use super::fixtures::{
    Tally, at, command_id, commit, count, partner, stream, take, unplaced, versions, whole_feed,
};
use crate::eventsourcing::{
    Actor, ChainBreak, EventId, RecordedEvent, StreamId, Version, execute, load, load_all,
    verify_chain,
};
use crate::ids::CorrelationId;
use crate::values::Sha256Digest;

fn whole(events: &[RecordedEvent]) -> Result<Sha256Digest, ChainBreak> {
    verify_chain(Version::NONE, Sha256Digest::ZERO, events)
}

/// Runs `commands` commands of three events each on `of`.
async fn run(stores: &Stores, of: &StreamId, commands: u32) {
    for n in 0..commands {
        let command = count(n.to_string(), &[1, 2, n + 1]);
        execute::<Tally>(&*stores.events, of, &command, at(n.into()), &()).await.expect("taken");
    }
}

/// A hash is 32 bytes that the store does not judge: they come back from commit, stream and feed.
pub async fn hashes_come_back_byte_for_byte(stores: &Stores) {
    let mut made = commit(&stream("hashes"), "c", 0, 4);
    let bytes: [u8; 32] = std::array::from_fn(|n| u8::try_from(n * 8).unwrap_or(u8::MAX));
    let hashes = [[0; 32], [0xff; 32], bytes, [b'#'; 32]].map(Sha256Digest::from_bytes);
    for (event, hash) in made.events.iter_mut().zip(hashes) {
        event.hash = hash;
    }
    let told = take(stores, made).await;
    let loaded = load_all(&*stores.events, &stream("hashes")).await.expect("loaded");
    let feed = whole_feed(stores, 4, 3).await;
    for (events, whence) in [(&told, "commit"), (&loaded, "stream"), (&feed, "feed")] {
        assert!(events.iter().map(|event| event.event.hash).eq(hashes), "{whence}: {events:?}");
    }
}

/// The chain of a stream that commands made holds, and the next command links to its end.
pub async fn the_chain_of_a_stream_holds(stores: &Stores) {
    let stream = stream("chain");
    for commands in 1..=5 {
        run(stores, &stream, commands).await;
        let events = load_all(&*stores.events, &stream).await.expect("loaded");
        let last = load::<Tally>(&*stores.events, &stream).await.expect("loaded").hash;
        assert_eq!(whole(&events), Ok(last));
        assert_eq!(events.last().map(|event| event.event.hash), Some(last));
    }
}

/// A chain is checked page by page as well as at once.
pub async fn the_chain_holds_across_pages(stores: &Stores) {
    let stream = stream("pages");
    run(stores, &stream, 9).await;
    let (mut after, mut hash) = (Version::NONE, Sha256Digest::ZERO);
    loop {
        let page = stores.events.load(&stream, after, 4).await.expect("loaded");
        hash = verify_chain(after, hash, &page.events).expect("the chain holds");
        after = page.events.last().map_or(after, |event| event.version);
        if !page.more {
            break;
        }
    }
    let events = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!((after.get(), Ok(hash)), (27, whole(&events)));
}

/// The feed holds the same chains: events come out of it as they went in.
pub async fn the_chains_hold_in_the_feed(stores: &Stores) {
    for id in ["a", "b", "c"] {
        run(stores, &stream(id), 3).await;
    }
    let mut chains: BTreeMap<StreamId, Vec<RecordedEvent>> = BTreeMap::new();
    for event in whole_feed(stores, 27, 5).await {
        chains.entry(event.stream.clone()).or_default().push(event);
    }
    assert_eq!(chains.len(), 3);
    for (stream, events) in chains {
        let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
        assert_eq!(unplaced(&events), unplaced(&loaded));
        whole(&events).expect("the chain holds");
    }
}

/// Whatever is altered, left out, put in or exchanged in a copy of what is stored is found.
pub async fn what_was_altered_is_found(stores: &Stores) {
    let stream = stream("altered");
    run(stores, &stream, 2).await;
    let events = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!(versions(&events), [1, 2, 3, 4, 5, 6]);
    for (field, alter) in ALTERATIONS {
        let mut copy = events.clone();
        alter(&mut copy[2]);
        let found = whole(&copy).expect_err(field);
        let version = Version::new(3);
        assert_eq!(found, ChainBreak::Hash { stream: copy[2].stream.clone(), version }, "{field}");
    }
    let mut without = events.clone();
    without.remove(2);
    let mut twice = events.clone();
    twice.insert(2, events[2].clone());
    let mut exchanged = events;
    exchanged.swap(2, 3);
    for (copy, what) in [(without, "left out"), (twice, "put in"), (exchanged, "exchanged")] {
        let found = whole(&copy).expect_err(what);
        assert!(matches!(found, ChainBreak::Version { .. }), "{what}: {found:?}");
    }
}

type Alter = fn(&mut RecordedEvent);

/// Every field that the hash covers.
const ALTERATIONS: [(&str, Alter); 14] = [
    ("stream", |event| event.stream = stream("other")),
    ("command", |event| event.command_id = command_id("other")),
    ("hash", |event| event.event.hash = Sha256Digest::ZERO),
    ("id", |event| event.event.event_id = EventId::from_bytes([7; 16])),
    ("type", |event| event.event.event_type.push('2')),
    ("schema", |event| event.event.schema += 1),
    ("payload", |event| event.event.payload.push(b' ')),
    ("occurred", |event| event.event.occurred.at = at(-1)),
    ("offset", |event| event.event.occurred.offset_min = Some(0)),
    ("suspect", |event| event.event.occurred.suspect = true),
    ("recorded", |event| event.event.recorded_at += chrono::Duration::microseconds(1)),
    ("actor", |event| event.event.actor = Actor::Partner(partner("DP-1"))),
    ("correlation", |event| {
        event.event.correlation_id = CorrelationId::from(&command_id("other"));
    }),
    ("causation", |event| event.event.causation_id = Some(event.event.event_id)),
];
