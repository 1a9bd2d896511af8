//! Sessions that outlive their connection.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::gateway::GatewayConfig;

use crate::host::{Host, manifest, partner, start, start_with, until};
use crate::wire::{Hello, V5, V311, Wire};

const MANIFEST: &str = "logistics/dp/DP-1/manifest";

#[tokio::test]
async fn the_session_present_flag_tells_the_truth() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for level in [V311, V5] {
        let id = format!("DP-{level}");
        let present = async |hello: &Hello<'_>| {
            let (mut wire, connack) = Wire::greet(&gateway, hello).await;
            wire.send(&[0xE0, 0]).await;
            assert_eq!(wire.next().await, None);
            connack[0]
        };
        assert_eq!(present(&Hello::kept(level, &id)).await, 0, "new");
        assert_eq!(present(&Hello::kept(level, &id)).await, 1, "kept");
        assert_eq!(present(&Hello::new(level, &id)).await, 0, "asked for a clean one");
        assert_eq!(present(&Hello::kept(level, &id)).await, 0, "the clean one was not kept");
    }
}

#[tokio::test]
async fn an_absent_clients_session_ends_in_time() {
    let host = Arc::new(Host::default());
    let config = GatewayConfig { session_expiry_max: Duration::from_secs(1), ..Default::default() };
    let gateway = start_with(&host, config).await;
    for level in [V311, V5] {
        let (wire, connack) = Wire::greet(&gateway, &Hello::kept(level, "DP-1")).await;
        if level == V5 {
            assert_eq!(connack[3..8], [0x11, 0, 0, 0, 1], "told of the shorter life");
        }
        drop(wire);
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let (_wire, connack) = Wire::greet(&gateway, &Hello::new(level, "DP-1")).await;
        assert_eq!(connack[0], 0);
    }
}

#[tokio::test]
async fn unconfirmed_manifests_come_again_and_the_newest_follows() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for level in [V311, V5] {
        let version = u64::from(level) * 10;
        let mut wire = Wire::join(&gateway, &Hello::kept(level, "DP-1")).await;
        assert_eq!(wire.subscribe(MANIFEST, 1).await, 1);
        gateway.publish_manifest(&partner("DP-1"), &manifest(version, "first"));
        let first = wire.delivery().await;
        assert_eq!(
            (first.payload.as_str(), first.duplicate, first.retain),
            ("first", false, false)
        );
        drop(wire);
        until("gone", || gateway.stats().connections.get() == 0).await;
        for (at, payload) in [(1, "second"), (2, "third")] {
            gateway.publish_manifest(&partner("DP-1"), &manifest(version + at, payload));
        }
        let (mut wire, connack) = Wire::greet(&gateway, &Hello::kept(level, "DP-1")).await;
        assert_eq!(connack[0], 1);
        let again = wire.delivery().await;
        assert_eq!((again.payload.as_str(), again.duplicate, again.id), ("first", true, first.id));
        let newest = wire.delivery().await;
        assert_eq!((newest.payload.as_str(), newest.duplicate), ("third", false));
        assert_ne!(newest.id, first.id);
        wire.acknowledge(again.id.unwrap()).await;
        wire.acknowledge(newest.id.unwrap()).await;
        wire.send(&[0xE0, 0]).await;
        assert_eq!(wire.next().await, None);
        let mut wire = Wire::join(&gateway, &Hello::kept(level, "DP-1")).await;
        assert!(wire.is_silent(Duration::from_millis(100)).await, "all is confirmed");
        wire.send(&[0xE0, 0]).await;
        until("gone", || gateway.stats().connections.get() == 0).await;
        drop(Wire::join(&gateway, &Hello::new(level, "DP-1")).await);
    }
}
