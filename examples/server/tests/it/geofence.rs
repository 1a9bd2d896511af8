//! A stream of fixes over real MQTT crosses a zone border.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{
    LiveSession, Server, eventually, fix, now_ms, publish, publish_lines, two_zones,
};

fn zoned_server() -> Server {
    let server = Server::start();
    let http = server.http();
    let put = http.put("/v1/zones/pune", two_zones().to_string().as_bytes()).ok();
    assert_eq!((&put["version"], &put["zones"]), (&json!(1), &json!(2)));
    http.register_partner("DP-1");
    server
}

/// Ten fixes, 5 s apart, from the middle of the western zone to the middle of the eastern one; the
/// last is now.
fn eastward() -> Vec<String> {
    let end = now_ms();
    (0..10_i32)
        .map(|i| {
            let lon = 73.855 + f64::from(i) * 0.0011;
            fix(lon, 18.525, end - i64::from(9 - i) * 5_000).to_string()
        })
        .collect()
}

fn breaches(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["type"] == "GeofenceBreached").collect()
}

#[test]
fn exactly_one_breach_reaches_partner_shipments_and_live_feed() {
    let server = zoned_server();
    let http = server.http();
    for id in ["S-1", "S-2"] {
        http.shipment_at_hub(id, 73.865, 18.525);
        http.post(&format!("/v1/shipments/{id}/assign"), &json!({ "partner": "DP-1" })).ok();
    }
    http.post("/v1/shipments/S-1/out-for-delivery", &json!({ "partner": "DP-1" })).ok();
    let live = LiveSession::open(server.http_addr);
    assert_eq!(live.snapshot["t"], "snapshot");

    let fixes = eastward();
    publish_lines(server.mqtt_addr, "logistics/dp/DP-1/location", &fixes);
    let shift = eventually("the breach is recorded", || {
        let events = http.all(&format!("/v1/partners/DP-1/events?date={}", today()));
        (!breaches(&events).is_empty()).then_some(events)
    });
    // The same fixes again change nothing.
    publish_lines(server.mqtt_addr, "logistics/dp/DP-1/location", &fixes);
    let pushed = live.collect("geofence", Duration::from_secs(3));

    assert_eq!(breaches(&shift).len(), 1);
    let breach = &breaches(&shift)[0]["data"];
    assert_eq!((&breach["from"], &breach["to"]), (&json!(["west"]), &json!(["east"])));
    assert_eq!(breach["zone_set_version"], 1);
    assert_eq!(pushed.len(), 1, "{pushed:?}");
    assert_eq!((&pushed[0]["from"], &pushed[0]["to"]), (&json!(["west"]), &json!(["east"])));

    let on_board = http.all("/v1/shipments/S-1/events");
    assert_eq!(breaches(&on_board).len(), 1, "on board: in its trail");
    let at_hub = http.all("/v1/shipments/S-2/events");
    assert!(breaches(&at_hub).is_empty(), "not on board: not in its trail");

    let again = http.all(&format!("/v1/partners/DP-1/events?date={}", today()));
    assert_eq!(breaches(&again).len(), 1);
    let partner = http.get("/v1/partners/DP-1").ok();
    assert_eq!((&partner["status"], &partner["zones"]), (&json!("green"), &json!(["east"])));
}

#[test]
fn both_protocol_versions_and_batches_are_stored_once() {
    let server = zoned_server();
    let http = server.http();
    let base = now_ms() - 60_000;
    let one = |offset: i64| fix(73.855, 18.525, base + offset);
    let topic = "logistics/dp/DP-1/location";
    publish(server.mqtt_addr, "mqttv311", topic, &one(0).to_string());
    publish(server.mqtt_addr, "mqttv5", topic, &one(1_000).to_string());
    publish(server.mqtt_addr, "mqttv5", topic, &one(1_000).to_string());
    let batch = json!({ "v": 1, "fixes": [one(0), one(2_000), one(3_000)] });
    publish(server.mqtt_addr, "mqttv311", &format!("{topic}/batch"), &batch.to_string());
    let route = eventually("the fixes are stored", || {
        let route = http.get(&format!("/v1/partners/DP-1/route?date={}", today())).ok();
        (route["fixes"] == 4).then_some(route)
    });
    assert_eq!(route["geojson"]["geometry"]["type"], "LineString");
    let ingested = http.post(
        "/v1/ingest/fixes",
        &json!({ "fixes": [
            { "partner": "DP-1", "lat": 18.525, "lon": 73.855, "ts": base },
            { "partner": "DP-1", "lat": 18.525, "lon": 73.856, "ts": base + 9_000 },
            { "partner": "DP-1", "lat": 118.5, "lon": 73.856, "ts": base + 9_500 },
        ] }),
    );
    let ingested = ingested.ok();
    assert_eq!((&ingested["stored"], &ingested["rejected"][0]["index"]), (&json!(1), &json!(2)));
}

#[test]
fn a_new_zone_file_takes_the_place_of_the_old_one() {
    let server = zoned_server();
    let http = server.http();
    let stored = http.get("/v1/zones/pune").ok();
    assert_eq!(stored["features"].as_array().map(Vec::len), Some(2));
    let mut one = two_zones();
    one["features"].as_array_mut().expect("features").pop();
    assert_eq!(http.put("/v1/zones/pune", one.to_string().as_bytes()).ok()["version"], 2);
    let cities = http.get("/v1/zones").ok();
    assert_eq!(
        (&cities["items"][0]["version"], &cities["items"][0]["zones"]),
        (&json!(2), &json!(1))
    );
}

/// The business day in the server's default time zone, UTC+5:30.
fn today() -> String {
    let day_ms = 86_400_000;
    let days = (now_ms() + 19_800_000).div_euclid(day_ms);
    // Civil date from days since 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms").
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
