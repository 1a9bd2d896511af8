//! Cases of [`EventStore::feed`].

use std::collections::BTreeMap;

use super::Stores;
use super::fixtures::{TakingTurns, all, commit, positions, stream, whole_feed, yield_now};
use crate::eventsourcing::{EventStore, Position, RecordedEvent};

const WRITERS: u32 = 16;
const COMMITS: u64 = 8;

/// A reader that follows while 16 writers write sees each position once and in order, and in the
/// end what the writers were told; it never sees a later event before an earlier one.
pub async fn the_feed_is_gapless_while_writers_run(stores: &Stores) {
    let store = TakingTurns(&*stores.events);
    let wanted = u64::from(WRITERS) * COMMITS * 2;
    let follow = async || {
        let mut seen: Vec<RecordedEvent> = Vec::new();
        while u64::try_from(seen.len()).is_ok_and(|seen| seen < wanted) {
            let after = seen.last().map_or(Position::START, |event| event.position);
            seen.extend(store.feed(after, 7).await.expect("the feed"));
            yield_now().await;
        }
        seen
    };
    let write = async |writer: u32| {
        let stream = stream(&writer.to_string());
        let mut told = Vec::new();
        for n in 0..COMMITS {
            let made = commit(&stream, &n.to_string(), n * 2, 2);
            told.extend(store.commit(made).await.expect("taken").events);
        }
        told
    };
    // The first of them follows, the others write.
    let side_by_side = async |n: u32| if n == 0 { follow().await } else { write(n).await };
    let mut results = all((0..=WRITERS).map(side_by_side)).await;
    let seen = results.remove(0);
    let told: BTreeMap<u64, RecordedEvent> =
        results.into_iter().flatten().map(|event| (event.position.get(), event)).collect();
    assert_eq!(positions(&seen), (1..=wanted).collect::<Vec<_>>());
    assert!(told.into_values().eq(seen), "the feed differs from what writers were told");
}

/// The same page of the feed is the same for ever, whatever its size.
pub async fn pages_of_the_feed_do_not_change(stores: &Stores) {
    for n in 0..10 {
        let made = commit(&stream(&(n % 3).to_string()), &n.to_string(), n / 3, 1);
        stores.events.commit(made).await.expect("taken");
    }
    let before = whole_feed(&*stores.events, 100).await;
    stores.events.commit(commit(&stream("new"), "c", 0, 5)).await.expect("taken");
    for page in [1, 3, 10, 100] {
        let after = whole_feed(&*stores.events, page).await;
        assert_eq!(after.get(..10), Some(&before[..]), "in pages of {page}");
        assert_eq!(after.len(), 15);
    }
}

/// Commits that were refused have no place in the feed.
pub async fn refused_commits_leave_no_gap(stores: &Stores) {
    let stream = stream("refused");
    for n in 0..5 {
        stores.events.commit(commit(&stream, &n.to_string(), n, 1)).await.expect("taken");
        stores.events.commit(commit(&stream, &n.to_string(), n, 1)).await.expect_err("duplicate");
        stores.events.commit(commit(&stream, "late", 0, 3)).await.expect_err("conflict");
    }
    assert_eq!(positions(&whole_feed(&*stores.events, 2).await), [1, 2, 3, 4, 5]);
}

/// A page holds at most `limit` events; behind the end there are none.
pub async fn a_feed_page_holds_at_most(stores: &Stores) {
    assert_eq!(stores.events.feed(Position::START, 10).await.expect("the feed"), []);
    stores.events.commit(commit(&stream("one"), "c", 0, 3)).await.expect("taken");
    let cases: [(u64, u32, &[u64]); 5] =
        [(0, 2, &[1, 2]), (1, 9, &[2, 3]), (3, 9, &[]), (9, 9, &[]), (0, 0, &[])];
    for (after, limit, expected) in cases {
        let page = stores.events.feed(Position::new(after), limit).await.expect("the feed");
        assert_eq!(positions(&page), expected, "after {after}, at most {limit}");
    }
}
