//! Cases of [`follow`] on the store's feed.

use super::Stores;
use super::fixtures::{
    TakingTurns, all, check_feed, commit, number, positions, stream, take, whole_feed, yield_now,
};
use crate::eventsourcing::{
    Cursor, EventStore as _, FollowError, PAGE_EVENTS_MAX, Position, RecordedEvent, follow,
};
use crate::values::Sha256Digest;

/// Three streams with `events` events in all, each commit of one.
async fn feed(stores: &Stores, events: u64) -> Vec<RecordedEvent> {
    for n in 0..events {
        take(stores, commit(&stream(&(n % 3).to_string()), &n.to_string(), n / 3, 1)).await;
    }
    whole_feed(stores, usize::try_from(events).expect("small"), 100).await
}

async fn behind(stores: &Stores, cursor: Cursor, limit: u32) -> Vec<RecordedEvent> {
    follow(&*stores.events, cursor, limit).await.expect("the feed")
}

/// From the start, and from behind any event, the events that follow come in pages.
pub async fn what_follows_a_cursor_comes_in_pages(stores: &Stores) {
    let feed = feed(stores, 10).await;
    for limit in [1, 3, 10, 100] {
        let page = usize::try_from(limit).expect("small").min(10);
        assert_eq!(behind(stores, Cursor::START, limit).await, feed[..page]);
        for (n, event) in (1..).zip(&feed) {
            let expected = &feed[n..(n + page).min(10)];
            assert_eq!(behind(stores, Cursor::behind(event), limit).await, expected, "{n}");
        }
    }
    assert_eq!(behind(stores, Cursor::START, 0).await, []);
    assert_eq!(behind(stores, Cursor::behind(&feed[3]), 0).await, []);
}

/// A follower that has caught up gets nothing, again and again, until something comes.
pub async fn a_follower_that_has_caught_up_gets_nothing(stores: &Stores) {
    assert_eq!(behind(stores, Cursor::START, 10).await, []);
    let feed = feed(stores, 4).await;
    let cursor = feed.last().map(Cursor::behind).expect("events");
    for _ in 0..3 {
        assert_eq!(behind(stores, cursor, 10).await, []);
    }
    take(stores, commit(&stream("new"), "c", 0, 2)).await;
    let feed = whole_feed(stores, 6, 100).await;
    assert_eq!(behind(stores, cursor, 10).await, feed[4..]);
}

/// A cursor of another store, or of one that was restored from a backup since, is noticed; even
/// where the feed is as long as it was.
pub async fn a_foreign_cursor_is_noticed(stores: &Stores) {
    let hash = Sha256Digest::of("foreign");
    let foreign = |position| Cursor { position: Position::new(position), hash };
    let rewound = async |cursor: Cursor| {
        for limit in [0, 1, 100] {
            let answer = follow(&*stores.events, cursor, limit).await;
            let noticed = matches!(answer, Err(FollowError::Rewound { position })
                if position == cursor.position);
            assert!(noticed, "{cursor:?}: {answer:?}");
        }
    };
    rewound(foreign(1)).await;
    let feed = feed(stores, 5).await;
    for position in [1, 3, 5, 6, 7, 1_000_000] {
        rewound(foreign(position)).await;
    }
    // The right hash at another position is no better.
    rewound(Cursor { position: Position::new(2), ..Cursor::behind(&feed[2]) }).await;
    assert_eq!(behind(stores, Cursor::behind(&feed[2]), 9).await, feed[3..]);
}

/// A page holds one event less than a page of the feed may, whatever is asked for.
pub async fn a_page_has_a_greatest_size(stores: &Stores) {
    let max = usize::try_from(PAGE_EVENTS_MAX).expect("small");
    for n in 0..41 {
        take(stores, commit(&stream("long"), &n.to_string(), n * 25, 25)).await;
    }
    whole_feed(stores, 1_025, u32::MAX).await;
    let first = stores.events.feed(Position::START, u32::MAX).await.expect("the feed");
    assert_eq!(first.len(), max);
    let page = behind(stores, Cursor::START, u32::MAX).await;
    assert_eq!(positions(&page), (1..number(max)).collect::<Vec<_>>());
    let next = behind(stores, Cursor::behind(&page[9]), u32::MAX).await;
    assert_eq!(positions(&next), (11..number(max) + 10).collect::<Vec<_>>());
}

/// Followers that keep only their cursors between pages, while 8 writers write, see everything
/// once and in the same order.
pub async fn followers_beside_writers_see_everything_once(stores: &Stores) {
    const WRITERS: usize = 8;
    let store = TakingTurns(&*stores.events);
    let follower = async |limit: u32| {
        let (mut seen, mut cursor) = (Vec::new(), Cursor::START);
        while seen.len() < WRITERS * 10 {
            let page = follow(&store, cursor, limit).await.expect("the feed");
            cursor = page.last().map_or(cursor, Cursor::behind);
            seen.extend(page);
            yield_now().await;
        }
        seen
    };
    let writer = async |n: usize| {
        let mut told = Vec::new();
        for commits in 0..5 {
            let made = commit(&stream(&n.to_string()), &commits.to_string(), commits * 2, 2);
            told.extend(store.commit(made).await.expect("taken").events);
        }
        told
    };
    let side_by_side = async |n: usize| match n {
        0 => follower(3).await,
        1 => follower(50).await,
        n => writer(n).await,
    };
    let mut results = all((0..WRITERS + 2).map(side_by_side)).await;
    let told = results.split_off(2).concat();
    let feed = check_feed(stores, &told, 100).await;
    assert!(results.iter().all(|seen| *seen == feed), "followers saw something else");
}
