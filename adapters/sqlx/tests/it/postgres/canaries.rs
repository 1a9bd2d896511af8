//! Canaries: no file of the server ever holds personal data in clear; the key of a subject that was
//! erased is in none but the log that is written ahead.

use std::collections::BTreeSet;

use sqlx::Executor as _;

use super::cluster::Cluster;
use super::fixtures::Schema;
use crate::canaries::{
    assert_sealed, check_erased, erase_one, erased_key_in, order_all, other_keys_in,
};
use crate::fixtures::block_on;

fn outside_the_log(files: BTreeSet<String>) -> BTreeSet<String> {
    files.into_iter().filter(|file| !file.starts_with("pg_wal/")).collect()
}

#[test]
fn no_file_holds_personal_data_and_none_but_the_log_an_erased_key() {
    let cluster = Cluster::start();
    let schema = Schema::at(cluster.url());
    let path = cluster.data();
    block_on(async {
        let store = schema.open().await;
        let mut db = schema.connect().await;
        let anchor = order_all(&store).await;
        db.execute("CHECKPOINT").await.unwrap();
        assert_sealed(&path, "after the orders");
        let there = outside_the_log(erased_key_in(&path));
        assert!(!there.is_empty(), "the key is there before it is destroyed");

        erase_one(&store).await;
        db.execute("CHECKPOINT").await.unwrap();
        assert_sealed(&path, "after the erasure");
        assert_eq!(outside_the_log(erased_key_in(&path)), BTreeSet::new());
        assert!(!outside_the_log(other_keys_in(&path)).is_empty(), "the others have their keys");
        check_erased(&store, anchor).await;
        store.close().await;
    });
}
