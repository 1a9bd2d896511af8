//! Devices at an external broker: the server is its client, beside its own gateway.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::harness::{Device, Http, Mosquitto, Server, eventually, fix, now_ms};

/// A server at a broker, with these partners and their devices.
fn begin(partners: &[&str]) -> (Server, Mosquitto, Vec<Device>) {
    let server = Server::start();
    let devices = partners.iter().map(|partner| {
        server.http().register_partner(partner);
        Device::enrol(&server, partner)
    });
    let devices = devices.collect();
    let broker = Mosquitto::start(&server);
    let server = restart(server, &broker);
    eventually("the server is at the broker", || {
        (count(&server.http(), "connected") == 2).then_some(())
    });
    (server, broker, devices)
}

/// Kills the server (SIGKILL), and starts it as a client of the broker.
fn restart(server: Server, broker: &Mosquitto) -> Server {
    let arguments: Vec<&str> = broker.arguments.iter().map(String::as_str).collect();
    server.kill_and_restart_with(&arguments)
}

fn count(http: &Http, name: &str) -> u64 {
    let text = http.get("/metrics").body;
    let line = format!("logistics_broker{{of=\"{name}\"}} ");
    let found = text.as_str().and_then(|text| text.lines().find_map(|l| l.strip_prefix(&line)));
    found.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name}: {text}"))
}

/// The times of the partner's stored fixes.
fn stored(http: &Http, partner: &str) -> Vec<i64> {
    let (from, to) = (now_ms() - 3_600_000, now_ms() + 3_600_000);
    let path = format!("/v1/partners/{partner}/fixes?from={from}&to={to}");
    http.all(&path).iter().filter_map(|fix| fix["ts"].as_i64()).collect()
}

#[test]
fn a_fix_and_a_manifest_go_through_the_broker() {
    let (server, broker, devices) = begin(&["DP-1", "DP-2"]);
    let (http, own) = (server.http(), &devices[0]);
    let now = fix(73.85, 18.52, now_ms()).to_string();
    own.publish(broker.devices, "mqttv5", &own.topic("location"), &now).expect("taken");
    // Nobody else's topic: the broker says so, and the server hears nothing of it.
    let foreign = own.publish(broker.devices, "mqttv5", "logistics/dp/DP-2/location", &now);
    foreign.expect_err("another partner's topic");
    own.publish(broker.devices, "mqttv5", &own.topic("location"), "{").expect("acknowledged");
    eventually("the position", || {
        http.get("/v1/partners/DP-1").ok()["position"].is_object().then_some(())
    });
    let letters = eventually("a dead letter", || {
        Some(http.all("/v1/dead-letters")).filter(|letters| !letters.is_empty())
    });
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(count(&http, "rejected_malformed"), 1);
    assert_eq!(http.get("/v1/partners/DP-2").ok()["position"], json!(null));

    http.shipment_at_hub("S-1", 73.855, 18.525);
    let run = http.post("/v1/dispatch/runs", &json!({ "partners": ["DP-1"], "seed": 7 })).ok();
    assert_eq!(run["manifests"][0]["partner"], "DP-1", "{run}");
    let manifest = own.topic("manifest");
    let arrived = own.receive(broker.devices, &["-t", &manifest]).expect("a manifest");
    assert!(arrived.contains("\"S-1\""), "{arrived}");
    // The built-in gateway is another door to the same.
    let arrived = own.receive(server.mqtts_addr, &["-t", &manifest]).expect("a manifest");
    assert!(arrived.contains("\"S-1\""), "{arrived}");
}

#[test]
fn a_phone_with_own_tracks_stays_with_the_broker() {
    let (server, broker, devices) = begin(&["DP-1"]);
    let said = json!({ "_type": "location", "lat": 18.52, "lon": 73.85, "tst": now_ms() / 1_000 });
    let topic = "owntracks/DP-1/phone";
    devices[0].publish(broker.devices, "mqttv311", topic, &said.to_string()).expect("taken");
    eventually("the position", || {
        server.http().get("/v1/partners/DP-1").ok()["position"].is_object().then_some(())
    });
}

#[test]
fn the_platforms_name_is_nobodys() {
    let server = Server::start();
    let complaint = server.device(&["enrol", "logistics-platform"]).expect_err("refused");
    assert!(complaint.contains("the name of the platform itself"), "{complaint}");
}

#[test]
#[allow(clippy::print_stdout, reason = "the counts are what one wants to know of it")]
fn everything_acknowledged_by_the_broker_is_stored_once_whoever_restarts() {
    let (mut server, mut broker, devices) = begin(&["DP-1", "DP-2", "DP-3"]);
    let stop = Arc::new(AtomicBool::new(false));
    let address = broker.devices;
    let drivers: Vec<_> = devices
        .into_iter()
        .map(|device| {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || (device.partner.clone(), drive(&device, address, &stop)))
        })
        .collect();
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(1_200));
        broker.restart();
        std::thread::sleep(Duration::from_millis(800));
        server = restart(server, &broker);
    }
    std::thread::sleep(Duration::from_millis(800));
    stop.store(true, Ordering::Relaxed);
    let http = server.http();
    for driver in drivers {
        let (partner, acknowledged) = driver.join().expect("it ends");
        assert!(acknowledged.len() > 3, "only {} of {partner}", acknowledged.len());
        let times = eventually("all that was acknowledged is stored", || {
            let times = stored(&http, &partner);
            let distinct = times.iter().copied().collect();
            acknowledged.is_subset(&distinct).then_some(times)
        });
        let distinct: BTreeSet<_> = times.iter().collect();
        assert_eq!(distinct.len(), times.len(), "no fix twice");
        println!("{partner}: {} acknowledged, {} stored", acknowledged.len(), times.len());
    }
}

/// Publishes fix after fix; one that is not acknowledged is sent again, as a phone does.
fn drive(device: &Device, broker: std::net::SocketAddr, stop: &AtomicBool) -> BTreeSet<i64> {
    let topic = device.topic("location");
    let (mut acknowledged, mut ts) = (BTreeSet::new(), now_ms());
    while !stop.load(Ordering::Relaxed) {
        let message = fix(73.85, 18.52, ts).to_string();
        if device.publish(broker, "mqttv311", &topic, &message).is_ok() {
            acknowledged.insert(ts);
            ts += 1;
        }
    }
    acknowledged
}
