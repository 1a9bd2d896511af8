//! Other people's apps against the server: OwnTracks, the OsmAnd protocol, Traccar Client.

use serde_json::{Value, json};

use crate::harness::{Device, Http, Server, eventually, now_ms, publish};

/// What OwnTracks sends, now, from this latitude.
fn owntracks(lat: f64) -> Value {
    let tst = now_ms() / 1_000;
    json!({ "_type": "location", "lat": lat, "lon": 73.85, "acc": 9, "vel": 36, "batt": 50,
        "tid": "ph", "tst": tst })
}

/// The partner's latitude, once it is this one.
fn seen_at(http: &Http, partner: &str, lat: f64) {
    eventually(&format!("{partner} at {lat}"), || {
        let position = http.get(&format!("/v1/partners/{partner}")).ok()["position"].clone();
        (position["lat"] == lat).then_some(())
    });
}

fn letters(http: &Http) -> Vec<(String, String)> {
    let text = |letter: &Value, name: &str| letter[name].as_str().unwrap_or("-").to_owned();
    let letters = http.all("/v1/dead-letters");
    letters.iter().map(|letter| (text(letter, "code"), text(letter, "partner"))).collect()
}

fn metric(http: &Http, line: &str) -> bool {
    let metrics = http.get("/metrics").body;
    metrics.as_str().is_some_and(|text| text.lines().any(|found| found == line))
}

#[test]
fn owntracks_over_mqtt_is_the_certificates_partner_or_the_one_its_topic_names() {
    let server = Server::start();
    let http = server.http();
    for partner in ["DP-1", "asha.phone"] {
        http.register_partner(partner);
    }
    let device = Device::enrol(&server, "DP-1");
    let message = owntracks(18.521).to_string();
    for version in ["mqttv311", "mqttv5"] {
        let topic = "owntracks/asha/phone";
        device.publish(server.mqtts_addr, version, topic, &message).expect("taken");
    }
    seen_at(&http, "DP-1", 18.521);
    assert_eq!(http.get("/v1/partners/asha.phone").ok()["position"], Value::Null);

    // A tool of this machine proves nothing, so the topic says whose phone it is.
    let message = owntracks(18.522).to_string();
    publish(server.mqtt_addr, "mqttv5", "owntracks/asha/phone", &message);
    seen_at(&http, "asha.phone", 18.522);

    let will = json!({ "_type": "lwt", "tst": 1 }).to_string();
    publish(server.mqtt_addr, "mqttv5", "owntracks/asha/phone", &will);
    let event = json!({ "_type": "transition", "lat": 1, "lon": 2, "tst": 1 }).to_string();
    publish(server.mqtt_addr, "mqttv5", "owntracks/asha/phone/event", &event);
    publish(
        server.mqtt_addr,
        "mqttv5",
        "owntracks/asha/phone",
        r#"{"_type":"encrypted","data":"x"}"#,
    );
    assert!(metric(&http, "logistics_messages_ignored_total{reason=\"not_a_location\"} 2"));
    assert!(metric(&http, "logistics_messages_ignored_total{reason=\"encrypted\"} 1"));
    assert_eq!(letters(&http), []);
}

#[test]
fn owntracks_over_http_is_always_content_and_names_its_phone_in_three_ways() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("asha.phone");
    let url = "/v1/ingest/owntracks";
    let mut named = owntracks(18.521);
    named["topic"] = json!("owntracks/asha/phone");
    assert_eq!(http.post(url, &named).ok(), json!([]));
    seen_at(&http, "asha.phone", 18.521);
    let body = owntracks(18.522).to_string();
    let headers = [("X-Limit-U", "asha"), ("X-Limit-D", "phone")];
    assert_eq!(http.send("POST", url, &headers, &body).ok(), json!([]));
    let fixes = || http.all("/v1/partners/asha.phone/fixes").len();
    let before = fixes();
    let later =
        json!({ "_type": "location", "lat": 18.5, "lon": 73.8, "tst": now_ms() / 1_000 - 60 });
    assert_eq!(http.post(&format!("{url}?u=asha&d=phone"), &later).ok(), json!([]));
    assert_eq!(fixes(), before + 1);

    // Whatever is wrong with a message, its phone would only send it again.
    for hopeless in ["{ broken", r#"{"_type":"location"}"#] {
        assert_eq!(http.send("POST", url, &headers, hopeless).ok(), json!([]));
    }
    let stranger = [("X-Limit-U", "nobody"), ("X-Limit-D", "phone")];
    assert_eq!(http.send("POST", url, &stranger, &body).ok(), json!([]));
    assert_eq!(
        http.post(url, &json!({ "_type": "lwt", "topic": "owntracks/a/b" })).ok(),
        json!([])
    );
    let expected = [
        ("bad_json", "asha.phone"),
        ("missing_field", "asha.phone"),
        ("unknown_partner", "nobody.phone"),
        ("unknown_partner", "a.b"),
    ];
    let expected = expected.map(|(code, partner)| (code.to_owned(), partner.to_owned()));
    assert_eq!(letters(&http), expected);

    assert_eq!(http.send("POST", url, &[], &body).problem(400), "no_device");
    assert_eq!(
        http.send("POST", url, &headers, &" ".repeat(70_000)).problem(413),
        "body_too_large"
    );
}

#[test]
fn osmand_takes_queries_and_forms() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    let url = "/v1/ingest/osmand";
    let seconds = now_ms() / 1_000;
    let at = |lat: f64| format!("id=DP-1&lat={lat}&lon=73.85&timestamp={seconds}&speed=10&batt=50");
    let counts = http.get(&format!("{url}?{}", at(18.521))).ok();
    assert_eq!((&counts["stored"], &counts["duplicates"]), (&json!(1), &json!(0)));
    seen_at(&http, "DP-1", 18.521);
    let again = http.send("POST", &format!("{url}?{}", at(18.521)), &[], "").ok();
    assert_eq!(again["duplicates"], 1);
    let earlier = format!("deviceid=DP-1&location=18.5,73.8&timestamp={}", seconds - 60);
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(http.send("POST", url, &form, &earlier).ok()["stored"], 1);
    let fixes = http.all("/v1/partners/DP-1/fixes");
    assert_eq!(fixes.len(), 2);
    assert_eq!((&fixes[1]["speed_mps"], &fixes[1]["battery"]), (&json!(5.14444), &json!(0.5)));

    let invalid = http.get(&format!("{url}?{}&valid=false", at(18.521))).ok();
    assert_eq!(invalid["ignored"], 1);
    let ahead = format!("id=DP-1&lat=18.5&lon=73.8&timestamp={}", seconds + 3_600);
    assert_eq!(http.get(&format!("{url}?{ahead}")).ok()["refused"], 1);
    for (query, code) in [
        ("lat=1&lon=2&timestamp=3", "no_device"),
        ("id=a%2Fb&lat=1", "invalid_partner"),
        ("id=DP-404&lat=1&lon=2&timestamp=1793601000", "unknown_partner"),
        ("id=DP-1&lat=north&lon=2&timestamp=1793601000", "wrong_type"),
        ("id=DP-1&lat=91&lon=2&timestamp=1793601000", "out_of_range"),
    ] {
        assert_eq!(http.get(&format!("{url}?{query}")).problem(400), code, "{query}");
    }
}

#[test]
fn traccar_client_sends_json() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    let url = "/v1/ingest/osmand";
    let location = |seconds_ago: i64| {
        let ts = now_ms() / 1_000 - seconds_ago;
        json!({ "timestamp": ts, "coords": { "latitude": 18.521, "longitude": 73.85, "accuracy": 9,
            "speed": -1, "heading": 90 }, "battery": { "level": 0.8, "is_charging": false },
            "mock": true })
    };
    let mut measured = location(60);
    measured["mock"] = json!(false);
    let one = json!({ "device_id": "DP-1", "location": measured });
    assert_eq!(http.post(url, &one).ok()["stored"], 1);
    let batch = json!({ "device_id": "DP-1", "location": [location(2), location(1), {}] });
    let counts = http.post(url, &batch).ok();
    assert_eq!((&counts["stored"], &counts["ignored"]), (&json!(2), &json!(1)));
    seen_at(&http, "DP-1", 18.521);
    assert!(metric(&http, "logistics_fixes_marked_total{mark=\"mock\"} 2"));
    let history = http.all("/v1/partners/DP-1/fixes");
    let marks: Vec<_> = history.iter().map(|fix| fix["mocked"].clone()).collect();
    assert_eq!(marks, [false, true, true]);

    let stranger = json!({ "device_id": "DP-404", "location": location(0) });
    assert_eq!(http.post(url, &stranger).problem(404), "unknown_partner");
    assert_eq!(http.post(url, &json!({ "location": location(0) })).problem(400), "no_device");
    let broken = json!({ "device_id": "DP-1", "location": { "coords": { "latitude": 1 } } });
    assert_eq!(http.post(url, &broken).problem(400), "missing_field");
}
