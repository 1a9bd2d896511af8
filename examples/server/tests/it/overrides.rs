//! A supervisor changes a manifest: order, contents, whose it is; and nothing is half done.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Http, Server, Subscription, eventually, two_zones};

const WHY: &str = "the bridge to the market is closed until noon";

/// Two partners with two stops and one, and one shipment more that waits at the hub; the date.
fn morning(server: &Server) -> String {
    morning_with(server, 2)
}

/// The same with vehicles of another capacity.
fn morning_with(server: &Server, capacity: u32) -> String {
    let http = server.http();
    for (partner, lon) in [("DP-1", 73.80), ("DP-2", 73.90)] {
        let vehicle = json!({ "id": partner, "vehicle": "two_wheeler", "capacity": capacity });
        http.post("/v1/partners", &vehicle).ok();
        server.locate(&[(partner, lon)], 18.52);
    }
    for (id, lon) in [("S-1", 73.805), ("S-2", 73.81), ("S-3", 73.895)] {
        http.shipment_at_hub(id, lon, 18.52);
    }
    let run = http.post("/v1/dispatch/runs", &json!({})).ok();
    http.shipment_at_hub("S-4", 73.82, 18.52);
    run["date"].as_str().expect("a date").to_owned()
}

fn wanted(shipments: &[&str]) -> Value {
    json!({ "shipments": shipments, "reason_code": "access_restriction", "justification": WHY })
}

fn stops(manifest: &Value) -> Vec<String> {
    let stops = manifest["stops"].as_array().expect("stops");
    stops.iter().map(|stop| stop["shipment"].as_str().expect("an id").to_owned()).collect()
}

fn shipment(http: &Http, id: &str) -> (Value, Value) {
    let shipment = http.get(&format!("/v1/shipments/{id}")).ok();
    (shipment["status"].clone(), shipment["partner"].clone())
}

#[test]
fn an_override_reorders_adds_takes_over_and_leaves_out() {
    let server = Server::start();
    let date = morning(&server);
    let http = server.http();
    let path = |partner: &str| format!("/v1/manifests/{partner}/{date}");
    let before = http.get(&path("DP-1")).ok();
    assert_eq!((stops(&before), &before["version"]), (vec!["S-1".into(), "S-2".into()], &json!(1)));
    let subscription = Subscription::new(server.mqtt_addr, "logistics/dp/+/manifest");

    let url = path("DP-1") + "/override";
    let body = wanted(&["S-2", "S-4", "S-3"]).to_string();
    let headers = [("Idempotency-Key", "o-1"), ("If-Match", "\"1\"")];
    let after = http.send("POST", &url, &headers, &body).ok();
    assert_eq!(stops(&after), ["S-2", "S-4", "S-3"]);
    assert_eq!((&after["version"], &after["uncertain"]), (&json!(2), &json!(false)));
    let arrivals: Vec<_> =
        after["stops"].as_array().expect("stops").iter().map(|stop| &stop["arrival"]).collect();
    assert!(arrivals.is_sorted_by(|a, b| a.as_str() < b.as_str()), "{after}");
    assert!(after["stops"].as_array().expect("stops").iter().all(|s| s["status"] == "assigned"));
    assert_eq!(
        after["violations"],
        json!([{
            "shipment": null, "constraint": "capacity", "detail": "carries 1 too much of quantity 0",
        }])
    );
    assert_eq!(shipment(&http, "S-1"), (json!("at_hub"), Value::Null));
    for id in ["S-2", "S-3", "S-4"] {
        assert_eq!(shipment(&http, id), (json!("assigned"), json!("DP-1")), "{id}");
    }
    let other = http.get(&path("DP-2")).ok();
    assert_eq!((stops(&other), &other["version"]), (vec![], &json!(2)), "S-3 was taken over");

    let mut published = BTreeMap::new();
    while published.get("DP-1") != Some(&json!(2)) || published.get("DP-2") != Some(&json!(2)) {
        let (topic, manifest) = subscription.next();
        let partner = topic.split('/').nth(2).expect("a partner").to_owned();
        published.insert(partner, manifest["version"].clone());
    }
    let again = http.send("POST", &url, &headers[..1], &body).ok();
    assert_eq!(again, after, "sent again, nothing changes");
    let reused = http.send("POST", &url, &headers[..1], &wanted(&["S-2"]).to_string());
    assert_eq!(reused.problem(422), "key_reused");
}

#[test]
fn later_runs_leave_the_chosen_order_alone() {
    let server = Server::start();
    let date = morning_with(&server, 3);
    let http = server.http();
    let path = format!("/v1/manifests/DP-1/{date}");
    assert_eq!(stops(&http.get(&path).ok()), ["S-1", "S-2"]);
    http.post(&format!("{path}/override"), &wanted(&["S-2", "S-1"])).ok();
    http.post("/v1/dispatch/runs", &json!({})).ok();
    // By itself the run would go outwards: S-1, S-2, S-4.
    assert_eq!(stops(&http.get(&path).ok()), ["S-2", "S-1", "S-4"]);
}

#[test]
fn what_is_no_legal_override_is_refused_and_changes_nothing() {
    let server = Server::start();
    let date = morning(&server);
    let http = server.http();
    let url = format!("/v1/manifests/DP-1/{date}/override");
    let refused = |body: &Value, status: u16, code: &str, field: Option<&str>| {
        let answer = http.post(&url, body);
        assert_eq!(answer.body["field"], json!(field), "{answer:?}");
        assert_eq!(answer.problem(status), code);
    };
    let short =
        json!({ "shipments": ["S-2"], "reason_code": "other", "justification": "  because  " });
    refused(&short, 422, "justification", Some("justification"));
    let no_reason = json!({ "shipments": [], "reason_code": "mood", "justification": WHY });
    refused(&no_reason, 422, "invalid_field", Some("reason_code"));
    refused(&wanted(&["S-2", "S-9"]), 422, "unknown_shipment", Some("shipments[1]"));
    refused(&wanted(&["S-2", "S-1", "S-2"]), 422, "duplicate_stop", Some("shipments[2]"));
    let seen = http.send("POST", &url, &[("If-Match", "\"9\"")], &wanted(&["S-2"]).to_string());
    assert_eq!(seen.problem(412), "version_mismatch");
    let nobody = http.post(&format!("/v1/manifests/DP-9/{date}/override"), &wanted(&[]));
    assert_eq!(nobody.problem(404), "not_found");

    http.post("/v1/shipments/S-4/hold", &json!({ "reason": "customs" })).ok();
    refused(&wanted(&["S-1", "S-2", "S-4"]), 409, "not_dispatchable", Some("shipments[2]"));
    http.post("/v1/shipments/S-2/out-for-delivery", &json!({})).ok();
    refused(&wanted(&["S-1"]), 409, "not_removable", Some("shipments"));
    let taken = http.post(&format!("/v1/manifests/DP-2/{date}/override"), &wanted(&["S-2"]));
    assert_eq!(taken.problem(409), "not_dispatchable");

    let manifest = http.get(&format!("/v1/manifests/DP-1/{date}")).ok();
    assert_eq!(
        (stops(&manifest), &manifest["version"]),
        (vec!["S-1".into(), "S-2".into()], &json!(1))
    );
    assert_eq!(shipment(&http, "S-1"), (json!("assigned"), json!("DP-1")));
}

#[test]
fn an_override_is_done_wholly_or_not_at_all_though_the_server_dies() {
    let mut server = Server::start();
    let date = morning(&server);
    for (round, delay_ms) in [0, 4, 8, 12, 16, 24, 32, 48].into_iter().enumerate() {
        let (to, from) = if round % 2 == 0 { ("DP-1", "DP-2") } else { ("DP-2", "DP-1") };
        let kept: &[&str] = if to == "DP-1" { &["S-3", "S-1", "S-2"] } else { &["S-3"] };
        let (url, key) = (format!("/v1/manifests/{to}/{date}/override"), format!("crash-{round}"));
        let http = server.http();
        let (path, first) = (url.clone(), key.clone());
        let sending = std::thread::spawn(move || http.try_post(&path, &first, &wanted(kept)));
        std::thread::sleep(Duration::from_millis(delay_ms));
        server = server.kill_and_restart();
        let answered = sending.join().expect("ends");
        let http = server.http();
        let has = |partner: &str| {
            let manifest = http.get(&format!("/v1/manifests/{partner}/{date}")).ok();
            stops(&manifest).contains(&"S-3".to_owned())
        };
        // Whatever became of it: the manifests and the shipment tell the same.
        eventually("one holder", || {
            let partner = shipment(&http, "S-3").1;
            let holders: Vec<_> = [to, from].into_iter().filter(|partner| has(partner)).collect();
            (json!(holders) == json!([partner])).then_some(())
        });
        if answered.is_some_and(|answer| answer.status == 200) {
            assert!(has(to), "what was answered is there");
        }
        http.post_with_key(&url, &key, &wanted(kept)).ok();
        assert_eq!((has(to), has(from)), (true, false), "after {delay_ms} ms");
        assert_eq!(shipment(&http, "S-3"), (json!("assigned"), json!(to)));
    }
}

#[test]
fn a_week_of_overrides_is_counted_and_suggests_what_the_model_lacks() {
    let server = Server::start();
    let http = server.http();
    http.put("/v1/zones/pune", two_zones().to_string().as_bytes()).ok();
    for (partner, lon) in [("DP-1", 73.855), ("DP-2", 73.865)] {
        http.post("/v1/partners", &json!({ "id": partner, "vehicle": "two_wheeler" })).ok();
        server.locate(&[(partner, lon)], 18.525);
    }
    let west: Vec<_> = (0..5).map(|number| format!("W-{number}")).collect();
    for (id, number) in west.iter().zip(0..) {
        http.shipment_at_hub(id, 73.855 + f64::from(number) * 0.000_1, 18.525);
    }
    http.shipment_at_hub("E-1", 73.865, 18.525);
    for (partner, shipments) in [("DP-1", json!(west)), ("DP-2", json!(["E-1"]))] {
        let run = json!({ "shipments": shipments, "partners": [partner] });
        assert_eq!(http.post("/v1/dispatch/runs", &run).ok()["unassigned"], json!([]));
    }
    let none = http.get("/v1/reports/overrides").ok();
    assert_eq!((&none["manifests"], &none["overrides"]), (&json!(2), &json!(0)));
    assert_eq!(none["proposals"], json!([]));

    let all: Vec<_> = west.iter().map(String::as_str).chain(["E-1"]).collect();
    let date = none["to"].as_str().expect("a date");
    http.post(&format!("/v1/manifests/DP-2/{date}/override"), &wanted(&all)).ok();
    let report = http.get("/v1/reports/overrides").ok();
    assert_eq!((&report["overridden"], &report["overrides"]), (&json!(2), &json!(2)), "{report}");
    assert_eq!(report["by_reason"], json!({ "access_restriction": 2 }));
    assert_eq!(report["by_partner"], json!({ "DP-1": 1, "DP-2": 1 }));
    assert_eq!(report["by_zone"], json!({ "west": 1 }));
    let proposals = report["proposals"].as_array().expect("proposals");
    let found: Vec<_> =
        proposals.iter().map(|one| json!([one["zone"], one["finding"], one["partner"]])).collect();
    assert!(found.contains(&json!(["west", "taken_off", "DP-1"])), "{report}");
    let taken_off = proposals.iter().find(|one| one["finding"] == "taken_off").expect("found");
    assert_eq!((&taken_off["supporting"], &taken_off["opposing"]), (&json!(5), &json!(0)));
    assert_eq!(taken_off["evidence"].as_array().map(Vec::len), Some(5), "{taken_off}");

    let earlier = http.get("/v1/reports/overrides?from=2020-01-01").ok();
    assert_eq!((&earlier["manifests"], &earlier["to"]), (&json!(0), &json!("2020-01-07")));
    assert_eq!(http.get("/v1/reports/overrides?from=monday").status, 400);
}
