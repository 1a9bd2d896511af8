//! Kill −9 of the server and cut links, under load over mutual TLS from clients that are not ours:
//! what was acknowledged is there, once.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::harness::{Device, Http, Link, Paho, Server, fix, now_ms};

/// How often the server is killed.
const KILLS: usize = 2;
/// How long it lives, and in which the link is cut how often.
const LIFE: Duration = Duration::from_millis(3_000);
const CUTS: u32 = 12;

#[test]
fn everything_acknowledged_by_mosquitto_pub_survives_kills_and_cuts_once() {
    let (server, devices) = enrolled(&["DP-1", "DP-2", "DP-3"]);
    let link = Link::to(server.mqtts_addr);
    let stop = Arc::new(AtomicBool::new(false));
    let publishing: Vec<_> = devices
        .into_iter()
        .map(|device| publish_until(device, link.address, Arc::clone(&stop)))
        .collect();
    let server = disturb(server, &link);
    stop.store(true, Ordering::Relaxed);
    for publisher in publishing {
        let (partner, acknowledged) = publisher.join().expect("it ends");
        println!("mosquitto_pub, {partner}: {} acknowledged", acknowledged.len());
        assert!(acknowledged.len() > 3, "only {} of {partner}", acknowledged.len());
        let stored = history(&server.http(), &partner);
        let lost: Vec<_> = acknowledged.difference(&stored).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    }
}

#[test]
fn everything_published_by_paho_survives_kills_and_cuts_once() {
    let (server, devices) = enrolled(&["DP-1", "DP-2"]);
    let link = Link::to(server.mqtts_addr);
    let first = now_ms() - 1_800_000;
    let publishing: Vec<_> = devices
        .iter()
        .zip(["mqttv311", "mqttv5"])
        .map(|(device, version)| Paho::start(device, link.address, version, first))
        .collect();
    let server = disturb(server, &link);
    // What was under way in a kill or a cut is sent again; in the end all is acknowledged.
    for publisher in publishing {
        let partner = publisher.partner.clone();
        let seen = publisher.finish();
        let (fixes, times) = (seen.acknowledged.len(), seen.connections);
        println!("paho-mqtt, {partner}: {fixes} acknowledged over {times} connections");
        assert!(times > KILLS, "{partner} connected {times} times");
        assert!(fixes > 500, "only {fixes} of {partner}");
        assert_eq!(history(&server.http(), &partner), seen.acknowledged, "{partner}");
    }
}

/// A server, and a device of each of these partners.
fn enrolled(partners: &[&str]) -> (Server, Vec<Device>) {
    let server = Server::start();
    let http = server.http();
    let enrol = |partner: &&str| {
        http.register_partner(partner);
        Device::enrol(&server, partner)
    };
    let devices = partners.iter().map(enrol).collect();
    (server, devices)
}

/// Cuts the link again and again and kills the server, several times; it runs again at the end.
fn disturb(mut server: Server, link: &Link) -> Server {
    let mut cut = 0;
    for _ in 0..KILLS {
        for _ in 0..CUTS {
            std::thread::sleep(LIFE / CUTS);
            cut += link.cut();
        }
        std::thread::sleep(LIFE / 2);
        server = server.kill_and_restart();
        link.lead_to(server.mqtts_addr);
    }
    std::thread::sleep(LIFE / 2);
    assert!(cut > 0, "no connection was cut");
    server
}

/// Publishes fix after fix; one that is not acknowledged is sent again, as a phone does.
fn publish_until(
    device: Device,
    broker: SocketAddr,
    stop: Arc<AtomicBool>,
) -> JoinHandle<(String, BTreeSet<i64>)> {
    std::thread::spawn(move || {
        let (topic, mut ts) = (device.topic("location"), now_ms());
        let mut acknowledged = BTreeSet::new();
        while !stop.load(Ordering::Relaxed) {
            let message = fix(73.85, 18.52, ts).to_string();
            if device.publish(broker, "mqttv311", &topic, &message).is_ok() {
                acknowledged.insert(ts);
                ts += 1;
            }
        }
        (device.partner, acknowledged)
    })
}

/// The times of the partner's fixes, none of which is there twice.
fn history(http: &Http, partner: &str) -> BTreeSet<i64> {
    let (from, to) = (now_ms() - 3_600_000, now_ms() + 3_600_000);
    let path = format!("/v1/partners/{partner}/fixes?from={from}&to={to}");
    let stored: Vec<_> = http.all(&path).iter().map(|fix| fix["ts"].as_i64()).collect();
    let distinct: BTreeSet<_> = stored.iter().copied().flatten().collect();
    assert_eq!(distinct.len(), stored.len(), "no fix of {partner} twice");
    distinct
}
