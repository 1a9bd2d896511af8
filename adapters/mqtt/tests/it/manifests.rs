//! Manifests: retained at subscribe, pushed on change, within what the client can take.

use std::sync::Arc;

use crate::delivery::Delivery;
use crate::host::{Host, manifest, partner, start, until};
use crate::wire::{Hello, V5, V311, Wire, quiet};

const MANIFEST: &str = "logistics/dp/DP-1/manifest";
// MQTT 5 subscription options beside the QoS.
const RETAIN_AS_PUBLISHED: u8 = 0b1000;
const RETAINED_IF_NEW: u8 = 0b1_0000;
const RETAINED_NEVER: u8 = 0b10_0000;

#[tokio::test]
async fn the_retain_flag_is_set_at_subscribe_and_clear_when_live() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    host.store("DP-1", &manifest(1, "one"));
    for (level, options, live_retain) in
        [(V311, 1, false), (V5, 1, false), (V5, 1 | RETAIN_AS_PUBLISHED, true)]
    {
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        assert_eq!(wire.subscribe(MANIFEST, options).await, 1);
        let retained = wire.delivery().await;
        assert_eq!((retained.payload.as_str(), retained.retain), ("one", true));
        wire.acknowledge(retained.id.unwrap()).await;
        gateway.publish_manifest(&partner("DP-1"), &manifest(2, "two"));
        let live = wire.delivery().await;
        let expected = Delivery {
            topic: MANIFEST.into(),
            payload: "two".into(),
            id: live.id,
            duplicate: false,
            retain: live_retain,
        };
        assert_eq!(live, expected);
        assert!(live.id.is_some(), "quality of service 1");
    }
}

#[tokio::test]
async fn retain_handling_is_honoured() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    host.store("DP-1", &manifest(1, "one"));
    let mut wire = Wire::join(&gateway, &Hello::new(V5, "DP-1")).await;
    wire.subscribe(MANIFEST, RETAINED_NEVER).await;
    assert!(quiet(&mut wire).await);
    wire.subscribe(MANIFEST, RETAINED_IF_NEW).await;
    assert!(quiet(&mut wire).await, "the subscription existed");
    wire.subscribe(MANIFEST, 0).await;
    assert_eq!(wire.delivery().await.payload, "one");
    wire.subscribe("logistics/dp/DP-1/+", RETAINED_IF_NEW).await;
    assert_eq!(wire.delivery().await.id, None, "quality of service 0, as asked");
}

#[tokio::test]
async fn a_stale_version_is_not_published() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let mut wire = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    wire.subscribe(MANIFEST, 1).await;
    assert_eq!(gateway.publish_manifest(&partner("DP-1"), &manifest(5, "five")), 1);
    assert_eq!(gateway.publish_manifest(&partner("DP-1"), &manifest(4, "four")), 0);
    assert_eq!(gateway.publish_manifest(&partner("DP-2"), &manifest(1, "other")), 0);
    assert_eq!(wire.delivery().await.payload, "five");
    assert!(quiet(&mut wire).await);
    assert_eq!(gateway.stats().manifests_stale.get(), 1);
}

#[tokio::test]
async fn what_a_client_cannot_take_is_skipped_and_counted() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    // Maximum Packet Size of 100 bytes.
    let hello = Hello { properties: &[0x27, 0, 0, 0, 100], ..Hello::new(V5, "DP-1") };
    let mut wire = Wire::join(&gateway, &hello).await;
    wire.subscribe(MANIFEST, 1).await;
    // 2 + 2 + 26 + 2 + 1 bytes stand before the payload.
    gateway.publish_manifest(&partner("DP-1"), &manifest(1, "x".repeat(68)));
    until("skipped", || gateway.stats().manifests_too_large.get() == 1).await;
    gateway.publish_manifest(&partner("DP-1"), &manifest(2, "x".repeat(67)));
    assert_eq!(wire.delivery().await.payload.len(), 67);
}

#[tokio::test]
async fn no_more_than_the_receive_maximum_is_unconfirmed() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for version in 1..=5 {
        host.store(&format!("DP-{version}"), &manifest(version, version.to_string()));
    }
    let hello = Hello { properties: &[0x21, 0, 2], ..Hello::new(V5, "tool") };
    let mut wire = Wire::join(&gateway, &hello).await;
    wire.subscribe("logistics/dp/+/manifest", 1).await;
    let first = wire.delivery().await;
    let second = wire.delivery().await;
    assert!(quiet(&mut wire).await, "two are unconfirmed");
    wire.acknowledge(second.id.unwrap()).await;
    let third = wire.delivery().await;
    assert!(quiet(&mut wire).await);
    wire.acknowledge(first.id.unwrap()).await;
    wire.acknowledge(third.id.unwrap()).await;
    assert_eq!(
        (wire.delivery().await.payload, wire.delivery().await.payload),
        ("4".into(), "5".into())
    );
}
