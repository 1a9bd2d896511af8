//! Cases of many writers and readers at once, judged by [`ListHistory`].

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::Stores;
use super::fixtures::{TakingTurns, all, check_feed, commit, number, stream, yield_now};
use crate::eventsourcing::{
    CommitError, EventStore as _, RecordedEvent, StreamId, Version, load_after, load_all,
};
use crate::testing::ListHistory;
use crate::values::Sha256Digest;

/// How many write at once.
const WRITERS: u64 = 64;

/// What the writers did and saw, by stream; an element is a command's id.
#[derive(Default)]
struct Seen {
    tick: u64,
    lists: BTreeMap<StreamId, ListHistory<String>>,
    told: Vec<RecordedEvent>,
}

impl Seen {
    fn tick(&mut self) -> u64 {
        self.tick += 1;
        self.tick
    }

    fn list(&mut self, of: &StreamId) -> &mut ListHistory<String> {
        self.lists.entry(of.clone()).or_default()
    }
}

/// One writer: what it has read of each stream, so that it reads on from there.
struct Writer<'a> {
    store: TakingTurns<'a>,
    seen: &'a RefCell<Seen>,
    known: BTreeMap<StreamId, Vec<RecordedEvent>>,
}

impl Writer<'_> {
    /// Appends one event by the command `id`, after as many conflicts as it takes.
    async fn append(&mut self, stream: &StreamId, id: &str) {
        let begun = self.seen.borrow_mut().tick();
        loop {
            let version = self.read(stream).await;
            let hash = self.known.get(stream).and_then(|known| known.last());
            let hash = hash.map_or(Sha256Digest::ZERO, |event| event.event.hash);
            let made = commit(stream, id, version.get(), 1).chained(hash);
            match self.store.commit(made).await {
                Ok(committed) => {
                    let mut seen = self.seen.borrow_mut();
                    let ticks = begun..=seen.tick();
                    seen.list(stream).appended(id.to_owned(), committed.version.get(), ticks);
                    seen.told.extend(committed.events);
                    return;
                }
                Err(CommitError::Conflict { actual }) => assert!(actual > version, "{actual}"),
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    /// Reads on to the end of `stream`; the version there.
    async fn read(&mut self, stream: &StreamId) -> Version {
        let begun = self.seen.borrow_mut().tick();
        let known = self.known.entry(stream.clone()).or_default();
        let after = known.last().map_or(Version::NONE, |event| event.version);
        known.extend(load_after(&self.store, stream, after).await.expect("loaded"));
        let mut seen = self.seen.borrow_mut();
        let ticks = begun..=seen.tick();
        let commands = known.iter().map(|event| event.command_id.as_str().to_owned());
        seen.list(stream).read(commands, ticks);
        known.last().map_or(Version::NONE, |event| event.version)
    }
}

/// Runs the writers, each with `commands` commands on the streams that `choose` gives; then checks
/// every list and the feed.
async fn run(stores: &Stores, commands: u64, choose: impl Fn(u64, u64) -> StreamId) {
    let seen = RefCell::new(Seen::default());
    let writer = async |n: u64| {
        let store = TakingTurns(&*stores.events);
        let mut writer = Writer { store, seen: &seen, known: BTreeMap::new() };
        for command in 0..commands {
            let stream = choose(n, command);
            writer.append(&stream, &format!("{n}-{command}")).await;
            yield_now().await;
        }
    };
    all((0..WRITERS).map(writer)).await;
    let seen = seen.into_inner();
    assert_eq!(number(seen.told.len()), WRITERS * commands);
    for (stream, list) in &seen.lists {
        let events = load_all(&*stores.events, stream).await.expect("loaded");
        let versions = events.iter().map(|event| event.version.get());
        assert!(versions.eq(1..=number(events.len())), "{stream} has a gap");
        let order: Vec<_> = events.iter().map(|e| e.command_id.as_str().to_owned()).collect();
        if let Err(anomaly) = list.check(&order) {
            panic!("{stream}: {anomaly}");
        }
    }
    check_feed(stores, &seen.told, 100).await;
}

/// 64 writers on one stream: every command takes place once, and what everyone saw on the way
/// agrees with one order.
pub async fn many_writers_on_one_stream_agree(stores: &Stores) {
    run(stores, 4, |_, _| stream("hot")).await;
}

/// 64 writers on 200 streams, who meet now and then.
pub async fn many_writers_on_many_streams_agree(stores: &Stores) {
    run(stores, 8, |writer, n| stream(&((writer * 7 + n * 13) % 200).to_string())).await;
}
