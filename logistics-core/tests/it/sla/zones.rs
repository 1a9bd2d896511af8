//! Every time zone at each of its transitions from 2020 to 2037.
//!
//! The usual run takes every zone and transition with windows a quarter of an hour apart.
//! `LOGISTICS_TEST_SCALE=15` puts them a minute apart and looks for transitions every 12 hours; what
//! was tried is printed.

use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use logistics_core::eventsourcing::Occurred;
use logistics_core::sla::{
    Basis, Contribution, Delivered, DeliveryFacts, PROMISE_HOURS_MAX, Period, Promise,
    PromiseError, PunctualityPolicy, Verdict, local_date, predicted_breach,
};

use super::undelivered;
use crate::fixtures::at;
use crate::scale::{scale, tried};

/// The offset of a zone from UTC at an instant.
fn offset(zone: Tz, instant: DateTime<Utc>) -> TimeDelta {
    let seconds = zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc();
    TimeDelta::seconds(seconds.into())
}

/// Clocks in a zone are moved.
#[derive(Debug, Clone, Copy)]
struct Transition {
    zone: Tz,
    /// The first instant of the new offset.
    instant: DateTime<Utc>,
    before: TimeDelta,
    after: TimeDelta,
}

/// The transitions of `zone`: looked for in steps, then found by bisection.
fn transitions(zone: Tz) -> Vec<Transition> {
    let step = TimeDelta::hours(i64::from(168 / scale().clamp(1, 14)));
    let (mut from, end) = (at("2020-01-01T00:00:00Z"), at("2038-01-01T00:00:00Z"));
    let mut found = Vec::new();
    while from < end {
        let to = from + step;
        let (before, after) = (offset(zone, from), offset(zone, to));
        if before != after {
            let (mut low, mut high) = (from.timestamp(), to.timestamp());
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                let instant = DateTime::from_timestamp(middle, 0).unwrap();
                if offset(zone, instant) == before { low = middle } else { high = middle }
            }
            let instant = DateTime::from_timestamp(high, 0).unwrap();
            found.push(Transition { zone, instant, before, after: offset(zone, instant) });
        }
        from = to;
    }
    found
}

fn all_transitions() -> Vec<Transition> {
    TZ_VARIANTS.iter().copied().flat_map(transitions).collect()
}

impl Transition {
    /// The earliest and the latest instant that clocks may mean by `local`, from offsets alone.
    fn meant(&self, local: NaiveDateTime) -> (DateTime<Utc>, DateTime<Utc>) {
        let shown = |by: TimeDelta| {
            let instant = (local - by).and_utc();
            (offset(self.zone, instant) == by).then_some(instant)
        };
        match (shown(self.before), shown(self.after)) {
            (Some(early), Some(late)) => (early.min(late), early.max(late)),
            (Some(only), None) | (None, Some(only)) => (only, only),
            (None, None) => {
                // Clocks skip it: as if they had not been moved.
                let instant = (local - self.before).and_utc();
                (instant, instant)
            }
        }
    }

    /// Civil times around it: on a grid, and at its edges.
    fn locals(&self) -> Vec<NaiveDateTime> {
        let (first, last) = (self.before.min(self.after), self.before.max(self.after));
        let edges = [first, last].map(|by| self.instant.naive_utc() + by);
        let grid = i64::from((15 / scale()).max(1));
        let steps = (-90 / grid)..=(90 / grid);
        let around = steps.map(|step| edges[0] + TimeDelta::minutes(step * grid));
        let second = TimeDelta::seconds(1);
        around.chain([edges[0] - second, edges[1] - second, edges[1]]).collect()
    }
}

#[test]
fn the_transitions_are_found() {
    let count = |zone: &str| transitions(zone.parse().unwrap()).len();
    assert_eq!((count("Asia/Kolkata"), count("Europe/London")), (0, 36));
    assert_eq!(count("Australia/Lord_Howe"), 36);
    let london = transitions(Tz::Europe__London);
    let instants: Vec<_> = london.iter().map(|one| one.instant).collect();
    assert!(instants.contains(&at("2026-10-25T01:00:00Z")));
    assert!(instants.contains(&at("2027-03-28T01:00:00Z")));
    let howe = transitions(Tz::Australia__Lord_Howe);
    assert!(howe.iter().all(|one| (one.after - one.before).abs() == TimeDelta::minutes(30)));
    // Morocco goes back for Ramadan: two changes within weeks.
    assert!(count("Africa/Casablanca") >= 34, "{}", count("Africa/Casablanca"));
}

#[test]
fn a_window_starts_before_it_ends_or_is_refused_in_every_zone() {
    let lengths = [1, 15, 60, 180].map(TimeDelta::minutes);
    let (mut kept, mut refused) = (0_u64, 0_u64);
    let transitions = all_transitions();
    for one in &transitions {
        let name = one.zone.name();
        for from in one.locals() {
            for to in lengths.map(|length| from + length) {
                let ((start, _), (_, end)) = (one.meant(from), one.meant(to));
                let resolved = Promise::resolve(name, from, to);
                assert_eq!(resolved, Promise::resolve(name, from, to), "{name} {from} {to}");
                match resolved {
                    Ok(promise) => {
                        assert!(promise.start() < promise.end(), "{name} {from} {to}");
                        assert_eq!(
                            (promise.start(), promise.end()),
                            (start, end),
                            "{name} {from} {to}"
                        );
                        kept += 1;
                    }
                    Err(PromiseError::EndBeforeStart { start: found_start, end: found_end }) => {
                        assert_eq!((found_start, found_end), (start, end), "{name} {from} {to}");
                        assert!(end <= start, "{name} {from} {to}");
                        refused += 1;
                    }
                    Err(error) => panic!("{name} {from} {to}: {error}"),
                }
            }
        }
    }
    tried("zones", TZ_VARIANTS.len());
    tried("transitions", transitions.len());
    tried("windows kept", kept);
    tried("windows refused", refused);
    assert!(transitions.len() > 5_000 && kept > 10 * refused && refused > 1_000);
}

#[test]
fn a_promise_of_any_day_and_length_is_resolved_or_refused_in_every_zone() {
    let mut count = 0_u64;
    for zone in TZ_VARIANTS {
        let mut local: NaiveDateTime = "2020-01-01T00:00:00".parse().unwrap();
        // Steps that fall on all hours and days in time.
        while local < "2038-01-01T00:00:00".parse().unwrap() {
            for hours in [1, 24, 47, 48, 49] {
                let to = local + TimeDelta::hours(hours);
                match Promise::resolve(zone.name(), local, to) {
                    Ok(promise) => {
                        let length = promise.end() - promise.start();
                        assert!(length > TimeDelta::zero(), "{zone} {local}");
                        assert!(length <= TimeDelta::hours(PROMISE_HOURS_MAX), "{zone} {local}");
                        assert_eq!(promise.date(), to.date());
                    }
                    Err(PromiseError::EndBeforeStart { start, end }) => assert!(end <= start),
                    Err(PromiseError::TooLong { minutes }) => {
                        assert!(minutes > PROMISE_HOURS_MAX * 60, "{zone} {local} {hours}");
                        assert!(hours >= 47, "{zone} {local} {hours}");
                    }
                    Err(error) => panic!("{zone} {local}: {error}"),
                }
                count += 1;
            }
            local +=
                TimeDelta::minutes(i64::from((19 * 24 * 60 + 7 * 60 + 30) / scale().clamp(1, 50)));
        }
    }
    tried("windows", count);
    assert!(count > 500_000);
}

#[test]
fn the_verdict_is_the_same_however_the_instants_are_written() {
    let (policy, second) = (PunctualityPolicy::default(), TimeDelta::seconds(1));
    let transitions = all_transitions();
    // Others than its own: one with half hours, one with odd minutes, those at both ends of the day.
    let others =
        [Tz::Asia__Kolkata, Tz::Asia__Kathmandu, Tz::Pacific__Kiritimati, Tz::Etc__GMTPlus12];
    let mut verdicts = 0_u64;
    for one in &transitions {
        let local = one.instant.naive_utc() + one.before - TimeDelta::minutes(30);
        let Ok(promise) = Promise::resolve(one.zone.name(), local, local + TimeDelta::minutes(150))
        else {
            panic!("{one:?} skips more than two hours");
        };
        let json = serde_json::to_value(&promise).unwrap();
        for zone in others.into_iter().chain([one.zone]) {
            let written = |instant: DateTime<Utc>| instant.with_timezone(&zone).to_rfc3339();
            let mut foreign = json.clone();
            foreign["start"] = written(promise.start()).into();
            foreign["end"] = written(promise.end()).into();
            let read: Promise = serde_json::from_value(foreign).unwrap();
            assert_eq!(read, promise, "{one:?} in {zone}");
            for (delivered, expected) in [
                (promise.start(), Verdict::OnTime),
                (promise.end() - second, Verdict::OnTime),
                (promise.end(), Verdict::OnTime),
                (promise.end() + second, Verdict::Late),
            ] {
                let delivered = at(&written(delivered));
                let occurred = Occurred::observed(delivered);
                let facts = DeliveryFacts {
                    delivered: Some(Delivered { occurred, recorded_at: delivered }),
                    ..undelivered(&read)
                };
                let added = Contribution::of(&facts, Basis::Original, delivered, &policy);
                assert_eq!(added.verdict, expected, "{one:?} in {zone}");
                let breach = predicted_breach(read.end(), delivered);
                assert_eq!(breach, expected == Verdict::Late, "{one:?} in {zone}");
                verdicts += 1;
            }
        }
    }
    tried("verdicts", verdicts);
    assert!(verdicts > 100_000);
}

#[test]
fn every_instant_belongs_to_one_business_day_in_every_zone() {
    let mut instants = 0_u64;
    for one in all_transitions() {
        let grid = i64::from((30 / scale()).max(1));
        for step in (-26 * 60 / grid)..=(26 * 60 / grid) {
            let instant = one.instant + TimeDelta::minutes(step * grid);
            let date = (instant.naive_utc() + offset(one.zone, instant)).date();
            assert_eq!(local_date(instant, one.zone), date, "{one:?} {instant}");
            let within =
                |days: i64| Period::day(date + TimeDelta::days(days), one.zone).contains(instant);
            assert_eq!([-1, 0, 1].map(within), [false, true, false], "{one:?} {instant}");
            instants += 1;
        }
    }
    tried("instants", instants);
    assert!(instants > 500_000);
}
