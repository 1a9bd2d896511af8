//! Coming and going: takeover, keep-alive, goodbye, last wills.

use std::sync::Arc;
use std::time::{Duration, Instant};

use logistics_mqtt::gateway::{GatewayConfig, Presence};

use crate::host::{Host, start, start_with, until};
use crate::wire::{Hello, V5, V311, Wire, packet};

const STATUS: &str = "logistics/dp/DP-1/status";

#[tokio::test]
async fn a_second_connection_takes_over() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for (level, goodbye) in [(V311, None), (V5, Some((0xE0, vec![0x8E])))] {
        let mut old = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        let mut new = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        assert_eq!(old.next().await, goodbye);
        if goodbye.is_some() {
            assert_eq!(old.next().await, None);
        }
        new.publish(Some(3), "logistics/dp/DP-1/location", b"x").await;
        assert_eq!(new.next().await, Some((0x40, vec![0, 3])));
        new.send(&[0xE0, 0]).await;
        assert_eq!(new.next().await, None);
    }
    until("gone", || host.presence_of("DP-1").len() == 6).await;
    let round = [Presence::Connected, Presence::Connected, Presence::Disconnected];
    assert_eq!(host.presence_of("DP-1"), [round, round].concat());
    assert_eq!(gateway.stats().taken_over.get(), 2);
}

#[tokio::test]
async fn a_displaced_connections_will_comes_before_the_new_ones_messages() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let hello = Hello { will: Some((STATUS, "lost")), ..Hello::new(V311, "DP-1") };
    let _old = Wire::join(&gateway, &hello).await;
    let mut new = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    new.publish(Some(1), STATUS, b"back").await;
    new.next().await.unwrap();
    assert_eq!(host.payloads(), ["lost", "back"]);
}

#[tokio::test]
async fn silence_beyond_the_keep_alive_is_a_loss() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for (level, goodbye) in [(V311, None), (V5, Some((0xE0, vec![0x8D])))] {
        let hello =
            Hello { keep_alive_s: 1, will: Some((STATUS, "lost")), ..Hello::new(level, "DP-1") };
        let mut wire = Wire::join(&gateway, &hello).await;
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        wire.send(&[0xC0, 0]).await;
        let last_heard = Instant::now();
        assert_eq!(wire.next().await, Some((0xD0, vec![])));
        assert_eq!(wire.next().await, goodbye);
        let silence = last_heard.elapsed();
        assert!(silence >= Duration::from_millis(1_450), "closed after {silence:?}");
        assert!(silence < Duration::from_millis(3_000), "closed after {silence:?}");
    }
    until("wills", || host.payloads() == ["lost", "lost"]).await;
    assert!(host.messages.lock().unwrap().iter().all(|message| message.will));
    let round = [Presence::Connected, Presence::Lost];
    assert_eq!(host.presence_of("DP-1"), [round, round].concat());
    assert_eq!(gateway.stats().keep_alive_expired.get(), 2);
}

#[tokio::test]
async fn a_slow_host_is_not_the_devices_silence() {
    let host = Host::slow(Duration::from_millis(700));
    let config = GatewayConfig { queue_max: 1, batch_max: 1, ..Default::default() };
    let gateway = start_with(&host, config).await;
    let hello = Hello { keep_alive_s: 1, ..Hello::new(V311, "DP-1") };
    let mut wire = Wire::join(&gateway, &hello).await;
    for id in 1..=5 {
        wire.publish(Some(id), STATUS, b"x").await;
    }
    let (mut acks, mut pongs) = (0, 0);
    while acks < 5 {
        wire.send(&[0xC0, 0]).await;
        while !wire.is_silent(Duration::from_millis(300)).await {
            match wire.next().await.expect("the connection lives") {
                (0x40, _) => acks += 1,
                _ => pongs += 1,
            }
        }
    }
    assert!(pongs > 0);
    assert_eq!(gateway.stats().keep_alive_expired.get(), 0);
}

#[tokio::test]
async fn a_goodbye_is_no_loss_and_sends_no_will() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for level in [V311, V5] {
        let hello = Hello { will: Some((STATUS, "lost")), ..Hello::new(level, "DP-1") };
        let mut wire = Wire::join(&gateway, &hello).await;
        wire.send(&[0xE0, 0]).await;
        assert_eq!(wire.next().await, None);
    }
    // MQTT 5 may ask for the will all the same.
    let hello = Hello { will: Some((STATUS, "asked for")), ..Hello::new(V5, "DP-1") };
    Wire::join(&gateway, &hello).await.send(&packet(0xE0, &[0x04])).await;
    until("will", || !host.payloads().is_empty()).await;
    assert_eq!(host.payloads(), ["asked for"]);
    assert!(!host.presence_of("DP-1").contains(&Presence::Lost));
}

#[tokio::test]
async fn a_broken_connection_sends_the_will() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let hello = Hello { will: Some((STATUS, "lost")), ..Hello::new(V311, "DP-1") };
    drop(Wire::join(&gateway, &hello).await);
    until("will", || host.payloads() == ["lost"]).await;
    until("presence", || host.presence_of("DP-1") == [Presence::Connected, Presence::Lost]).await;
}
