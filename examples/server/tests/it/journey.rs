//! A shipment's way from order to delivery, and the commands that are refused on it.

use serde_json::json;

use crate::harness::{Server, Subscription, eventually};

#[test]
fn a_shipment_goes_from_created_to_delivered() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    let order = json!({
        "id": "S-1", "client": "acme", "reference": "order 77", "hub": "HUB-1",
        "destination": { "lat": 18.525, "lon": 73.855 },
        "promise": { "time_zone": "Asia/Kolkata", "date": "2030-01-15", "from": "10:00", "to": "13:00" },
    });
    let created = http.post("/v1/shipments", &order).ok();
    assert_eq!(created["status"], "created");
    // 10:00 in India is 04:30 UTC.
    assert_eq!(created["promise"]["start"], "2030-01-15T04:30:00Z");
    let token = created["tracking"]["token"].as_str().expect("a token").to_owned();

    let step = |command: &str, body: serde_json::Value, status: &str| {
        let shipment = http.post(&format!("/v1/shipments/S-1/{command}"), &body).ok();
        assert_eq!(shipment["status"], status, "after {command}");
    };
    let door = json!({ "lat": 18.525, "lon": 73.855, "accuracy_m": 8.0 });
    step("pickup", json!({ "hub": "HUB-1" }), "picked_up");
    step("scans", json!({ "hub": "HUB-1", "direction": "inbound" }), "at_hub");
    step("assign", json!({ "partner": "DP-1" }), "assigned");
    step("out-for-delivery", json!({ "partner": "DP-1", "position": door }), "out_for_delivery");
    step("attempts", json!({ "reason": "unavailable", "position": door }), "attempt_failed");
    step("scans", json!({ "hub": "HUB-1", "direction": "inbound" }), "at_hub");
    step("assign", json!({ "partner": "DP-1" }), "assigned");
    step("out-for-delivery", json!({ "position": door }), "out_for_delivery");
    step("delivery", json!({ "proof": { "kind": "photo" }, "position": door }), "delivered");

    let events = http.all("/v1/shipments/S-1/events");
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().expect("type")).collect();
    assert_eq!(
        types,
        [
            "ShipmentCreated",
            "PickupConfirmed",
            "HubArrived",
            "AssignedToPartner",
            "OutForDelivery",
            "DeliveryAttempted",
            "HubArrived",
            "AssignedToPartner",
            "OutForDelivery",
            "DeliveryConfirmed",
        ]
    );
    let versions: Vec<_> = events.iter().map(|event| event["version"].as_u64()).collect();
    assert_eq!(versions, (1..=10).map(Some).collect::<Vec<_>>());

    // As it was after its sixth event.
    let then = http.all("/v1/shipments/S-1/events?version=6");
    assert_eq!(then.len(), 6);

    let tracked = http.get(&format!("/v1/track/{token}")).ok();
    assert_eq!(tracked["status"], "delivered");
    assert!(tracked["delivered_at"].is_string());
    assert_eq!(http.get("/v1/track/00000000000000000000000000000000").problem(404), "not_found");
    assert_eq!(http.get("/v1/shipments?status=delivered").ok()["items"][0]["id"], "S-1");
}

#[test]
fn a_shipment_on_hold_goes_nowhere_and_may_go_back() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    let order = json!({
        "id": "S-1", "client": "acme", "pieces": 2, "cod": { "amount_minor": 500, "currency": "INR" },
        "destination": { "lat": 18.525, "lon": 73.855 },
    });
    assert_eq!(http.post("/v1/shipments", &order).ok()["cod_status"], "due");
    let step = |command: &str, body: serde_json::Value, status: &str| {
        let shipment = http.post(&format!("/v1/shipments/S-1/{command}"), &body).ok();
        assert_eq!(shipment["status"], status, "after {command}");
        shipment
    };
    let short = json!({ "pieces": 1 });
    assert_eq!(http.post("/v1/shipments/S-1/pickup", &short).problem(409), "pieces_mismatch");
    step("pickup", json!({ "pieces": 2 }), "picked_up");
    step("scans", json!({ "hub": "HUB-1", "direction": "inbound" }), "at_hub");
    let promise = json!({ "date": "2030-01-15", "from": "10:00", "to": "13:00", "time_zone": "Asia/Kolkata" });
    let moved = json!({ "promise": promise, "requested_by": "consignee" });
    assert_eq!(step("promise", moved, "at_hub")["promise"]["start"], "2030-01-15T04:30:00Z");
    assert_eq!(step("hold", json!({ "reason": "customs" }), "at_hub")["hold"], "customs");
    let assign = json!({ "partner": "DP-1" });
    assert_eq!(http.post("/v1/shipments/S-1/assign", &assign).problem(409), "on_hold");
    step("release", json!({}), "at_hub");
    step("carrier", json!({ "carrier": "C-1", "waybill": "W-1" }), "at_hub");
    assert_eq!(http.post("/v1/shipments/S-1/assign", &assign).problem(409), "carrier_allocated");
    step("handover", json!({ "side": "giver" }), "at_hub");
    assert_eq!(step("handover", json!({ "side": "taker" }), "with_carrier")["waybill"], "W-1");
    let told = json!({
        "carrier": "C-1", "waybill": "W-1", "code": "DL", "at": "2026-01-01T00:00:00Z", "meaning": "delivered",
    });
    // Cash is due: what the carrier says is kept, and not believed.
    step("carrier-events", told, "with_carrier");
    step("return", json!({ "cause": "consignee_decision" }), "rto_pending");
    step("return/departure", json!({}), "rto_in_transit");
    step("return/arrival", json!({}), "rto_delivered");
    let document = http.get("/openapi.json").ok();
    let paths = document["paths"].as_object().expect("paths");
    let of_shipments = paths.keys().filter(|path| path.starts_with("/v1/shipments/{id}/"));
    assert_eq!(of_shipments.count(), 27, "{paths:?}");
}

#[test]
fn a_command_out_of_order_is_refused_with_a_reason() {
    let server = Server::start();
    let http = server.http();
    http.post(
        "/v1/shipments",
        &json!({ "id": "S-1", "client": "acme", "destination": { "lat": 18.5, "lon": 73.8 } }),
    )
    .ok();
    let refused = http.post("/v1/shipments/S-1/delivery", &json!({ "proof": { "kind": "otp" } }));
    assert!(
        refused.body["detail"].as_str().is_some_and(|detail| detail.contains("created")),
        "{refused:?}"
    );
    assert!(!refused.problem(409).is_empty());
    http.post("/v1/shipments/S-1/cancel", &json!({ "reason": "client_request" })).ok();
    http.post("/v1/shipments/S-1/pickup", &json!({})).problem(409);
    assert_eq!(http.all("/v1/shipments/S-1/events").len(), 2, "refusals leave no trace");
    assert_eq!(http.post("/v1/shipments/NONE/pickup", &json!({})).problem(404), "not_found");
}

#[test]
fn the_same_command_again_changes_nothing() {
    let server = Server::start();
    let http = server.http();
    let order = json!({ "client": "acme", "destination": { "lat": 18.5, "lon": 73.8 } });
    let first = http.post_with_key("/v1/shipments", "order-1", &order).ok();
    let again = http.post_with_key("/v1/shipments", "order-1", &order).ok();
    assert_eq!(first, again, "same shipment, same token");
    let other = json!({ "client": "acme", "destination": { "lat": 18.6, "lon": 73.8 } });
    assert_eq!(http.post_with_key("/v1/shipments", "order-1", &other).problem(422), "key_reused");

    let path = format!("/v1/shipments/{}/pickup", first["id"].as_str().expect("an id"));
    for _ in 0..3 {
        assert_eq!(http.post_with_key(&path, "pickup-1", &json!({})).ok()["version"], 2);
    }
    assert_eq!(http.post(&path, &json!({})).status, 409, "another pickup is another command");
    assert_eq!(http.all("/v1/shipments").len(), 1);
}

#[test]
fn a_manifest_reaches_the_device_and_a_late_subscriber() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    http.shipment_at_hub("S-1", 73.855, 18.525);
    let early = Subscription::new(server.mqtt_addr, "logistics/dp/DP-1/manifest");
    std::thread::sleep(std::time::Duration::from_millis(300));
    let run = http.post("/v1/dispatch/runs", &json!({})).ok();
    assert_eq!(run["unassigned"], json!([]), "{run}");
    let (topic, manifest) = early.next();
    assert_eq!(topic, "logistics/dp/DP-1/manifest");
    assert_eq!(manifest["stops"][0]["shipment"], "S-1");
    let late = Subscription::new(server.mqtt_addr, "logistics/dp/DP-1/manifest");
    assert_eq!(late.next().1, manifest);
    let stored = eventually("the manifest can be read", || {
        let date = manifest["date"].as_str()?;
        let answer = http.get(&format!("/v1/manifests/DP-1/{date}"));
        (answer.status == 200).then_some(answer.body)
    });
    assert_eq!(stored, manifest);
}
