//! The end: what was received is stored and acknowledged, within a bound.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::gateway::GatewayConfig;
use tokio::io::AsyncWriteExt as _;

use crate::host::{Host, start, start_with, until};
use crate::wire::{Hello, V5, V311, Wire};

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
    let refused = tokio::net::TcpStream::connect(gateway.local_addrs()[0]).await;
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
    let address = gateway.local_addrs()[0];
    let mut wire = Wire::join(&gateway, &Hello::new(V5, "DP-1")).await;
    drop(gateway);
    assert_eq!(wire.next().await, Some((0xE0, vec![0x8B])));
    until("closed", || std::net::TcpStream::connect(address).is_err()).await;
    wire.stream.shutdown().await.unwrap();
}
