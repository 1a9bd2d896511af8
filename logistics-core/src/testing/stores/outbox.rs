//! Cases of [`Outbox`](crate::eventsourcing::Outbox).

use super::Stores;
use super::fixtures::{commit, message, stream};
use crate::eventsourcing::{Commit, CommitError, FeedOrder, StoreErrorKind};
use crate::ids::EffectId;

fn effect(id: &str) -> EffectId {
    EffectId::new(id).expect("a legal effect id")
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

/// Messages wait in the order of commits and, within one, in its order, with all their fields;
/// where the feed keeps the order of each stream only, the outbox does too.
pub async fn messages_wait_in_commit_order(stores: &Stores) {
    assert_eq!(pending(stores, 10).await, [""; 0]);
    // Ids that sort otherwise than they came.
    let sent = [("one", &["z", "y"][..]), ("two", &[]), ("three", &["a", "m", "b"])];
    for (stream, messages) in sent {
        stores.events.commit(sending(stream, messages)).await.expect("taken");
    }
    let all = pending(stores, 10).await;
    match stores.events.feed_order() {
        FeedOrder::Commit => assert_eq!(all, ["z", "y", "a", "m", "b"]),
        FeedOrder::Stream => {
            for (_, messages) in sent {
                let of_stream = all.iter().filter(|id| messages.contains(&id.as_str()));
                assert!(of_stream.eq(messages), "{all:?}");
            }
            assert_eq!(all.len(), 5);
        }
    }
    assert_eq!(pending(stores, 2).await, all[..2]);
    let first = stores.outbox.pending(1).await.expect("answered");
    assert_eq!(first, [message(&all[0])]);
}

/// Of one stream the messages of a later commit wait behind those of an earlier one.
pub async fn messages_of_a_stream_wait_in_its_order(stores: &Stores) {
    let mut sent = Vec::new();
    for n in 0..6_u64 {
        // Falling ids, so that their own order is not the right one.
        let ids = [format!("{}-b", 9 - n), format!("{}-a", 9 - n)];
        let mut made = commit(&stream("one"), &n.to_string(), n, 1);
        made.outbox = ids.iter().map(|id| message(id)).collect();
        stores.events.commit(made).await.expect("taken");
        sent.extend(ids);
    }
    assert_eq!(pending(stores, 100).await, sent);
    stores.outbox.delivered(&[effect(&sent[0]), effect(&sent[5])]).await.expect("answered");
    sent.remove(5);
    sent.remove(0);
    assert_eq!(pending(stores, 100).await, sent);
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
