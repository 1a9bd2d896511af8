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

/// What the writers did and saw, by stream; an element is the number of a command.
#[derive(Default)]
struct Seen {
    tick: u64,
    lists: BTreeMap<StreamId, ListHistory<u64>>,
    told: Vec<RecordedEvent>,
}

impl Seen {
    fn tick(&mut self) -> u64 {
        self.tick += 1;
        self.tick
    }

    fn list(&mut self, of: &StreamId) -> &mut ListHistory<u64> {
        self.lists.entry(of.clone()).or_default()
    }
}

/// What a writer has read of a stream, so that it reads on from there.
#[derive(Default, Clone)]
struct Known {
    commands: Vec<u64>,
    hash: Option<Sha256Digest>,
}

struct Writer<'a> {
    store: TakingTurns<'a>,
    seen: &'a RefCell<Seen>,
    known: BTreeMap<StreamId, Known>,
}

impl Writer<'_> {
    /// Appends one event by `command`, after as many conflicts as it takes.
    async fn append(&mut self, stream: &StreamId, command: u64) {
        let begun = self.seen.borrow_mut().tick();
        loop {
            let (version, hash) = self.read(stream).await;
            let made = commit(stream, &command.to_string(), version.get(), 1).chained(hash);
            match self.store.commit(made).await {
                Ok(committed) => {
                    let mut seen = self.seen.borrow_mut();
                    let ticks = begun..=seen.tick();
                    seen.list(stream).appended(command, committed.version.get(), ticks);
                    seen.told.extend(committed.events);
                    return;
                }
                Err(CommitError::Conflict { actual }) => assert!(actual > version, "{actual}"),
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    /// Reads on to the end of `stream`; where it stands, and the hash there.
    async fn read(&mut self, stream: &StreamId) -> (Version, Sha256Digest) {
        let begun = self.seen.borrow_mut().tick();
        let known = self.known.entry(stream.clone()).or_default();
        let after = Version::new(number(known.commands.len()));
        for event in load_after(&self.store, stream, after).await.expect("loaded") {
            known.commands.push(command(&event));
            known.hash = Some(event.event.hash);
        }
        let mut seen = self.seen.borrow_mut();
        let ticks = begun..=seen.tick();
        seen.list(stream).read(known.commands.iter().copied(), ticks);
        let version = Version::new(number(known.commands.len()));
        (version, known.hash.unwrap_or(Sha256Digest::ZERO))
    }
}

/// The number of the command that made `event`.
fn command(event: &RecordedEvent) -> u64 {
    event.command_id.as_str().parse().expect("a number")
}

/// Runs the writers, each with `commands` commands on the streams that `choose` gives; then checks
/// every list and the feed.
async fn run(stores: &Stores, commands: u64, choose: impl Fn(u64, u64) -> StreamId) {
    let seen = RefCell::new(Seen::default());
    let writer = async |n: u64| {
        let store = TakingTurns(&*stores.events);
        let mut writer = Writer { store, seen: &seen, known: BTreeMap::new() };
        for command in 0..commands {
            writer.append(&choose(n, command), n * commands + command).await;
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
        let order: Vec<u64> = events.iter().map(command).collect();
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
