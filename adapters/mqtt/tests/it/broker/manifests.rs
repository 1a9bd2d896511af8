//! Manifests at the broker: retained, the newest of each partner, whatever restarts.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::broker::{BrokerClient, BrokerConfig};
use logistics_mqtt::client::DeviceEvent;
use tokio::time::timeout;

use super::mosquitto::Mosquitto;
use super::{connect, connect_with, quick};
use crate::host::{Host, Trouble, manifest, partner, until};

/// What a device that comes now finds.
async fn found(broker: &Mosquitto, id: &str) -> String {
    let (device, mut events) = broker.device(id);
    let manifest = timeout(Duration::from_secs(10), async {
        loop {
            match events.next().await.expect("it lives") {
                DeviceEvent::Manifest(payload) => return payload,
                _ => continue,
            }
        }
    });
    let payload = manifest.await.expect("no manifest");
    device.close().await;
    String::from_utf8(payload.to_vec()).unwrap()
}

async fn published(client: &BrokerClient, count: u64) {
    until("published", || client.stats().manifests_published.get() >= count).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_is_retained_and_survives_the_broker() {
    let mut broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let client = connect(broker.server(), &host);
    assert!(client.publish_manifest(&partner("DP-1"), manifest(1, "first")));
    published(&client, 1).await;
    assert_eq!(found(&broker, "DP-1").await, "first");
    assert!(client.publish_manifest(&partner("DP-1"), manifest(3, "third")));
    assert!(!client.publish_manifest(&partner("DP-1"), manifest(2, "second")), "stale");
    published(&client, 2).await;
    broker.stop().await;
    // While the broker is away; of one partner, the last.
    for version in 4..100 {
        client.publish_manifest(&partner("DP-2"), manifest(version, version.to_string()));
    }
    broker.start_again().await;
    published(&client, 3).await;
    assert_eq!(found(&broker, "DP-1").await, "third");
    assert_eq!(found(&broker, "DP-2").await, "99");
    assert_eq!(client.stats().manifests_published.get(), 3);
    assert_eq!(client.stats().manifests_stale.get(), 1);
    assert_eq!(client.manifests_waiting(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_host_cannot_look_up_at_once_is_published_later() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    for id in ["DP-1", "DP-2"] {
        host.store(id, &manifest(1, id.to_owned()));
    }
    host.trouble.lock().unwrap().extend([Trouble::Fails; 3]);
    let client = connect(broker.server(), &host);
    published(&client, 2).await;
    assert_eq!(found(&broker, "DP-1").await, "DP-1");
    assert_eq!(found(&broker, "DP-2").await, "DP-2");
    assert_eq!(client.stats().lookups_failed.get(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_has_forgotten_is_told_all_again() {
    let mut broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    for id in 0..200 {
        host.store(&format!("DP-{id}"), &manifest(1, id.to_string()));
    }
    let client = connect(broker.server(), &host);
    published(&client, 200).await;
    broker.stop().await;
    broker.forget();
    broker.start_again().await;
    published(&client, 400).await;
    for id in [0, 77, 199] {
        assert_eq!(found(&broker, &format!("DP-{id}")).await, id.to_string());
    }
    until("both sessions are found lost", || client.stats().sessions_lost.get() == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_waits_is_published_before_the_end() {
    let broker = Mosquitto::start().await;
    let host = Arc::new(Host::default());
    let client = connect(broker.server(), &host);
    until("connected", || client.stats().connected.get() == 2).await;
    for id in 0..100 {
        client.publish_manifest(&partner(&format!("DP-{id}")), manifest(1, id.to_string()));
    }
    client.shutdown().await;
    assert_eq!(client.stats().manifests_published.get(), 100);
    assert_eq!(found(&broker, "DP-99").await, "99");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_the_broker_breaks_off_for_does_not_hold_up_the_others() {
    // A packet above the limit ends the connection, unlike a payload above its own.
    let broker = Mosquitto::start_with(|text| format!("max_packet_size 20000\n{text}")).await;
    let host = Arc::new(Host::default());
    let config = BrokerConfig { manifest_bytes_max: 50_000, ..quick() };
    let client = connect_with(broker.server(), config, &host);
    assert!(client.publish_manifest(&partner("DP-1"), manifest(1, vec![b'x'; 40_000])));
    for id in 2..30 {
        client.publish_manifest(&partner(&format!("DP-{id}")), manifest(1, id.to_string()));
    }
    assert!(!client.publish_manifest(&partner("DP-1"), manifest(2, vec![b'x'; 50_001])));
    published(&client, 28).await;
    assert_eq!(found(&broker, "DP-29").await, "29");
    assert_eq!(client.stats().manifests_too_large.get(), 1);
    // A smaller one takes its place.
    client.publish_manifest(&partner("DP-1"), manifest(2, "small"));
    published(&client, 29).await;
    assert_eq!(found(&broker, "DP-1").await, "small");
}
