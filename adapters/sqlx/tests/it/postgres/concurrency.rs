//! Many writers through two stores on one schema, as in two processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use logistics_core::eventsourcing::{
    CommitError, EventStore, IndexEntry, IndexQuery, StreamIndex, load_all,
};
use logistics_core::testing::ListHistory;
use logistics_core::values::Sha256Digest;
use logistics_sqlx::PostgresStore;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::fixtures::{Chance, Schema, scale};
use super::workload::{append, check};
use crate::fixtures::{block_on, commit_by, stream, whole_feed};

const WRITERS: u64 = 64;

/// Appends by reading, appending where it stands, and again on a conflict; each step is noted.
async fn append_and_note(
    store: &PostgresStore,
    command: String,
    clock: &AtomicU64,
    history: &Mutex<ListHistory<String>>,
) {
    let tick = || clock.fetch_add(1, Ordering::SeqCst);
    let begun = tick();
    loop {
        let read_from = tick();
        let events = load_all(store, &stream("hot")).await.unwrap();
        let seen: Vec<String> =
            events.iter().map(|event| event.command_id.as_str().to_owned()).collect();
        let version = seen.len() as u64;
        history.lock().await.read(seen, read_from..=tick());
        let made = commit_by(&command, "hot", version, Sha256Digest::ZERO);
        match store.commit(made).await {
            Ok(taken) => {
                let ticks = begun..=tick();
                history.lock().await.appended(command, taken.version.get(), ticks);
                return;
            }
            Err(CommitError::Conflict { actual }) => assert!(actual.get() > version),
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// 64 writers on one stream: every read and write could have been done one after another.
#[test]
fn writers_of_two_stores_on_one_stream_lose_nothing() {
    let commands = 3 * scale();
    block_on(async {
        let schema = Schema::new();
        let stores = [schema.open().await, schema.open().await];
        let history = Arc::new(Mutex::new(ListHistory::new()));
        let clock = Arc::new(AtomicU64::new(0));
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let store = stores[usize::from(writer % 2 == 1)].clone();
            let (history, clock) = (Arc::clone(&history), Arc::clone(&clock));
            writers.spawn(async move {
                for n in 0..commands {
                    append_and_note(&store, format!("{writer}-{n}"), &clock, &history).await;
                }
            });
        }
        while let Some(ended) = writers.join_next().await {
            ended.unwrap();
        }
        let feed = whole_feed(&stores[0]).await;
        let order: Vec<String> =
            feed.iter().map(|event| event.command_id.as_str().to_owned()).collect();
        assert_eq!(order.len() as u64, WRITERS * commands);
        println!("{} commits by {WRITERS} writers to one stream through 2 stores", order.len());
        history.lock().await.check(&order).unwrap();
        check(&feed, &[]);
    });
}

/// 64 writers on 1,000 streams, by chance on the same one.
#[test]
fn writers_of_two_stores_on_many_streams_lose_nothing() {
    let commands = 40 * scale();
    let chance = Chance::new();
    block_on(async {
        let schema = Schema::new();
        let stores = [schema.open().await, schema.open().await];
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let store = stores[usize::from(writer % 2 == 1)].clone();
            let mut chance = chance.part(writer);
            writers.spawn(async move {
                let mut all = Vec::new();
                for n in 0..commands {
                    let id = chance.below(1_000).to_string();
                    all.push(append(&store, &id, &format!("{writer}-{n}"), n % 3).await);
                }
                all
            });
        }
        let mut told = Vec::new();
        while let Some(ended) = writers.join_next().await {
            told.extend(ended.unwrap());
        }
        let feed = whole_feed(&stores[1]).await;
        println!("{} commits by {WRITERS} writers to 1,000 streams through 2 stores", told.len());
        assert_eq!(feed.len() as u64, WRITERS * commands);
        check(&feed, &told);
    });
}

/// The same commit through two stores at once, as when a caller gives one process up and asks
/// another, is taken once, and the other is told of it; also one without events, or without news
/// but for index entries.
#[test]
fn the_same_commit_through_two_stores_is_taken_once() {
    block_on(async {
        let schema = Schema::new();
        let stores = [schema.open().await, schema.open().await];
        let mut events = 0;
        for round in 0..40 * scale() {
            let id = (round % 7).to_string();
            let version = load_all(&stores[0], &stream(&id)).await.unwrap().len() as u64;
            let mut made = commit_by(&format!("c{round}"), &id, version, Sha256Digest::ZERO);
            if round % 3 == 0 {
                made.events.clear();
                made.command.after = made.command.before;
            }
            if round % 2 == 0 {
                made.index = Some(vec![IndexEntry::new("i", "p", round.to_string())]);
            }
            events += made.events.len();
            let answers =
                tokio::join!(stores[0].commit(made.clone()), stores[1].commit(made.clone()));
            let told = match &answers {
                (Ok(_), Err(CommitError::Duplicate(record))) => record,
                (Err(CommitError::Duplicate(record)), Ok(_)) => record,
                other => panic!("{round}: {other:?}"),
            };
            assert_eq!(*told, made.command);
            if let Some(entries) = made.index {
                let query = IndexQuery {
                    index: "i".to_owned(),
                    partition: "p".to_owned(),
                    limit: 99,
                    ..IndexQuery::default()
                };
                let found = stores[0].find(&query).await.unwrap();
                let of_stream = found.iter().filter(|found| found.stream == made.stream);
                assert!(of_stream.map(|found| &found.sort).eq([&entries[0].sort]), "{found:?}");
            }
        }
        assert_eq!(whole_feed(&stores[0]).await.len(), events);
    });
}
