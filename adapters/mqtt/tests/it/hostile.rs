//! Packets that break the rules: each ends its connection in its own way, and nobody else notices.

use std::sync::Arc;

use crate::host::{Host, start, until};
use crate::wire::{Hello, V5, V311, Wire, is_well, packet, text};

const LOCATION: &str = "logistics/dp/DP-1/location";

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
