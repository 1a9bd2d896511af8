//! Cases of [`ReadModels`](crate::eventsourcing::ReadModels): rows, entries and checkpoints.

use std::collections::BTreeMap;

use super::Stores;
use super::fixtures::query;
use super::models::{advance, cursor, list, listed, row, rows};
use crate::eventsourcing::{Cursor, IndexEntry, IndexQuery, ListedRow, ModelRow, Version};
use crate::values::Sha256Digest;

fn keys(rows: &[ListedRow]) -> Vec<&str> {
    rows.iter().map(|row| row.key.as_str()).collect()
}

/// Rows and checkpoint move together, and only from where the checkpoint stands.
pub async fn a_checkpoint_moves_only_from_where_it_stands(stores: &Stores) {
    let stands = async || stores.models.checkpoint("m").await.expect("answered").position.get();
    assert_eq!(stands().await, 0);
    assert!(!advance(stores, "m", 3, 5, vec![row("a", "early", &[])]).await);
    assert_eq!((stands().await, rows(stores, "m", &["a"]).await), (0, vec![]));
    assert!(advance(stores, "m", 0, 5, vec![row("a", "first", &[])]).await);
    assert!(!advance(stores, "m", 0, 9, vec![row("a", "late", &[])]).await);
    assert_eq!(
        (stands().await, rows(stores, "m", &["a"]).await),
        (5, vec![row("a", "first", &[])])
    );
    assert!(advance(stores, "m", 5, 6, vec![]).await);
    assert_eq!(stands().await, 6);
}

/// A row written again is found as it is now and no longer as it was.
pub async fn a_row_and_its_index_entries_are_replaced(stores: &Stores) {
    let old = row("a", "old", &[("client", "C-1", "1"), ("zone", "Z-1", "1")]);
    let other = row("b", "other", &[("client", "C-1", "2")]);
    let mut new = row("a", "new", &[("client", "C-2", "1"), ("zone", "Z-1", "7")]);
    new.version = Version::new(2);
    assert!(advance(stores, "m", 0, 1, vec![old, other.clone()]).await);
    assert!(advance(stores, "m", 1, 2, vec![new.clone()]).await);
    assert_eq!(rows(stores, "m", &["a", "unknown", "b"]).await, [new, other]);
    assert_eq!(keys(&list(stores, "m", &query("client", "C-1", false, 9)).await), ["b"]);
    assert_eq!(keys(&list(stores, "m", &query("client", "C-2", false, 9)).await), ["a"]);
    let zone = list(stores, "m", &query("zone", "Z-1", false, 9)).await;
    let now = ListedRow { sort: "7".to_owned(), key: "a".to_owned(), body: b"new".to_vec() };
    assert_eq!(zone, [now]);
}

/// A partition is listed in order of sort and key, either way round, page after page.
pub async fn a_partition_is_listed_in_pages(stores: &Stores) {
    let places =
        [("e", "1"), ("b", "2"), ("d", "2"), ("a", "2"), ("c", "3"), ("f", "10"), ("g", "")];
    let listed = places.map(|(key, sort)| row(key, key, &[("i", "p", sort), ("i2", "p", sort)]));
    let others = ["", "P", "p ", "pp"].map(|p| row(&format!("x{p}"), "", &[("i", p, "2")]));
    assert!(advance(stores, "m", 0, 1, [listed.to_vec(), others.to_vec()].concat()).await);
    let ascending = ["g", "e", "f", "a", "b", "d", "c"];
    for descending in [false, true] {
        let mut expected = ascending.to_vec();
        if descending {
            expected.reverse();
        }
        for limit in [1, 2, 3, 100] {
            let mut query = query("i", "p", descending, limit);
            let mut found: Vec<ListedRow> = Vec::new();
            loop {
                let page = list(stores, "m", &query).await;
                let Some(last) = page.last() else { break };
                query.after = Some((last.sort.clone(), last.key.clone()));
                found.extend(page);
            }
            assert_eq!(keys(&found), expected, "descending {descending}, {limit} a page");
        }
    }
    for (index, partition) in [("i", "q"), ("j", "p")] {
        assert_eq!(list(stores, "m", &query(index, partition, false, 9)).await, []);
    }
}

/// Rows are counted by partition, one that stands in it twice once.
pub async fn rows_are_counted_by_partition(stores: &Stores) {
    let rows = vec![
        row("a", "", &[("status", "open", "1"), ("status", "open", "2")]),
        row("b", "", &[("status", "open", "1")]),
        row("c", "", &[("status", "done", "1"), ("zone", "Z-1", "1")]),
    ];
    assert!(advance(stores, "m", 0, 1, rows).await);
    let count = async |index: &str| stores.models.count("m", index).await.expect("answered");
    let expected = [("done".to_owned(), 1), ("open".to_owned(), 2)];
    assert_eq!(count("status").await, BTreeMap::from(expected));
    assert_eq!(count("unknown").await, BTreeMap::new());
}

/// A model, and a revision of it, has rows, indexes and a checkpoint of its own.
pub async fn models_do_not_share_rows(stores: &Stores) {
    assert!(advance(stores, "m@1", 0, 4, vec![row("a", "one", &[("i", "p", "1")])]).await);
    assert!(advance(stores, "m@2", 0, 2, vec![row("a", "two", &[("i", "p", "2")])]).await);
    for (model, body, stands) in [("m@1", "one", 4), ("m@2", "two", 2)] {
        let checkpoint = stores.models.checkpoint(model).await.expect("answered");
        assert_eq!(checkpoint, cursor(stands));
        let listed = list(stores, model, &query("i", "p", false, 9)).await;
        assert!(listed.iter().map(|row| &row.body[..]).eq([body.as_bytes()]), "{listed:?}");
        let counted = stores.models.count(model, "i").await.expect("answered");
        assert_eq!(counted.get("p"), Some(&1));
    }
}

/// `below` bounds what is listed, either way round and with `after`.
pub async fn below_bounds_what_is_listed(stores: &Stores) {
    let places = [("a", "1"), ("b", "2"), ("c", "2"), ("d", "3")];
    let rows = places.map(|(key, sort)| row(key, "", &[("i", "p", sort)]));
    assert!(advance(stores, "m", 0, 1, rows.to_vec()).await);
    let bounded = |descending, below: &str, after: Option<(&str, &str)>| IndexQuery {
        below: Some(below.to_owned()),
        after: after.map(|(sort, key)| (sort.to_owned(), key.to_owned())),
        ..query("i", "p", descending, 9)
    };
    let cases: [(IndexQuery, &[&str]); 6] = [
        (bounded(false, "3", None), &["a", "b", "c"]),
        (bounded(true, "3", None), &["c", "b", "a"]),
        (bounded(true, "30", None), &["d", "c", "b", "a"]),
        (bounded(false, "1", None), &[]),
        (bounded(false, "3", Some(("2", "b"))), &["c"]),
        (bounded(true, "3", Some(("2", "c"))), &["b", "a"]),
    ];
    for (query, expected) in cases {
        assert_eq!(keys(&list(stores, "m", &query).await), expected, "{query:?}");
    }
}

/// A checkpoint is a position and a hash: both come back, and both must be right to move it.
pub async fn a_checkpoint_is_kept_with_its_hash(stores: &Stores) {
    assert_eq!(stores.models.checkpoint("m").await.expect("answered"), Cursor::START);
    assert!(advance(stores, "m", 0, 5, vec![row("a", "first", &[])]).await);
    assert_eq!(stores.models.checkpoint("m").await.expect("answered"), cursor(5));
    let foreign = Cursor { hash: Sha256Digest::of("foreign"), ..cursor(5) };
    let refused = vec![row("a", "foreign", &[])];
    let moved = stores.models.advance("m", foreign, cursor(6), refused).await.expect("answered");
    assert!(!moved, "moved from a cursor with another hash");
    assert_eq!(rows(stores, "m", &["a"]).await, [row("a", "first", &[])]);
    // To where it stands already, with rows: as what was parked is written.
    assert!(advance(stores, "m", 5, 5, vec![row("a", "again", &[])]).await);
    assert_eq!(stores.models.checkpoint("m").await.expect("answered"), cursor(5));
    assert_eq!(rows(stores, "m", &["a"]).await, [row("a", "again", &[])]);
}

/// Keys, bodies and partitions are kept as they are, whatever they hold and however long they are.
pub async fn rows_come_back_byte_for_byte(stores: &Stores) {
    let long = "k".repeat(128);
    let keys = ["a", "A", "a ", "á", "a\u{301}", "a%", "'", &long];
    let mut written: Vec<ModelRow> = keys.iter().map(|key| row(key, key, &[])).collect();
    written[0].body = vec![b'x'; 200 * 1024];
    written[1].body = "\u{10ffff} \\ \" ' 行".into();
    written[2].body = Vec::new();
    written[3].version = Version::new(1 << 40);
    written[4].indexes = vec![IndexEntry::new("i", "ünï", "")];
    assert!(advance(stores, "m", 0, 1, written.clone()).await);
    written.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(rows(stores, "m", &keys).await, written);
    assert_eq!(listed(stores, "m", "i", "ünï").await, ["a\u{301}"]);
}

/// As many rows in one step as a page of the feed can touch, more than a database may take in one
/// statement.
pub async fn many_rows_are_written_at_once(stores: &Stores) {
    let key = |n: u32| format!("{n:05}");
    let many = |body: &'static str| {
        let one = move |n| row(&key(n), body, &[("i", "p", &key(n)), ("j", &key(n % 7), "")]);
        (0..999).map(one)
    };
    assert!(advance(stores, "m", 0, 1, many("first").collect()).await);
    assert!(advance(stores, "m", 1, 2, many("second").collect()).await);
    let keys: Vec<String> = (0..999).map(key).collect();
    let mut found = stores.models.rows("m", &keys).await.expect("answered");
    found.sort_by(|a, b| a.key.cmp(&b.key));
    assert!(found.iter().map(|row| &row.key).eq(&keys), "{} rows", found.len());
    assert!(found.iter().all(|row| row.body == b"second"));
    let counted = stores.models.count("m", "j").await.expect("answered");
    assert_eq!(counted.values().sum::<u64>(), 999);
}
