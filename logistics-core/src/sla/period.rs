//! A span of business days: local dates in one time zone.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::promise::local_date;

/// The last day of a period lies before its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the period ends on {last}, before its first day {first}")]
pub struct PeriodError {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

/// A span of business days: local dates in one time zone, the first and the last included.
///
/// A day begins when clocks there show its date, which need not be at a whole hour of UTC, nor 24
/// hours after the day before: in India at 18:30 UTC; in London at 23:00 or 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawPeriod")]
pub struct Period {
    first: NaiveDate,
    last: NaiveDate,
    time_zone: Tz,
}

#[derive(Deserialize)]
struct RawPeriod {
    first: NaiveDate,
    last: NaiveDate,
    time_zone: Tz,
}

impl Period {
    /// The days from `first` to `last` in `time_zone`.
    ///
    /// # Errors
    /// [`PeriodError`] when `last` lies before `first`.
    pub fn new(first: NaiveDate, last: NaiveDate, time_zone: Tz) -> Result<Self, PeriodError> {
        if last < first {
            Err(PeriodError { first, last })
        } else {
            Ok(Self { first, last, time_zone })
        }
    }

    /// One day.
    #[must_use]
    pub const fn day(date: NaiveDate, time_zone: Tz) -> Self {
        Self { first: date, last: date, time_zone }
    }

    /// The first day.
    #[must_use]
    pub const fn first(&self) -> NaiveDate {
        self.first
    }

    /// The last day.
    #[must_use]
    pub const fn last(&self) -> NaiveDate {
        self.last
    }

    /// The time zone whose days are meant.
    #[must_use]
    pub const fn time_zone(&self) -> Tz {
        self.time_zone
    }

    /// Whether `at` falls on one of its days.
    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        (self.first..=self.last).contains(&local_date(at, self.time_zone))
    }
}

impl TryFrom<RawPeriod> for Period {
    type Error = PeriodError;

    fn try_from(raw: RawPeriod) -> Result<Self, PeriodError> {
        Self::new(raw.first, raw.last, raw.time_zone)
    }
}
