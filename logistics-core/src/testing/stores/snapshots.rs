//! Cases of [`Snapshots`](crate::eventsourcing::Snapshots).

use chrono::Duration;

use super::Stores;
use super::fixtures::{all, at, commit, stream, take};
use crate::eventsourcing::{Snapshot, Version};
use crate::values::Sha256Digest;

fn snapshot(revision: u32, version: u64, state: &str) -> Snapshot {
    Snapshot {
        version: Version::new(version),
        hash: Sha256Digest::of(state),
        recorded_at: at(7) + Duration::microseconds(123_456),
        revision,
        state: state.as_bytes().to_vec(),
    }
}

async fn save(stores: &Stores, id: &str, snapshot: &Snapshot) {
    stores.snapshots.save_snapshot(&stream(id), snapshot).await.expect("answered");
}

async fn kept(stores: &Stores, id: &str) -> Option<Snapshot> {
    stores.snapshots.snapshot(&stream(id)).await.expect("answered")
}

/// Streams of 20 events, so that what is snapshotted is there.
async fn streams(stores: &Stores, ids: &[&str]) {
    for id in ids {
        take(stores, commit(&stream(id), "c", 0, 20)).await;
    }
}

/// A stream has no snapshot until one is saved.
pub async fn a_stream_has_none_at_first(stores: &Stores) {
    assert_eq!(kept(stores, "unknown").await, None);
    streams(stores, &["one"]).await;
    assert_eq!(kept(stores, "one").await, None);
}

/// Every field comes back, the state byte for byte, the time to the microsecond.
pub async fn a_snapshot_comes_back_as_it_was_saved(stores: &Stores) {
    streams(stores, &["one", "two"]).await;
    let mut one = snapshot(u32::MAX, 20, "one");
    one.state = (0..=255).collect();
    let mut two = snapshot(0, 3, "");
    two.recorded_at = at(0) - Duration::days(60 * 365);
    save(stores, "one", &one).await;
    save(stores, "two", &two).await;
    assert_eq!(kept(stores, "one").await, Some(one));
    assert_eq!(kept(stores, "two").await, Some(two));
}

/// Of one revision the snapshot of the higher version stays, whichever comes first; of one version
/// the later.
pub async fn the_higher_version_stays(stores: &Stores) {
    streams(stores, &["one"]).await;
    for (saved, stays) in [
        (snapshot(1, 5, "five"), "five"),
        (snapshot(1, 4, "four"), "five"),
        (snapshot(1, 6, "six"), "six"),
        (snapshot(1, 6, "six again"), "six again"),
        (snapshot(1, 5, "five again"), "six again"),
    ] {
        save(stores, "one", &saved).await;
        assert_eq!(kept(stores, "one").await.map(|kept| kept.state), Some(stays.into()));
    }
}

/// A higher revision stays, whatever its version: the state of an older program is of no use.
pub async fn the_higher_revision_stays(stores: &Stores) {
    streams(stores, &["one"]).await;
    for (saved, stays) in [
        (snapshot(1, 9, "one"), "one"),
        (snapshot(2, 3, "two"), "two"),
        (snapshot(1, 20, "one again"), "two"),
        (snapshot(2, 4, "two again"), "two again"),
        (snapshot(10, 1, "ten"), "ten"),
    ] {
        save(stores, "one", &saved).await;
        assert_eq!(kept(stores, "one").await.map(|kept| kept.state), Some(stays.into()));
    }
}

/// Each stream has its own.
pub async fn streams_do_not_share_snapshots(stores: &Stores) {
    let ids = ["a", "A", "aa", "a "];
    streams(stores, &ids).await;
    for (n, id) in (1..).zip(ids) {
        save(stores, id, &snapshot(1, n, id)).await;
    }
    for (n, id) in (1..).zip(ids) {
        assert_eq!(kept(stores, id).await, Some(snapshot(1, n, id)), "{id:?}");
    }
}

/// Of many that are saved at once the highest stays.
pub async fn of_many_at_once_the_highest_stays(stores: &Stores) {
    streams(stores, &["one"]).await;
    let versions = [3, 17, 8, 20, 1, 12, 19, 2];
    all(versions.map(|version| {
        let snapshot = snapshot(1, version, &version.to_string());
        async move { save(stores, "one", &snapshot).await }
    }))
    .await;
    assert_eq!(kept(stores, "one").await, Some(snapshot(1, 20, "20")));
}
