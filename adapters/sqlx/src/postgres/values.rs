//! Between Rust's values and PostgreSQL's: times are BIGINT microseconds, counters are BIGINT.

use std::borrow::Cow;
use std::error::Error as StdError;

use chrono::{DateTime, Utc};

pub(crate) type SqlResult<T> = Result<T, sqlx::Error>;

/// Something stored is not what was written.
pub(crate) fn corrupt(error: impl StdError + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// What is to be stored has no form in which it can be.
pub(crate) fn unfit(error: impl StdError + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}

/// `number` as PostgreSQL keeps it. No counter comes near the limit.
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

/// `text` for people, without the one character that PostgreSQL's TEXT cannot hold.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// What `part` gives of each of `owners`, with its owner's number.
pub(crate) fn parts<'a, O: 'a, T: 'a>(
    owners: &[(i32, &'a O)],
    part: impl Fn(&'a O) -> &'a [T],
) -> Vec<(i32, &'a T)> {
    let of = |&(number, owner): &(i32, &'a O)| part(owner).iter().map(move |t| (number, t));
    owners.iter().flat_map(of).collect()
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
