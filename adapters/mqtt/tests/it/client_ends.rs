//! The device client when a connection ends, from either side.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::Channel;
use logistics_mqtt::client::{ClientClosed, ClientOptions, DeviceClient, DeviceEvent, LastWill};
use logistics_mqtt::gateway::{
    DeviceHandler, Disposition, Endpoint, Gateway, GatewayConfig, Presence,
};
use tokio::time::timeout;

use crate::client::{connect, next, quick};
use crate::host::{Host, manifest, partner, start, until};

/// Starts on a port that was in use a moment ago.
async fn restart(host: &Arc<Host>, address: SocketAddr) -> Gateway {
    let bind = || {
        let host = Arc::clone(host) as Arc<dyn DeviceHandler>;
        Gateway::bind([Endpoint::Plain(address)], GatewayConfig::default(), host)
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
    let address = gateway.local_addrs()[0];
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
        DeviceClient::connect(gateway.local_addrs()[0], &partner("DP-1"), options);
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
