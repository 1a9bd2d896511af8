//! Cases of reading streams and command records.

use super::Stores;
use super::fixtures::{command_id, commit, stream, versions};
use crate::eventsourcing::{PAGE_EVENTS_MAX, Version, load_all};

/// A stream longer than a page is read whole.
pub async fn a_large_stream_is_read_in_pages(stores: &Stores) {
    let stream = stream("large");
    let pages = u64::from(PAGE_EVENTS_MAX) / 25 * 2 + 1;
    for n in 0..pages {
        stores.events.commit(commit(&stream, &n.to_string(), n * 25, 25)).await.expect("taken");
    }
    let first = stores.events.load(&stream, Version::NONE, u32::MAX).await.expect("loaded");
    assert_eq!((first.events.len(), first.more), (1_000, true));
    let all = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!(versions(&all), (1..=pages * 25).collect::<Vec<_>>());
}

/// A page begins behind `after`, holds at most `limit` events and says whether there are more.
pub async fn a_page_starts_after_and_holds_at_most(stores: &Stores) {
    let stream = stream("pages");
    stores.events.commit(commit(&stream, "c", 0, 5)).await.expect("taken");
    let cases: [(u64, u32, &[u64], bool); 7] = [
        (0, 2, &[1, 2], true),
        (2, 2, &[3, 4], true),
        (4, 2, &[5], false),
        (0, 5, &[1, 2, 3, 4, 5], false),
        (5, 2, &[], false),
        (9, 2, &[], false),
        (0, 0, &[], true),
    ];
    for (after, limit, expected, more) in cases {
        let page = stores.events.load(&stream, Version::new(after), limit).await.expect("loaded");
        let found = (versions(&page.events), page.more);
        assert_eq!(found, (expected.to_vec(), more), "after {after}, at most {limit}");
    }
}

/// A stream that nobody wrote to is empty, not an error.
pub async fn an_unknown_stream_is_empty(stores: &Stores) {
    let page = stores.events.load(&stream("unknown"), Version::NONE, 10).await.expect("loaded");
    assert_eq!((page.events.len(), page.more), (0, false));
}

/// A command is known in its stream only.
pub async fn an_unknown_command_has_no_record(stores: &Stores) {
    let made = commit(&stream("one"), "c", 0, 1);
    stores.events.commit(made.clone()).await.expect("taken");
    for (of, command, expected) in
        [("one", "c", Some(made.command)), ("one", "C", None), ("two", "c", None)]
    {
        let record = stores.events.command(&stream(of), &command_id(command)).await;
        assert_eq!(record.expect("answered"), expected, "{command} in {of}");
    }
}
