//! On-time delivery of many shipments: each counted once, never above all of them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use logistics_core::ShipmentId;
use logistics_core::sla::{
    Basis, Cohort, Contribution, DeliveryFacts, OtdRate, Period, PeriodError, PunctualityPolicy,
    Tally, TallyError, Verdict,
};
use proptest::collection::vec;
use proptest::prelude::{Just, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy;

use super::{delivered, promise, undelivered};
use crate::fixtures::{at, minute, shipment};
use crate::scale::cases;

fn november(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

#[test]
fn a_week_of_one_client() {
    let (promise, policy) = (promise(), PunctualityPolicy::default());
    let mut cohort =
        Cohort::new(Period::new(november(23), november(29), Tz::Europe__London).unwrap());
    let short = DeliveryFacts { pieces_ordered: 2, ..delivered(&promise, 40) };
    let stopped = DeliveryFacts { clock_stopped: true, ..delivered(&promise, 400) };
    let cancelled = DeliveryFacts { cancelled_by_client: true, ..undelivered(&promise) };
    for (id, facts) in [
        ("in-time", delivered(&promise, 20)),
        ("short", short),
        ("late", delivered(&promise, 70)),
        ("missing", undelivered(&promise)),
        ("stopped", stopped),
        ("cancelled", cancelled),
    ] {
        let added = Contribution::of(&facts, Basis::Original, minute(0), &policy);
        cohort.put(shipment(id), added);
    }
    let before = cohort.tally(minute(60));
    assert_eq!((before.on_time().due(), before.open()), (3, 1), "one is not due yet");
    let after = cohort.tally(minute(61));
    assert_eq!(after.on_time(), OtdRate::new(2, 4).unwrap());
    assert_eq!(after.on_time_in_full(), OtdRate::new(1, 4).unwrap());
    assert_eq!((after.late(), after.open(), after.too_early()), (2, 0, 0));
    assert_eq!((after.cancelled_by_client(), after.clock_stopped()), (1, 1));

    // What is reported late takes the place of what was counted.
    let arrived = Contribution::of(&delivered(&promise, 50), Basis::Original, minute(90), &policy);
    cohort.put(shipment("missing"), arrived);
    assert_eq!(cohort.tally(minute(90)).on_time(), OtdRate::new(3, 4).unwrap());
    // A promise that moved out of the week takes its shipment with it.
    let moved = Contribution { promise_end: minute(60 * 24 * 7), ..arrived };
    cohort.put(shipment("missing"), moved);
    assert_eq!(cohort.tally(minute(90)).on_time(), OtdRate::new(2, 3).unwrap());
    assert_eq!(cohort.contributions().count(), 5);
}

#[test]
fn a_business_day_begins_and_ends_with_the_clocks_there() {
    for (zone, day, first, next) in [
        // Half past six in the evening, UTC, all year.
        ("Asia/Kolkata", "2026-11-23", "2026-11-22T18:30:00Z", "2026-11-23T18:30:00Z"),
        // 23 hours, and 25.
        ("Europe/London", "2027-03-28", "2027-03-28T00:00:00Z", "2027-03-28T23:00:00Z"),
        ("Europe/London", "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"),
        // Midnight is skipped: the day begins at one o'clock.
        ("Asia/Beirut", "2027-03-28", "2027-03-27T22:00:00Z", "2027-03-28T21:00:00Z"),
        // Half an hour of daylight saving.
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"),
    ] {
        let period = Period::day(day.parse().unwrap(), zone.parse().unwrap());
        let second = chrono::TimeDelta::seconds(1);
        let (first, next) = (at(first), at(next));
        let within = [first - second, first, next - second, next].map(|at| period.contains(at));
        assert_eq!(within, [false, true, true, false], "{zone} {day}");
    }
    // Of a day that was skipped there is nothing.
    let skipped = Period::day("2011-12-30".parse().unwrap(), Tz::Pacific__Apia);
    assert!(!skipped.contains(at("2011-12-30T09:59:59Z")));
    assert!(!skipped.contains(at("2011-12-30T10:00:00Z")));
}

#[test]
fn a_period_ends_after_it_begins() {
    let (first, last) = (november(24), november(23));
    assert_eq!(Period::new(first, last, Tz::UTC), Err(PeriodError { first, last }));
    let turned = r#"{"first":"2026-11-24","last":"2026-11-23","time_zone":"UTC"}"#;
    assert!(serde_json::from_str::<Period>(turned).is_err());
}

#[test]
fn what_was_not_counted_cannot_be_taken_out() {
    let (promise, policy) = (promise(), PunctualityPolicy::default());
    let late = Contribution::of(&delivered(&promise, 70), Basis::Original, minute(70), &policy);
    let mut tally = Tally::default();
    tally.add(&late);
    for other in
        [Contribution { verdict: Verdict::OnTime, ..late }, Contribution { suspect: true, ..late }]
    {
        assert_eq!(tally.remove(&other), Err(TallyError { verdict: other.verdict }));
        assert_eq!(tally.late(), 1, "nothing has changed");
    }
    assert_eq!(tally.remove(&late), Ok(()));
    assert_eq!(tally, Tally::default());
}

/// One of eight shipments, due in one of three days.
fn put() -> impl Strategy<Value = (ShipmentId, Contribution)> {
    let verdict = prop_oneof![
        4 => Just(Verdict::OnTime),
        1 => Just(Verdict::TooEarly),
        2 => Just(Verdict::Late),
        2 => Just(Verdict::Open),
        1 => Just(Verdict::CancelledByClient),
        1 => Just(Verdict::ClockStopped),
    ];
    (0_u8..8, -1_440_i64..2_880, verdict, any::<bool>(), any::<bool>()).prop_map(
        |(id, end, verdict, in_full, suspect)| {
            let promise_end = minute(end);
            let added = Contribution { promise_end, verdict, in_full, suspect };
            (shipment(&format!("S-{id}")), added)
        },
    )
}

/// The verdict at `now`, said once more.
fn stands(contribution: &Contribution, now: DateTime<Utc>) -> Verdict {
    match contribution.verdict {
        Verdict::Open if contribution.promise_end < now => Verdict::Late,
        verdict => verdict,
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn each_shipment_is_counted_once_as_it_was_put_last(
        puts in vec(put(), 0..40),
        now in -1_440_i64..2_880,
    ) {
        let (day, now) = (november(23), minute(now));
        let mut cohort = Cohort::new(Period::day(day, Tz::Europe__London));
        let mut last = BTreeMap::new();
        for (id, added) in puts {
            cohort.put(id.clone(), added);
            last.insert(id, added);
        }
        // London keeps UTC in November.
        last.retain(|_, added| added.promise_end.date_naive() == day);
        let tally = cohort.tally(now);
        let count = |wanted: &[Verdict]| {
            last.values().filter(|added| wanted.contains(&stands(added, now))).count() as u64
        };
        let due = [Verdict::OnTime, Verdict::TooEarly, Verdict::Late];
        prop_assert_eq!(tally.on_time(), OtdRate::new(count(&due[..1]), count(&due)).unwrap());
        let in_full = last.values().filter(|added| added.in_full && added.verdict == Verdict::OnTime);
        let expected = OtdRate::new(in_full.count() as u64, count(&due)).unwrap();
        prop_assert_eq!(tally.on_time_in_full(), expected);
        prop_assert_eq!(tally.too_early(), count(&[Verdict::TooEarly]));
        prop_assert_eq!(tally.late(), count(&[Verdict::Late]));
        prop_assert_eq!(tally.open(), count(&[Verdict::Open]));
        prop_assert_eq!(tally.cancelled_by_client(), count(&[Verdict::CancelledByClient]));
        prop_assert_eq!(tally.clock_stopped(), count(&[Verdict::ClockStopped]));
        let suspect = last.values().filter(|added| added.suspect).count();
        prop_assert_eq!(tally.suspect(), suspect as u64);
        prop_assert!(tally.on_time().basis_points().is_none_or(|points| points <= 10_000));
        prop_assert!(tally.on_time_in_full().on_time() <= tally.on_time().on_time());
    }

    #[test]
    fn disjoint_cohorts_add_up(puts in vec(put(), 0..40), split in any::<u8>()) {
        let (mut left, mut right, mut whole) = <(Tally, Tally, Tally)>::default();
        for (index, (_, added)) in puts.iter().enumerate() {
            whole.add(added);
            let side = if (split >> (index % 8)) & 1 == 0 { &mut left } else { &mut right };
            side.add(added);
        }
        prop_assert_eq!(left.merge(&right), whole);
        prop_assert_eq!(left.on_time().merge(right.on_time()), whole.on_time());
        let in_full = left.on_time_in_full().merge(right.on_time_in_full());
        prop_assert_eq!(in_full, whole.on_time_in_full());
    }

    #[test]
    fn replacing_the_old_by_the_new_is_counting_anew(puts in vec(put(), 0..40)) {
        let (mut tally, mut last) = (Tally::default(), BTreeMap::new());
        for (id, added) in puts {
            if let Some(old) = last.insert(id, added) {
                prop_assert_eq!(tally.remove(&old), Ok(()));
            }
            tally.add(&added);
        }
        let mut anew = Tally::default();
        last.values().for_each(|added| anew.add(added));
        prop_assert_eq!(tally, anew);
        let written = serde_json::to_string(&tally).unwrap();
        prop_assert_eq!(serde_json::from_str::<Tally>(&written).unwrap(), tally);
    }
}
