//! Kill −9 of the server and cut links, under load over mutual TLS: what was acknowledged is there,
//! once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::harness::{Device, Link, Server, fix, now_ms};

/// How often the server is killed.
const KILLS: usize = 2;
/// How long it lives, and in which the link is cut how often.
const LIFE: Duration = Duration::from_millis(3_000);
const CUTS: u32 = 12;

#[test]
fn everything_acknowledged_over_tls_survives_kills_and_cuts_once() {
    let mut server = Server::start();
    let mut devices = Vec::new();
    for partner in ["DP-1", "DP-2", "DP-3"] {
        server.http().register_partner(partner);
        devices.push((Device::enrol(&server, partner), now_ms(), BTreeSet::new()));
    }
    let mut cut = 0;
    for _ in 0..KILLS {
        let link = Arc::new(Link::to(server.mqtts_addr));
        let stop = Arc::new(AtomicBool::new(false));
        let workers: Vec<_> = devices
            .drain(..)
            .map(|(device, next_ts, acknowledged)| {
                let (link, stop) = (Arc::clone(&link), Arc::clone(&stop));
                std::thread::spawn(move || drive(&link, device, next_ts, acknowledged, &stop))
            })
            .collect();
        for _ in 0..CUTS {
            std::thread::sleep(LIFE / CUTS);
            cut += link.cut();
        }
        server.kill();
        stop.store(true, Ordering::Relaxed);
        link.cut();
        devices = workers.into_iter().map(|worker| worker.join().expect("it ends")).collect();
        server = server.kill_and_restart();
    }
    assert!(cut > 0, "no connection was cut");
    let http = server.http();
    for (device, _, acknowledged) in &devices {
        assert!(acknowledged.len() > 3, "only {} of {}", acknowledged.len(), device.partner);
        let (from, to) = (now_ms() - 3_600_000, now_ms() + 3_600_000);
        let path = format!("/v1/partners/{}/fixes?from={from}&to={to}", device.partner);
        let stored: Vec<_> = http.all(&path).iter().map(|fix| fix["ts"].as_i64()).collect();
        let distinct: BTreeSet<_> = stored.iter().copied().flatten().collect();
        assert_eq!(distinct.len(), stored.len(), "no fix twice");
        let lost: Vec<_> = acknowledged.difference(&distinct).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    }
}

/// Publishes fix after fix; one that is not acknowledged is sent again, as a phone does.
fn drive(
    link: &Link,
    device: Device,
    mut ts: i64,
    mut acknowledged: BTreeSet<i64>,
    stop: &AtomicBool,
) -> (Device, i64, BTreeSet<i64>) {
    let topic = device.topic("location");
    while !stop.load(Ordering::Relaxed) {
        let message = fix(73.85, 18.52, ts).to_string();
        if device.publish(link.address, "mqttv311", &topic, &message).is_ok() {
            acknowledged.insert(ts);
            ts += 1;
        }
    }
    (device, ts, acknowledged)
}
