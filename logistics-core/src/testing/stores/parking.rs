//! Cases of rows that stand still: kept by the store, parked by projecting, taken up by [`unpark`].

use super::Stores;
use super::fixtures::{TakingTurns, all, commit, stream, take, whole_feed};
use super::meddling::{Meddling, Write};
use super::models::{
    NewerSums, Sums, advance, catch_up, listed, parked, parked_keys, row, rows, sums, sums_model,
    uncounted,
};
use crate::eventsourcing::{EventStore, ModelRow, Parked, Version, project, unpark};

/// A parked row is a row like any other, with the reason beside it.
pub async fn a_parked_row_comes_back_as_it_was_parked(stores: &Stores) {
    let one = parked(row("a", "as it was", &[("i", "p", "1")]), "unknown event type \"Ünïcödé\"");
    let nothing = ModelRow { version: Version::NONE, ..parked(row("b", "", &[]), "") };
    assert!(advance(stores, "m", 0, 1, vec![nothing.clone(), one.clone()]).await);
    assert_eq!(rows(stores, "m", &["a", "b"]).await, [one.clone(), nothing.clone()]);
    assert_eq!(listed(stores, "m", "i", "p").await, ["a"]);
    let parked = stores.models.parked("m", None, 9).await.expect("answered");
    assert_eq!(parked, [one, nothing]);
}

/// Only parked rows are listed, by key, in pages; a row that goes on is no longer among them.
pub async fn parked_rows_are_listed_in_pages(stores: &Stores) {
    let keys = ["a", "B", "ab", "b", "a "];
    let mut written: Vec<_> = keys.iter().map(|key| parked(row(key, key, &[]), "r")).collect();
    written.push(row("aa", "not parked", &[]));
    assert!(advance(stores, "m", 0, 1, written).await);
    for limit in [1, 2, 100] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = stores.models.parked("m", after.as_deref(), limit).await.expect("answered");
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            found.extend(page.into_iter().map(|row| row.key));
        }
        assert_eq!(found, ["B", "a", "a ", "ab", "b"], "{limit} a page");
    }
    let behind = stores.models.parked("m", Some("aa"), 9).await.expect("answered");
    assert!(behind.iter().map(|row| &row.key[..]).eq(["ab", "b"]), "{behind:?}");
    assert!(advance(stores, "m", 1, 2, vec![row("ab", "goes on", &[])]).await);
    assert_eq!(parked_keys(stores, "m").await, ["B", "a", "a ", "b"]);
    assert_eq!(parked_keys(stores, "other").await, [""; 0]);
}

/// Commits on the stream called `id`, which stands at `version`, one event that is not a `Counted`
/// of schema 1.
async fn strange(stores: &Stores, id: &str, version: u64, event: (String, u16, Vec<u8>)) {
    let mut made = commit(&stream(id), &format!("strange {version}"), version, 1);
    for new in &mut made.events {
        (new.event_type, new.schema, new.payload) = event.clone();
    }
    take(stores, made).await;
}

/// Commits `events` events that can be read.
async fn plain(stores: &Stores, id: &str, version: u64, events: u32) {
    take(stores, commit(&stream(id), &format!("plain {version}"), version, events)).await;
}

/// An event of an unknown name or schema, or with a payload that does not fit, parks its row as it
/// was before it; the other rows go on.
pub async fn what_cannot_be_read_parks_its_row(stores: &Stores) {
    let counted = |schema, payload: &str| ("Counted".to_owned(), schema, payload.into());
    for (id, event) in [
        ("type", uncounted(1)),
        ("schema", counted(2, r#"{"by":1}"#)),
        ("payload", counted(1, r#"{"by":"many"}"#)),
    ] {
        plain(stores, id, 0, 2).await;
        strange(stores, id, 2, event).await;
    }
    plain(stores, "fine", 0, 3).await;
    assert_eq!(catch_up::<Sums>(stores, 12, 5).await, 3);
    assert_eq!(parked_keys(stores, &sums_model()).await, ["payload", "schema", "type"]);
    for row in rows(stores, &sums_model(), &["type", "schema", "payload"]).await {
        let Some(Parked { stream: of, reason }) = &row.parked else { panic!("{row:?}") };
        assert_eq!((of, row.version), (&stream(&row.key), Version::new(2)));
        assert!(!reason.is_empty());
    }
    let before = sums(stores, &["type", "schema", "payload", "fine"]).await;
    assert!(before.iter().all(|(id, row)| *row == if id == "fine" { (6, 3) } else { (3, 2) }));
    assert_eq!(listed(stores, &sums_model(), "parity", "odd").await, ["payload", "schema", "type"]);
}

/// A parked row stays as it is, whatever comes later in its stream.
pub async fn a_parked_row_is_left_alone(stores: &Stores) {
    plain(stores, "a", 0, 1).await;
    strange(stores, "a", 1, uncounted(1)).await;
    catch_up::<Sums>(stores, 2, 9).await;
    let before = rows(stores, &sums_model(), &["a"]).await;
    for (version, page) in [(2, 1), (5, 2), (8, 9)] {
        plain(stores, "a", version, 3).await;
        let all = usize::try_from(version + 3).expect("small");
        assert_eq!(catch_up::<Sums>(stores, all, page).await, 0);
        assert_eq!(rows(stores, &sums_model(), &["a"]).await, before);
    }
}

/// A row whose first event cannot be read is parked with nothing in it, and found in no index.
pub async fn a_row_can_be_parked_before_its_first_event(stores: &Stores) {
    strange(stores, "a", 0, uncounted(1)).await;
    plain(stores, "a", 1, 1).await;
    assert_eq!(catch_up::<Sums>(stores, 2, 9).await, 1);
    let [row] = &rows(stores, &sums_model(), &["a"]).await[..] else { panic!("one row") };
    assert_eq!((row.version, &row.body[..], row.indexes.len()), (Version::NONE, &[][..], 0));
    for parity in ["even", "odd"] {
        assert_eq!(listed(stores, &sums_model(), "parity", parity).await, [""; 0]);
    }
    assert_eq!(unpark::<NewerSums>(&*stores.events, &*stores.models).await.expect("unparked"), 0);
    assert_eq!(sums(stores, &["a"]).await, [("a".to_owned(), (1, 2))]);
}

/// A newer program takes parked rows up from where they stand, with all that came since.
pub async fn a_newer_program_takes_parked_rows_up(stores: &Stores) {
    plain(stores, "a", 0, 3).await;
    strange(stores, "a", 3, uncounted(2)).await;
    plain(stores, "a", 4, 4).await;
    plain(stores, "b", 0, 1).await;
    assert_eq!(catch_up::<Sums>(stores, 9, 2).await, 1);
    // The old program cannot: it says so, and changes nothing.
    assert_eq!(unpark::<Sums>(&*stores.events, &*stores.models).await.expect("answered"), 1);
    assert_eq!(sums(stores, &["a"]).await, [("a".to_owned(), (6, 3))]);
    assert_eq!(unpark::<NewerSums>(&*stores.events, &*stores.models).await.expect("unparked"), 0);
    assert_eq!(sums(stores, &["a"]).await, [("a".to_owned(), (14, 8))]);
    assert_eq!(parked_keys(stores, &sums_model()).await, [""; 0]);
    assert_eq!(listed(stores, &sums_model(), "parity", "even").await, ["a"]);
    // And it follows the feed again.
    plain(stores, "a", 8, 1).await;
    assert_eq!(catch_up::<NewerSums>(stores, 10, 9).await, 0);
    assert_eq!(sums(stores, &["a"]).await, [("a".to_owned(), (15, 9))]);
}

/// A row is taken up as far as the program can read, and parked anew where it cannot.
pub async fn a_row_is_taken_up_as_far_as_can_be_read(stores: &Stores) {
    plain(stores, "a", 0, 2).await;
    strange(stores, "a", 2, uncounted(1)).await;
    plain(stores, "a", 3, 2).await;
    strange(stores, "a", 5, ("Unheard".to_owned(), 1, b"{}".to_vec())).await;
    catch_up::<Sums>(stores, 6, 9).await;
    for _ in 0..2 {
        assert_eq!(unpark::<NewerSums>(&*stores.events, &*stores.models).await.expect("ok"), 1);
        let [row] = &rows(stores, &sums_model(), &["a"]).await[..] else { panic!("one row") };
        assert_eq!(row.version, Version::new(5));
        let reason = row.parked.as_ref().map(|parked| parked.reason.as_str()).unwrap_or_default();
        assert!(reason.contains("Unheard"), "{reason:?}");
        assert_eq!(sums(stores, &["a"]).await, [("a".to_owned(), (5, 5))]);
    }
}

/// More parked rows than are read at a time are all taken up, also beside projectors that write
/// the same model.
pub async fn many_parked_rows_are_taken_up_beside_projectors(stores: &Stores) {
    const ROWS: usize = 130;
    for n in 0..ROWS {
        strange(stores, &format!("{n:03}"), 0, uncounted(1)).await;
    }
    assert_eq!(catch_up::<Sums>(stores, ROWS, 1_000).await, 130);
    for n in 0..20 {
        plain(stores, &format!("{n:03}"), 1, 2).await;
    }
    let all_events = ROWS + 40;
    let store = TakingTurns(&*stores.events);
    let worker = async |n: u32| {
        let store: &dyn EventStore = &store;
        if n == 0 {
            assert_eq!(unpark::<NewerSums>(store, &*stores.models).await.expect("unparked"), 0);
        } else {
            catch_up::<NewerSums>(stores, all_events, 3).await;
        }
    };
    all((0..3).map(worker)).await;
    catch_up::<NewerSums>(stores, all_events, 100).await;
    // A projector may have parked one again.
    assert_eq!(unpark::<NewerSums>(&store, &*stores.models).await.expect("unparked"), 0);
    assert_eq!(parked_keys(stores, &sums_model()).await, [""; 0]);
    let keys: Vec<String> = (0..ROWS).map(|n| format!("{n:03}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    for (n, (key, row)) in sums(stores, &keys).await.into_iter().enumerate() {
        assert_eq!(row, if n < 20 { (3, 3) } else { (0, 1) }, "{key}");
    }
}

/// A row that is taken up while a projector is at work does not lose the event which that one
/// left out because the row was parked.
pub async fn a_row_taken_up_beside_a_projector_loses_nothing(stores: &Stores) {
    plain(stores, "a", 0, 1).await;
    strange(stores, "a", 1, uncounted(1)).await;
    catch_up::<Sums>(stores, 2, 9).await;
    let model = sums_model();
    let at = stores.models.checkpoint(&model).await.expect("answered");
    // What `unpark` has folded before the next event was committed, and writes after the projector
    // has read the row.
    let taken_up = ModelRow { version: Version::new(2), ..row("a", "[0,2]", &[]) };
    let write = Write::Advance { model: model.clone(), from: at, to: at, rows: vec![taken_up] };
    plain(stores, "a", 2, 1).await;
    whole_feed(stores, 3, 9).await;
    let models = Meddling::new(&*stores.models, None, Some(write));
    project::<Sums>(&*stores.events, &models, 9).await.expect("projected");
    // A store may refuse to put an older row in the place of a newer: the next step reads it anew.
    let step = project::<Sums>(&*stores.events, &*stores.models, 9).await.expect("projected");
    assert_eq!(step.position.get(), 3);
    unpark::<NewerSums>(&*stores.events, &*stores.models).await.expect("unparked");
    assert_eq!(sums(stores, &["a"]).await, [("a".to_owned(), (1, 3))]);
}
