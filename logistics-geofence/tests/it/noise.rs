//! Noise: what a tracker makes of fixes near borders, of lying accuracies and of outliers.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use logistics_geofence::{
    Cause, CrossingKind, Fix, Ignored, TrackState, Tracker, TrackerOptions, ZoneSet,
};
use proptest::prelude::*;

use crate::track::{Courier, city, fix, rectangle, short, start, zones};

fn courier() -> Courier {
    Courier::under(TrackerOptions::default())
}

/// One ward with its border at x = 0, inside to the right.
fn ward() -> ZoneSet {
    zones(1, &[("ward", rectangle([0.0, 10.0], [0.0, 10.0]))])
}

/// What a courier's fixes lead to, at the height of the middle, every ten seconds.
fn ride(zones: &ZoneSet, courier: &mut Courier, from_second: i64, x: &[f64]) -> Vec<String> {
    let fixes = (from_second..).step_by(10).zip(x);
    fixes.flat_map(|(t, &x)| short(&courier.sees(zones, fix(x, 5.0, t)).events)).collect()
}

#[test]
fn the_way_in_and_the_way_out_have_borders_of_their_own() {
    let (ward, mut courier) = (ward(), courier());
    // With fixes of 10 m: clear from 23.5 m inside, and from 28.5 m outside. Not clear at 22 and 27.
    let nothing = ride(&ward, &mut courier, 0, &[-0.5, 0.22, -0.1, 0.22, -0.1]);
    assert_eq!(nothing, [""; 0]);
    assert_eq!(ride(&ward, &mut courier, 50, &[0.3]), ["enter ward 42.5 movement"]);
    assert_eq!(ride(&ward, &mut courier, 60, &[-0.27, 0.1, -0.27, 0.1]), [""; 0]);
    assert_eq!(courier.inside(), ["ward"]);
    assert_eq!(ride(&ward, &mut courier, 100, &[-0.3]), ["exit ward 92.5 movement"]);
}

#[test]
fn better_fixes_decide_nearer_to_the_border() {
    let ward = ward();
    for (accuracy_m, decides) in [(1.0, true), (3.0, true), (10.0, false), (40.0, false)] {
        let mut courier = courier();
        courier.sees(&ward, fix(-1.0, 5.0, 0));
        let near = Fix { accuracy_m: Some(accuracy_m), ..fix(0.2, 5.0, 10) };
        let events = courier.sees(&ward, near).events;
        assert_eq!(events.len(), usize::from(decides), "{accuracy_m} m");
        assert!(events.iter().all(|event| event.confidence > 0.9));
    }
}

#[test]
fn what_lasts_is_confirmed_and_dated_back() {
    let (ward, mut courier) = (ward(), courier());
    // Five metres inside: never clear.
    let entered = ride(&ward, &mut courier, 0, &[-0.05, 0.05, 0.05, 0.05]);
    assert_eq!(entered, ["enter ward 5 movement"]);
    // Count alone is not enough: three fixes in two seconds.
    let mut courier = self::courier();
    courier.sees(&ward, fix(-0.05, 5.0, 0));
    for second in [10, 11, 12] {
        assert!(courier.sees(&ward, fix(0.05, 5.0, second)).events.is_empty());
    }
    let last = courier.sees(&ward, fix(0.05, 5.0, 31));
    assert_eq!(short(&last.events), ["enter ward 5 movement"]);
    assert_eq!(last.events[0].decided_at, start() + TimeDelta::seconds(31));
    assert_eq!(last.breach().unwrap().at, start() + TimeDelta::seconds(31));
}

#[test]
fn a_short_visit_counts_when_it_leads_to_the_other_side() {
    // Eight metres wide: no fix in it can be clear.
    let lane = zones(1, &[("lane", rectangle([0.0, 0.08], [0.0, 10.0]))]);
    let across = ride(&lane, &mut courier(), 0, &[-0.5, -0.06, 0.04, 0.14, 0.5, 0.9]);
    assert_eq!(across, ["cross lane 16..24 movement"]);
    let back = ride(&lane, &mut courier(), 0, &[-0.5, -0.06, 0.04, -0.06, -0.5, -0.9]);
    assert_eq!(back, [""; 0]);
    // To and fro across it without a fix inside, then off on the side it came from; then across.
    let mut parked = courier();
    assert_eq!(ride(&lane, &mut parked, 0, &[-0.1, 0.12, -0.1, 0.12, -0.1, -0.5]), [""; 0]);
    assert_eq!(
        ride(&lane, &mut parked, 60, &[-0.1, 0.13, 0.5]),
        ["cross lane 64.348..67.826 movement"]
    );
    // Who stays in it is in it.
    let stays = ride(&lane, &mut courier(), 0, &[-0.06, 0.04, 0.04, 0.04]);
    assert_eq!(stays, ["enter lane 6 movement"]);
}

#[test]
fn a_lying_accuracy_does_not_decide_alone() {
    let ward = ward();
    let lying = |x, second| Fix { accuracy_m: Some(1.7), ..fix(x, 5.0, second) };
    let mut courier = courier();
    ride(&ward, &mut courier, 0, &[0.5, 0.5]);
    // 200 m away at once, from rest.
    assert!(courier.sees(&ward, lying(-1.5, 17)).events.is_empty());
    assert_eq!(ride(&ward, &mut courier, 24, &[0.5]), [""; 0]);
    assert_eq!(courier.inside(), ["ward"]);
    // Seen there twice, it is there.
    assert!(courier.sees(&ward, lying(-1.5, 31)).events.is_empty());
    assert_eq!(courier.sees(&ward, lying(-1.6, 38)).events.len(), 1);
}

#[test]
fn an_outlier_is_left_out_unless_the_next_fix_agrees() {
    let (ward, mut courier) = (ward(), courier());
    ride(&ward, &mut courier, 0, &[0.5]);
    let outlier = courier.sees(&ward, fix(-20.0, 5.0, 10));
    assert_eq!(outlier.ignored, Some(Ignored::Outlier));
    assert!(ride(&ward, &mut courier, 20, &[0.5]).is_empty());
    courier.sees(&ward, fix(-20.0, 5.0, 30));
    let there = courier.sees(&ward, fix(-20.1, 5.0, 40));
    assert_eq!(short(&there.events), ["exit ward 40 after_gap"]);
    assert!(there.breach().is_none());
}

#[test]
fn a_gap_makes_no_phantom_crossing() {
    let (ward, mut courier) = (ward(), courier());
    ride(&ward, &mut courier, 0, &[0.5]);
    // After an hour a little outside: it may be noise. Then it is certain, and still of the gap.
    assert_eq!(ride(&ward, &mut courier, 3_600, &[-0.1]), [""; 0]);
    let left = courier.sees(&ward, fix(-0.5, 5.0, 3_610));
    assert_eq!(short(&left.events), ["exit ward 3600 after_gap"]);
    assert!(left.breach().is_none());
    // A passage that began before a gap is none.
    assert_eq!(ride(&ward, &mut courier, 3_620, &[-0.05, 0.02]), [""; 0]);
    assert_eq!(ride(&ward, &mut courier, 9_000, &[12.0]), [""; 0]);
}

#[test]
fn dwelling_is_told_once_for_each_stay() {
    let (ward, mut courier) = (ward(), courier());
    let at_times = |courier: &mut Courier, x, seconds: &[i64]| -> Vec<String> {
        let told = seconds.iter().flat_map(|&t| short(&courier.sees(&ward, fix(x, 5.0, t)).events));
        told.collect()
    };
    assert_eq!(at_times(&mut courier, 1.0, &[0, 299]), ["enter ward 0 first_fix"]);
    assert_eq!(at_times(&mut courier, 1.0, &[300, 600]), ["dwell ward 300 movement"]);
    assert_eq!(at_times(&mut courier, -1.0, &[700]), ["exit ward 650 movement"]);
    assert_eq!(at_times(&mut courier, 1.0, &[800]), ["enter ward 750 movement"]);
    // The stay ended on the way to a fix outside, after it had been long.
    let left = at_times(&mut courier, -1.0, &[1_400]);
    assert_eq!(left, ["dwell ward 1050 movement", "exit ward 1100 movement"]);
}

#[test]
fn what_is_pending_survives_the_same_zones_and_not_their_end() {
    let mut courier = courier();
    ride(&ward(), &mut courier, 0, &[0.5, -0.1]);
    let again = zones(2, &[("ward", rectangle([0.0, 10.0], [0.0, 10.0]))]);
    assert_eq!(ride(&again, &mut courier, 20, &[-0.1]), [""; 0]);
    let other = zones(3, &[("other", rectangle([-5.0, 10.0], [0.0, 10.0]))]);
    let swapped = courier.sees(&other, fix(-0.1, 5.0, 30));
    assert_eq!(
        short(&swapped.events),
        ["exit ward 20 zone_set_changed", "enter other 20 zone_set_changed"]
    );
    assert_eq!(swapped.changes[0].cause, Cause::ZoneSetChanged);
    // What was pending for the zone that went is forgotten.
    assert_eq!(ride(&ward(), &mut courier, 40, &[-0.1]), ["exit other 30 zone_set_changed"]);
}

/// Fixes about 30 m apart on average, of every accuracy, some of them wild.
fn noisy_track() -> impl Strategy<Value = Vec<Fix>> {
    let step = (-0.9..1.0_f64, -0.5..0.5_f64, 0..15_i64, 0.0..60.0_f64, 0..20_u8);
    let start = (8.0..16.0_f64, 0.0..10.0_f64);
    (start, prop::collection::vec(step, 1..80)).prop_map(|((mut x, mut y), steps)| {
        let mut second = 0;
        let fixes = steps.into_iter().map(|(dx, dy, wait, accuracy_m, kind)| {
            (x, y, second) = (x + dx, y + dy, second + wait);
            let wild = if kind == 0 { 30.0 } else { 0.0 };
            let pause = if kind == 1 { 1_000 } else { 0 };
            second += pause;
            Fix { accuracy_m: (kind > 2).then_some(accuracy_m), ..fix(x + wild, y, second) }
        });
        fixes.collect()
    })
}

proptest! {
    #[test]
    fn entries_and_exits_take_turns(track in noisy_track()) {
        let (city, mut courier) = (city(1), courier());
        let mut last: BTreeMap<String, (CrossingKind, chrono::DateTime<chrono::Utc>)> = BTreeMap::new();
        for fix in track {
            let observation = courier.sees(&city, fix);
            for event in &observation.events {
                prop_assert!(event.at <= event.decided_at && event.decided_at <= fix.at);
                prop_assert!((0.5..=1.0).contains(&event.confidence));
                let zone = event.zone.to_string();
                let before = last.get(&zone).copied();
                let was_in = before.is_some_and(|(kind, _)| kind != CrossingKind::Exit);
                match event.kind {
                    CrossingKind::Enter => prop_assert!(!was_in, "{event:?}"),
                    CrossingKind::Cross => {
                        prop_assert!(event.left_at >= Some(event.at));
                        continue;
                    }
                    _ => prop_assert!(was_in, "{event:?}"),
                }
                prop_assert!(before.is_none_or(|(_, at)| at <= event.at), "{before:?} {event:?}");
                last.insert(zone, (event.kind, event.at));
            }
            let inside = last.iter().filter(|(_, (kind, _))| *kind != CrossingKind::Exit);
            prop_assert!(inside.map(|(zone, _)| zone.as_str()).eq(courier.inside()));
        }
    }

    #[test]
    fn a_track_in_pieces_is_the_same_track(track in noisy_track()) {
        let city = city(1);
        let mut whole = courier();
        let mut stored = serde_json::to_vec(&TrackState::default()).unwrap();
        for fix in track {
            let mut state: TrackState = serde_json::from_slice(&stored).unwrap();
            let observation = Tracker::default().observe(&city, &mut state, fix);
            prop_assert_eq!(observation, whole.sees(&city, fix));
            stored = serde_json::to_vec(&state).unwrap();
            prop_assert_eq!(&stored, &serde_json::to_vec(&whole.state).unwrap());
        }
    }

    /// Where every fix is believed, what was entered is left on the way back, and what was crossed is
    /// crossed, at the same places.
    #[test]
    fn the_way_back_mirrors_the_way(steps in prop::collection::vec((-2..25_i32, -3..14_i32), 1..20)) {
        let city = city(1);
        let outside = std::iter::once((-2, -3));
        let places: Vec<_> = outside.clone().chain(steps).chain(outside).collect();
        let until = 100 * (i64::try_from(places.len()).unwrap() - 1);
        let seconds = (0..=until).step_by(100);
        let walk = |places: Vec<(i32, i32)>| {
            let mut courier = Courier::default();
            let fixes = places.into_iter().zip(seconds.clone());
            let events = fixes.flat_map(|((x, y), t)| {
                courier.sees(&city, fix(f64::from(x), f64::from(y), t)).events
            });
            events.collect::<Vec<_>>()
        };
        let ms = |at: chrono::DateTime<chrono::Utc>| (at - start()).num_milliseconds();
        let key = |kind: &str, zone: &str, at: i64| (zone.to_owned(), kind.to_owned(), at);
        let tell = |events: Vec<logistics_geofence::Crossing>, back: bool| {
            let turn = |at: i64| if back { until * 1_000 - at } else { at };
            let mut told: Vec<_> = events.iter().map(|e| {
                let zone = e.zone.as_str();
                match (e.kind, back) {
                    (CrossingKind::Enter, false) | (CrossingKind::Exit, true) => key("enter", zone, turn(ms(e.at))),
                    (CrossingKind::Enter, true) | (CrossingKind::Exit, false) => key("exit", zone, turn(ms(e.at))),
                    _ => key("cross", zone, turn(if back { ms(e.left_at.unwrap()) } else { ms(e.at) })),
                }
            }).collect();
            told.sort();
            told
        };
        let there = tell(walk(places.clone()), false);
        let back = tell(walk(places.into_iter().rev().collect()), true);
        prop_assert_eq!(there.len(), back.len(), "{:?} {:?}", there, back);
        for (a, b) in there.iter().zip(&back) {
            prop_assert_eq!((&a.0, &a.1), (&b.0, &b.1));
            // Rounded to the millisecond from both ends.
            prop_assert!((a.2 - b.2).abs() <= 1, "{:?} {:?}", a, b);
        }
    }
}
