//! Whether one shipment kept its promise.

use chrono::TimeDelta;
use logistics_core::eventsourcing::Occurred;
use logistics_core::sla::{
    Basis, Contribution, Delivered, DeliveryFacts, Early, PunctualityPolicy, Verdict,
    delivered_time,
};

use super::{delivered, promise, undelivered, window};
use crate::fixtures::minute;

fn verdict(facts: &DeliveryFacts<'_>, now: i64, policy: &PunctualityPolicy) -> Verdict {
    Contribution::of(facts, Basis::Original, minute(now), policy).verdict
}

#[test]
fn early_on_time_and_late() {
    let promise = promise();
    let lenient = PunctualityPolicy::default();
    let strict = PunctualityPolicy { early: Early::Miss, ..lenient };
    for (at, by_default, when_strict) in [
        (-1, Verdict::OnTime, Verdict::TooEarly),
        (0, Verdict::OnTime, Verdict::OnTime),
        (60, Verdict::OnTime, Verdict::OnTime),
        (61, Verdict::Late, Verdict::Late),
    ] {
        let facts = delivered(&promise, at);
        assert_eq!(verdict(&facts, 600, &lenient), by_default, "{at}");
        assert_eq!(verdict(&facts, 600, &strict), when_strict, "{at}");
    }
}

#[test]
fn what_is_not_delivered_is_late_once_the_promise_has_ended() {
    let (promise, policy) = (promise(), PunctualityPolicy::default());
    let facts = undelivered(&promise);
    assert_eq!(verdict(&facts, 60, &policy), Verdict::Open);
    assert_eq!(verdict(&facts, 61, &policy), Verdict::Late);
    let open = Contribution::of(&facts, Basis::Original, minute(0), &policy);
    assert_eq!(open.at(minute(60)).verdict, Verdict::Open);
    assert_eq!(open.at(minute(61)).verdict, Verdict::Late);
    assert!(!open.in_full && !open.suspect);
}

#[test]
fn what_is_not_measured_is_so_whatever_became_of_it() {
    let (promise, policy) = (promise(), PunctualityPolicy::default());
    for facts in [undelivered(&promise), delivered(&promise, 30), delivered(&promise, 90)] {
        let stopped = DeliveryFacts { clock_stopped: true, ..facts };
        assert_eq!(verdict(&stopped, 600, &policy), Verdict::ClockStopped);
        let cancelled = DeliveryFacts { cancelled_by_client: true, ..stopped };
        assert_eq!(verdict(&cancelled, 600, &policy), Verdict::CancelledByClient);
    }
}

#[test]
fn the_original_and_the_latest_promise_are_two_figures() {
    let original = promise();
    let latest = window("2026-11-24T09:00:00", "2026-11-24T10:00:00");
    let facts = DeliveryFacts { latest: &latest, ..delivered(&original, 24 * 60 + 30) };
    let policy = PunctualityPolicy::default();
    let of = |basis| Contribution::of(&facts, basis, minute(2_000), &policy);
    let (first, second) = (of(Basis::Original), of(Basis::Latest));
    assert_eq!((first.verdict, first.promise_end), (Verdict::Late, original.end()));
    assert_eq!((second.verdict, second.promise_end), (Verdict::OnTime, latest.end()));
}

#[test]
fn in_full_is_with_all_pieces_handed_over() {
    let (promise, policy) = (promise(), PunctualityPolicy::default());
    let in_full = |ordered, handed_over| {
        let facts = DeliveryFacts {
            pieces_ordered: ordered,
            pieces_delivered: handed_over,
            ..delivered(&promise, 30)
        };
        Contribution::of(&facts, Basis::Original, minute(30), &policy).in_full
    };
    assert!(in_full(3, 3) && !in_full(3, 2) && !in_full(3, 0));
}

#[test]
fn a_reported_time_is_believed_within_limits() {
    let policy = PunctualityPolicy::default();
    let hours = |hours: i64| TimeDelta::hours(hours).num_minutes();
    for (occurred, recorded, at, suspect) in [
        // A phone that was without a connection all day.
        (-hours(4), 0, -hours(4), false),
        (-hours(24), 0, -hours(24), false),
        (-hours(24) - 1, 0, 0, true),
        // A clock that is a little ahead: nothing is delivered after it was recorded.
        (2, 0, 0, false),
        (3, 0, 0, true),
    ] {
        let recorded_at = minute(recorded);
        let occurred = Occurred::observed(minute(occurred));
        let time = delivered_time(&Delivered { occurred, recorded_at }, &policy);
        assert_eq!((time.at, time.suspect), (minute(at), suspect), "{occurred:?}");
        let marked = Occurred { suspect: true, ..occurred };
        let time = delivered_time(&Delivered { occurred: marked, recorded_at }, &policy);
        assert_eq!((time.at, time.suspect), (recorded_at, true));
    }
}

#[test]
fn a_suspect_time_is_measured_as_recorded_and_shown() {
    let (promise, policy) = (promise(), PunctualityPolicy::default());
    let recorded_at = minute(90);
    let facts = |occurred| DeliveryFacts {
        delivered: Some(Delivered { occurred, recorded_at }),
        ..delivered(&promise, 90)
    };
    let of = |occurred| Contribution::of(&facts(occurred), Basis::Original, minute(90), &policy);
    let believed = of(Occurred::observed(minute(30)));
    assert_eq!((believed.verdict, believed.suspect), (Verdict::OnTime, false));
    let doubted = of(Occurred { suspect: true, ..Occurred::observed(minute(30)) });
    assert_eq!((doubted.verdict, doubted.suspect), (Verdict::Late, true));
}
