//! Clients and servers that are killed in the middle of writing: what was acknowledged is there,
//! once; nothing is half there.

use std::ffi::OsStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use logistics_sqlx::PostgresStore;

use super::cluster::Cluster;
use super::fixtures::{Chance, Schema, child_config, scale};
use crate::children::{Acknowledged, Writing, tell_parent, write_for_ever};
use crate::fixtures::block_on;

/// Where a child finds its schema; the parent sets them.
const CHILD_URL: &str = "LOGISTICS_SQLX_CHILD_URL";
const CHILD_SCHEMA: &str = "LOGISTICS_SQLX_CHILD_SCHEMA";
pub(crate) const CHILD: &str = "postgres::crash::child_writes_until_it_is_killed";

pub(crate) fn child_variables(schema: &Schema) -> [(&'static str, &OsStr); 2] {
    [(CHILD_URL, schema.url.as_ref()), (CHILD_SCHEMA, schema.name.as_ref())]
}

/// The child: writes until it is killed and prints what was acknowledged. Without the variables
/// this is not the child, and there is nothing to do.
#[test]
fn child_writes_until_it_is_killed() {
    let (Ok(url), Ok(schema)) = (std::env::var(CHILD_URL), std::env::var(CHILD_SCHEMA)) else {
        return;
    };
    block_on(async {
        let store = PostgresStore::open(child_config(&url, &schema)).await.unwrap();
        write_for_ever(store, tell_parent).await;
    });
}

#[test]
fn nothing_acknowledged_is_lost_when_clients_are_killed() {
    let schema = Schema::new();
    let mut chance = Chance::new();
    let mut acknowledged = Acknowledged::default();
    let cycles = 6 * scale();
    for _ in 0..cycles {
        let child = Writing::start(CHILD, &child_variables(&schema));
        std::thread::sleep(Duration::from_micros(chance.below(250_000)));
        child.kill().iter().for_each(|line| acknowledged.read(line));
        block_on(async {
            schema.child_is_gone(&mut schema.connect().await).await;
            let store = schema.open().await;
            acknowledged.check(&store).await;
            store.close().await;
        });
    }
    println!("{cycles} clients killed, {} acknowledgements: nothing lost", acknowledged.lines);
    assert!(acknowledged.lines > cycles, "too little was written to prove anything");
}

/// What the writers of this process were told since somebody looked.
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(line: &str) {
    TOLD.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
}

/// Writers go on through stops of the server without having been told of anything that is not there
/// afterwards.
#[test]
fn nothing_acknowledged_is_lost_when_the_server_stops_at_once() {
    let mut chance = Chance::new();
    let mut acknowledged = Acknowledged::default();
    let cycles = 3 * scale();
    let mut cluster = Cluster::start();
    let schema = Schema::at(cluster.url());
    block_on(async {
        let store = schema.open().await;
        let writing = tokio::spawn(write_for_ever(store.clone(), note));
        for _ in 0..cycles {
            tokio::time::sleep(Duration::from_micros(300_000 + chance.below(250_000))).await;
            cluster.stop_at_once();
            cluster.run();
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        writing.abort();
        store.close().await;
        let told = std::mem::take(&mut *TOLD.lock().unwrap_or_else(PoisonError::into_inner));
        told.iter().for_each(|line| acknowledged.read(line));
        let store = schema.open().await;
        acknowledged.check(&store).await;
        store.close().await;
    });
    println!("{cycles} servers stopped, {} acknowledgements: nothing lost", acknowledged.lines);
    assert!(acknowledged.lines > 20 * cycles, "too little was written to prove anything");
}
