//! Cases of [`ReadModels`](crate::eventsourcing::ReadModels) and of [`project`] on them.

use std::collections::BTreeMap;

use super::Stores;
use super::fixtures::{TakingTurns, Tally, TallyEvent, all, at, commit, count, stream};
use crate::eventsourcing::{
    Cursor, Decider, IndexEntry, IndexQuery, ListedRow, ModelRow, Position, Projection,
    RecordedEvent, StreamId, Version, execute, model_name, project,
};
use crate::values::Sha256Digest;

fn row(key: &str, body: &str, indexes: &[(&str, &str, &str)]) -> ModelRow {
    ModelRow {
        key: key.to_owned(),
        version: Version::new(1),
        body: body.as_bytes().to_vec(),
        indexes: indexes.iter().map(|(i, p, s)| IndexEntry::new(*i, *p, *s)).collect(),
        parked: None,
    }
}

/// A cursor at `position`, with a hash that tells it from others.
fn cursor(position: u64) -> Cursor {
    if position == 0 {
        return Cursor::START;
    }
    let hash = Sha256Digest::of(position.to_be_bytes());
    Cursor { position: Position::new(position), hash }
}

async fn advance(stores: &Stores, model: &str, from: u64, to: u64, rows: Vec<ModelRow>) -> bool {
    let (from, to) = (cursor(from), cursor(to));
    stores.models.advance(model, from, to, rows).await.expect("answered")
}

async fn rows(stores: &Stores, model: &str, keys: &[&str]) -> Vec<ModelRow> {
    let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
    let mut rows = stores.models.rows(model, &keys).await.expect("answered");
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    rows
}

fn query(index: &str, partition: &str, descending: bool, limit: u32) -> IndexQuery {
    IndexQuery {
        index: index.to_owned(),
        partition: partition.to_owned(),
        descending,
        limit,
        ..IndexQuery::default()
    }
}

async fn list(stores: &Stores, model: &str, query: &IndexQuery) -> Vec<ListedRow> {
    stores.models.list(model, query).await.expect("answered")
}

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

/// The sum of a stream and how many events made it, found by the parity of the sum.
struct Sums;

impl Projection for Sums {
    const NAME: &'static str = "sums";
    const REVISION: u16 = 1;
    type Row = (u64, u64);
    type Event = TallyEvent;

    fn key(stream: &StreamId) -> Option<String> {
        (stream.category() == Tally::CATEGORY).then(|| stream.id().to_owned())
    }

    fn apply(
        row: Option<(u64, u64)>,
        TallyEvent::Counted(counted): TallyEvent,
        _: &RecordedEvent,
    ) -> (u64, u64) {
        let (sum, events) = row.unwrap_or_default();
        (sum + u64::from(counted.by), events + 1)
    }

    fn indexes((sum, _): &(u64, u64)) -> Vec<IndexEntry> {
        let parity = if sum.is_multiple_of(2) { "even" } else { "odd" };
        vec![IndexEntry::new("parity", parity, format!("{sum:08}"))]
    }
}

async fn sums(stores: &Stores, ids: &[&str]) -> Vec<(String, (u64, u64))> {
    let found = rows(stores, &model_name::<Sums>(), ids).await;
    let read = |row: ModelRow| (row.key, serde_json::from_slice(&row.body).expect("a row"));
    found.into_iter().map(read).collect()
}

/// Reading the feed in steps of any size gives the same rows, and reading on at its end nothing.
pub async fn projecting_again_changes_nothing(stores: &Stores) {
    for (n, id) in ["a", "b", "a", "a", "c"].iter().enumerate() {
        let (stream, command) = (stream(id), count(n.to_string(), &[1, 2]));
        execute::<Tally>(&*stores.events, &stream, &command, at(0), &()).await.expect("taken");
    }
    let foreign = StreamId::new("OTH", "a").expect("a legal id");
    stores.events.commit(commit(&foreign, "c", 0, 1)).await.expect("taken");
    let mut steps = 0;
    while project::<Sums>(&*stores.events, &*stores.models, 3).await.expect("projected").events > 0
    {
        steps += 1;
    }
    assert_eq!(steps, 4);
    let expected = [("a", (9, 6)), ("b", (3, 2)), ("c", (3, 2))];
    for _ in 0..2 {
        let found = sums(stores, &["a", "b", "c"]).await;
        assert_eq!(found, expected.map(|(key, sum)| (key.to_owned(), sum)));
        let idle = project::<Sums>(&*stores.events, &*stores.models, 100).await.expect("idle");
        assert_eq!((idle.events, idle.position), (0, Position::new(11)));
    }
    let odd = list(stores, &model_name::<Sums>(), &query("parity", "odd", true, 9)).await;
    assert_eq!(keys(&odd), ["a", "c", "b"]);
}

/// Projectors that race for the same model apply each event once.
pub async fn racing_projectors_apply_each_event_once(stores: &Stores) {
    let store = TakingTurns(&*stores.events);
    for n in 0..20 {
        let made = commit(&stream(&(n % 4).to_string()), &n.to_string(), n / 4, 1);
        stores.events.commit(made).await.expect("taken");
    }
    let projector = async |_: u32| loop {
        let step = project::<Sums>(&store, &*stores.models, 3).await.expect("projected");
        if step.events == 0 {
            break;
        }
    };
    all((0..4).map(projector)).await;
    let found = sums(stores, &["0", "1", "2", "3"]).await;
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|(_, row)| *row == (5, 5)), "{found:?}");
}
