//! Cases of [`StreamIndex`](crate::eventsourcing::StreamIndex).

use super::Stores;
use super::fixtures::{Tally, at, commit, count, entry, find, query, stream, take};
use crate::eventsourcing::{
    CommitError, Decider as _, FoundStream, IndexEntry, IndexQuery, execute,
};

/// Commits on the stream called `id`, which stands at `version`, with these entries.
async fn put(stores: &Stores, id: &str, version: u64, entries: Option<&[(&str, &str, &str)]>) {
    let mut made = commit(&stream(id), &format!("c{version}"), version, 1);
    let entries = entries.map(|all| all.iter().map(|(i, p, s)| entry(i, p, s)).collect());
    made.index = entries;
    take(stores, made).await;
}

async fn found(stores: &Stores, index: &str, partition: &str) -> Vec<(String, String)> {
    let found = find(stores, index, partition).await;
    found.into_iter().map(|at| (at.sort, at.stream.id().to_owned())).collect()
}

fn places(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(sort, id)| ((*sort).to_owned(), (*id).to_owned())).collect()
}

async fn ids(stores: &Stores, query: &IndexQuery) -> Vec<String> {
    let found = stores.index.find(query).await.expect("answered");
    found.into_iter().map(|found| found.stream.id().to_owned()).collect()
}

/// A stream can be found under its entries as soon as the commit is answered.
pub async fn entries_appear_with_the_commit(stores: &Stores) {
    assert_eq!(found(stores, "client", "C-1").await, []);
    let entries = [("client", "C-1", "2026-11-23"), ("zone", "Z-1", "")];
    put(stores, "one", 0, Some(&entries)).await;
    assert_eq!(found(stores, "client", "C-1").await, places(&[("2026-11-23", "one")]));
    assert_eq!(found(stores, "zone", "Z-1").await, places(&[("", "one")]));
}

/// A commit with entries puts them in the place of all that were there.
pub async fn entries_are_replaced_as_a_whole(stores: &Stores) {
    let first = [("client", "C-1", "1"), ("zone", "Z-1", "1"), ("zone", "Z-2", "1")];
    put(stores, "one", 0, Some(&first)).await;
    put(stores, "two", 0, Some(&first)).await;
    put(stores, "one", 1, Some(&[("client", "C-1", "9"), ("zone", "Z-2", "1")])).await;
    assert_eq!(found(stores, "client", "C-1").await, places(&[("1", "two"), ("9", "one")]));
    assert_eq!(found(stores, "zone", "Z-1").await, places(&[("1", "two")]));
    assert_eq!(found(stores, "zone", "Z-2").await, places(&[("1", "one"), ("1", "two")]));
}

/// A commit with an empty list of entries removes all that were there, and one can come again.
pub async fn an_empty_list_removes_the_entries(stores: &Stores) {
    put(stores, "one", 0, Some(&[("client", "C-1", "1"), ("zone", "Z-1", "1")])).await;
    put(stores, "one", 1, Some(&[])).await;
    assert_eq!(found(stores, "client", "C-1").await, []);
    assert_eq!(found(stores, "zone", "Z-1").await, []);
    put(stores, "one", 2, Some(&[("zone", "Z-1", "2")])).await;
    assert_eq!(found(stores, "zone", "Z-1").await, places(&[("2", "one")]));
}

/// A commit that says nothing of entries leaves them as they are.
pub async fn a_commit_without_entries_leaves_them(stores: &Stores) {
    put(stores, "none", 0, None).await;
    put(stores, "one", 0, Some(&[("client", "C-1", "1")])).await;
    put(stores, "one", 1, None).await;
    let mut nothing = commit(&stream("one"), "nothing", 2, 0);
    nothing.index = None;
    take(stores, nothing).await;
    assert_eq!(found(stores, "client", "C-1").await, places(&[("1", "one")]));
}

/// A commit without events can change the entries too.
pub async fn a_commit_without_events_can_change_the_entries(stores: &Stores) {
    put(stores, "one", 0, Some(&[("client", "C-1", "1")])).await;
    let mut made = commit(&stream("one"), "nothing", 1, 0);
    made.index = Some(vec![entry("client", "C-2", "2")]);
    take(stores, made).await;
    assert_eq!(found(stores, "client", "C-1").await, []);
    assert_eq!(found(stores, "client", "C-2").await, places(&[("2", "one")]));
}

/// Indexes and partitions whose names are alike, or run into each other, are apart.
pub async fn partitions_are_apart(stores: &Stores) {
    let names =
        [("i", "p"), ("i", "P"), ("i", "p "), ("i", "pp"), ("ip", ""), ("i", ""), ("I", "p")];
    for (n, (index, partition)) in names.iter().enumerate() {
        put(stores, &n.to_string(), 0, Some(&[(index, partition, "s")])).await;
    }
    for (n, (index, partition)) in names.iter().enumerate() {
        let expected = places(&[("s", &n.to_string())]);
        assert_eq!(found(stores, index, partition).await, expected, "{index:?} {partition:?}");
    }
    assert_eq!(found(stores, "i", "q").await, []);
    assert_eq!(found(stores, "j", "p").await, []);
}

/// A stream stands in a partition as often as it has entries there; the same entry twice is one.
pub async fn a_stream_may_stand_in_a_partition_twice(stores: &Stores) {
    let entries = [("i", "p", "2"), ("i", "p", "1"), ("i", "p", "2")];
    put(stores, "one", 0, Some(&entries)).await;
    assert_eq!(found(stores, "i", "p").await, places(&[("1", "one"), ("2", "one")]));
    put(stores, "one", 1, Some(&[("i", "p", "2")])).await;
    assert_eq!(found(stores, "i", "p").await, places(&[("2", "one")]));
}

/// A partition to page through: its streams in ascending order.
async fn partition(stores: &Stores) -> [&'static str; 7] {
    for (id, sort) in
        [("e", "1"), ("b", "2"), ("d", "2"), ("B", "2"), ("c", "3"), ("f", "10"), ("g", "")]
    {
        put(stores, id, 0, Some(&[("i", "p", sort), ("i2", "p", sort)])).await;
    }
    ["g", "e", "f", "B", "b", "d", "c"]
}

/// A partition is listed in the order of sort, then of stream, either way round, page after page.
pub async fn a_partition_is_found_in_pages(stores: &Stores) {
    let ascending = partition(stores).await;
    for descending in [false, true] {
        let mut expected = ascending.to_vec();
        if descending {
            expected.reverse();
        }
        for limit in [1, 2, 3, 100] {
            let mut query = query("i", "p", descending, limit);
            let mut found: Vec<FoundStream> = Vec::new();
            loop {
                let page = stores.index.find(&query).await.expect("answered");
                assert!(page.len() <= usize::try_from(limit).expect("small"));
                let Some(last) = page.last() else { break };
                query.after = Some((last.sort.clone(), last.stream.as_str().to_owned()));
                found.extend(page);
            }
            let ids: Vec<&str> = found.iter().map(|found| found.stream.id()).collect();
            assert_eq!(ids, expected, "descending {descending}, {limit} a page");
        }
    }
}

/// A page can begin behind a place that is not there (any more).
pub async fn a_page_begins_behind_a_place_that_is_gone(stores: &Stores) {
    partition(stores).await;
    let mut query = query("i", "p", false, 2);
    for (after, ascending, descending) in [
        (("2", "TLY#a"), ["b", "d"], ["B", "f"]),
        (("11", ""), ["B", "b"], ["f", "e"]),
        (("2", ""), ["B", "b"], ["f", "e"]),
    ] {
        query.after = Some((after.0.to_owned(), after.1.to_owned()));
        query.descending = false;
        assert_eq!(ids(stores, &query).await, ascending, "behind {after:?}");
        query.descending = true;
        assert_eq!(ids(stores, &query).await, descending, "before {after:?}");
    }
}

/// `below` bounds what is found, either way round and with `after`.
pub async fn below_bounds_what_is_found(stores: &Stores) {
    partition(stores).await;
    let bounded = |descending, below: &str, after: Option<(&str, &str)>| IndexQuery {
        below: Some(below.to_owned()),
        after: after.map(|(sort, key)| (sort.to_owned(), key.to_owned())),
        ..query("i", "p", descending, 9)
    };
    let cases: [(IndexQuery, &[&str]); 7] = [
        (bounded(false, "2", None), &["g", "e", "f"]),
        (bounded(true, "2", None), &["f", "e", "g"]),
        (bounded(true, "20", None), &["d", "b", "B", "f", "e", "g"]),
        (bounded(false, "", None), &[]),
        (bounded(false, "3", Some(("10", "TLY#f"))), &["B", "b", "d"]),
        (bounded(true, "3", Some(("2", "TLY#b"))), &["B", "f", "e", "g"]),
        (bounded(false, "2", Some(("3", "TLY#c"))), &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(stores, &query).await, expected, "{query:?}");
    }
    assert_eq!(ids(stores, &query("i", "p", false, 0)).await, [""; 0]);
}

/// A commit that is refused, as a conflict or as a duplicate, changes no entry.
pub async fn a_refused_commit_changes_no_entry(stores: &Stores) {
    put(stores, "one", 0, Some(&[("i", "p", "1")])).await;
    for (command, version) in [("late", 0), ("early", 7), ("c0", 0)] {
        let mut refused = commit(&stream("one"), command, version, 1);
        refused.index = Some(vec![entry("i", "p", "9"), entry("i", "q", "9")]);
        let answer = stores.events.commit(refused).await;
        let refused =
            matches!(answer, Err(CommitError::Conflict { .. } | CommitError::Duplicate(_)));
        assert!(refused, "{answer:?}");
    }
    assert_eq!(found(stores, "i", "p").await, places(&[("1", "one")]));
    assert_eq!(found(stores, "i", "q").await, []);
}

/// A decider's streams are found under what its state says, command after command.
pub async fn entries_follow_the_state(stores: &Stores) {
    for (n, by) in (0..).zip([3, 1, 1, 5]) {
        let command = count(n.to_string(), &[by]);
        let done = execute::<Tally>(&*stores.events, &stream("one"), &command, at(n), &()).await;
        let expected = Tally::index(&done.expect("taken").state);
        for parity in ["even", "odd"] {
            let found = find(stores, "parity", parity).await.into_iter();
            let entries = found.map(|found| IndexEntry::new("parity", parity, found.sort));
            let there: Vec<_> = entries.collect();
            let wanted: Vec<_> =
                expected.iter().filter(|entry| entry.partition == parity).cloned().collect();
            assert_eq!(there, wanted, "after command {n}");
        }
    }
}
