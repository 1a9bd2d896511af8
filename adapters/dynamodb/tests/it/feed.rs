//! The feed among many: readers that number commits while writers write, and readers that stop
//! halfway.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use logistics_core::eventsourcing::{EventStore, Position, RecordedEvent, StreamId, Version};
use logistics_dynamodb::{DynamoConfig, DynamoStore};
use tokio::task::JoinSet;

use crate::fixtures::{block_on, commit, scale, stream, whole_feed};
use crate::server::Server;

/// Writes `commits` commits of one to three events to the stream `id`; what it was told.
async fn write(store: DynamoStore, id: String, commits: u32) -> Vec<(StreamId, Version)> {
    let (mut told, mut version) = (Vec::new(), 0);
    for n in 0..commits {
        let committed = store.commit(commit(&id, version, n % 3 + 1)).await.expect("taken");
        version = committed.version.get();
        told.extend(committed.events.into_iter().map(|event| (event.stream, event.version)));
    }
    told
}

/// Positions without a gap, each stream in its order, and every event that a writer was told of.
fn check(feed: &[RecordedEvent], told: &BTreeSet<(StreamId, Version)>) {
    assert!(feed.iter().map(|event| event.position.get()).eq((1..).take(feed.len())));
    let mut stands: BTreeMap<&StreamId, Version> = BTreeMap::new();
    for event in feed {
        let version = stands.entry(&event.stream).or_default();
        assert_eq!(event.version, version.next(), "{} is out of order", event.stream);
        *version = event.version;
    }
    let seen: BTreeSet<_> = feed.iter().map(|e| (e.stream.clone(), e.version)).collect();
    assert_eq!(seen.len(), feed.len(), "an event has two places");
    assert!(seen == *told, "the feed is not what the writers were told");
}

#[test]
fn readers_agree_while_writers_write() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        let commits = u32::try_from(8 * scale()).unwrap();
        let mut writers = JoinSet::new();
        for n in 0..12 {
            writers.spawn(write(store.clone(), format!("s{n}"), commits));
        }
        let done = Arc::new(AtomicBool::new(false));
        let mut readers = JoinSet::new();
        for page in [1, 7, 1_000] {
            // Each in a process of its own, as it were.
            let store = DynamoStore::new(server.client(), DynamoConfig::new("logistics"));
            let done = Arc::clone(&done);
            readers.spawn(async move {
                let mut seen: Vec<RecordedEvent> = Vec::new();
                loop {
                    let last = done.load(Ordering::Relaxed);
                    let after = seen.last().map_or(Position::START, |event| event.position);
                    let events = store.feed(after, page).await.expect("the feed");
                    if last && events.is_empty() {
                        return seen;
                    }
                    seen.extend(events);
                }
            });
        }
        let told: BTreeSet<_> = writers.join_all().await.into_iter().flatten().collect();
        done.store(true, Ordering::Relaxed);
        let feeds = readers.join_all().await;
        check(&feeds[0], &told);
        assert!(feeds.iter().all(|feed| *feed == feeds[0]), "readers saw different feeds");
    });
}

#[test]
fn readers_that_stop_halfway_leave_no_gap() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        let mut writers = JoinSet::new();
        for n in 0..6 {
            writers.spawn(write(store.clone(), format!("s{n}"), 12));
        }
        // Dropped wherever they are, between any two of their requests.
        for n in 0..40 * scale() {
            let reading = store.feed(Position::START, 1_000);
            let _ = tokio::time::timeout(Duration::from_micros(n % 40 * 400), reading).await;
        }
        let told: BTreeSet<_> = writers.join_all().await.into_iter().flatten().collect();
        check(&whole_feed(&store, 50).await, &told);
    });
}

/// More commits than one transaction can move, in one stream and in many.
#[test]
fn a_backlog_is_numbered_in_portions() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        let mut writers = JoinSet::new();
        for n in 0..50 {
            writers.spawn(write(store.clone(), format!("s{n}"), 2));
        }
        writers.spawn(write(store.clone(), "long".to_owned(), 120));
        let told: BTreeSet<_> = writers.join_all().await.into_iter().flatten().collect();
        // One call numbers what it needs, and more; the next ones go on.
        let first = store.feed(Position::START, 5).await.expect("the feed");
        assert_eq!(first.len(), 5);
        let feed = whole_feed(&store, 64).await;
        check(&feed, &told);
        assert_eq!(feed[..5], first);
        let page = store.load(&stream("long"), Version::new(200), 1_000).await.expect("loaded");
        assert_eq!(page.events.first().map(|event| event.version), Some(Version::new(201)));
        assert_eq!(page.events.len(), 40);
    });
}
