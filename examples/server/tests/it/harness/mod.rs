//! What the tests drive the server with.

mod certificate;
mod device;
mod http;
mod link;
mod live;
mod mosquitto;
mod mqtt;
mod paho;
mod server;

pub(crate) use certificate::Credential;
pub(crate) use device::Device;
pub(crate) use http::Http;
pub(crate) use link::Link;
pub(crate) use live::LiveSession;
pub(crate) use mosquitto::Mosquitto;
pub(crate) use mqtt::{Subscription, publish, publish_lines, try_publish};
pub(crate) use paho::Paho;
pub(crate) use server::Server;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// Waits until `probe` gives something; fails with `what` after twenty seconds.
pub(crate) fn eventually<T>(what: &str, probe: impl FnMut() -> Option<T>) -> T {
    within(Duration::from_secs(20), what, probe)
}

/// Waits until `probe` gives something; fails with `what` after so long.
pub(crate) fn within<T>(limit: Duration, what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Now, in epoch milliseconds.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("in range")
}

/// Two square zones side by side, 1.1 km each; they share the border at longitude 73.86.
pub(crate) fn two_zones() -> Value {
    let square = |id: &str, west: f64| {
        let (east, south, north) = (west + 0.01, 18.52, 18.53);
        json!({
            "type": "Feature",
            "id": id,
            "properties": { "name": id },
            "geometry": { "type": "Polygon", "coordinates": [[
                [west, south], [east, south], [east, north], [west, north], [west, south]
            ]] },
        })
    };
    json!({ "type": "FeatureCollection", "features": [square("west", 73.85), square("east", 73.86)] })
}

/// A device's message: one position report.
pub(crate) fn fix(lon: f64, lat: f64, ts_ms: i64) -> Value {
    json!({ "lat": lat, "lon": lon, "acc": 6.0, "spd": 5.0, "brg": 90.0, "bat": 0.8, "ts": ts_ms })
}

/// The last minute in UTC, date and time: a window then opened a while ago, and less than half an
/// hour.
pub(crate) fn last_minute() -> (String, String) {
    let minute = chrono::Utc::now() - chrono::TimeDelta::minutes(1);
    (minute.format("%Y-%m-%d").to_string(), minute.format("%H:%M").to_string())
}
