//! A promised delivery window: civil time in an IANA zone, resolved once to UTC.

use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Longest window that can be promised, in hours.
pub const PROMISE_HOURS_MAX: i64 = 48;

/// Why a window cannot be promised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromiseError {
    /// No such time zone: give an IANA name, such as `Asia/Kolkata`.
    #[error("{found:?} is not an IANA time zone")]
    UnknownTimeZone {
        /// What was given, cut to a length that can be shown.
        found: String,
    },
    /// The window does not end after it starts. A window over midnight needs two dates.
    #[error("the promised window ends at {end}, not after its start at {start}")]
    EndBeforeStart {
        /// The start, resolved.
        start: DateTime<Utc>,
        /// The end, resolved.
        end: DateTime<Utc>,
    },
    /// The window is longer than [`PROMISE_HOURS_MAX`].
    #[error("the promised window lasts {minutes} minutes, more than {PROMISE_HOURS_MAX} hours")]
    TooLong {
        /// Its length, in minutes.
        minutes: i64,
    },
    /// The civil time lies at the end of the calendar and has no instant.
    #[error("{local} cannot be resolved in its time zone")]
    Unresolvable {
        /// The civil time.
        local: NaiveDateTime,
    },
}

/// A promised delivery window.
///
/// What was promised is the civil time; what is measured is the instant that it meant on the day
/// of promising. Both are kept, with the edition of the time zone database that joined them.
///
/// ```
/// use chrono::{NaiveDate, NaiveTime};
/// use logistics_core::sla::Promise;
///
/// let day = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date");
/// let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("a time");
/// let promise = Promise::on_date("Asia/Kolkata", day, at(10), at(13))?;
/// assert_eq!(promise.end().to_rfc3339(), "2026-11-23T07:30:00+00:00");
/// # Ok::<(), logistics_core::sla::PromiseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawPromise")]
pub struct Promise {
    time_zone: Tz,
    local_start: NaiveDateTime,
    local_end: NaiveDateTime,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    tzdb: String,
}

#[derive(Deserialize)]
struct RawPromise {
    time_zone: Tz,
    local_start: NaiveDateTime,
    local_end: NaiveDateTime,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    tzdb: String,
}

impl Promise {
    /// The window from `local_start` to `local_end`, as clocks show it in `time_zone`.
    ///
    /// A time that clocks skip moves forward by the length of the gap. Of a time that clocks show
    /// twice, a start takes the earlier and an end the later instant: the customer may read it
    /// either way.
    ///
    /// # Errors
    /// [`PromiseError`] when the zone is unknown or the window empty or too long.
    pub fn resolve(
        time_zone: &str,
        local_start: NaiveDateTime,
        local_end: NaiveDateTime,
    ) -> Result<Self, PromiseError> {
        let time_zone: Tz = time_zone.parse().map_err(|_| PromiseError::UnknownTimeZone {
            found: time_zone.chars().take(64).collect(),
        })?;
        let unresolvable = |local| PromiseError::Unresolvable { local };
        let (start, _) =
            instants(time_zone, local_start).ok_or_else(|| unresolvable(local_start))?;
        let (_, end) = instants(time_zone, local_end).ok_or_else(|| unresolvable(local_end))?;
        check_window(start, end)?;
        let tzdb = chrono_tz::IANA_TZDB_VERSION.to_owned();
        Ok(Self { time_zone, local_start, local_end, start, end, tzdb })
    }

    /// The window from `from` to `to` on one civil day.
    ///
    /// # Errors
    /// As [`Promise::resolve`].
    pub fn on_date(
        time_zone: &str,
        date: NaiveDate,
        from: NaiveTime,
        to: NaiveTime,
    ) -> Result<Self, PromiseError> {
        Self::resolve(time_zone, date.and_time(from), date.and_time(to))
    }

    /// The time zone in which it was promised.
    #[must_use]
    pub const fn time_zone(&self) -> Tz {
        self.time_zone
    }

    /// The start as it was promised, in civil time.
    #[must_use]
    pub const fn local_start(&self) -> NaiveDateTime {
        self.local_start
    }

    /// The end as it was promised, in civil time.
    #[must_use]
    pub const fn local_end(&self) -> NaiveDateTime {
        self.local_end
    }

    /// The start.
    #[must_use]
    pub const fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The end: a delivery at this instant is still in time.
    #[must_use]
    pub const fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// The edition of the time zone database that resolved it, such as `2025b`.
    #[must_use]
    pub fn tzdb(&self) -> &str {
        &self.tzdb
    }

    /// The civil day on which the promise falls due.
    #[must_use]
    pub const fn date(&self) -> NaiveDate {
        self.local_end.date()
    }
}

impl TryFrom<RawPromise> for Promise {
    type Error = PromiseError;

    /// The instants stay as they were resolved, whatever today's database would say.
    fn try_from(raw: RawPromise) -> Result<Self, PromiseError> {
        check_window(raw.start, raw.end)?;
        let RawPromise { time_zone, local_start, local_end, start, end, tzdb } = raw;
        Ok(Self { time_zone, local_start, local_end, start, end, tzdb })
    }
}

fn check_window(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<(), PromiseError> {
    if end <= start {
        return Err(PromiseError::EndBeforeStart { start, end });
    }
    let length = end - start;
    if length > Duration::hours(PROMISE_HOURS_MAX) {
        return Err(PromiseError::TooLong { minutes: length.num_minutes() });
    }
    Ok(())
}

/// The earliest and the latest instant at which clocks in `zone` show `local`.
fn instants(zone: Tz, local: NaiveDateTime) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Some((at.to_utc(), at.to_utc())),
        LocalResult::Ambiguous(early, late) => Some((early.to_utc(), late.to_utc())),
        LocalResult::None => {
            // In a gap: the offset in force before it gives the instant that the clock would
            // have shown had it not been moved, which is `local` plus the gap on the new offset.
            // No zone has a gap longer than a day (Pacific/Apia skipped one in 2011).
            let before = local.checked_sub_signed(Duration::hours(25))?;
            let earlier = zone.from_local_datetime(&before).earliest()?;
            let at = earlier.to_utc().checked_add_signed(Duration::hours(25))?;
            Some((at, at))
        }
    }
}

/// The civil date of `at` in `time_zone`: the business date of what happened then.
#[must_use]
pub fn local_date(at: DateTime<Utc>, time_zone: Tz) -> NaiveDate {
    at.with_timezone(&time_zone).date_naive()
}

/// Whether an arrival at `eta` would break a promise that ends at `promise_end`.
#[must_use]
pub fn predicted_breach(promise_end: DateTime<Utc>, eta: DateTime<Utc>) -> bool {
    eta > promise_end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().expect("a civil time")
    }

    fn resolved(zone: &str, from: &str, to: &str) -> Result<(String, String), PromiseError> {
        let promise = Promise::resolve(zone, local(from), local(to))?;
        let text = |at: DateTime<Utc>| at.format("%FT%RZ").to_string();
        Ok((text(promise.start()), text(promise.end())))
    }

    #[test]
    fn civil_windows_mean_these_instants() {
        for (zone, from, to, start, end) in [
            // India keeps +05:30 all year.
            (
                "Asia/Kolkata",
                "2026-11-23T10:00:00",
                "2026-11-23T13:00:00",
                "2026-11-23T04:30Z",
                "2026-11-23T07:30Z",
            ),
            // Clocks skip 01:00 to 02:00: what falls into the gap moves forward by an hour.
            (
                "Europe/London",
                "2027-03-28T00:30:00",
                "2027-03-28T01:30:00",
                "2027-03-28T00:30Z",
                "2027-03-28T01:30Z",
            ),
            (
                "Europe/London",
                "2027-03-28T01:15:00",
                "2027-03-28T02:30:00",
                "2027-03-28T01:15Z",
                "2027-03-28T01:30Z",
            ),
            // Clocks show 01:00 to 02:00 twice: start early, end late.
            (
                "Europe/London",
                "2026-10-25T01:15:00",
                "2026-10-25T01:45:00",
                "2026-10-25T00:15Z",
                "2026-10-25T01:45Z",
            ),
            // A whole civil day is missing.
            (
                "Pacific/Apia",
                "2011-12-30T10:00:00",
                "2011-12-31T12:00:00",
                "2011-12-30T20:00Z",
                "2011-12-30T22:00Z",
            ),
        ] {
            let expected = Ok((start.to_owned(), end.to_owned()));
            assert_eq!(resolved(zone, from, to), expected, "{zone} {from} {to}");
        }
    }

    #[test]
    fn what_cannot_be_promised_is_refused() {
        let refused = |zone, from, to| resolved(zone, from, to).expect_err("refused");
        assert!(matches!(
            refused("Asia/Pune", "2026-11-23T10:00:00", "2026-11-23T13:00:00"),
            PromiseError::UnknownTimeZone { found } if found == "Asia/Pune"
        ));
        assert!(matches!(
            refused("Asia/Kolkata", "2026-11-23T13:00:00", "2026-11-23T13:00:00"),
            PromiseError::EndBeforeStart { .. }
        ));
        // Both ends fall into the gap; forty-five minutes of civil time stay, reversed order not.
        assert!(matches!(
            refused("Europe/London", "2027-03-28T01:45:00", "2027-03-28T02:15:00"),
            PromiseError::EndBeforeStart { .. }
        ));
        assert_eq!(
            refused("Asia/Kolkata", "2026-11-23T10:00:00", "2026-11-25T10:01:00"),
            PromiseError::TooLong { minutes: 48 * 60 + 1 }
        );
    }

    #[test]
    fn what_was_resolved_is_kept_as_it_was() {
        let promise = Promise::resolve(
            "Europe/London",
            local("2026-10-25T09:00:00"),
            local("2026-10-25T10:00:00"),
        )
        .expect("legal");
        let mut json = serde_json::to_value(&promise).expect("JSON");
        assert_eq!(json["time_zone"], "Europe/London");
        json["start"] = "2026-10-25T08:00:00Z".into();
        json["tzdb"] = "1999z".into();
        let old: Promise = serde_json::from_value(json.clone()).expect("as resolved then");
        assert_eq!(old.start().to_rfc3339(), "2026-10-25T08:00:00+00:00");
        json["end"] = "2026-10-24T08:00:00Z".into();
        assert!(serde_json::from_value::<Promise>(json).is_err());
    }

    #[test]
    fn the_business_day_is_local() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let day = |text| local_date(at(text), Tz::Asia__Kolkata).to_string();
        assert_eq!(day("2026-11-22T18:29:59Z"), "2026-11-22");
        assert_eq!(day("2026-11-22T18:30:00Z"), "2026-11-23");
        assert!(predicted_breach(at("2026-11-22T18:00:00Z"), at("2026-11-22T18:00:01Z")));
        assert!(!predicted_breach(at("2026-11-22T18:00:00Z"), at("2026-11-22T18:00:00Z")));
    }
}
