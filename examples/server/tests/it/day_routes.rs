//! What stays of a partner's day when its raw fixes are removed.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::harness::{Http, Server, eventually, fix, now_ms};

/// Noon in UTC of a day long past the retention of raw fixes, in epoch milliseconds, and its date,
/// which is the same in the server's time zone.
fn old_noon() -> (i64, String) {
    let noon = (now_ms() / 86_400_000 - 100) * 86_400_000 + 43_200_000;
    let time = DateTime::from_timestamp_millis(noon).expect("a time");
    (noon, time.date_naive().to_string())
}

/// One kilometre eastwards from `east`, a fix each 10 s.
fn way(east: f64, from_ms: i64) -> Vec<Value> {
    let fixes = (0..=10_i32).map(|n| {
        let mut fix = fix(east + f64::from(n) * 1e-3, 18.52, from_ms + i64::from(n) * 10_000);
        fix["partner"] = json!("DP-1");
        fix
    });
    fixes.collect()
}

fn ingest(http: &Http, fixes: &[Value]) {
    let taken = http.post("/v1/ingest/fixes", &json!({ "fixes": fixes })).ok();
    assert_eq!(taken["stored"], fixes.len(), "{taken}");
}

fn route(http: &Http, date: &str) -> Value {
    http.get(&format!("/v1/partners/DP-1/route?date={date}")).ok()
}

#[test]
fn a_days_line_outlives_its_raw_fixes_and_not_the_partners_key() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    let (noon, date) = old_noon();
    ingest(&http, &way(73.85, noon));
    // After a gap of an hour.
    ingest(&http, &way(73.95, noon + 3_600_000));
    let drawn = route(&http, &date);
    assert_eq!((&drawn["source"], &drawn["fixes"]), (&json!("fixes"), &json!(22)));
    assert_eq!(drawn["polylines"].as_array().map(Vec::len), Some(2));
    assert_eq!(drawn["polylines"][0], "_e`pBoyvaM?o}@");
    assert_eq!(drawn["geojson"]["geometry"]["type"], "MultiLineString");
    assert_eq!(
        drawn["geojson"]["geometry"]["coordinates"][0],
        json!([[73.85, 18.52], [73.86, 18.52]])
    );
    assert!((drawn["distance_m"].as_f64().expect("metres") - 2.0 * 1_054.4).abs() < 2.0, "{drawn}");

    // Retention looks at its start, and removes what is past its time.
    let server = server.kill_and_restart();
    let http = server.http();
    let stored = eventually("the raw fixes are gone", || {
        let route = route(&http, &date);
        (route["source"] == "stored").then_some(route)
    });
    let fixes = http.get(&format!("/v1/partners/DP-1/fixes?from={noon}&to={}", noon + 7_200_000));
    assert_eq!(fixes.ok()["items"], json!([]));
    for field in ["fixes", "first", "last", "distance_m", "within_m", "polylines", "geojson"] {
        assert_eq!(stored[field], drawn[field], "{field}");
    }

    // A late fix of that day does not spoil what was made of all the others.
    let mut late = fix(73.0, 18.0, noon - 1_000);
    late["partner"] = json!("DP-1");
    ingest(&http, &[late]);
    assert_eq!(route(&http, &date), stored);
    let server = server.kill_and_restart();
    let http = server.http();
    eventually("the late fix is gone too", || {
        let fixes = http.get(&format!("/v1/partners/DP-1/fixes?from={}", noon - 1_000)).ok();
        (fixes["items"] == json!([])).then_some(())
    });
    assert_eq!(route(&http, &date), stored);

    // Without its key nobody knows whose the line is.
    let mut server = server;
    server.kill();
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(server.data().join(format!("logistics.db.keys{suffix}")));
    }
    let server = server.kill_and_restart();
    let severed = route(&server.http(), &date);
    assert_eq!((&severed["source"], &severed["geojson"]), (&Value::Null, &Value::Null));
    assert_eq!(severed["polylines"], json!([]));
}

#[test]
fn a_day_without_gaps_is_one_line_and_a_day_without_fixes_none() {
    let server = Server::start();
    let http = server.http();
    http.register_partner("DP-1");
    let (noon, date) = old_noon();
    assert_eq!(route(&http, &date)["source"], Value::Null);
    let mut alone = fix(73.85, 18.52, noon);
    alone["partner"] = json!("DP-1");
    ingest(&http, &[alone]);
    let alone = route(&http, &date);
    assert_eq!(
        alone["geojson"]["geometry"]["coordinates"],
        json!([[73.85, 18.52], [73.85, 18.52]])
    );
    ingest(&http, &way(73.85, noon + 10_000));
    let line = route(&http, &date);
    assert_eq!(
        (&line["fixes"], &line["geojson"]["geometry"]["type"]),
        (&json!(12), &json!("LineString"))
    );
    assert_eq!(http.get("/v1/partners/DP-9/route").problem(404), "not_found");
}
