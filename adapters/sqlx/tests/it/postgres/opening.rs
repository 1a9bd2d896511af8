//! Opening what is there: kept, shared, newer, out of reach.

use logistics_core::eventsourcing::{
    CommitError, EventStore, Outbox, Position, ReadModels, Retry, StoreErrorKind, Version,
};
use logistics_core::telemetry::FixStore;
use logistics_sqlx::{PostgresConfig, PostgresOpenError, PostgresStore};
use tokio::task::JoinSet;

use super::fixtures::{Schema, url};
use crate::fixtures::{block_on, commit, cursor, fix, message, row, stream, whole_feed};

#[test]
fn what_was_written_is_there_after_reopening() {
    block_on(async {
        let schema = Schema::new();
        let store = schema.open().await;
        let mut first = commit("kept", 0);
        first.outbox.push(message("e"));
        store.commit(first).await.unwrap();
        FixStore::append(&store, &[fix("DP-1", 0)]).await.unwrap();
        let (from, to) = (logistics_core::eventsourcing::Cursor::START, cursor(1));
        assert!(store.advance("m", from, to, vec![row("k")]).await.unwrap());
        store.close().await;

        let store = schema.open().await;
        assert_eq!(whole_feed(&store).await.len(), 1);
        assert_eq!(store.pending(9).await.unwrap(), [message("e")]);
        assert_eq!(FixStore::latest(&store).await.unwrap(), [fix("DP-1", 0)]);
        assert_eq!(store.checkpoint("m").await.unwrap(), cursor(1));
        assert_eq!(store.rows("m", &["k".to_owned()]).await.unwrap(), [row("k")]);
        let next = store.commit(commit("kept", 1)).await.unwrap();
        assert_eq!(next.events[0].position, Position::new(2), "positions go on");
        assert!(matches!(store.commit(commit("kept", 0)).await, Err(CommitError::Duplicate(_))));
        store.close().await;
    });
}

/// Programs that start at once on an empty database make its tables once.
#[test]
fn many_may_open_at_once() {
    block_on(async {
        let schema = Schema::new();
        let mut opening = JoinSet::new();
        for n in 0..8 {
            let config = schema.config();
            opening.spawn(async move {
                let store = PostgresStore::open(config).await.unwrap();
                store.commit(commit(&n.to_string(), 0)).await.unwrap();
                store.close().await;
            });
        }
        while let Some(opened) = opening.join_next().await {
            opened.unwrap();
        }
        let store = schema.open().await;
        assert_eq!(whole_feed(&store).await.len(), 8);
        store.close().await;
    });
}

#[test]
fn schemas_do_not_share_anything() {
    block_on(async {
        let schemas = [Schema::new(), Schema::new()];
        for schema in &schemas {
            let store = schema.open().await;
            let taken = store.commit(commit("same", 0)).await.unwrap();
            assert_eq!(taken.events[0].position, Position::new(1));
            store.close().await;
        }
    });
}

#[test]
fn a_closed_store_says_so() {
    block_on(async {
        let schema = Schema::new();
        let store = schema.open().await;
        let clone = store.clone();
        store.close().await;
        let refused = clone.commit(commit("one", 0)).await;
        assert!(
            matches!(&refused, Err(CommitError::Store(error))
                if error.kind == StoreErrorKind::Unavailable && error.retry == Retry::Later),
            "{refused:?}"
        );
        let unread = clone.load(&stream("one"), Version::NONE, 1).await;
        assert_eq!(unread.map_err(|error| error.kind), Err(StoreErrorKind::Unavailable));
        clone.close().await;
    });
}

#[test]
fn a_newer_schema_is_refused() {
    block_on(async {
        let schema = Schema::new();
        schema.open().await.close().await;
        let mut db = schema.connect().await;
        sqlx::query("INSERT INTO _sqlx_migrations VALUES (9999, 'later', now(), TRUE, '', 1)")
            .execute(&mut db)
            .await
            .unwrap();
        let refused = PostgresStore::open(schema.config()).await.map(drop).unwrap_err();
        assert!(
            matches!(&refused, PostgresOpenError::NewerSchema { schema: found, found: 9999, .. }
                if *found == schema.name),
            "{refused:?}"
        );
    });
}

async fn open_error(config: PostgresConfig) -> PostgresOpenError {
    PostgresStore::open(config).await.map(drop).unwrap_err()
}

#[test]
fn what_cannot_be_opened_is_named() {
    block_on(async {
        let refused = open_error(PostgresConfig::new("postgres://host:port/db")).await;
        assert!(matches!(refused, PostgresOpenError::Url(_)), "{refused:?}");
        // Nobody listens on port 1.
        let refused = open_error(PostgresConfig::new("postgres://user@127.0.0.1:1/db")).await;
        assert!(matches!(refused, PostgresOpenError::Connect(_)), "{refused:?}");
        let mut config = PostgresConfig::new(url());
        config.schema = "no; DROP".to_owned();
        let refused = open_error(config).await;
        assert!(matches!(refused, PostgresOpenError::SchemaName { .. }), "{refused:?}");
    });
}

#[test]
fn a_password_is_not_shown() {
    let config = PostgresConfig::new("postgres://user:secret@host/db");
    assert!(!format!("{config:?}").contains("secret"));
}
