//! Between Rust's values and SQLite's: times are i64 microseconds, counters are i64.

use std::error::Error as StdError;

use chrono::{DateTime, Utc};
use rusqlite::Row;
use rusqlite::types::FromSqlError;

pub(crate) use rusqlite::Result as SqlResult;

/// Something stored is not what was written.
pub(crate) fn corrupt(error: impl StdError + Send + Sync + 'static) -> rusqlite::Error {
    FromSqlError::Other(Box::new(error)).into()
}

/// What is to be stored has no form in which it can be.
pub(crate) fn unfit(error: impl StdError + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
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

/// The time in a column.
pub(crate) fn time(row: &Row<'_>, column: usize) -> SqlResult<DateTime<Utc>> {
    let micros = row.get(column)?;
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| FromSqlError::Other(format!("{micros} µs is not a time").into()).into())
}

/// The text in a column, where it lies.
pub(crate) fn text<'r>(row: &'r Row<'_>, column: usize) -> SqlResult<&'r str> {
    Ok(row.get_ref(column)?.as_str()?)
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
