//! Many writers on one transaction: each has its own fate.

use std::sync::Arc;

use logistics_core::eventsourcing::{CommitError, Position, StoreErrorKind};
use logistics_core::telemetry::Appended;
use tokio::task::JoinSet;

use crate::fixtures::{Store, commit, fix, message, whole_feed};

/// Of 100 writers at once every tenth sends what the database refuses.
pub(crate) async fn a_write_that_cannot_be_made_leaves_its_neighbours_alone(store: &impl Store) {
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
            let good = fix(&format!("DP-{n}"), n);
            let (committed, appended) =
                tokio::join!(store.commit(made), store.append(std::slice::from_ref(&good)));
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
    let feed = whole_feed(store).await;
    let positions: Vec<Position> = feed.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=91).map(Position::new).collect::<Vec<_>>());
    assert_eq!(store.pending(100).await.unwrap().len(), 1);
    assert_eq!(store.latest().await.unwrap().len(), 100);
}

/// A caller that goes away in the middle changes nothing for the others.
pub(crate) async fn callers_may_go_away(store: &impl Store) {
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
    let feed = whole_feed(store).await;
    assert!(feed.iter().map(|event| event.position.get()).eq(1..=feed.len() as u64));
    let stayed = feed.iter().filter(|event| event.stream.id() == "stays");
    assert!(stayed.map(|event| event.version.get()).eq(1..=20));
}

/// Sends many commits at once, closes the store in the middle by `close`, and gives the streams of
/// the commits that were taken: what was sent before closing is written.
pub(crate) async fn commits_around_closing<S: Store>(
    store: S,
    close: impl AsyncFnOnce(S),
) -> Vec<String> {
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
    close(store).await;
    let mut taken = Vec::new();
    while let Some((stream, was_taken)) = waiting.recv().await {
        taken.extend(was_taken.then_some(stream));
    }
    assert!(!taken.is_empty(), "nothing got in before the store was closed");
    taken.sort();
    taken
}

/// The streams of the feed.
pub(crate) async fn kept(store: &impl Store) -> Vec<String> {
    let feed = whole_feed(store).await;
    let mut kept: Vec<String> = feed.iter().map(|event| event.stream.id().to_owned()).collect();
    kept.sort();
    kept
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use logistics_sqlx::{SqliteConfig, SqliteStore};

    use crate::fixtures::block_on;

    /// Runs `case` on a new store.
    fn on_a_store(case: impl AsyncFnOnce(&SqliteStore)) {
        let dir = tempfile::tempdir().unwrap();
        block_on(async {
            let config = SqliteConfig::new(dir.path().join("store.db"));
            let store = SqliteStore::open(config).await.unwrap();
            case(&store).await;
            store.close().await;
        });
    }

    #[test]
    fn a_write_that_cannot_be_made_leaves_its_neighbours_alone() {
        on_a_store(super::a_write_that_cannot_be_made_leaves_its_neighbours_alone);
    }

    #[test]
    fn callers_may_go_away() {
        on_a_store(super::callers_may_go_away);
    }

    /// What was sent before closing is written before the file is closed.
    #[test]
    fn closing_drains_the_queue() {
        let dir = tempfile::tempdir().unwrap();
        block_on(async {
            let mut config = SqliteConfig::new(dir.path().join("store.db"));
            config.batch_max = 4;
            let store = SqliteStore::open(config.clone()).await.unwrap();
            let taken = super::commits_around_closing(store, SqliteStore::close).await;
            let store = SqliteStore::open(config).await.unwrap();
            assert_eq!(super::kept(&store).await, taken);
            store.close().await;
        });
    }
}
