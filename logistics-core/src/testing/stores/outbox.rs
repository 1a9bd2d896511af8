//! Cases of [`Outbox`](crate::eventsourcing::Outbox).

use chrono::Duration;

use super::Stores;
use super::fixtures::{at, commit, stream};
use crate::eventsourcing::{Commit, CommitError, OutboxItem, StoreErrorKind};
use crate::ids::EffectId;

fn effect(id: &str) -> EffectId {
    EffectId::new(id).expect("a legal effect id")
}

fn message(id: &str) -> OutboxItem {
    OutboxItem {
        effect_id: effect(id),
        kind: "manifest.publish".to_owned(),
        key: format!("key of {id}"),
        body: vec![0, 255, b'{'],
        created_at: at(0) + Duration::microseconds(7),
    }
}

fn sending(stream_id: &str, messages: &[&str]) -> Commit {
    let mut made = commit(&stream(stream_id), "c", 0, 1);
    made.outbox = messages.iter().map(|id| message(id)).collect();
    made
}

async fn pending(stores: &Stores, limit: u32) -> Vec<String> {
    let items = stores.outbox.pending(limit).await.expect("answered");
    items.into_iter().map(|item| item.effect_id.into()).collect()
}

/// Messages wait in the order of commits and, within one, in its order, with all their fields.
pub async fn messages_wait_in_commit_order(stores: &Stores) {
    assert_eq!(pending(stores, 10).await, [""; 0]);
    // Ids that sort otherwise than they came.
    for (stream, messages) in [("one", &["z", "y"][..]), ("two", &[]), ("three", &["a", "m", "b"])]
    {
        stores.events.commit(sending(stream, messages)).await.expect("taken");
    }
    assert_eq!(pending(stores, 10).await, ["z", "y", "a", "m", "b"]);
    assert_eq!(pending(stores, 2).await, ["z", "y"]);
    let first = stores.outbox.pending(1).await.expect("answered");
    assert_eq!(first, [message("z")]);
}

/// What was delivered is gone, once and for all; unknown ids are nobody's.
pub async fn delivery_is_idempotent(stores: &Stores) {
    stores.events.commit(sending("one", &["a", "b", "c"])).await.expect("taken");
    for _ in 0..2 {
        let delivered = [effect("b"), effect("unknown"), effect("b")];
        stores.outbox.delivered(&delivered).await.expect("answered");
        assert_eq!(pending(stores, 10).await, ["a", "c"]);
    }
    stores.outbox.delivered(&[]).await.expect("answered");
    stores.outbox.delivered(&[effect("a"), effect("c")]).await.expect("answered");
    stores.events.commit(sending("two", &["d"])).await.expect("taken");
    assert_eq!(pending(stores, 10).await, ["d"]);
}

/// A message id that still waits is refused, with its whole commit.
pub async fn a_message_cannot_wait_twice(stores: &Stores) {
    stores.events.commit(sending("one", &["a"])).await.expect("taken");
    for twice in [&["b", "a"], &["b", "b"]] {
        let refused = stores.events.commit(sending("two", twice)).await;
        let invalid = matches!(&refused, Err(CommitError::Store(error))
            if error.kind == StoreErrorKind::Invalid);
        assert!(invalid, "{refused:?}");
    }
    assert_eq!(pending(stores, 10).await, ["a"]);
    stores.events.commit(sending("two", &["b"])).await.expect("nothing was left behind");
}
