//! Our own device client against our own gateway.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::Channel;
use logistics_mqtt::client::{ClientOptions, DeviceClient, DeviceEvent, DeviceEvents};
use logistics_mqtt::gateway::{Gateway, Presence};
use tokio::time::timeout;

use crate::host::{Host, manifest, partner, start, until};

pub(crate) fn quick() -> ClientOptions {
    ClientOptions {
        reconnect_min: Duration::from_millis(20),
        reconnect_max: Duration::from_millis(100),
        ..Default::default()
    }
}

pub(crate) fn connect(gateway: &Gateway, id: &str) -> (DeviceClient, DeviceEvents) {
    DeviceClient::connect(gateway.local_addrs()[0], &partner(id), quick())
}

pub(crate) async fn next(events: &mut DeviceEvents) -> DeviceEvent {
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

#[tokio::test]
async fn a_full_window_holds_the_publisher_back() {
    let host = Host::slow(Duration::from_millis(300));
    let gateway = start(&host).await;
    let options = ClientOptions { window: 2, ..quick() };
    let (device, _events) =
        DeviceClient::connect(gateway.local_addrs()[0], &partner("DP-1"), options);
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
