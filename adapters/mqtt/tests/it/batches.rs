//! Which messages share a batch, and which do not wait for others.

use std::time::{Duration, Instant};

use logistics_mqtt::gateway::{Gateway, GatewayConfig};

use crate::host::{Host, start_with};
use crate::wire::{Hello, V5, Wire};

const LOCATION: &str = "logistics/dp/DP-1/location";

async fn publish(wire: &mut Wire, ids: std::ops::RangeInclusive<u16>) {
    for id in ids {
        wire.publish(Some(id), LOCATION, b"fix").await;
    }
}

async fn acknowledged(wire: &mut Wire, ids: std::ops::RangeInclusive<u16>) {
    for id in ids {
        assert_eq!(wire.next().await, Some((0x40, id.to_be_bytes().to_vec())));
    }
}

async fn join(gateway: &Gateway) -> Wire {
    Wire::join(gateway, &Hello::new(V5, "DP-1")).await
}

#[tokio::test]
async fn what_comes_soon_after_a_batch_is_gathered() {
    const EVERY: Duration = Duration::from_millis(800);
    let host = Host::slow(Duration::ZERO);
    let config = GatewayConfig { batch_every: EVERY, ..GatewayConfig::default() };
    let gateway = start_with(&host, config).await;
    let mut wire = join(&gateway).await;
    let started = Instant::now();
    publish(&mut wire, 1..=1).await;
    acknowledged(&mut wire, 1..=1).await;
    assert!(started.elapsed() < EVERY, "the first waited for {:?}", started.elapsed());
    for id in 2..=5 {
        publish(&mut wire, id..=id).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    acknowledged(&mut wire, 2..=5).await;
    assert!(started.elapsed() >= EVERY, "the next batch began after {:?}", started.elapsed());
    assert_eq!(*host.batches.lock().unwrap(), [1, 4]);

    tokio::time::sleep(EVERY).await;
    let started = Instant::now();
    publish(&mut wire, 6..=6).await;
    acknowledged(&mut wire, 6..=6).await;
    assert!(started.elapsed() < EVERY, "after a pause one waited for {:?}", started.elapsed());
}

#[tokio::test]
async fn full_batches_do_not_wait() {
    const EVERY: Duration = Duration::from_secs(1);
    let host = Host::slow(Duration::from_millis(10));
    let config = GatewayConfig { batch_every: EVERY, batch_max: 2, ..GatewayConfig::default() };
    let gateway = start_with(&host, config).await;
    let mut wire = join(&gateway).await;
    let bytes: Vec<u8> =
        (1..=9).flat_map(|id| wire.publish_bytes(Some(id), LOCATION, b"fix")).collect();
    let started = Instant::now();
    wire.send(&bytes).await;
    // The first batch has one or two; what is left of nine has no company in the latter case.
    acknowledged(&mut wire, 1..=8).await;
    assert!(started.elapsed() < EVERY, "full batches waited: {:?}", started.elapsed());
    acknowledged(&mut wire, 9..=9).await;
}

#[tokio::test]
async fn nothing_waits_when_told_so() {
    let host = Host::slow(Duration::ZERO);
    let config = GatewayConfig { batch_every: Duration::ZERO, ..GatewayConfig::default() };
    let gateway = start_with(&host, config).await;
    let mut wire = join(&gateway).await;
    for id in 1..=5 {
        publish(&mut wire, id..=id).await;
        acknowledged(&mut wire, id..=id).await;
    }
    assert_eq!(*host.batches.lock().unwrap(), [1; 5]);
}

#[tokio::test]
async fn a_shutdown_does_not_wait_for_the_next_batch() {
    let host = Host::slow(Duration::ZERO);
    let config = GatewayConfig { batch_every: Duration::from_secs(1), ..GatewayConfig::default() };
    let gateway = start_with(&host, config).await;
    let mut wire = join(&gateway).await;
    publish(&mut wire, 1..=1).await;
    acknowledged(&mut wire, 1..=1).await;
    drop(wire);
    let started = Instant::now();
    gateway.shutdown().await;
    assert!(started.elapsed() < Duration::from_millis(900), "{:?}", started.elapsed());
}
