//! What a device said, in the pipeline's units and not yet checked: every decoder ends here.

use chrono::{DateTime, Utc};
use geo_types::Point;
use serde_json::{Map, Value, json};

use super::fix::Fix;
use super::payload_error::PayloadError;
use crate::ids::PartnerId;

/// Earliest time of a fix, in epoch milliseconds: 2000-01-01. A device that counts seconds, or
/// whose clock was never set, lands before it and is told so.
const TS_MS_MIN: i64 = 946_684_800_000;
/// Latest time of a fix, in epoch milliseconds: the end of the year 9999.
const TS_MS_MAX: i64 = 253_402_300_799_999;

/// One position as a device reported it. [`Reading::to_fix`] checks it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// When the device took it, in epoch milliseconds.
    pub ts_ms: i64,
    /// Latitude, WGS 84 degrees.
    pub lat_deg: f64,
    /// Longitude, WGS 84 degrees.
    pub lon_deg: f64,
    /// Accuracy radius in metres.
    pub accuracy_m: Option<f64>,
    /// Speed in metres a second; below 0 = unknown.
    pub speed_mps: Option<f64>,
    /// Direction of movement, degrees clockwise from north; below 0 = unknown.
    pub bearing_deg: Option<f64>,
    /// Charge of the battery, 0 to 1.
    pub battery: Option<f64>,
}

impl Reading {
    /// The fix that this reading of `partner`'s device stands for; `assumed_accuracy_m` takes the
    /// place of an accuracy that the device did not give.
    ///
    /// # Errors
    /// [`PayloadError::OutOfRange`] when a value cannot be.
    pub fn to_fix(
        &self,
        partner: &PartnerId,
        assumed_accuracy_m: f64,
    ) -> Result<Fix, PayloadError> {
        let lat = within("lat", self.lat_deg, -90.0, 90.0, "-90 to 90 degrees")?;
        let lon = within("lon", self.lon_deg, -180.0, 180.0, "-180 to 180 degrees")?;
        let accuracy = optional(self.accuracy_m, |value| {
            within("acc", value, 0.0, f64::MAX, "0 metres or more")
        })?;
        let speed = optional(self.speed_mps, |value| finite("spd", value))?;
        let bearing = optional(self.bearing_deg, |value| finite("brg", value))?;
        let battery = optional(self.battery, |value| within("bat", value, 0.0, 1.0, "0 to 1"))?;
        Ok(Fix {
            partner: partner.clone(),
            ts: time(self.ts_ms)?,
            position: Point::new(lon, lat),
            accuracy_m: accuracy.unwrap_or(assumed_accuracy_m),
            accuracy_assumed: accuracy.is_none(),
            speed_mps: speed.filter(|&speed| speed >= 0.0),
            bearing_deg: bearing.filter(|&bearing| bearing >= 0.0).map(|deg| deg.rem_euclid(360.0)),
            battery,
            mocked: false,
        })
    }
}

/// `value`, unless it is negative, which apps write for what they do not know.
pub(super) fn known(value: Option<f64>) -> Option<f64> {
    // What is no number is a fault, and not unknown.
    value.filter(|&value| value.is_nan() || value >= 0.0)
}

fn optional(
    value: Option<f64>,
    check: impl Fn(f64) -> Result<f64, PayloadError>,
) -> Result<Option<f64>, PayloadError> {
    value.map(check).transpose()
}

fn finite(field: &'static str, value: f64) -> Result<f64, PayloadError> {
    within(field, value, f64::MIN, f64::MAX, "a finite number")
}

fn within(
    field: &'static str,
    found: f64,
    min: f64,
    max: f64,
    range: &'static str,
) -> Result<f64, PayloadError> {
    if found >= min && found <= max {
        Ok(found)
    } else {
        Err(PayloadError::OutOfRange { field, found, range })
    }
}

fn time(ms: i64) -> Result<DateTime<Utc>, PayloadError> {
    let time = if (TS_MS_MIN..=TS_MS_MAX).contains(&ms) {
        DateTime::from_timestamp_millis(ms)
    } else {
        None
    };
    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    time.ok_or(PayloadError::OutOfRange {
        field: "ts",
        found: ms as f64,
        range: "milliseconds since 1970, from the year 2000 on",
    })
}

/// `fix` as the message that a device would send for it, `{"lat":…,"lon":…,…,"ts":…}`. An assumed
/// accuracy is left out.
#[must_use]
pub fn encode_fix(fix: &Fix) -> Vec<u8> {
    Value::Object(fields(fix)).to_string().into_bytes()
}

/// `fixes` as the batch that a device would send for them. The receiver reads at most
/// [`BATCH_FIXES_MAX`](super::BATCH_FIXES_MAX).
#[must_use]
pub fn encode_batch(fixes: &[Fix]) -> Vec<u8> {
    let fixes: Vec<_> = fixes.iter().map(fields).collect();
    json!({ "v": 1, "fixes": fixes }).to_string().into_bytes()
}

fn fields(fix: &Fix) -> Map<String, Value> {
    let mut fields = Map::new();
    let accuracy = (!fix.accuracy_assumed).then_some(fix.accuracy_m);
    for (name, value) in [
        ("lat", Some(fix.position.y())),
        ("lon", Some(fix.position.x())),
        ("acc", accuracy),
        ("spd", fix.speed_mps),
        ("brg", fix.bearing_deg),
        ("bat", fix.battery),
    ] {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Value::from(value));
        }
    }
    fields.insert("ts".to_owned(), Value::from(fix.ts.timestamp_millis()));
    if fix.mocked {
        fields.insert("mock".to_owned(), Value::Bool(true));
    }
    fields
}
