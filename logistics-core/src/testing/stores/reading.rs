//! Cases of reading streams and command records.

use chrono::Duration;

use super::Stores;
use super::fixtures::{at, command_id, commit, stream, take, unplaced, versions};
use crate::eventsourcing::{AsOf, Occurred, PAGE_EVENTS_MAX, Version, load_after, load_all};

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

/// A stream of two megabytes is read whole, whatever a page of the store may weigh.
pub async fn a_heavy_stream_is_read_whole(stores: &Stores) {
    let stream = stream("heavy");
    let mut told = Vec::new();
    for n in 0..20_u8 {
        let mut made = commit(&stream, &n.to_string(), u64::from(n), 1);
        made.events.iter_mut().for_each(|event| event.payload = vec![n; 100 * 1024]);
        told.extend(take(stores, made).await);
    }
    let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!(unplaced(&loaded), unplaced(&told));
    let rest = load_after(&*stores.events, &stream, Version::new(17)).await.expect("loaded");
    assert_eq!(versions(&rest), [18, 19, 20]);
}

/// What a stream looked like is found on each axis: by version, by the time of recording, by the
/// time of occurring, to the microsecond.
pub async fn a_stream_is_seen_as_of_any_point(stores: &Stores) {
    let stream = stream("as of");
    let mut made = commit(&stream, "c", 0, 4);
    // Recorded in order, one second apart; the second and third were reported late.
    for (event, (recorded, occurred)) in
        made.events.iter_mut().zip([(10, 10), (11, 3), (12, 4), (13, 13)])
    {
        event.recorded_at = at(recorded) + Duration::microseconds(5);
        event.occurred = Occurred::observed(at(occurred) + Duration::microseconds(7));
    }
    take(stores, made).await;
    let micros = |seconds, micros| at(seconds) + Duration::microseconds(micros);
    let cases: [(AsOf, &[u64]); 9] = [
        (AsOf::Version(Version::NONE), &[]),
        (AsOf::Version(Version::new(3)), &[1, 2, 3]),
        (AsOf::Version(Version::new(99)), &[1, 2, 3, 4]),
        (AsOf::Recorded(micros(11, 4)), &[1]),
        (AsOf::Recorded(micros(11, 5)), &[1, 2]),
        (AsOf::Recorded(micros(99, 0)), &[1, 2, 3, 4]),
        (AsOf::Occurred(micros(4, 6)), &[2]),
        (AsOf::Occurred(micros(4, 7)), &[2, 3]),
        (AsOf::Occurred(micros(10, 7)), &[1, 2, 3]),
    ];
    let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
    for (as_of, expected) in cases {
        let admitted = loaded.iter().filter(|event| as_of.admits(event));
        let admitted: Vec<u64> = admitted.map(|event| event.version.get()).collect();
        assert_eq!(admitted, expected, "{as_of:?}");
    }
}
