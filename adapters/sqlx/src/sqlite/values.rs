//! Between Rust's values and SQLite's: times are i64 microseconds, counters are i64.

use std::error::Error as StdError;

use chrono::{DateTime, Utc};
use logistics_core::values::Sha256Digest;

pub(crate) type SqlResult<T> = Result<T, sqlx::Error>;

/// Rows in one `INSERT`. Each number of rows is a statement of its own in the cache, so the
/// statements of a batch are prepared once.
pub(crate) const INSERT_ROWS_MAX: usize = 32;

/// Something stored is not what was written.
pub(crate) fn corrupt(error: impl StdError + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// `number` as SQLite keeps it. No counter comes near the limit.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A counter as it was kept.
pub(crate) fn uint(number: i64) -> SqlResult<u64> {
    u64::try_from(number).map_err(corrupt)
}

pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// The first whole microsecond that is not before `at`: a timer must not fire early.
pub(crate) fn micros_up(at: DateTime<Utc>) -> i64 {
    let down = at.timestamp_micros();
    if at.timestamp_subsec_nanos().is_multiple_of(1_000) { down } else { down + 1 }
}

/// `at` as it will be read back.
pub(crate) fn whole_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros(at)).unwrap_or(at)
}

pub(crate) fn time(micros: i64) -> SqlResult<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| sqlx::Error::Decode(format!("{micros} µs is not a time").into()))
}

pub(crate) fn digest(bytes: &[u8]) -> SqlResult<Sha256Digest> {
    bytes.try_into().map(Sha256Digest::from_bytes).map_err(corrupt)
}

/// A list written as JSON, for `json_each`: one statement for lists of any length.
pub(crate) fn json(list: serde_json::Result<String>) -> SqlResult<String> {
    list.map_err(|error| sqlx::Error::Encode(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_down_and_timers_rounded_up() {
        for (seconds, nanos, down, up) in
            [(0, 0, 0, 0), (1, 1_500, 1_000_001, 1_000_002), (-1, 999_999_001, -1, 0)]
        {
            let at = DateTime::from_timestamp(seconds, nanos).expect("in range");
            assert_eq!((micros(at), micros_up(at)), (down, up), "{at:?}");
        }
    }
}
