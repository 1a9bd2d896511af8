//! Reads whose callers go away.

use logistics_core::eventsourcing::{EventStore, Version, load_all};
use logistics_sqlx::{SqliteConfig, SqliteStore};

use crate::fixtures::{block_on, commit, stream};

/// They take nothing with them: the only reading connection serves the next one, and the store can
/// be closed.
#[test]
fn readers_may_go_away() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let mut config = SqliteConfig::new(dir.path().join("store.db"));
        config.readers = 1;
        let store = SqliteStore::open(config).await.unwrap();
        store.commit(commit("one", 0)).await.unwrap();
        for _ in 0..200 {
            let gone = tokio::spawn({
                let store = store.clone();
                async move { store.load(&stream("one"), Version::NONE, 1).await.map(drop) }
            });
            tokio::task::yield_now().await;
            gone.abort();
        }
        assert_eq!(load_all(&store, &stream("one")).await.unwrap().len(), 1);
        store.close().await;
    });
}
