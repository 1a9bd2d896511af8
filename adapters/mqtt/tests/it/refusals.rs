//! Messages the host does not take: acknowledged with a reason, or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use logistics_mqtt::Channel;
use logistics_mqtt::gateway::{Disposition, Rejection, Topic};

use crate::host::{Host, partner, start, until};
use crate::wire::{Hello, V5, V311, Wire};

const LOCATION: &str = "logistics/dp/DP-1/location";

#[tokio::test]
async fn a_rejection_is_acknowledged_with_its_reason() {
    let host = Host::answering(|message| {
        Disposition::Rejected(match &message.payload[..] {
            b"malformed" => Rejection::Malformed,
            b"forbidden" => Rejection::NotAuthorised,
            b"topic" => Rejection::UnknownTopic,
            b"quota" => Rejection::QuotaExceeded,
            _ => Rejection::Other,
        })
    });
    let gateway = start(&host).await;
    let mut old = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    let mut new = Wire::join(&gateway, &Hello::new(V5, "DP-2")).await;
    for (payload, code) in
        [("malformed", 0x99), ("forbidden", 0x87), ("topic", 0x90), ("quota", 0x97), ("", 0x83)]
    {
        old.publish(Some(7), LOCATION, payload.as_bytes()).await;
        assert_eq!(old.next().await, Some((0x40, vec![0, 7])));
        new.publish(Some(7), "logistics/dp/DP-2/location", payload.as_bytes()).await;
        assert_eq!(new.next().await, Some((0x40, vec![0, 7, code])), "{payload}");
    }
    assert_eq!(gateway.stats().rejected.get(), 10);
}

#[tokio::test]
async fn a_foreign_topic_is_acknowledged_and_reaches_the_host_as_forbidden() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for (level, ack) in [(V311, vec![0, 1]), (V5, vec![0, 1, 0x87])] {
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        wire.publish(Some(1), "logistics/dp/DP-2/location", b"x").await;
        assert_eq!(wire.next().await, Some((0x40, ack)));
        let message = host.messages.lock().unwrap().pop().unwrap();
        let expected = Topic::Forbidden { partner: partner("DP-2"), channel: Channel::Location };
        assert_eq!((&message.topic, &*message.client_id), (&expected, "DP-1"));
        // The connection lives on.
        wire.publish(Some(2), LOCATION, b"x").await;
        assert_eq!(wire.next().await, Some((0x40, vec![0, 2])));
    }
}

#[tokio::test]
async fn a_phones_topic_is_that_of_whoever_has_proved_to_be_somebody() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for (client, topic, whose) in [
        ("DP-1", "owntracks/asha/phone", Some("DP-1")),
        ("DP-1", "owntracks/DP-2/phone/event", Some("DP-1")),
        ("tool", "owntracks/asha/phone", Some("asha.phone")),
        ("tool", "owntracks/asha", None),
    ] {
        let mut wire = Wire::join(&gateway, &Hello::new(V311, client)).await;
        wire.publish(Some(1), topic, b"{}").await;
        assert_eq!(wire.next().await, Some((0x40, vec![0, 1])), "{topic}");
        let message = host.messages.lock().unwrap().pop().unwrap();
        let expected = whose.map(|whose| Topic::OwnTracks { partner: partner(whose) });
        assert_eq!(message.topic, expected.unwrap_or(Topic::Unknown), "{client} {topic}");
    }
    assert_eq!((gateway.stats().forbidden.get(), gateway.stats().unknown_topic.get()), (0, 1));
}

#[tokio::test]
async fn unknown_and_impossible_topics_reach_the_host_and_are_acknowledged() {
    let host = Host::answering(|message| match message.topic {
        Topic::Unknown => Disposition::Rejected(Rejection::UnknownTopic),
        _ => Disposition::Stored,
    });
    let gateway = start(&host).await;
    for (level, ack) in [(V311, vec![0, 1]), (V5, vec![0, 1, 0x90])] {
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        for topic in
            ["owntracks/u", "owntracks/u/d/e/f", "", "a/+/b", "logistics/dp/#", "nul\0", "/"]
        {
            wire.publish(Some(1), topic, b"payload").await;
            assert_eq!(wire.next().await, Some((0x40, ack.clone())), "{topic:?}");
            let message = host.messages.lock().unwrap().pop().unwrap();
            assert_eq!((&*message.topic_name, &message.payload[..]), (topic, &b"payload"[..]));
        }
    }
    assert_eq!(gateway.stats().unknown_topic.get(), 14);
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_acknowledged_and_closes() {
    let broken = Arc::new(AtomicBool::new(true));
    let is_broken = Arc::clone(&broken);
    let host = Host::answering(move |_| {
        if is_broken.load(Ordering::SeqCst) {
            Disposition::Unavailable
        } else {
            Disposition::Stored
        }
    });
    let gateway = start(&host).await;
    for (level, goodbye) in [(V311, None), (V5, Some((0xE0, vec![0x89])))] {
        broken.store(true, Ordering::SeqCst);
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        wire.publish(Some(1), LOCATION, b"x").await;
        assert_eq!(wire.next().await, goodbye);
        assert_eq!(wire.next().await, None, "closed");
        broken.store(false, Ordering::SeqCst);
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        wire.publish(Some(1), LOCATION, b"x").await;
        assert_eq!(wire.next().await, Some((0x40, vec![0, 1])));
    }
    assert_eq!((gateway.stats().acks.get(), gateway.stats().unavailable.get()), (2, 2));
}

#[tokio::test]
async fn a_panic_of_the_host_costs_a_batch_and_not_the_gateway() {
    let host = Host::answering(|message| {
        assert_ne!(&message.payload[..], b"poison");
        Disposition::Stored
    });
    let gateway = start(&host).await;
    let mut wire = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    wire.publish(Some(1), LOCATION, b"poison").await;
    assert_eq!(wire.next().await, None, "closed without an acknowledgement");
    // The host's own lock is poisoned by the panic; the gateway asks it all the same.
    until("counted", || gateway.stats().unavailable.get() == 1).await;
    let mut wire = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    wire.send(&[0xC0, 0]).await;
    assert_eq!(wire.next().await, Some((0xD0, vec![])));
}
