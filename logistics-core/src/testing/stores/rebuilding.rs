//! Cases of models that are put in the place of others, removed, and built anew by [`rebuild`].

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;

use super::Stores;
use super::fixtures::{all, commit, stream, take, whole_feed, yield_now};
use super::meddling::{Meddling, Write};
use super::models::{
    NewerSums, Sums, advance, catch_up, cursor, listed, parked, parked_keys, row, rows, sums,
    sums_model,
};
use crate::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, Cursor, EventStore, FeedOrder, ModelRow, Page,
    Position, ProjectError, RecordedEvent, Retry, StoreError, StoreErrorKind, StreamId, Version,
    project, rebuild,
};
use crate::ids::CommandId;

const KEYS: [&str; 3] = ["0", "1", "2"];

/// Thirty events on three streams, and a model that has read them.
async fn thirty(stores: &Stores) {
    for n in 0..10 {
        for id in KEYS {
            take(stores, commit(&stream(id), &n.to_string(), n, 1)).await;
        }
    }
    catch_up::<Sums>(stores, 30, 100).await;
}

/// The rows as they must be.
fn right() -> Vec<(String, (u64, u64))> {
    KEYS.iter().map(|key| ((*key).to_owned(), (10, 10))).collect()
}

/// Writes rows that are wrong, and in wrong places.
async fn damage(stores: &Stores) {
    let model = sums_model();
    let at = stores.models.checkpoint(&model).await.expect("answered");
    let wrong = |key: &&str| ModelRow {
        version: Version::new(10),
        ..row(key, "[99,1]", &[("parity", "wrong", "0")])
    };
    let rows = KEYS.iter().map(wrong).collect();
    assert!(stores.models.advance(&model, at, at, rows).await.expect("answered"));
}

/// Rows, entries, parked rows and checkpoint of one model take the place of another's.
pub async fn a_model_takes_the_place_of_another(stores: &Stores) {
    let old = vec![row("a", "old", &[("i", "p", "1")]), parked(row("b", "old", &[]), "r")];
    let new = vec![row("a", "new", &[("i", "q", "1")]), parked(row("c", "new", &[]), "r")];
    assert!(advance(stores, "m", 0, 9, old).await);
    assert!(advance(stores, "m~new", 0, 4, new.clone()).await);
    assert!(stores.models.replace("m", "m~new").await.expect("answered"));
    assert_eq!(rows(stores, "m", &["a", "b", "c"]).await, new);
    assert_eq!(stores.models.checkpoint("m").await.expect("answered"), cursor(4));
    assert_eq!(listed(stores, "m", "i", "p").await, [""; 0]);
    assert_eq!(listed(stores, "m", "i", "q").await, ["a"]);
    assert_eq!(parked_keys(stores, "m").await, ["c"]);
    assert_eq!(rows(stores, "m~new", &["a", "b", "c"]).await, []);
    assert_eq!(listed(stores, "m~new", "i", "q").await, [""; 0]);
    assert_eq!(stores.models.checkpoint("m~new").await.expect("answered"), Cursor::START);
    // What was put in place goes on from its own checkpoint.
    assert!(!advance(stores, "m", 9, 10, vec![]).await);
    assert!(advance(stores, "m", 4, 5, vec![row("a", "newer", &[])]).await);
    assert_eq!(listed(stores, "m", "i", "q").await, [""; 0]);
}

/// Without the one that should take the place nothing changes; a place may be empty.
pub async fn nothing_takes_the_place_of_a_model_by_mistake(stores: &Stores) {
    assert!(advance(stores, "m", 0, 9, vec![row("a", "old", &[("i", "p", "1")])]).await);
    for by in ["m~new", "M", "m "] {
        assert!(!stores.models.replace("m", by).await.expect("answered"));
    }
    assert_eq!(rows(stores, "m", &["a"]).await, [row("a", "old", &[("i", "p", "1")])]);
    assert_eq!(stores.models.checkpoint("m").await.expect("answered"), cursor(9));
    assert!(stores.models.replace("empty", "m").await.expect("answered"));
    assert_eq!(listed(stores, "empty", "i", "p").await, ["a"]);
    assert!(!stores.models.replace("empty", "m").await.expect("answered"));
}

/// A model is removed with all that belongs to it, and no other; it can be built anew.
pub async fn a_model_is_removed_with_all_that_belongs_to_it(stores: &Stores) {
    let row_of = |body| vec![row("a", body, &[("i", "p", "1")]), parked(row("b", body, &[]), "r")];
    for model in ["m", "m~", "M"] {
        assert!(advance(stores, model, 0, 3, row_of(model)).await);
    }
    for _ in 0..2 {
        stores.models.remove("m").await.expect("answered");
        assert_eq!(rows(stores, "m", &["a", "b"]).await, []);
        assert_eq!(listed(stores, "m", "i", "p").await, [""; 0]);
        assert_eq!(parked_keys(stores, "m").await, [""; 0]);
        assert_eq!(stores.models.count("m", "i").await.expect("answered").len(), 0);
        assert_eq!(stores.models.checkpoint("m").await.expect("answered"), Cursor::START);
    }
    for model in ["m~", "M"] {
        assert_eq!(rows(stores, model, &["a", "b"]).await, row_of(model));
        assert_eq!(stores.models.checkpoint(model).await.expect("answered"), cursor(3));
    }
    assert!(advance(stores, "m", 0, 1, row_of("anew")).await);
    assert_eq!(listed(stores, "m", "i", "p").await, ["a"]);
}

/// A model that is built anew is as if it had never been wrong, whatever the size of a page.
pub async fn a_rebuilt_model_is_as_projected_from_the_start(stores: &Stores) {
    thirty(stores).await;
    for page in [1, 7, 30, 100] {
        damage(stores).await;
        assert_ne!(sums(stores, &KEYS).await, right());
        let done = rebuild::<Sums>(&*stores.events, &*stores.models, page).await.expect("rebuilt");
        assert_eq!(done.position.get(), 30);
        assert_eq!(sums(stores, &KEYS).await, right(), "{page} at a time");
        assert_eq!(listed(stores, &sums_model(), "parity", "wrong").await, [""; 0]);
        assert_eq!(listed(stores, &sums_model(), "parity", "even").await, KEYS);
    }
    take(stores, commit(&stream("0"), "later", 10, 1)).await;
    catch_up::<NewerSums>(stores, 31, 9).await;
    assert_eq!(sums(stores, &["0"]).await, [("0".to_owned(), (11, 11))]);
}

/// Whoever reads while a model is built anew sees all of the old rows or all of the new ones.
pub async fn readers_see_the_old_or_the_new(stores: &Stores) {
    thirty(stores).await;
    damage(stores).await;
    let old = sums(stores, &KEYS).await;
    let done = Cell::new(false);
    let reader = async || {
        let (mut olds, mut news) = (0, 0);
        while !done.get() || news == 0 {
            let seen = sums(stores, &KEYS).await;
            assert!(seen == old || seen == right(), "{seen:?}");
            if seen == old {
                assert_eq!(news, 0, "the old rows came back");
                olds += 1;
            } else {
                news += 1;
            }
            yield_now().await;
        }
        olds
    };
    let builder = async || {
        let store = Failing { store: &*stores.events, pages: AtomicU32::new(u32::MAX) };
        rebuild::<Sums>(&store, &*stores.models, 2).await.expect("rebuilt");
        done.set(true);
        1
    };
    let side_by_side = async |n: u32| if n == 0 { builder().await } else { reader().await };
    let olds = all((0..4).map(side_by_side)).await;
    assert!(olds.iter().all(|olds| *olds > 0), "nobody read before the end: {olds:?}");
}

/// A rebuild that was interrupted goes on where it stopped; until then the model is as it was.
pub async fn an_interrupted_rebuild_goes_on(stores: &Stores) {
    thirty(stores).await;
    damage(stores).await;
    let old = sums(stores, &KEYS).await;
    let failing = Failing { store: &*stores.events, pages: AtomicU32::new(4) };
    let stopped = rebuild::<Sums>(&failing, &*stores.models, 5).await;
    assert!(matches!(stopped, Err(ProjectError::Store(_))), "{stopped:?}");
    assert_eq!(sums(stores, &KEYS).await, old);
    // 20 of 30 events were read: what is left takes two pages of 5 and one that shows the end.
    let failing = Failing { store: &*stores.events, pages: AtomicU32::new(3) };
    let done = rebuild::<Sums>(&failing, &*stores.models, 5).await.expect("rebuilt");
    assert_eq!(done.position.get(), 30);
    assert_eq!(sums(stores, &KEYS).await, right());
}

/// A model that has read what the store does not hold, because the store was restored from a
/// backup, is mended by building it anew; also when a rebuild was under way then.
pub async fn a_model_of_another_past_is_mended(stores: &Stores) {
    thirty(stores).await;
    let model = sums_model();
    let foreign = || vec![row("0", "[7,7]", &[]), row("gone", "[1,1]", &[])];
    for name in [model.clone(), format!("{model}~rebuild")] {
        stores.models.remove(&name).await.expect("answered");
        assert!(advance(stores, &name, 0, 30, foreign()).await);
    }
    let rewound = project::<Sums>(&*stores.events, &*stores.models, 9).await;
    assert!(matches!(rewound, Err(ProjectError::Rewound { .. })), "{rewound:?}");
    rebuild::<Sums>(&*stores.events, &*stores.models, 9).await.expect("rebuilt");
    assert_eq!(sums(stores, &["0", "1", "2", "gone"]).await, right());
    let idle = project::<Sums>(&*stores.events, &*stores.models, 9).await.expect("goes on");
    assert_eq!(idle.events, 0);
    whole_feed(stores, 30, 100).await;
}

/// Of two who build a model anew at once, one may see rows of the other's, which is put in its
/// place in the meantime: it does not leave them out of its own.
pub async fn two_rebuilds_at_once_lose_nothing(stores: &Stores) {
    thirty(stores).await;
    let model = sums_model();
    let beside = format!("{model}~rebuild");
    let to = stores.models.checkpoint(&model).await.expect("answered");
    let others = rows(stores, &model, &KEYS).await;
    damage(stores).await;
    let build = Write::Advance { model: beside.clone(), from: Cursor::START, to, rows: others };
    let models = Meddling::new(
        &*stores.models,
        Some(build),
        Some(Write::Replace { model: model.clone(), by: beside }),
    );
    rebuild::<Sums>(&*stores.events, &models, 100).await.expect("rebuilt");
    assert_eq!(sums(stores, &KEYS).await, right());
    assert_eq!(stores.models.checkpoint(&model).await.expect("answered"), to);
}

/// A store whose feed fails after so many pages, and lets others go on before each.
struct Failing<'a> {
    store: &'a dyn EventStore,
    pages: AtomicU32,
}

#[async_trait]
impl EventStore for Failing<'_> {
    fn feed_order(&self) -> FeedOrder {
        self.store.feed_order()
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        self.store.commit(commit).await
    }

    async fn load(&self, of: &StreamId, after: Version, limit: u32) -> Result<Page, StoreError> {
        self.store.load(of, after, limit).await
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.store.command(stream, command).await
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        yield_now().await;
        let left = self.pages.load(Ordering::Relaxed);
        self.pages.store(left.saturating_sub(1), Ordering::Relaxed);
        if left == 0 {
            return Err(StoreError {
                kind: StoreErrorKind::Unavailable,
                retry: Retry::Later,
                operation: "read the feed",
                source: "interrupted".into(),
            });
        }
        self.store.feed(after, limit).await
    }
}
