//! Killed in the middle of writing: what was acknowledged is there, once; nothing is half there.

use std::time::Duration;

use logistics_sqlx::{SqliteConfig, SqliteStore};

use crate::children::{Acknowledged, Writing, tell_parent, write_for_ever};
use crate::fixtures::block_on;

const CYCLES: u64 = 12;
/// Where a child finds the database; the parent sets it.
const DATABASE: &str = "LOGISTICS_SQLX_CRASH_DATABASE";

/// The child: writes until it is killed and prints what was acknowledged. Without the variable
/// this is not the child, and there is nothing to do.
#[test]
fn child_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(DATABASE) else { return };
    block_on(async {
        let store = SqliteStore::open(SqliteConfig::new(path)).await.unwrap();
        write_for_ever(store, tell_parent).await;
    });
}

#[test]
fn nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("store.db");
    let mut acknowledged = Acknowledged::default();
    for cycle in 0..CYCLES {
        let child = Writing::start(
            "crash::child_writes_until_it_is_killed",
            &[(DATABASE, database.as_os_str())],
        );
        // Spread over the phases of a batch and of a checkpoint.
        std::thread::sleep(Duration::from_micros(cycle * 37_003 % 250_000));
        child.kill().iter().for_each(|line| acknowledged.read(line));
        block_on(async {
            let store = SqliteStore::open(SqliteConfig::new(&database)).await.unwrap();
            acknowledged.check(&store).await;
            store.close().await;
        });
    }
    assert!(acknowledged.lines > CYCLES, "too little was written to prove anything");
}
