//! Peers that break the rules: each is refused in its own way, and nobody else notices.

use std::sync::Arc;
use std::time::{Duration, Instant};

use logistics_mqtt::gateway::{BindError, Gateway, GatewayConfig};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;

use crate::host::{Host, manifest, partner, start, start_with, until};
use crate::wire::{Hello, V5, V311, Wire, packet, text};

const LOCATION: &str = "logistics/dp/DP-1/location";

/// The gateway still serves.
async fn is_well(gateway: &Gateway) {
    let mut wire = Wire::join(gateway, &Hello::new(V311, "DP-well")).await;
    wire.publish(Some(1), "logistics/dp/DP-well/location", b"x").await;
    assert_eq!(wire.next().await, Some((0x40, vec![0, 1])));
}

#[tokio::test]
async fn only_loopback_is_bound() {
    let host = Arc::new(Host::default());
    let bind = |address: &str| {
        Gateway::bind(address.parse().unwrap(), GatewayConfig::default(), Arc::clone(&host) as _)
    };
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:1883"] {
        let error = bind(address).await.expect_err(address);
        assert!(
            matches!(error, BindError::NotLoopback { address: it } if it.to_string() == address)
        );
    }
    let first = bind("127.0.0.1:0").await.unwrap();
    let taken = first.local_addr().to_string();
    assert!(matches!(bind(&taken).await, Err(BindError::Listen { .. })));
}

#[tokio::test]
async fn an_oversized_packet_ends_the_connection_at_its_header() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for (level, goodbye) in [(V311, None), (V5, Some((0xE0, vec![0x95])))] {
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        // 50 MB are announced, and ten bytes of them sent.
        wire.send(&[0x32, 0x80, 0xE1, 0xEB, 0x17]).await;
        wire.send(&[0; 10]).await;
        assert_eq!(wire.next().await, goodbye);
    }
    until("counted", || gateway.stats().oversized.get() == 2).await;
    // The largest packet allowed is taken: 5 bytes of header, 2 + 26 + 2 before the payload.
    let mut wire = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    let overhead = wire.publish_bytes(Some(1), LOCATION, b"").len() + 2;
    wire.publish(Some(1), LOCATION, &vec![b'x'; 128 * 1024 - overhead]).await;
    assert_eq!(wire.next().await, Some((0x40, vec![0, 1])));
    wire.publish(Some(2), LOCATION, &vec![b'x'; 128 * 1024 - overhead + 1]).await;
    assert_eq!(wire.next().await, None);
    is_well(&gateway).await;
}

#[tokio::test]
async fn quality_of_service_2_is_refused() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for (level, goodbye) in [(V311, None), (V5, Some((0xE0, vec![0x9B])))] {
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        let mut bytes = wire.publish_bytes(Some(1), LOCATION, b"x");
        bytes[0] = 0x34;
        wire.send(&bytes).await;
        assert_eq!(wire.next().await, goodbye);
    }
    until("counted", || gateway.stats().qos2_refused.get() == 2).await;
    assert!(host.payloads().is_empty());
    is_well(&gateway).await;
}

#[tokio::test]
async fn what_is_no_packet_of_a_client_ends_the_connection() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let subscribe_nothing = packet(0x82, &[0, 1, 0]);
    let cases: [(&str, Vec<u8>, u8); 11] = [
        ("PINGREQ with a body", vec![0xC0, 1, 0], 0x81),
        ("PINGREQ with flags", vec![0xC1, 0], 0x81),
        ("packet type 0", vec![0x00, 0], 0x82),
        ("CONNACK", vec![0x20, 2, 0, 0], 0x82),
        ("PUBREL", vec![0x62, 2, 0, 1], 0x82),
        ("second CONNECT", Hello::new(V5, "DP-1").bytes(), 0x82),
        ("QoS 3", vec![0x36, 5, 0, 1, b'a', 0, 1], 0x81),
        ("QoS 0 with DUP", vec![0x38, 4, 0, 1, b'a', 0], 0x81),
        ("packet identifier 0", packet(0x32, &[&text("a")[..], &[0, 0, 0]].concat()), 0x81),
        ("five length bytes", vec![0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1], 0x81),
        ("no topic filter", subscribe_nothing, 0x81),
    ];
    for (name, bytes, code) in cases {
        let mut wire = Wire::join(&gateway, &Hello::new(V5, "DP-1")).await;
        wire.send(&bytes).await;
        assert_eq!(wire.next().await, Some((0xE0, vec![code])), "{name}");
        assert_eq!(wire.next().await, None, "{name}");
    }
    // Topic Alias, which was not offered.
    let mut wire = Wire::join(&gateway, &Hello::new(V5, "DP-1")).await;
    wire.send(&packet(0x30, &[&text("")[..], &[3, 0x23, 0, 1]].concat())).await;
    assert_eq!(wire.next().await, Some((0xE0, vec![0x94])));
    until("counted", || gateway.stats().protocol_errors.get() == 12).await;
    is_well(&gateway).await;
}

#[tokio::test]
async fn a_connect_that_is_not_wanted_gets_its_reason() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let long = "x".repeat(300);
    let no_limit = Hello { properties: &[0x27, 0, 0, 0, 0], ..Hello::new(V5, "DP-1") };
    let nameless = Hello::kept(V311, "");
    for (hello, connack) in [
        (Hello::new(V311, "banned-1"), Some(vec![0, 5])),
        (Hello::new(V5, "banned-1"), Some(vec![0, 0x87, 0])),
        (Hello::new(V311, "nobody-1"), Some(vec![0, 2])),
        (Hello::new(V5, "nobody-1"), Some(vec![0, 0x85, 0])),
        (Hello::new(V5, &long), Some(vec![0, 0x85, 0])),
        (Hello::new(V311, "line\nbreak"), Some(vec![0, 2])),
        (Hello::new(3, "old"), Some(vec![0, 1])),
        (Hello::new(6, "future"), Some(vec![0, 0x84, 0])),
        (nameless, Some(vec![0, 2])),
        (no_limit, None),
    ] {
        let mut wire = Wire::open(&gateway).await;
        wire.send(&hello.bytes()).await;
        assert_eq!(wire.next().await, connack.map(|body| (0x20, body)), "{}", hello.id);
        if hello.level != V311 {
            assert_eq!(wire.next().await, None);
        }
    }
    assert_eq!(gateway.stats().refused_by_host.get(), 4);
    assert_eq!(gateway.stats().admitted.get(), 0);
    is_well(&gateway).await;
}

#[tokio::test]
async fn a_nameless_client_is_given_a_name() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let (_first, connack) = Wire::greet(&gateway, &Hello::new(V5, "")).await;
    assert!(connack.windows(9).any(|window| window == b"anonymous"), "{connack:02X?}");
    let (mut second, _) = Wire::greet(&gateway, &Hello::new(V311, "")).await;
    second.send(&[0xC0, 0]).await;
    assert_eq!(second.next().await, Some((0xD0, vec![])));
    assert_eq!(gateway.stats().taken_over.get(), 0, "each has its own");
}

#[tokio::test]
async fn who_does_not_introduce_himself_is_shown_out() {
    let host = Arc::new(Host::default());
    let config =
        GatewayConfig { connect_timeout: Duration::from_millis(300), ..Default::default() };
    let gateway = start_with(&host, config).await;
    let started = Instant::now();
    let mut silent = Wire::open(&gateway).await;
    let mut slow = Wire::open(&gateway).await;
    slow.send(&Hello::new(V311, "DP-1").bytes()[..9]).await;
    assert_eq!((silent.next().await, slow.next().await), (None, None));
    assert!(started.elapsed() >= Duration::from_millis(290));
    until("counted", || gateway.stats().refused_silent.get() == 2).await;
    let mut hasty = Wire::open(&gateway).await;
    hasty.send(&hasty.publish_bytes(Some(1), LOCATION, b"x")).await;
    assert_eq!(hasty.next().await, None);
    assert!(host.payloads().is_empty());
}

#[tokio::test]
async fn above_the_connection_limit_peers_are_turned_away() {
    let host = Arc::new(Host::default());
    let gateway =
        start_with(&host, GatewayConfig { connections_max: 2, ..Default::default() }).await;
    let first = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    let _second = Wire::join(&gateway, &Hello::new(V311, "DP-2")).await;
    assert_eq!(Wire::open(&gateway).await.next().await, None);
    assert_eq!(gateway.stats().refused_full.get(), 1);
    drop(first);
    until("room", || gateway.stats().connections.get() == 1).await;
    Wire::join(&gateway, &Hello::new(V311, "DP-3")).await;
}

#[tokio::test]
async fn garbage_never_kills_the_gateway() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    // A small generator of our own (xorshift), so that every run sends the same.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for round in 0..200 {
        let mut bytes: Vec<u8> =
            (0..random() % 300).map(|_| u8::try_from(random() % 256).unwrap()).collect();
        let mut wire = if round % 2 == 0 {
            Wire::open(&gateway).await
        } else {
            bytes.insert(0, [0x30, 0x32, 0x82, 0xA2, 0x40, 0xE0][round / 2 % 6]);
            let level = if round % 4 == 1 { V311 } else { V5 };
            Wire::join(&gateway, &Hello::new(level, "DP-1")).await
        };
        // The gateway may well close while we are still writing.
        let _ = wire.stream.write_all(&bytes).await;
    }
    is_well(&gateway).await;
    until("all gone", || gateway.stats().connections.get() == 0).await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_dropped() {
    let host = Arc::new(Host::default());
    let config = GatewayConfig { write_timeout: Duration::from_millis(300), ..Default::default() };
    let gateway = start_with(&host, config).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut deaf = socket.connect(gateway.local_addr()).await.unwrap();
    deaf.write_all(&Hello::new(V311, "tool").bytes()).await.unwrap();
    let filter = [&[0, 1][..], &text("logistics/dp/+/manifest"), &[0]].concat();
    deaf.write_all(&packet(0x82, &filter)).await.unwrap();
    until("subscribed", || gateway.stats().subscribed.get() == 1).await;
    for version in 1..=200 {
        let id = format!("DP-{version}");
        gateway.publish_manifest(&partner(&id), &manifest(version, vec![b'x'; 100_000]));
    }
    until("dropped", || gateway.stats().write_timeouts.get() == 1).await;
    is_well(&gateway).await;
}
