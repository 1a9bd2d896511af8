//! Devices with certificates: enrolment, what they may do, and how they lose it.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::harness::{Credential, Device, Http, Server, eventually, fix, now_ms};

fn count(http: &Http, name: &str) -> u64 {
    let text = http.get("/metrics").body;
    let line = format!("logistics_gateway{{of=\"{name}\"}} ");
    let found = text.as_str().and_then(|text| text.lines().find_map(|l| l.strip_prefix(&line)));
    found.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name}: {text}"))
}

fn becomes(http: &Http, name: &str, expected: u64) {
    eventually(name, || (count(http, name) == expected).then_some(()));
}

/// The server says a line with these words.
fn logs(server: &Server, words: &[&str]) {
    eventually(&words.join(", "), || server.has_logged(words).then_some(()));
}

fn server_with(partners: &[&str]) -> (Server, Http) {
    let server = Server::start();
    let http = server.http();
    partners.iter().for_each(|partner| http.register_partner(partner));
    (server, http)
}

fn now_here() -> String {
    fix(73.85, 18.52, now_ms()).to_string()
}

#[test]
fn the_line_that_enrolment_prints_works_as_it_stands() {
    let (server, http) = server_with(&["DP 1's"]);
    let gateway = format!("localhost:{}", server.mqtts_addr.port());
    let said = server.device(&["enrol", "DP 1's", "--gateway", &gateway]).expect("enrolled");
    let line = said.lines().find_map(|line| line.strip_prefix("publish")).expect("a line");
    let output = Command::new("sh").args(["-c", line]).output().expect("sh runs");
    assert!(output.status.success(), "{line}: {output:?}");
    eventually("the position", || {
        let partner = http.get("/v1/partners/DP%201's").ok();
        partner["position"].is_object().then_some(())
    });
    let key = said.lines().find_map(|line| line.strip_prefix("key ")).expect("a key").trim();
    for key in [key.to_owned(), format!("{}/certificates/authority.key", server.data().display())] {
        let mode = std::fs::metadata(&key).expect("the key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
}

#[test]
fn a_certificate_is_good_for_one_partner_only() {
    let (server, http) = server_with(&["DP-1", "DP-2"]);
    let (mqtts, own) = (server.mqtts_addr, Device::enrol(&server, "DP-1"));
    let message = now_here();
    for version in ["mqttv311", "mqttv5"] {
        own.publish(mqtts, version, &own.topic("location"), &message).expect("taken");
        // Acknowledged, or it would come again for ever; a client of version 5 is told.
        let foreign = own.publish(mqtts, version, "logistics/dp/DP-2/location", &message);
        assert_eq!(foreign.is_ok(), version == "mqttv311", "{foreign:?}");
        let manifest = own.receive(mqtts, &["-V", version, "-t", "logistics/dp/DP-2/manifest"]);
        manifest.expect_err("not this partner's");
        let posing = Device { partner: "DP-2".to_owned(), ..own.clone() };
        posing.publish(mqtts, version, &posing.topic("location"), &message).expect_err("posing");
    }
    assert_eq!(http.get("/v1/partners/DP-2").ok()["position"], json!(null));
    let refused = ["forbidden", "subscriptions_refused", "refused_client_id"];
    assert_eq!(refused.map(|name| count(&http, name)), [2, 2, 2]);
    logs(&server, &["the topic is not the client's", "DP-1", "logistics/dp/DP-2/location"]);
    logs(&server, &["the topic is not the client's", "DP-1", "logistics/dp/DP-2/manifest"]);
    logs(&server, &["the client id is not the certificate's", "client=\"DP-2\"", "partner=DP-1"]);
    let letters = http.all("/v1/dead-letters");
    assert_eq!(letters.len(), 2);
    assert!(letters.iter().all(|letter| letter["code"] == "forbidden_topic"), "{letters:?}");
}

#[test]
fn strangers_are_not_let_in() {
    let (server, http) = server_with(&["DP-1"]);
    let mqtts = server.mqtts_addr;
    // Another installation's authority bears the same name.
    let other = Server::start();
    let foreign = Device::enrol(&other, "DP-1");
    let own = Device::enrol(&server, "DP-1");
    let foreign = Device { authority: own.authority.clone(), ..foreign };
    let topic = own.topic("location");
    foreign.publish(mqtts, "mqttv311", &topic, &now_here()).expect_err("a foreign authority");
    becomes(&http, "refused_authority", 1);
    logs(&server, &["refused: the TLS handshake fails"]);
    let nobody = Device::enrol(&server, "DP-404");
    nobody.publish(mqtts, "mqttv5", &nobody.topic("location"), "x").expect_err("not registered");
    becomes(&http, "refused_by_host", 1);
    logs(&server, &["refused: a device's certificate", "DP-404", "not registered"]);
    let bare = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &mqtts.port().to_string(), "--cafile", &own.authority])
        .args(["-i", "DP-1", "-q", "1", "-t", &topic, "-m", "x"])
        .output()
        .expect("mosquitto_pub runs");
    assert!(!bare.status.success(), "{bare:?}");
    becomes(&http, "refused_no_certificate", 1);
    logs(&server, &["refused: the TLS handshake fails", "no certificate"]);
    assert_eq!(http.get("/v1/partners/DP-1").ok()["position"], json!(null));
}

#[test]
fn certificates_that_prove_nothing_are_refused_and_logged() {
    let (server, http) = server_with(&["DP-1"]);
    let own = Device::enrol(&server, "DP-1");
    for (credential, counted, logged) in [
        (Credential::expired(&server, "DP-1"), "refused_expired", "expired"),
        (Credential::self_signed("DP-1"), "refused_authority", "UnknownIssuer"),
    ] {
        let bad = own.with(&credential);
        let refused = bad.publish(server.mqtts_addr, "mqttv5", &bad.topic("location"), &now_here());
        refused.expect_err(logged);
        becomes(&http, counted, 1);
        logs(&server, &["refused: the TLS handshake fails", logged]);
    }
    assert_eq!(http.get("/v1/partners/DP-1").ok()["position"], json!(null));
    own.publish(server.mqtts_addr, "mqttv5", &own.topic("location"), &now_here()).expect("good");
}

#[test]
fn a_revoked_certificate_is_cut_off_and_a_renewed_one_goes_on() {
    let (server, http) = server_with(&["DP-1"]);
    let (mqtts, old) = (server.mqtts_addr, Device::enrol(&server, "DP-1"));
    let renewed = Device::enrol(&server, "DP-1");
    let topic = old.topic("location");
    // Both are good until one is revoked.
    for device in [&old, &renewed] {
        device.publish(mqtts, "mqttv311", &topic, &now_here()).expect("taken");
    }
    let mut waiting = old.client("mosquitto_sub", mqtts);
    let mut waiting = waiting.args(["-t", &old.topic("manifest")]).spawn().expect("it runs");
    becomes(&http, "connections", 1);
    server.device(&["revoke", &old.serial]).expect("revoked");
    becomes(&http, "shut_out", 1);
    logs(&server, &["disconnected: its certificate", &old.serial, "revoked"]);
    old.publish(mqtts, "mqttv311", &topic, &now_here()).expect_err("revoked");
    becomes(&http, "refused_by_host", 1);
    logs(&server, &["refused: a device's certificate", &old.serial, "revoked"]);
    waiting.kill().and_then(|()| waiting.wait()).expect("it ends");
    renewed.publish(mqtts, "mqttv5", &topic, &now_here()).expect("the renewed one is good");
    let list = server.device(&["list"]).expect("a list");
    let states: Vec<_> = list
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>()[..2].to_vec())
        .collect();
    assert_eq!(states, [[&*old.serial, "revoked"], [&*renewed.serial, "good"]]);
    // The partner's id stands for all that are left.
    server.device(&["revoke", "DP-1"]).expect("revoked");
    eventually("the renewed one is refused", || {
        std::thread::sleep(Duration::from_millis(200));
        renewed.publish(mqtts, "mqttv5", &topic, &now_here()).err()
    });
    let complaint = server.device(&["revoke", "DP-1"]).expect_err("nothing is left");
    assert!(complaint.contains("no good certificate of \"DP-1\""), "{complaint}");
}

#[test]
fn a_manifest_published_while_the_phone_was_away_arrives() {
    let (server, http) = server_with(&["DP-1"]);
    let (mqtts, own) = (server.mqtts_addr, Device::enrol(&server, "DP-1"));
    own.publish(mqtts, "mqttv311", &own.topic("location"), &now_here()).expect("taken");
    let manifest = own.topic("manifest");
    let mut subscribing = own.client("mosquitto_sub", mqtts);
    // Subscribes, is answered, and goes; its session stays.
    let output = subscribing.args(["-c", "-E", "-t", &manifest]).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    http.shipment_at_hub("S-1", 73.855, 18.525);
    let run = http.post("/v1/dispatch/runs", &json!({ "seed": 7 })).ok();
    assert_eq!(run["manifests"][0]["partner"], "DP-1", "{run}");
    // -R: not as the retained message that a new subscription finds.
    let arrived = own.receive(mqtts, &["-c", "-R", "-t", &manifest]).expect("it waited");
    assert!(arrived.contains("\"S-1\""), "{arrived}");
}
