//! Many writers on one transaction: each has its own fate.

use std::sync::Arc;

use logistics_core::eventsourcing::{CommitError, EventStore, Outbox, Position, StoreErrorKind};
use logistics_core::telemetry::{Appended, FixStore};
use logistics_sqlx::{SqliteConfig, SqliteStore};
use tokio::task::JoinSet;

use crate::fixtures::{block_on, commit, fix, message, whole_feed};

async fn open(dir: &tempfile::TempDir) -> SqliteStore {
    SqliteStore::open(SqliteConfig::new(dir.path().join("store.db"))).await.unwrap()
}

/// Of 100 writers at once every tenth sends what the database refuses.
#[test]
fn a_write_that_cannot_be_made_leaves_its_neighbours_alone() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(&dir).await;
        let mut first = commit("first", 0);
        first.outbox.push(message("waits"));
        store.commit(first).await.unwrap();
        let mut writers = JoinSet::new();
        for n in 0..100 {
            let store = store.clone();
            writers.spawn(async move {
                let mut made = commit(&n.to_string(), 0);
                let poison = n % 10 == 0;
                if poison {
                    made.outbox = vec![message(&n.to_string()), message("waits")];
                }
                let broken = fix(&format!("DP-{n}"), if poison { i64::from(i32::MAX) } else { n });
                let (committed, appended) =
                    tokio::join!(store.commit(made), store.append(std::slice::from_ref(&broken)));
                assert_eq!(appended.unwrap(), [Appended::Stored]);
                match committed {
                    Ok(_) => assert!(!poison, "{n} was taken"),
                    Err(CommitError::Store(error)) => {
                        assert!(poison, "{n}: {error:?}");
                        assert_eq!(error.kind, StoreErrorKind::Invalid);
                    }
                    Err(other) => panic!("{n}: {other:?}"),
                }
            });
        }
        while let Some(writer) = writers.join_next().await {
            writer.unwrap();
        }
        let feed = whole_feed(&store).await;
        let positions: Vec<Position> = feed.iter().map(|event| event.position).collect();
        assert_eq!(positions, (1..=91).map(Position::new).collect::<Vec<_>>());
        assert_eq!(store.pending(100).await.unwrap().len(), 1);
        assert_eq!(FixStore::latest(&store).await.unwrap().len(), 100);
        store.close().await;
    });
}

/// A caller that goes away in the middle changes nothing for the others.
#[test]
fn callers_may_go_away() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store = open(&dir).await;
        for round in 0..20_u64 {
            let gone = tokio::spawn({
                let store = store.clone();
                async move { store.commit(commit(&format!("gone-{round}"), 0)).await.map(drop) }
            });
            let stays = store.commit(commit("stays", round));
            tokio::task::yield_now().await;
            gone.abort();
            stays.await.unwrap();
        }
        let feed = whole_feed(&store).await;
        assert!(feed.iter().map(|event| event.position.get()).eq(1..=feed.len() as u64));
        let stayed = feed.iter().filter(|event| event.stream.id() == "stays");
        assert!(stayed.map(|event| event.version.get()).eq(1..=20));
        store.close().await;
    });
}

/// What was sent before closing is written before the file is closed.
#[test]
fn closing_drains_the_queue() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let mut config = SqliteConfig::new(dir.path().join("store.db"));
        config.batch_max = 4;
        let store = SqliteStore::open(config.clone()).await.unwrap();
        let (told, mut waiting) = tokio::sync::mpsc::unbounded_channel();
        let started = Arc::new(tokio::sync::Semaphore::new(0));
        for n in 0..200 {
            let (store, told, started) = (store.clone(), told.clone(), Arc::clone(&started));
            tokio::spawn(async move {
                started.add_permits(1);
                let taken = store.commit(commit(&n.to_string(), 0)).await.is_ok();
                told.send((n.to_string(), taken)).unwrap();
            });
        }
        drop(told);
        started.acquire_many(200).await.unwrap().forget();
        store.close().await;
        let mut answers = Vec::new();
        while let Some((stream, taken)) = waiting.recv().await {
            answers.extend(taken.then_some(stream));
        }
        let store = SqliteStore::open(config).await.unwrap();
        let mut kept: Vec<String> =
            whole_feed(&store).await.iter().map(|event| event.stream.id().to_owned()).collect();
        kept.sort();
        answers.sort();
        assert!(!answers.is_empty(), "nothing got in before the store was closed");
        assert_eq!(kept, answers);
        store.close().await;
    });
}
