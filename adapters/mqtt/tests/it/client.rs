//! Our own device client against our own gateway.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::Channel;
use logistics_mqtt::client::{
    ClientClosed, ClientOptions, DeviceClient, DeviceEvent, DeviceEvents, LastWill,
};
use logistics_mqtt::gateway::{DeviceHandler, Disposition, Gateway, GatewayConfig, Presence};
use tokio::time::timeout;

use crate::host::{Host, manifest, partner, start, until};

fn quick() -> ClientOptions {
    ClientOptions {
        reconnect_min: Duration::from_millis(20),
        reconnect_max: Duration::from_millis(100),
        ..Default::default()
    }
}

fn connect(gateway: &Gateway, id: &str) -> (DeviceClient, DeviceEvents) {
    DeviceClient::connect(gateway.local_addr(), &partner(id), quick())
}

async fn next(events: &mut DeviceEvents) -> DeviceEvent {
    timeout(Duration::from_secs(10), events.next()).await.expect("no event").expect("closed")
}

#[tokio::test]
async fn a_fix_is_acknowledged_when_stored() {
    let host = Host::slow(Duration::from_millis(200));
    let gateway = start(&host).await;
    let (device, mut events) = connect(&gateway, "DP-1");
    assert_eq!(next(&mut events).await, DeviceEvent::Connected);
    let started = std::time::Instant::now();
    let receipt = device.publish(Channel::Location, "fix").await.unwrap();
    receipt.acknowledged().await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(200));
    assert_eq!(host.payloads(), ["fix"]);
    device.close().await;
    until("gone", || host.presence_of("DP-1") == [Presence::Connected, Presence::Disconnected])
        .await;
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn manifests_arrive_and_large_ones_too() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    host.store("DP-1", &manifest(1, "stops"));
    let (_device, mut events) = connect(&gateway, "DP-1");
    assert_eq!(next(&mut events).await, DeviceEvent::Connected);
    assert_eq!(next(&mut events).await, DeviceEvent::Manifest("stops".into()));
    let large = vec![b'x'; 200_000];
    gateway.publish_manifest(&partner("DP-1"), &manifest(2, large.clone()));
    assert_eq!(next(&mut events).await, DeviceEvent::Manifest(large.into()));
}

/// Starts on a port that was in use a moment ago.
async fn restart(host: &Arc<Host>, address: SocketAddr) -> Gateway {
    let bind = || {
        let host = Arc::clone(host) as Arc<dyn DeviceHandler>;
        Gateway::bind(address, GatewayConfig::default(), host)
    };
    for _ in 0..100 {
        if let Ok(gateway) = bind().await {
            return gateway;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the port stays taken");
}

#[tokio::test]
async fn nothing_is_lost_when_the_gateway_restarts() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let address = gateway.local_addr();
    let (device, mut events) = connect(&gateway, "DP-1");
    assert_eq!(next(&mut events).await, DeviceEvent::Connected);
    // Taken, and not stored: the connection breaks with the message unacknowledged.
    *host.answer.lock().unwrap() = Some(Box::new(|_| Disposition::Unavailable));
    let first = device.publish(Channel::Location, "first").await.unwrap();
    assert_eq!(next(&mut events).await, DeviceEvent::Disconnected);
    gateway.shutdown().await;
    let second = device.publish(Channel::Location, "second").await.unwrap();
    *host.answer.lock().unwrap() = None;
    host.messages.lock().unwrap().clear();
    host.store("DP-1", &manifest(1, "stops"));
    let gateway = restart(&host, address).await;
    first.acknowledged().await.unwrap();
    second.acknowledged().await.unwrap();
    assert_eq!(host.payloads(), ["first", "second"]);
    until("subscribed again", || gateway.stats().manifests_acked.get() == 1).await;
    device.close().await;
}

#[tokio::test]
async fn a_full_window_holds_the_publisher_back() {
    let host = Host::slow(Duration::from_millis(300));
    let gateway = start(&host).await;
    let options = ClientOptions { window: 2, ..quick() };
    let (device, _events) = DeviceClient::connect(gateway.local_addr(), &partner("DP-1"), options);
    let mut receipts = Vec::new();
    for at in 0..3 {
        receipts.push(device.publish(Channel::Location, at.to_string()).await.unwrap());
    }
    // Two are in flight and one waits at the door: the next must wait for an acknowledgement.
    let fourth = device.publish(Channel::Location, "3");
    assert!(timeout(Duration::from_millis(100), fourth).await.is_err());
    for receipt in receipts {
        receipt.acknowledged().await.unwrap();
    }
    assert_eq!(host.payloads(), ["0", "1", "2"]);
}

#[tokio::test]
async fn closing_waits_for_what_is_outstanding() {
    let host = Host::slow(Duration::from_millis(200));
    let gateway = start(&host).await;
    let (device, _events) = connect(&gateway, "DP-1");
    let mut receipts = Vec::new();
    for at in 0..5 {
        receipts.push(device.publish(Channel::Event, at.to_string()).await.unwrap());
    }
    device.close().await;
    assert_eq!(host.payloads().len(), 5);
    for receipt in receipts {
        assert_eq!(receipt.acknowledged().await, Ok(()));
    }
}

#[tokio::test]
async fn a_dropped_device_is_lost_with_its_will() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let will = LastWill { channel: Channel::Status, payload: "offline".into() };
    let options = ClientOptions { last_will: Some(will), ..quick() };
    let (device, mut events) =
        DeviceClient::connect(gateway.local_addr(), &partner("DP-1"), options);
    assert_eq!(next(&mut events).await, DeviceEvent::Connected);
    drop(device);
    until("lost", || host.presence_of("DP-1") == [Presence::Connected, Presence::Lost]).await;
    until("will", || host.payloads() == ["offline"]).await;
}

#[tokio::test]
async fn closing_ends_even_without_a_gateway() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = ClientOptions { close_timeout: Duration::from_millis(200), ..quick() };
    let (device, _events) = DeviceClient::connect(nobody, &partner("DP-1"), options);
    let receipt = device.publish(Channel::Location, "x").await.unwrap();
    timeout(Duration::from_secs(5), device.close()).await.expect("it ends");
    assert_eq!(receipt.acknowledged().await, Err(ClientClosed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_shares_one_process() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let mut fleet = Vec::new();
    for at in 0..300 {
        fleet.push(connect(&gateway, &format!("DP-{at}")).0);
    }
    let mut receipts = Vec::new();
    for device in &fleet {
        for fix in 0..5 {
            receipts.push(device.publish(Channel::Location, fix.to_string()).await.unwrap());
        }
    }
    for receipt in receipts {
        timeout(Duration::from_secs(20), receipt.acknowledged()).await.unwrap().unwrap();
    }
    assert!(host.payloads().len() >= 1_500);
}
