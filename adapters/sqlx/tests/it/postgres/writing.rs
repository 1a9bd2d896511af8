//! Many writers on one transaction: each has its own fate.

use logistics_core::eventsourcing::{CommitError, EventStore, Expected, Version, load_all};
use logistics_core::values::Sha256Digest;
use logistics_sqlx::PostgresStore;

use super::fixtures::Schema;
use crate::fixtures::{block_on, commit, commit_by, stream};
use crate::writing;

/// Runs `case` on a new store.
fn on_a_store(case: impl AsyncFnOnce(&PostgresStore)) {
    block_on(async {
        let schema = Schema::new();
        let store = schema.open().await;
        case(&store).await;
        store.close().await;
    });
}

#[test]
fn a_write_that_cannot_be_made_leaves_its_neighbours_alone() {
    on_a_store(writing::a_write_that_cannot_be_made_leaves_its_neighbours_alone);
}

#[test]
fn callers_may_go_away() {
    on_a_store(writing::callers_may_go_away);
}

#[test]
fn closing_drains_the_queue() {
    block_on(async {
        let schema = Schema::new();
        let mut config = schema.config();
        config.batch_max = 4;
        let store = PostgresStore::open(config).await.unwrap();
        let taken = writing::commits_around_closing(store, PostgresStore::close).await;
        let store = schema.open().await;
        assert_eq!(writing::kept(&store).await, taken);
        store.close().await;
    });
}

/// Commits to one stream that come in one batch are answered as if they had come one by one: a
/// chain is taken as a whole, the same command twice is taken once, what is stale is refused.
#[test]
fn a_batch_may_hold_several_commits_of_one_stream() {
    on_a_store(async |store| {
        for round in 0..20_u64 {
            let id = format!("s{round}");
            let chain = |version| store.commit(commit(&id, version));
            let stale = store.commit(commit_by("stale", &id, 0, Sha256Digest::ZERO));
            let mut ahead = commit_by("ahead", &id, 9, Sha256Digest::ZERO);
            ahead.expected = Expected::Exact(Version::new(9));
            let (first, second, again, stale, ahead, third) =
                tokio::join!(chain(0), chain(1), chain(0), stale, store.commit(ahead), chain(2));
            let versions = [first, second, third].map(|taken| taken.unwrap().version.get());
            assert_eq!(versions, [1, 2, 3]);
            assert!(matches!(again, Err(CommitError::Duplicate(record))
                if record == commit(&id, 0).command));
            for refused in [stale, ahead] {
                assert!(matches!(refused, Err(CommitError::Conflict { .. })), "{refused:?}");
            }
            assert_eq!(load_all(store, &stream(&id)).await.unwrap().len(), 3);
        }
    });
}
