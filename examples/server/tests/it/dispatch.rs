//! Dispatch: a run over 100 shipments and 10 partners, offers for one more, runs at set times.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::{Server, Subscription, eventually, last_minute};

#[test]
fn a_run_gives_a_checked_plan_and_manifests_on_mqtt() {
    let server = Server::start();
    let http = server.http();
    for number in 0..10 {
        let id = format!("DP-{number}");
        let partner = json!({ "id": id, "vehicle": "two_wheeler", "capacity": 12 });
        http.post("/v1/partners", &partner).ok();
        let lon = 73.80 + f64::from(number) * 0.01;
        server.locate(&[(&id, lon)], 18.52);
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

#[test]
fn an_urgent_order_gets_offers_that_change_no_other_stop() {
    let server = Server::start();
    let http = server.http();
    for (partner, lon) in [("DP-near", 73.85), ("DP-far", 73.95)] {
        http.post("/v1/partners", &json!({ "id": partner, "vehicle": "two_wheeler" })).ok();
        server.locate(&[(partner, lon)], 18.52);
    }
    for (id, lon) in [("S-1", 73.855), ("S-2", 73.86), ("S-3", 73.865)] {
        http.shipment_at_hub(id, lon, 18.52);
    }
    let partners = json!({ "partners": ["DP-near"] });
    assert_eq!(http.post("/v1/dispatch/runs", &partners).ok()["unassigned"], json!([]));
    assert_eq!(http.get("/v1/shipments/S-1/offers").problem(409), "not_dispatchable");
    assert_eq!(http.get("/v1/shipments/S-9/offers").problem(404), "not_found");

    http.shipment_at_hub("S-urgent", 73.8575, 18.52);
    http.register_partner("DP-nowhere");
    let offers = http.get("/v1/shipments/S-urgent/offers").ok();
    let offers = offers["items"].as_array().expect("items");
    let best = &offers[0];
    assert_eq!((&best["partner"], &best["seq"]), (&json!("DP-near"), &json!(2)), "on the way");
    assert!(best["extra_travel_s"].as_i64().expect("seconds") < 5, "{best}");
    let delayed = |delay: &Value| delay["shipment"].as_str().map(str::to_owned);
    let delays: Vec<_> = best["delays"].as_array().expect("delays").iter().map(delayed).collect();
    assert_eq!(delays, [Some("S-2".to_owned()), Some("S-3".to_owned())]);
    assert!(offers.iter().all(|offer| offer["partner"] != "DP-nowhere"), "not seen yet");
    let cost = |offer: &Value| offer["extra_travel_s"].as_i64().expect("seconds");
    assert!(offers.is_sorted_by_key(cost), "the best first");
    let far = offers.iter().find(|offer| offer["partner"] == "DP-far").expect("an offer");
    assert_eq!((&far["opens_route"], &far["delays"]), (&json!(true), &json!([])));
    let one = http.get("/v1/shipments/S-urgent/offers?limit=1").ok();
    let one = one["items"].as_array().expect("items");
    assert_eq!((one.len(), &one[0]["seq"]), (1, &best["seq"]));
    assert_eq!(http.get("/v1/shipments/S-urgent/offers?limit=0").problem(422), "invalid_field");

    let take = json!({ "shipments": ["S-urgent"], "partners": ["DP-near"] });
    let run = http.post("/v1/dispatch/runs", &take).ok();
    assert_eq!(shipments(&run["manifests"][0]), ["S-1", "S-urgent", "S-2", "S-3"]);
}

#[test]
fn a_window_that_opened_while_the_server_was_down_is_planned_once() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    http.shipment_at_hub("S-1", 73.85, 18.52);
    let (date, time) = last_minute();
    let arguments = ["--time-zone", "UTC", "--dispatch-at", time.as_str()];
    let server = server.kill_and_restart_with(&arguments);
    let http = server.http();
    let assigned = |id: &str| http.get(&format!("/v1/shipments/{id}")).ok()["status"] == "assigned";
    eventually("the window's run", || assigned("S-1").then_some(()));
    let path = format!("/v1/manifests/DP-1/{date}");
    let manifest = http.get(&path).ok();
    http.shipment_at_hub("S-2", 73.86, 18.52);

    let server = server.kill_and_restart_with(&arguments);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(server.http().get("/v1/shipments/S-2").ok()["status"], "at_hub");
    assert_eq!(server.http().get(&path).ok()["version"], manifest["version"]);
}

#[test]
fn in_the_middle_of_the_day_what_is_out_stays_and_the_rest_may_change_partner() {
    let server = Server::start();
    let http = server.http();
    let partner = |id: &str, lon: f64| {
        http.post("/v1/partners", &json!({ "id": id, "vehicle": "two_wheeler" })).ok();
        server.locate(&[(id, lon)], 18.52);
    };
    partner("DP-1", 73.80);
    for (id, lon) in [("S-first", 73.81), ("S-near", 73.815), ("S-far", 73.95)] {
        http.shipment_at_hub(id, lon, 18.52);
    }
    let run = http.post("/v1/dispatch/runs", &json!({})).ok();
    assert_eq!(shipments(&run["manifests"][0]), ["S-first", "S-near", "S-far"]);
    http.post("/v1/shipments/S-first/out-for-delivery", &json!({})).ok();

    partner("DP-2", 73.95);
    let unchanged = http.post("/v1/dispatch/runs", &json!({})).ok();
    assert_eq!(unchanged["manifests"], json!([]), "without being told, nobody changes anything");
    let run = http.post("/v1/dispatch/runs", &json!({ "reassign": true })).ok();
    assert_eq!(run["check"]["feasible"], true);
    let manifest = |partner: &str| {
        let date = run["date"].as_str().expect("a date");
        shipments(&http.get(&format!("/v1/manifests/{partner}/{date}")).ok())
    };
    assert_eq!(manifest("DP-1"), ["S-first", "S-near"]);
    assert_eq!(manifest("DP-2"), ["S-far"]);
    let partner_of = |id: &str| http.get(&format!("/v1/shipments/{id}")).ok()["partner"].clone();
    assert_eq!(
        [partner_of("S-first"), partner_of("S-near"), partner_of("S-far")],
        [json!("DP-1"), json!("DP-1"), json!("DP-2")],
    );
    let events = http.get("/v1/shipments/S-far/events").ok();
    let kinds: Vec<_> = events["items"].as_array().expect("items").iter().collect();
    let told = kinds.iter().filter(|event| event["type"] == "UnassignedFromPartner").count();
    assert_eq!(told, 1, "{events}");
}

#[test]
fn work_is_shared_out_evenly_where_that_is_asked_for_and_the_price_is_told() {
    let arguments = ["--dispatch-at", "never", "--fairness", "stops:600"];
    let server = Server::start().kill_and_restart_with(&arguments);
    let http = server.http();
    for (partner, lon) in [("DP-1", 73.85), ("DP-2", 73.86)] {
        http.post("/v1/partners", &json!({ "id": partner, "vehicle": "two_wheeler" })).ok();
        server.locate(&[(partner, lon)], 18.52);
    }
    for number in 0..4 {
        http.shipment_at_hub(&format!("S-{number}"), 73.85 + f64::from(number) * 0.0001, 18.52);
    }
    let run = http.post("/v1/dispatch/runs", &json!({})).ok();
    let rounds: Vec<_> = run["manifests"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| shipments(one).len())
        .collect();
    assert_eq!(rounds, [2, 2], "{run}");
    let price = &run["fairness"];
    assert_eq!((&price["work"], &price["weight"]), (&json!("stops"), &json!(600)));
    assert!(price["extra_travel_s"].as_i64().expect("seconds") > 60, "{price}");
}

fn shipments(manifest: &Value) -> Vec<String> {
    let stops = manifest["stops"].as_array().expect("stops");
    stops.iter().map(|stop| stop["shipment"].as_str().expect("id").to_owned()).collect()
}
