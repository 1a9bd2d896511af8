//! The ways in which devices write a time, as epoch milliseconds. What is a time at all is checked
//! later, in one place: [`Reading::to_fix`](super::Reading::to_fix).

use chrono::{DateTime, NaiveDateTime};
use serde_json::value::RawValue;

use super::json;
use super::payload_error::PayloadError;

/// Below this, a whole number counts seconds, from it on milliseconds.
const SECONDS_BELOW: i64 = 1 << 31;

/// Epoch milliseconds, or RFC 3339; a fraction of a millisecond is cut off.
pub(super) fn millis(raw: &RawValue) -> Result<i64, PayloadError> {
    if json::is_number(raw) {
        return match raw.get().parse() {
            Ok(ms) => Ok(ms),
            Err(_) => whole("ts", json::number("ts", raw)?),
        };
    }
    let Ok(text) = serde_json::from_str::<String>(raw.get()) else {
        let expected = "epoch milliseconds or RFC 3339";
        return Err(PayloadError::WrongType { field: "ts", expected });
    };
    rfc_3339(&text)
}

/// Epoch seconds.
pub(super) fn seconds(field: &'static str, raw: &RawValue) -> Result<i64, PayloadError> {
    whole(field, json::number(field, raw)? * 1e3)
}

/// Whole epoch seconds below 2^31, else whole epoch milliseconds; RFC 3339; or
/// `yyyy-MM-dd HH:mm:ss` in UTC.
pub(super) fn loose(text: &str) -> Result<i64, PayloadError> {
    if let Ok(count) = text.parse::<i64>() {
        return Ok(if count < SECONDS_BELOW { count.saturating_mul(1_000) } else { count });
    }
    match NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S") {
        Ok(time) => Ok(time.and_utc().timestamp_millis()),
        Err(_) => rfc_3339(text),
    }
}

fn rfc_3339(text: &str) -> Result<i64, PayloadError> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => Ok(time.timestamp_millis()),
        Err(_) => Err(PayloadError::BadTimestamp { found: json::cut(text) }),
    }
}

fn whole(field: &'static str, ms: f64) -> Result<i64, PayloadError> {
    if ms.abs() < 1e15 {
        #[allow(clippy::cast_possible_truncation, reason = "below 2^53, and cutting is meant")]
        return Ok(ms as i64);
    }
    Err(PayloadError::OutOfRange { field, found: ms, range: "milliseconds since 1970" })
}
