//! A dispatch run over 100 shipments and 10 partners.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::{Server, Subscription, fix, now_ms, publish};

#[test]
fn a_run_gives_a_checked_plan_and_manifests_on_mqtt() {
    let server = Server::start();
    let http = server.http();
    for number in 0..10 {
        let id = format!("DP-{number}");
        let partner = json!({ "id": id, "vehicle": "two_wheeler", "capacity": 12 });
        http.post("/v1/partners", &partner).ok();
        let lon = 73.80 + f64::from(number) * 0.01;
        let topic = format!("logistics/dp/{id}/location");
        publish(server.mqtt_addr, "mqttv311", &topic, &fix(lon, 18.52, now_ms()).to_string());
    }
    std::thread::scope(|scope| {
        for worker in 0..10 {
            let http = http.clone();
            scope.spawn(move || {
                for number in (worker..100).step_by(10) {
                    let (column, row) = (f64::from(number % 10), f64::from(number / 10));
                    let id = format!("S-{number:03}");
                    http.shipment_at_hub(&id, 73.80 + column * 0.01, 18.48 + row * 0.008);
                }
            });
        }
    });
    let subscription = Subscription::new(server.mqtt_addr, "logistics/dp/+/manifest");
    std::thread::sleep(std::time::Duration::from_millis(500));

    let run = http.post("/v1/dispatch/runs", &json!({ "seed": 7 })).ok();
    assert_eq!(run["check"], json!({ "feasible": true, "violations": [] }));
    assert_eq!(run["unassigned"], json!([]));
    let manifests = run["manifests"].as_array().expect("manifests");
    let mut planned = BTreeMap::new();
    for manifest in manifests {
        let stops = shipments(manifest);
        assert!(stops.len() <= 12, "capacity");
        planned.insert(manifest["partner"].as_str().expect("partner").to_owned(), stops);
    }
    let all: BTreeSet<_> = planned.values().flatten().collect();
    assert_eq!((all.len(), planned.values().map(Vec::len).sum::<usize>()), (100, 100), "each once");

    let mut received = BTreeMap::new();
    while received.len() < planned.len() {
        let (topic, manifest) = subscription.next();
        let partner = topic.split('/').nth(2).expect("a partner").to_owned();
        received.insert(partner, shipments(&manifest));
    }
    assert_eq!(received, planned);

    let shipment = http.get("/v1/shipments/S-042").ok();
    assert_eq!(shipment["status"], "assigned");
    let path = format!("/v1/dispatch/runs/{}", run["id"].as_str().expect("an id"));
    assert_eq!(http.get(&path).ok()["status"], "applied");
    let empty = http.post("/v1/dispatch/runs", &json!({})).ok();
    assert_eq!(empty["manifests"], json!([]), "nothing is left to dispatch");
}

#[test]
fn what_cannot_be_assigned_is_left_out_with_a_reason() {
    let server = Server::start();
    let http = server.http();
    let partner = json!({ "id": "DP-1", "vehicle": "two_wheeler", "capacity": 2 });
    http.post("/v1/partners", &partner).ok();
    for number in 0..3 {
        http.shipment_at_hub(&format!("S-{number}"), 73.85, 18.52);
    }
    http.post(
        "/v1/shipments",
        &json!({ "id": "S-far", "client": "acme", "destination": { "lat": 18.5, "lon": 73.8 } }),
    )
    .ok();
    let run = http
        .post("/v1/dispatch/runs", &json!({ "shipments": ["S-0", "S-1", "S-2", "S-far"] }))
        .ok();
    assert_eq!(run["unassigned"].as_array().map(Vec::len), Some(1));
    let reasons = &run["unassigned"][0]["reasons"];
    assert_eq!(reasons[0]["partner"], "DP-1");
    assert_eq!(reasons[0]["constraint"], "capacity", "{reasons}");
    assert_eq!(run["excluded"][0]["shipment"], "S-far", "not at a hub yet");
}

fn shipments(manifest: &Value) -> Vec<String> {
    let stops = manifest["stops"].as_array().expect("stops");
    stops.iter().map(|stop| stop["shipment"].as_str().expect("id").to_owned()).collect()
}
