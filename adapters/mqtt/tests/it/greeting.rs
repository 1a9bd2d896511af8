//! Who is let in, and how the others are told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use logistics_mqtt::gateway::{BindError, Endpoint, Gateway, GatewayConfig};

use crate::host::{Host, start, start_with, until};
use crate::wire::{Hello, V5, V311, Wire, is_well};

#[tokio::test]
async fn only_loopback_is_bound() {
    let host = Arc::new(Host::default());
    let bind = |address: &str| {
        Gateway::bind(
            [Endpoint::Plain(address.parse().unwrap())],
            GatewayConfig::default(),
            Arc::clone(&host) as _,
        )
    };
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:1883"] {
        let error = bind(address).await.expect_err(address);
        assert!(
            matches!(error, BindError::NotLoopback { address: it } if it.to_string() == address)
        );
    }
    let first = bind("127.0.0.1:0").await.unwrap();
    let taken = first.local_addrs()[0].to_string();
    assert!(matches!(bind(&taken).await, Err(BindError::Listen { .. })));
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
    hasty.send(&hasty.publish_bytes(Some(1), "logistics/dp/DP-1/location", b"x")).await;
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
