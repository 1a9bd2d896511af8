//! One read model in the place of another: readers see all of the old or all of the new.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use logistics_core::eventsourcing::{Cursor, IndexQuery, ModelRow, ReadModels};
use logistics_sqlx::{SqliteConfig, SqliteStore};
use rusqlite::Connection;

use crate::fixtures::{block_on, cursor, row};

/// More than are cleared in one transaction.
const ROWS: u64 = 2_500;

/// Rows of an edition of the model.
fn rows(edition: u64) -> Vec<ModelRow> {
    let body = edition.to_string().into_bytes();
    (0..ROWS).map(|n| ModelRow { body: body.clone(), ..row(&format!("{n:05}")) }).collect()
}

fn listing(limit: u32) -> IndexQuery {
    let (index, partition) = ("i".to_owned(), "p".to_owned());
    IndexQuery { index, partition, limit, ..IndexQuery::default() }
}

/// Reads until told to stop, and fails when it sees parts of two editions, or none.
async fn read_for_ever(store: SqliteStore, stop: Arc<AtomicBool>) -> u64 {
    let keys = ["00000".to_owned(), format!("{:05}", ROWS - 1)];
    let mut reads = 0;
    while !stop.load(Ordering::Relaxed) {
        let read = store.rows("m", &keys).await.unwrap();
        assert_eq!(read.len(), 2, "a row is missing");
        assert_eq!(read[0].body, read[1].body, "rows of two editions");
        let listed = store.list("m", &listing(u32::MAX)).await.unwrap();
        assert_eq!(listed.len() as u64, ROWS, "entries are missing");
        assert!(listed.iter().all(|row| row.body == listed[0].body), "entries of two editions");
        assert_eq!(store.count("m", "i").await.unwrap()["p"], ROWS);
        reads += 1;
    }
    reads
}

/// How many rows of each table are left that belong to no model, or to one without a name.
fn left_over(db: &Connection) -> (i64, i64, i64) {
    db.query_row(
        "SELECT (SELECT count(*) FROM models WHERE name IS NULL),
                (SELECT count(*) FROM model_rows
                 WHERE model NOT IN (SELECT id FROM models WHERE name IS NOT NULL)),
                (SELECT count(*) FROM model_index
                 WHERE model NOT IN (SELECT id FROM models WHERE name IS NOT NULL))",
        (),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
    .unwrap()
}

/// Waits until nothing is left over.
async fn wait_until_clear(config: &SqliteConfig) {
    let db = Connection::open(&config.path).unwrap();
    for _ in 0..1_000 {
        if left_over(&db) == (0, 0, 0) {
            db.close().unwrap();
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{:?} are left over", left_over(&db));
}

#[test]
fn readers_see_all_of_the_old_or_all_of_the_new() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let config = SqliteConfig::new(dir.path().join("store.db"));
        let store = SqliteStore::open(config.clone()).await.unwrap();
        assert!(store.advance("m", Cursor::START, cursor(1), rows(1)).await.unwrap());
        let stop = Arc::new(AtomicBool::new(false));
        let reading = tokio::spawn(read_for_ever(store.clone(), Arc::clone(&stop)));
        for edition in 2..6 {
            assert!(!store.replace("m", "m~new").await.unwrap(), "there is none yet");
            let made = store.advance("m~new", Cursor::START, cursor(edition), rows(edition));
            assert!(made.await.unwrap());
            assert!(store.replace("m", "m~new").await.unwrap());
            assert_eq!(store.checkpoint("m").await.unwrap(), cursor(edition));
            assert_eq!(store.checkpoint("m~new").await.unwrap(), Cursor::START);
        }
        stop.store(true, Ordering::Relaxed);
        assert!(reading.await.unwrap() > 0, "nothing was read meanwhile");
        wait_until_clear(&config).await;
        store.close().await;
    });
}

#[test]
fn what_a_closed_store_left_is_cleared_after_it_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let config = SqliteConfig::new(dir.path().join("store.db"));
        let store = SqliteStore::open(config.clone()).await.unwrap();
        assert!(store.advance("m", Cursor::START, cursor(1), rows(1)).await.unwrap());
        store.close().await;
        // As a store leaves it that is killed between removing and clearing.
        let db = Connection::open(&config.path).unwrap();
        db.execute("UPDATE models SET name = NULL", ()).unwrap();
        db.close().unwrap();

        let store = SqliteStore::open(config.clone()).await.unwrap();
        assert_eq!(store.checkpoint("m").await.unwrap(), Cursor::START);
        assert!(store.advance("m", Cursor::START, cursor(2), vec![row("a")]).await.unwrap());
        wait_until_clear(&config).await;
        assert_eq!(store.list("m", &listing(9)).await.unwrap().len(), 1);
        store.remove("m").await.unwrap();
        assert_eq!(store.list("m", &listing(9)).await.unwrap(), []);
        wait_until_clear(&config).await;
        store.close().await;
    });
}
