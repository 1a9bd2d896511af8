//! A host that does not find manifests at once: the subscriber gets its own all the same.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::gateway::{Gateway, GatewayConfig};

use crate::host::{Host, Trouble, manifest, partner, start_with, until};
use crate::wire::{Hello, V5, V311, Wire, quiet};

const MANIFEST: &str = "logistics/dp/DP-1/manifest";

async fn impatient(host: &Arc<Host>) -> Gateway {
    let config =
        GatewayConfig { lookup_timeout: Duration::from_millis(60), ..GatewayConfig::default() };
    start_with(host, config).await
}

fn with_trouble(trouble: &[Trouble]) -> Arc<Host> {
    let host = Arc::new(Host::default());
    host.store("DP-1", &manifest(1, "one"));
    host.trouble.lock().unwrap().extend(trouble);
    host
}

#[tokio::test]
async fn a_manifest_that_is_late_arrives_and_holds_nothing_up() {
    let trouble = [Trouble::Hangs, Trouble::Fails, Trouble::Hangs];
    for level in [V311, V5] {
        let host = with_trouble(&trouble);
        let gateway = impatient(&host).await;
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        assert_eq!(wire.subscribe(MANIFEST, 1).await, 1);
        // Acknowledged while the host is still looking.
        wire.publish(Some(7), "logistics/dp/DP-1/location", b"x").await;
        assert_eq!(wire.next().await.unwrap().1[..2], [0, 7]);
        assert_eq!(gateway.stats().lookups_failed.get(), 0);
        let found = wire.delivery().await;
        assert_eq!((found.payload.as_str(), found.retain), ("one", true));
        assert_eq!(gateway.stats().lookups_failed.get(), 3);
        assert!(quiet(&mut wire).await, "once");
    }
}

#[tokio::test]
async fn a_wildcard_finds_all_though_the_host_fails_now_and_then() {
    let host = with_trouble(&[Trouble::Hangs]);
    for number in 2..=9 {
        host.store(&format!("DP-{number}"), &manifest(1, number.to_string()));
    }
    let gateway = impatient(&host).await;
    let mut wire = Wire::join(&gateway, &Hello::new(V311, "tool")).await;
    wire.subscribe("logistics/dp/+/manifest", 0).await;
    until("asked", || gateway.stats().lookups_failed.get() == 1).await;
    host.trouble.lock().unwrap().extend([Trouble::Fails, Trouble::Hangs]);
    let mut found = Vec::new();
    for _ in 1..=9 {
        found.push(wire.delivery().await.payload);
    }
    found.sort();
    assert_eq!(found, ["2", "3", "4", "5", "6", "7", "8", "9", "one"]);
}

#[tokio::test]
async fn a_client_that_left_before_the_host_answered_finds_it_when_it_is_back() {
    let host = with_trouble(&[Trouble::Hangs]);
    let gateway = impatient(&host).await;
    let mut wire = Wire::join(&gateway, &Hello::kept(V311, "DP-1")).await;
    wire.subscribe(MANIFEST, 1).await;
    drop(wire);
    let mut wire = Wire::join(&gateway, &Hello::kept(V311, "DP-1")).await;
    assert_eq!(wire.delivery().await.payload, "one");
}

#[tokio::test]
async fn what_is_published_meanwhile_is_not_followed_by_the_older_one() {
    let host = with_trouble(&[Trouble::Hangs]);
    let gateway = impatient(&host).await;
    let mut wire = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    wire.subscribe(MANIFEST, 1).await;
    gateway.publish_manifest(&partner("DP-1"), &manifest(2, "two"));
    let live = wire.delivery().await;
    assert_eq!(live.payload, "two");
    wire.acknowledge(live.id.unwrap()).await;
    until("asked again", || host.trouble.lock().unwrap().is_empty()).await;
    // The host's own is still the older one.
    assert!(wire.is_silent(Duration::from_millis(300)).await);
}

#[tokio::test]
async fn nothing_is_looked_up_for_a_subscription_that_has_ended() {
    let host = with_trouble(&[Trouble::Hangs]);
    let gateway = impatient(&host).await;
    let mut wire = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    wire.subscribe(MANIFEST, 1).await;
    let unsubscribe =
        crate::wire::packet(0xA2, &[vec![0, 3], crate::wire::text(MANIFEST)].concat());
    wire.send(&unsubscribe).await;
    assert_eq!(wire.next().await, Some((0xB0, vec![0, 3])));
    assert!(wire.is_silent(Duration::from_millis(300)).await);
}
