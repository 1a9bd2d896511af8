//! Many messages, many connections, and the end: nothing acknowledged is missing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::gateway::GatewayConfig;
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use crate::host::{Host, start, start_with, until};
use crate::wire::{Hello, V5, V311, Wire};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_pipelined_publishes_are_held_back_and_all_acknowledged() {
    let host = Host::slow(Duration::from_millis(2));
    let gateway = start(&host).await;
    for level in [V311, V5] {
        host.messages.lock().unwrap().clear();
        host.batches.lock().unwrap().clear();
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        let topic = "logistics/dp/DP-1/location";
        let bytes: Vec<u8> = (1..=1_000_u16)
            .flat_map(|id| wire.publish_bytes(Some(id), topic, id.to_string().as_bytes()))
            .collect();
        // All at once, without waiting for a single acknowledgement.
        wire.send(&bytes).await;
        for id in 1..=1_000_u16 {
            assert_eq!(wire.next().await, Some((0x40, id.to_be_bytes().to_vec())));
        }
        let expected: Vec<String> = (1..=1_000).map(|id: u32| id.to_string()).collect();
        assert_eq!(host.payloads(), expected);
        let largest = host.batches.lock().unwrap().iter().copied().max().unwrap();
        assert!(largest <= 20, "{largest} of one connection were in flight");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_connections_share_batches() {
    const DEVICES: usize = 200;
    const FIXES: u16 = 20;
    let host = Host::slow(Duration::from_millis(5));
    let gateway = start(&host).await;
    let mut wires = Vec::new();
    for device in 0..DEVICES {
        let level = if device % 2 == 0 { V311 } else { V5 };
        wires.push(Wire::join(&gateway, &Hello::new(level, &format!("DP-{device}"))).await);
    }
    assert_eq!(gateway.stats().connections.get(), 200);
    let mut devices = JoinSet::new();
    for (device, mut wire) in wires.into_iter().enumerate() {
        devices.spawn(async move {
            let topic = format!("logistics/dp/DP-{device}/location");
            for id in 1..=FIXES {
                wire.publish(Some(id), &topic, format!("{device}/{id}").as_bytes()).await;
                assert_eq!(wire.next().await, Some((0x40, id.to_be_bytes().to_vec())));
            }
        });
    }
    while let Some(device) = devices.join_next().await {
        device.unwrap();
    }
    let stored: BTreeSet<String> = host.payloads().into_iter().collect();
    assert_eq!(stored.len(), DEVICES * usize::from(FIXES));
    assert_eq!(gateway.stats().acks.get(), 4_000);
    assert!(gateway.stats().batches.get() < 2_000, "batches of {}", gateway.stats().batches.get());
}

#[tokio::test]
async fn shutdown_lets_what_is_in_flight_be_stored_and_acknowledged() {
    let host = Host::slow(Duration::from_millis(200));
    let gateway = start(&host).await;
    let mut old = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    let mut new = Wire::join(&gateway, &Hello::new(V5, "DP-2")).await;
    let idle = Wire::join(&gateway, &Hello::new(V5, "DP-3")).await;
    old.publish(Some(1), "logistics/dp/DP-1/location", b"one").await;
    new.publish(Some(1), "logistics/dp/DP-2/location", b"two").await;
    until("received", || gateway.stats().publishes.get() == 2).await;
    gateway.shutdown().await;
    assert_eq!(old.next().await, Some((0x40, vec![0, 1])));
    assert_eq!(old.next().await, None);
    assert_eq!(new.next().await, Some((0x40, vec![0, 1])));
    assert_eq!(new.next().await, Some((0xE0, vec![0x8B])));
    assert_eq!(new.next().await, None);
    drop(idle);
    assert_eq!(host.payloads().len(), 2);
    let refused = tokio::net::TcpStream::connect(gateway.local_addr()).await;
    assert!(refused.is_err(), "nobody listens any more");
    gateway.shutdown().await;
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_stuck_host() {
    let host = Host::slow(Duration::from_secs(3_600));
    let config = GatewayConfig { drain_timeout: Duration::from_millis(200), ..Default::default() };
    let gateway = start_with(&host, config).await;
    let mut wire = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    wire.publish(Some(1), "logistics/dp/DP-1/location", b"x").await;
    until("received", || gateway.stats().publishes.get() == 1).await;
    tokio::time::timeout(Duration::from_secs(5), gateway.shutdown()).await.expect("it ends");
    assert_eq!(wire.next().await, None, "closed without an acknowledgement");
}

#[tokio::test]
async fn a_dropped_gateway_stops() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let address = gateway.local_addr();
    let mut wire = Wire::join(&gateway, &Hello::new(V5, "DP-1")).await;
    drop(gateway);
    assert_eq!(wire.next().await, Some((0xE0, vec![0x8B])));
    until("closed", || std::net::TcpStream::connect(address).is_err()).await;
    wire.stream.shutdown().await.unwrap();
}
