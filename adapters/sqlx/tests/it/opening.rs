//! Opening what is there: kept, in use, newer, damaged.

use std::fs;
use std::path::Path;

use logistics_core::documents::{Documents, NewDocument};
use logistics_core::eventsourcing::{
    CommitError, Cursor, EventStore, Outbox, Position, ReadModels, Retry, StoreErrorKind, Timer,
    TimerOp, Timers, Version,
};
use logistics_core::telemetry::{DeadLetter, DeadLetters, FixStore, Form};
use logistics_sqlx::{OpenError, SqliteConfig, SqliteStore};

use crate::fixtures::{at, commit, cursor, fix, message, row, stream, whole_feed};

async fn fill(store: &SqliteStore) {
    let mut first = commit("kept", 0);
    first.outbox.push(message("e"));
    first.timers.push(TimerOp::Arm(Timer {
        owner: "o".to_owned(),
        name: "n".to_owned(),
        generation: 1,
        fire_at: at(0),
    }));
    store.commit(first).await.unwrap();
    FixStore::append(store, &[fix("DP-1", 0)]).await.unwrap();
    assert!(store.advance("m", Cursor::START, cursor(1), vec![row("k")]).await.unwrap());
    let letter = DeadLetter {
        id: 0,
        received_at: at(0),
        source: "s".to_owned(),
        partner: None,
        form: Form::Canonical,
        code: "c".to_owned(),
        detail: "d".to_owned(),
        payload: vec![],
    };
    store.bury(&[letter]).await.unwrap();
    let document = NewDocument {
        name: "pune".to_owned(),
        content: vec![2],
        options: String::new(),
        put_at: at(0),
        if_latest: None,
    };
    store.put("zones", document).await.unwrap();
}

async fn check_filled(store: &SqliteStore) {
    assert_eq!(whole_feed(store).await.len(), 1);
    assert_eq!(store.pending(9).await.unwrap(), [message("e")]);
    assert_eq!(store.due(at(0), 9).await.unwrap().len(), 1);
    assert_eq!(FixStore::latest(store).await.unwrap(), [fix("DP-1", 0)]);
    assert_eq!(store.checkpoint("m").await.unwrap(), cursor(1));
    assert_eq!(store.rows("m", &["k".to_owned()]).await.unwrap().len(), 1);
    assert_eq!(DeadLetters::list(store, 0, 9).await.unwrap().len(), 1);
    assert_eq!(Documents::latest(store, "zones").await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let config = SqliteConfig::new(dir.path().join("store.db"));
    let store = SqliteStore::open(config.clone()).await.unwrap();
    fill(&store).await;
    store.close().await;
    let store = SqliteStore::open(config).await.unwrap();
    check_filled(&store).await;
    let next = store.commit(commit("kept", 1)).await.unwrap();
    assert_eq!(next.events[0].position, Position::new(2), "positions go on");
    assert!(matches!(store.commit(commit("kept", 0)).await, Err(CommitError::Duplicate(_))));
    store.close().await;
}

#[tokio::test]
async fn a_second_writer_is_refused_until_the_first_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let config = SqliteConfig::new(dir.path().join("store.db"));
    let first = SqliteStore::open(config.clone()).await.unwrap();
    let refused = SqliteStore::open(config.clone()).await.map(drop);
    assert!(
        matches!(&refused, Err(OpenError::InUse { path }) if *path == config.path),
        "{refused:?}"
    );
    first.commit(commit("one", 0)).await.unwrap();
    first.close().await;
    let second = SqliteStore::open(config).await.unwrap();
    assert_eq!(whole_feed(&second).await.len(), 1);
    second.close().await;
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(SqliteConfig::new(dir.path().join("store.db"))).await.unwrap();
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
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = SqliteConfig::new(dir.path().join("store.db"));
    SqliteStore::open(config.clone()).await.unwrap().close().await;
    let newer = rusqlite::Connection::open(&config.path).unwrap();
    newer.pragma_update(None, "user_version", 9_999).unwrap();
    newer.close().unwrap();
    let refused = SqliteStore::open(config.clone()).await.map(drop).unwrap_err();
    assert!(
        matches!(refused, OpenError::NewerSchema { found: 9999, known: 1.., .. }),
        "{refused:?}"
    );
    let text = refused.to_string();
    assert!(text.contains("store.db") && text.contains("9999"), "{text}");
}

async fn open_error(path: &Path) -> OpenError {
    SqliteStore::open(SqliteConfig::new(path)).await.map(drop).unwrap_err()
}

#[tokio::test]
async fn what_is_not_a_database_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    let notes = "these are not the bytes of a database ".repeat(500);
    fs::write(&path, &notes).unwrap();
    let refused = open_error(&path).await;
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), notes);
}

#[tokio::test]
async fn a_truncated_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    let store = SqliteStore::open(SqliteConfig::new(&path)).await.unwrap();
    fill(&store).await;
    store.close().await;
    let bytes = fs::read(&path).unwrap();
    for part in [bytes.len() / 2, 5_000, 100] {
        fs::write(&path, &bytes[..part]).unwrap();
        let refused = open_error(&path).await;
        assert!(matches!(refused, OpenError::Damaged { .. }), "{part} bytes: {refused:?}");
    }
}

#[tokio::test]
async fn a_path_that_cannot_be_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let refused = open_error(&dir.path().join("missing").join("store.db")).await;
    assert!(matches!(refused, OpenError::Lock { .. }), "{refused:?}");
    assert!(refused.to_string().contains("missing"), "{refused}");
    let refused = open_error(dir.path()).await;
    assert!(matches!(refused, OpenError::Open { .. }), "{refused:?}");
}
