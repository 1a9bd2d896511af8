//! Cases of [`EventStore::feed`], in the order that the store promises.

use super::Stores;
use super::fixtures::{
    TakingTurns, all, check_feed, commit, number, positions, stream, take, unplaced, whole_feed,
    yield_now,
};
use crate::eventsourcing::{EventStore, FeedOrder, PAYLOAD_BYTES_MAX, Position, RecordedEvent};

const WRITERS: u32 = 16;
const COMMITS: u64 = 8;

/// A reader that follows while 16 writers write sees each position once and in order, and in the
/// end what the writers were told; it never sees a later event before an earlier one.
pub async fn the_feed_is_gapless_while_writers_run(stores: &Stores) {
    let store = TakingTurns(&*stores.events);
    let wanted = u64::from(WRITERS) * COMMITS * 2;
    let follow = async || {
        let mut seen: Vec<RecordedEvent> = Vec::new();
        while number(seen.len()) < wanted {
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
    let feed = check_feed(stores, &results.concat(), 100).await;
    assert_eq!(seen, feed, "what was seen on the way is not what is there");
}

/// What one writer commits to several streams, one commit after another, is in the feed as the
/// store promises: in the order of the commits, or at least in the order of each stream.
pub async fn the_feed_is_in_the_order_that_is_promised(stores: &Stores) {
    let mut told = Vec::new();
    for n in 0..24 {
        // Names whose order is not that of the commits.
        let stream = stream(["m", "z", "a", "k"][n % 4]);
        let made = commit(&stream, &n.to_string(), number(n / 4) * 3, 3);
        told.extend(take(stores, made).await);
    }
    let feed = check_feed(stores, &told, 5).await;
    if stores.events.feed_order() == FeedOrder::Commit {
        assert_eq!(unplaced(&feed), unplaced(&told));
    }
}

/// The same page of the feed is the same for ever, whatever its size.
pub async fn pages_of_the_feed_do_not_change(stores: &Stores) {
    for n in 0..10 {
        take(stores, commit(&stream(&(n % 3).to_string()), &n.to_string(), n / 3, 1)).await;
    }
    let before = whole_feed(stores, 10, 100).await;
    take(stores, commit(&stream("new"), "c", 0, 5)).await;
    for page in [1, 3, 10, 100] {
        let after = whole_feed(stores, 15, page).await;
        assert_eq!(after.get(..10), Some(&before[..]), "in pages of {page}");
        assert_eq!(after.len(), 15);
    }
}

/// Commits that were refused have no place in the feed.
pub async fn refused_commits_leave_no_gap(stores: &Stores) {
    let stream = stream("refused");
    let mut told = Vec::new();
    for n in 0..5 {
        told.extend(take(stores, commit(&stream, &n.to_string(), n, 1)).await);
        stores.events.commit(commit(&stream, &n.to_string(), n, 1)).await.expect_err("duplicate");
        stores.events.commit(commit(&stream, "late", 0, 3)).await.expect_err("conflict");
    }
    check_feed(stores, &told, 2).await;
}

/// A page holds at most `limit` events; behind the end there are none.
pub async fn a_feed_page_holds_at_most(stores: &Stores) {
    assert_eq!(stores.events.feed(Position::START, 10).await.expect("the feed"), []);
    let told = take(stores, commit(&stream("one"), "c", 0, 3)).await;
    check_feed(stores, &told, 10).await;
    let cases: [(u64, u32, &[u64]); 5] =
        [(0, 2, &[1, 2]), (1, 9, &[2, 3]), (3, 9, &[]), (9, 9, &[]), (0, 0, &[])];
    for (after, limit, expected) in cases {
        let page = stores.events.feed(Position::new(after), limit).await.expect("the feed");
        assert_eq!(positions(&page), expected, "after {after}, at most {limit}");
    }
}

/// Payloads of the largest size pass through the feed whole, whatever a page may weigh.
pub async fn large_events_pass_through_the_feed(stores: &Stores) {
    let mut told = Vec::new();
    for n in 0..8_u8 {
        let mut made = commit(&stream("large"), &n.to_string(), u64::from(n), 1);
        made.events.iter_mut().for_each(|event| event.payload = vec![n; PAYLOAD_BYTES_MAX]);
        told.extend(take(stores, made).await);
    }
    check_feed(stores, &told, 100).await;
}
