//! Bad input from outside: a clear error, and nothing lost.

use serde_json::{Value, json};

use crate::harness::{Http, Server, eventually, fix, now_ms, publish, two_zones};

#[test]
fn broken_and_oversized_requests_get_a_problem() {
    let server = Server::start();
    let http = server.http();
    let broken = http.post_bytes("/v1/shipments", br#"{"client": "acme", "#);
    assert!(broken.body["detail"].as_str().is_some_and(|detail| detail.contains("line 1")));
    assert_eq!(broken.problem(400), "bad_json");

    let wrong = http.post(
        "/v1/shipments",
        &json!({ "client": "acme", "destination": { "lat": "north", "lon": 73.8 } }),
    );
    assert_eq!(wrong.body["field"], "destination.lat");
    assert_eq!(wrong.problem(422), "invalid_field");
    let outside = json!({ "client": "acme", "destination": { "lat": 91.0, "lon": 73.8 } });
    http.post("/v1/shipments", &outside).problem(422);

    let huge = vec![b' '; 50_000_000];
    assert_eq!(http.post_bytes("/v1/shipments", &huge).problem(413), "body_too_large");
    assert_eq!(http.put("/v1/zones/pune", &huge).problem(413), "body_too_large");
    assert_eq!(http.get("/v1/nonsense").problem(404), "not_found");
    assert_eq!(http.post("/v1/zones/pune", &json!({})).problem(405), "method_not_allowed");

    let deep = "[".repeat(100_000);
    http.post_bytes("/v1/shipments", deep.as_bytes()).problem(400);
    assert_eq!(http.all("/v1/shipments").len(), 0);
    assert_eq!(http.get("/readyz").status, 200);
}

#[test]
fn ids_that_could_reach_into_topics_or_keys_are_refused() {
    let server = Server::start();
    let http = server.http();
    for id in ["DP/1", "DP+1", "DP#1", "", "x\u{7}"] {
        let refused = http.post("/v1/partners", &json!({ "id": id }));
        assert_eq!(refused.body["field"], "id", "{id:?}");
        refused.problem(422);
    }
    let order = |id: &str| json!({ "id": id, "client": "acme", "destination": { "lat": 18.5, "lon": 73.8 } });
    http.post("/v1/shipments", &order("S#1")).problem(422);
    http.post("/v1/shipments/S%231/pickup", &json!({})).problem(400);
    assert_eq!(http.all("/v1/partners").len(), 0);
}

#[test]
fn a_malformed_zone_file_is_refused_and_the_old_one_stays() {
    let server = Server::start();
    let http = server.http();
    http.put("/v1/zones/pune", two_zones().to_string().as_bytes()).ok();
    let mut open = two_zones();
    open["features"][1]["geometry"]["coordinates"][0].as_array_mut().expect("ring").pop();
    let refused = http.put("/v1/zones/pune", open.to_string().as_bytes());
    let diagnostic = &refused.body["diagnostics"][0];
    assert_eq!((&diagnostic["index"], &diagnostic["id"]), (&json!(1), &json!("east")));
    assert_eq!(diagnostic["code"], "unclosed_ring");
    refused.problem(422);
    http.put("/v1/zones/pune", b"{\"type\":\"FeatureCollection\",").problem(422);
    http.put("/v1/zones/a%2Fb", two_zones().to_string().as_bytes()).problem(400);
    assert_eq!(http.get("/v1/zones").ok()["items"][0]["version"], 1);
}

#[test]
fn messages_that_cannot_be_taken_are_kept_with_the_reason() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    let mqtt = server.mqtt_addr;
    let good = fix(73.85, 18.52, now_ms()).to_string();
    publish(mqtt, "mqttv311", "logistics/dp/DP-1/location", "{ broken");
    publish(mqtt, "mqttv311", "logistics/dp/DP-404/location", &good);
    publish(mqtt, "mqttv311", "logistics/dp/DP-1/elsewhere", &good);
    let future = fix(73.85, 18.52, now_ms() + 3_600_000).to_string();
    publish(mqtt, "mqttv311", "logistics/dp/DP-1/location", &future);
    // The connection of a device that sent nonsense still works.
    publish(mqtt, "mqttv311", "logistics/dp/DP-1/location", &good);

    let letters = eventually("four dead letters", || {
        let letters = http.all("/v1/dead-letters");
        (letters.len() == 4).then_some(letters)
    });
    let codes: Vec<_> =
        letters.iter().map(|letter| letter["code"].as_str().expect("code")).collect();
    assert_eq!(codes, ["bad_json", "unknown_partner", "unknown_topic", "from_the_future"]);
    assert_eq!(letters[0]["payload"], "{ broken");
    eventually("the good fix is the partner's position", || position(&http));
}

#[test]
fn an_inaccurate_fix_is_acknowledged_and_not_used() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    let mut poor = fix(73.95, 18.52, now_ms() - 1_000);
    poor["acc"] = json!(900.0);
    publish(server.mqtt_addr, "mqttv311", "logistics/dp/DP-1/location", &poor.to_string());
    assert_eq!(http.get("/v1/partners/DP-1").ok()["position"], Value::Null);
    let good = fix(73.85, 18.52, now_ms()).to_string();
    publish(server.mqtt_addr, "mqttv311", "logistics/dp/DP-1/location", &good);
    let seen = eventually("a position", || position(&http));
    assert_eq!(seen["lon"], 73.85);
    let metrics = http.get("/metrics").body;
    let counted = metrics.as_str().is_some_and(|text| text.contains("reason=\"inaccurate\"} 1"));
    assert!(counted, "{metrics}");
}

fn position(http: &Http) -> Option<Value> {
    let partner = http.get("/v1/partners/DP-1").ok();
    partner["position"].is_object().then(|| partner["position"].clone())
}
