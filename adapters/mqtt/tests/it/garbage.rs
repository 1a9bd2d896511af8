//! Random bytes, and a peer that never reads.

use std::sync::Arc;
use std::time::Duration;

use logistics_mqtt::gateway::GatewayConfig;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;

use crate::host::{Host, manifest, partner, start, start_with, until};
use crate::wire::{Hello, V5, V311, Wire, is_well, packet, text};

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
    let mut deaf = socket.connect(gateway.local_addrs()[0]).await.unwrap();
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
