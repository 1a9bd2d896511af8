//! The gateway over mutual TLS: who is let in, as whom, and until when.

use std::sync::Arc;

use logistics_mqtt::Channel;
use logistics_mqtt::client::{DeviceClient, DeviceEvent};
use logistics_mqtt::gateway::{ConnectionIdentity, Endpoint, Gateway, GatewayConfig, Presence};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::client::{next, quick};
use crate::host::{Host, manifest, partner, start_at, until};
use crate::mosquitto;
use crate::pki::{Authority, Credential, Files};
use crate::wire::{Hello, V5, V311, Wire};

pub(crate) const DP_1: &str = "urn:logistics:dp:DP-1";

pub(crate) async fn secured(host: &Arc<Host>, authority: &Authority) -> Gateway {
    secured_with(host, authority, GatewayConfig::default()).await
}

pub(crate) async fn secured_with(
    host: &Arc<Host>,
    authority: &Authority,
    config: GatewayConfig,
) -> Gateway {
    // Not only this machine's addresses: whoever comes must prove who it is.
    let any = "0.0.0.0:0".parse().unwrap();
    start_at(Endpoint::Tls(any, authority.gateway()), host, config).await
}

/// A TLS connection, before any packet.
pub(crate) async fn open(gateway: &Gateway, authority: &Authority, own: &Credential) -> Wire {
    let port = gateway.local_addrs()[0].port();
    let tcp = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let connector = TlsConnector::from(own.client_config(authority));
    let name = "localhost".try_into().unwrap();
    // With TLS 1.3 a client is done before the server has seen its certificate.
    Wire::over(connector.connect(name, tcp).await.unwrap())
}

#[tokio::test]
async fn a_device_is_known_by_its_certificate() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let gateway = secured(&host, &authority).await;
    let own = authority.device_with_serial(DP_1, &[0x0A, 0xBC, 0x01]);
    for level in [V311, V5] {
        let wire = open(&gateway, &authority, &own).await;
        let (mut wire, connack) = wire.introduce(&Hello::new(level, "DP-1")).await;
        assert_eq!(connack[1], 0);
        wire.publish(Some(1), "logistics/dp/DP-1/location", b"fix").await;
        assert_eq!(wire.next().await, Some((0x40, vec![0, 1])));
    }
    let identity = ConnectionIdentity { partner: partner("DP-1"), serial: "0abc01".into() };
    assert_eq!(*host.identities.lock().unwrap(), [Some(identity.clone()), Some(identity)]);
    assert_eq!(gateway.stats().handshakes.get(), 0);
}

#[tokio::test]
async fn the_device_client_speaks_tls() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let gateway = secured(&host, &authority).await;
    host.store("DP-1", &manifest(1, "stops"));
    let server = authority.device(&[DP_1]).server(&authority, &gateway);
    let (device, mut events) = DeviceClient::connect(server, &partner("DP-1"), quick());
    assert_eq!(next(&mut events).await, DeviceEvent::Connected);
    assert_eq!(next(&mut events).await, DeviceEvent::Manifest("stops".into()));
    device.publish(Channel::Location, "fix").await.unwrap().acknowledged().await.unwrap();
    assert_eq!(host.payloads(), ["fix"]);
    device.close().await;
}

#[tokio::test]
async fn the_device_client_does_not_talk_to_an_impostor() {
    let (host, authority, other) =
        (Arc::new(Host::default()), Authority::new("ours"), Authority::new("other"));
    let gateway = secured(&host, &authority).await;
    let server = authority.device(&[DP_1]).server(&other, &gateway);
    let (_device, _events) = DeviceClient::connect(server, &partner("DP-1"), quick());
    let stats = gateway.stats();
    until("it breaks off", || stats.refused_handshake.get() >= 2).await;
    assert_eq!(stats.admitted.get(), 0);
}

#[tokio::test]
async fn who_is_shut_out_is_disconnected_and_others_stay() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let gateway = secured(&host, &authority).await;
    let old = authority.device_with_serial(DP_1, &[1]);
    let other = authority.device_with_serial("urn:logistics:dp:DP-2", &[2]);
    let hello =
        Hello { will: Some(("logistics/dp/DP-1/status", "gone")), ..Hello::new(V5, "DP-1") };
    let (mut wire, _) = open(&gateway, &authority, &old).await.introduce(&hello).await;
    let (mut stays, _) =
        open(&gateway, &authority, &other).await.introduce(&Hello::new(V311, "DP-2")).await;
    assert_eq!(gateway.shut_out(|identity| &*identity.serial == "01"), 1);
    assert_eq!(wire.next().await, Some((0xE0, vec![0x87])));
    assert_eq!(wire.next().await, None, "closed");
    until("counted", || gateway.stats().shut_out.get() == 1).await;
    stays.publish(Some(1), "logistics/dp/DP-2/location", b"x").await;
    assert_eq!(stays.next().await, Some((0x40, vec![0, 1])));
    assert_eq!(host.payloads(), ["x"], "nobody speaks for a certificate that is over");
    assert_eq!(host.presence_of("DP-1"), [Presence::Connected, Presence::Lost]);
}

#[tokio::test]
async fn plain_and_tls_share_sessions_and_manifests() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let here = "127.0.0.1:0".parse().unwrap();
    let endpoints = [Endpoint::Plain(here), Endpoint::Tls(here, authority.gateway())];
    let gateway =
        Gateway::bind(endpoints, GatewayConfig::default(), Arc::clone(&host) as _).await.unwrap();
    let server = authority.device(&[DP_1]);
    let server = logistics_mqtt::client::Server::tls(
        "127.0.0.1",
        gateway.local_addrs()[1].port(),
        server.client(&authority),
    );
    let (_device, mut events) = DeviceClient::connect(server, &partner("DP-1"), quick());
    assert_eq!(next(&mut events).await, DeviceEvent::Connected);
    until("subscribed", || gateway.stats().subscribed.get() == 1).await;
    gateway.publish_manifest(&partner("DP-1"), &manifest(1, "stops"));
    assert_eq!(next(&mut events).await, DeviceEvent::Manifest("stops".into()));
    let mut tool = Wire::join(&gateway, &Hello::new(V311, "tool")).await;
    tool.publish(Some(1), "logistics/dp/DP-1/location", b"x").await;
    assert_eq!(tool.next().await, Some((0x40, vec![0, 1])));
    assert_eq!(host.identities.lock().unwrap()[1], None, "plain TCP proves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_publishes_with_a_certificate() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let gateway = secured(&host, &authority).await;
    let files = Files::new(&authority, &authority.device(&[DP_1]));
    for version in ["mqttv311", "mqttv5"] {
        let output = mosquitto::publish_tls(&gateway, &files, version).await;
        assert!(output.status.success(), "{version}: {output:?}");
        assert_eq!(host.messages.lock().unwrap().pop().unwrap().payload, "fix");
    }
}
