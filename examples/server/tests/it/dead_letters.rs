//! A poison record among 200, and taking it again when its cause is mended.

use serde_json::{Value, json};

use crate::harness::{Http, Server, eventually, fix, now_ms, publish};

fn codes(http: &Http) -> Vec<String> {
    let letters = http.all("/v1/dead-letters");
    letters.iter().map(|letter| letter["code"].as_str().expect("a code").to_owned()).collect()
}

fn replay(http: &Http, id: &Value) -> Value {
    http.post(&format!("/v1/dead-letters/{id}/replay"), &json!({})).ok()
}

fn fixes(http: &Http, partner: &str) -> usize {
    let from = now_ms() - 3_600_000;
    http.all(&format!("/v1/partners/{partner}/fixes?from={from}")).len()
}

/// 200 fixes, one of which is of a partner whom nobody knows.
fn batch_with_a_stranger() -> Value {
    let now = now_ms();
    let fixes = (0..200).map(|n| {
        let mut fix = fix(73.85, 18.52, now - 1_000 * n);
        fix["partner"] = json!(if n == 77 { "DP-2" } else { "DP-1" });
        fix
    });
    json!({ "fixes": fixes.collect::<Vec<_>>() })
}

#[test]
fn poison_among_200_is_stored_once_when_its_partner_is_registered() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    let batch = batch_with_a_stranger();
    let taken = http.post("/v1/ingest/fixes", &batch).ok();
    assert_eq!((&taken["stored"], &taken["rejected"][0]["index"]), (&json!(199), &json!(77)));
    let letters = http.all("/v1/dead-letters");
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!((&letter["code"], &letter["partner"]), (&json!("unknown_partner"), &json!("DP-2")));

    let kept = replay(&http, &letter["id"]);
    assert_eq!((&kept["outcome"], &kept["code"]), (&json!("kept"), &json!("unknown_partner")));
    assert_eq!(codes(&http), ["unknown_partner"]);

    http.register_partner("DP-2");
    // Also over a crash: what was refused is durable.
    let server = server.kill_and_restart();
    let http = server.http();
    let done = replay(&http, &letter["id"]);
    assert_eq!((&done["outcome"], &done["counts"]["stored"]), (&json!("taken"), &json!(1)));
    assert_eq!(codes(&http), Vec::<String>::new());
    assert_eq!((fixes(&http, "DP-1"), fixes(&http, "DP-2")), (199, 1));
    eventually("the late fix is evaluated like any other", || {
        http.get("/v1/partners/DP-2").ok()["position"].is_object().then_some(())
    });
    let url = format!("/v1/dead-letters/{}/replay", letter["id"]);
    assert_eq!(http.post(&url, &json!({})).problem(404), "not_found");
    let again = http.post("/v1/ingest/fixes", &batch).ok();
    assert_eq!((&again["stored"], &again["duplicates"]), (&json!(0), &json!(200)));
    assert_eq!(fixes(&http, "DP-2"), 1);
}

#[test]
fn a_fix_ahead_of_time_is_taken_when_its_time_has_come() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    // Two minutes are tolerated.
    let ahead = fix(73.85, 18.52, now_ms() + 124_000);
    let batch = json!({ "v": 1, "fixes": [fix(73.85, 18.52, now_ms()), ahead] });
    publish(server.mqtt_addr, "mqttv5", "logistics/dp/DP-1/location/batch", &batch.to_string());
    let letters = http.all("/v1/dead-letters");
    assert_eq!(codes(&http), ["from_the_future"]);
    eventually("the clock has caught up", || {
        (replay(&http, &letters[0]["id"])["outcome"] == "taken").then_some(())
    });
    assert_eq!(codes(&http), Vec::<String>::new());
}

#[test]
fn letters_are_shown_and_forgotten_one_by_one() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    publish(server.mqtt_addr, "mqttv311", "logistics/dp/DP-1/location", "{ broken");
    publish(server.mqtt_addr, "mqttv311", "logistics/dp/DP-1/elsewhere", "{}");
    let letters = http.all("/v1/dead-letters");
    let url = |n: usize| format!("/v1/dead-letters/{}", letters[n]["id"]);
    assert_eq!(http.get(&url(0)).ok(), letters[0]);
    // Nobody has proved whose the second one is.
    let replayed = http.post(&format!("{}/replay", url(1)), &json!({}));
    assert_eq!(replayed.problem(409), "of_nobody");
    for n in [0, 1] {
        assert_eq!(http.send("DELETE", &url(n), &[], "").status, 204);
        assert_eq!(http.send("DELETE", &url(n), &[], "").problem(404), "not_found");
        assert_eq!(http.get(&url(n)).problem(404), "not_found");
    }
    assert_eq!(codes(&http), Vec::<String>::new());
    assert_eq!(http.get("/v1/dead-letters/x").problem(404), "not_found");
}

#[test]
fn the_operator_lists_and_replays_from_the_command_line() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    for topic in ["logistics/dp/DP-2/location", "logistics/dp/DP-3/location"] {
        let message = fix(73.85, 18.52, now_ms()).to_string();
        publish(server.mqtt_addr, "mqttv311", topic, &message);
    }
    publish(server.mqtt_addr, "mqttv311", "logistics/dp/DP-1/location", "{ broken");
    let letters = |arguments: &[&str]| server.dead_letters(arguments);
    let listed = letters(&["list"]).expect("listed");
    assert_eq!(listed.lines().count(), 3);
    let unknown = letters(&["list", "--code", "unknown_partner"]).expect("listed");
    assert_eq!(
        unknown.lines().map(|line| line.split('\t').nth(3).unwrap()).collect::<Vec<_>>(),
        ["DP-2", "DP-3"]
    );

    http.register_partner("DP-2");
    let said = letters(&["replay", "--code", "unknown_partner"]).expect("replayed");
    assert!(said.ends_with("1 taken, 1 kept\n"), "{said}");
    http.register_partner("DP-3");
    let said = letters(&["replay", "--id", "2"]).expect("replayed");
    assert!(said.starts_with("2\ttaken\tstored 1,"), "{said}");
    let said = letters(&["replay", "--id", "2"]).expect("replayed");
    assert!(said.starts_with("2\tkept\tnot_found"), "{said}");
    let said = letters(&["replay", "--all"]).expect("replayed");
    assert!(said.contains("3\tkept\tbad_json") && said.ends_with("0 taken, 1 kept\n"), "{said}");
    assert!(letters(&["replay"]).is_err(), "which ones must be said");
    assert!(letters(&["replay", "--all", "--id", "3"]).is_err());
}
