//! Who is not let in over TLS: each reason is its own count, and nothing of it reaches the host.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::gateway::{Counter, Gateway, GatewayConfig, GatewayStats, Topic};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::host::{Host, until};
use crate::mosquitto;
use crate::pki::{Authority, Credential, Files, self_signed};
use crate::tls::{DP_1, open, secured, secured_with};
use crate::wire::{Hello, V5, V311, Wire};

type Reason = fn(&GatewayStats) -> &Counter;

/// The gateway closes a connection that shows this certificate, and counts why.
async fn refuses(gateway: &Gateway, authority: &Authority, own: &Credential, reason: Reason) {
    let stats = gateway.stats();
    let before = reason(&stats).get();
    let mut wire = open(gateway, authority, own).await;
    // The refusal may be faster than this.
    let _ = wire.stream.write_all(&Hello::new(V311, "DP-1").bytes()).await;
    assert_eq!(wire.next().await, None, "closed without a CONNACK");
    until("counted", || reason(&stats).get() == before + 1).await;
}

#[tokio::test]
async fn certificates_that_prove_nothing() {
    let (host, authority, other) =
        (Arc::new(Host::default()), Authority::new("ours"), Authority::new("other"));
    let namesake = Authority::new("ours");
    let gateway = secured(&host, &authority).await;
    let foreign: Reason = |stats| &stats.refused_authority;
    let nobody: Reason = |stats| &stats.refused_certificate;
    for (own, reason) in [
        (other.device(&[DP_1]), foreign),
        (namesake.device(&[DP_1]), foreign),
        (self_signed(DP_1), foreign),
        (authority.expired(DP_1), |stats: &GatewayStats| &stats.refused_expired),
        (authority.device(&[]), nobody),
        (authority.device(&[DP_1, "urn:logistics:dp:DP-2"]), nobody),
        (authority.device(&["urn:logistics:hub:DP-1"]), nobody),
    ] {
        refuses(&gateway, &authority, &own, reason).await;
    }
    assert_eq!(gateway.stats().admitted.get(), 0);
    assert_eq!(*host.identities.lock().unwrap(), [], "the host was not asked");
}

#[tokio::test]
async fn another_devices_certificate_is_of_no_use() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let gateway = secured(&host, &authority).await;
    let own = authority.device(&["urn:logistics:dp:DP-2"]);
    for (level, connack) in [(V311, &[0, 2][..]), (V5, &[0, 0x85, 0])] {
        for id in ["DP-1", "tool", ""] {
            let wire = open(&gateway, &authority, &own).await;
            let (_wire, answer) = wire.introduce(&Hello::new(level, id)).await;
            assert_eq!(answer, connack, "{id:?}");
        }
    }
    assert_eq!(gateway.stats().refused_client_id.get(), 6);
    assert_eq!(*host.identities.lock().unwrap(), [], "the host was not asked");
}

#[tokio::test]
async fn a_foreign_topic_and_a_foreign_manifest_are_refused() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let gateway = secured(&host, &authority).await;
    let own = authority.device(&[DP_1]);
    for (level, ack, suback) in [(V311, vec![0, 1], 0x80), (V5, vec![0, 1, 0x87], 0x87)] {
        let wire = open(&gateway, &authority, &own).await;
        let (mut wire, _) = wire.introduce(&Hello::new(level, "DP-1")).await;
        wire.publish(Some(1), "logistics/dp/DP-2/location", b"x").await;
        assert_eq!(wire.next().await, Some((0x40, ack)));
        let message = host.messages.lock().unwrap().pop().unwrap();
        assert!(matches!(message.topic, Topic::Forbidden { .. }), "{message:?}");
        for filter in ["logistics/dp/DP-2/manifest", "logistics/dp/+/manifest", "#"] {
            assert_eq!(wire.subscribe(filter, 1).await, suback, "{filter}");
        }
    }
    let stats = gateway.stats();
    assert_eq!((stats.forbidden.get(), stats.subscriptions_refused.get()), (2, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_without_a_certificate_is_refused() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let gateway = secured(&host, &authority).await;
    let files = Files::new(&authority, &authority.device(&[DP_1]));
    let output = mosquitto::publish_without_certificate(&gateway, &files).await;
    assert!(!output.status.success(), "{output:?}");
    until("counted", || gateway.stats().refused_no_certificate.get() == 1).await;
    assert_eq!(host.payloads(), [""; 0]);
}

/// A ClientHello of RFC 5246: it offers TLS 1.2 and has no list of versions.
fn hello_of_tls_1_2() -> Vec<u8> {
    let cipher_suites = [0, 2, 0xC0, 0x2B];
    let signature_algorithms = [0, 0x0D, 0, 4, 0, 2, 4, 3];
    let supported_groups = [0, 0x0A, 0, 4, 0, 2, 0, 0x17];
    let mut hello = vec![3, 3];
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend(cipher_suites);
    hello.extend([1, 0]);
    hello.extend([0, 16]);
    hello.extend(signature_algorithms);
    hello.extend(supported_groups);
    let length = u8::try_from(hello.len()).unwrap();
    [&[0x16, 3, 1, 0, length + 4, 1, 0, 0, length], &hello[..]].concat()
}

#[tokio::test]
async fn tls_1_2_is_refused_with_the_alert_for_it() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let gateway = secured(&host, &authority).await;
    let address = ("127.0.0.1", gateway.local_addrs()[0].port());
    let mut wire = Wire::over(TcpStream::connect(address).await.unwrap());
    wire.send(&hello_of_tls_1_2()).await;
    let mut alert = Vec::new();
    wire.stream.read_to_end(&mut alert).await.unwrap();
    assert_eq!(alert, [0x15, 3, 3, 0, 2, 2, 70], "fatal: protocol_version");
    until("counted", || gateway.stats().refused_tls_version.get() == 1).await;
}

#[tokio::test]
async fn silence_and_garbage_end_the_handshake() {
    let (host, authority) = (Arc::new(Host::default()), Authority::new("ours"));
    let config = GatewayConfig {
        handshake_timeout: Duration::from_millis(200),
        handshakes_max: 2,
        ..Default::default()
    };
    let gateway = secured_with(&host, &authority, config).await;
    let address = ("127.0.0.1", gateway.local_addrs()[0].port());
    let mut garbage = Wire::over(TcpStream::connect(address).await.unwrap());
    garbage.send(&Hello::new(V311, "DP-1").bytes()).await;
    let stats = gateway.stats();
    until("garbage counted", || stats.refused_handshake.get() == 1).await;
    let _silent =
        [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    until("both shake", || stats.handshakes.get() == 2).await;
    let mut third = Wire::over(TcpStream::connect(address).await.unwrap());
    assert_eq!(third.next().await, None, "one too many");
    assert_eq!(stats.refused_full.get(), 1);
    until("silence counted", || stats.refused_handshake_slow.get() == 2).await;
    let own = authority.device(&[DP_1]);
    let wire = open(&gateway, &authority, &own).await;
    let (_wire, connack) = wire.introduce(&Hello::new(V5, "DP-1")).await;
    assert_eq!(connack[1], 0, "others are served");
}
