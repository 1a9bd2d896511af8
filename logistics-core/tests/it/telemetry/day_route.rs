//! The line of a day: drawn in bounded memory, and nobody's once the partner's key is gone.

use chrono::TimeDelta;
use futures::executor::block_on;
use geo_types::Point;
use logistics_core::memory::MemoryStore;
use logistics_core::privacy::{KeyStore as _, Pseudonym, SubjectKey};
use logistics_core::telemetry::{
    DAY_ROUTE_PURPOSE, DayRoute, DayRoutes as _, Fix, RoutePolicy, RouteSketch,
    distance_to_segment_m, route_subject,
};
use proptest::prelude::*;

use super::{at, partner};

fn fix(seconds: i64, east: f64, north: f64) -> Fix {
    Fix {
        partner: partner("DP-1"),
        ts: at(seconds * 1_000),
        position: Point::new(73.8 + east, 18.5 + north),
        accuracy_m: 10.0,
        accuracy_assumed: false,
        speed_mps: None,
        bearing_deg: None,
        battery: None,
        mocked: false,
    }
}

fn drawn(fixes: impl IntoIterator<Item = Fix>) -> Option<DayRoute> {
    let mut sketch = RouteSketch::new(RoutePolicy::default());
    fixes.into_iter().for_each(|fix| sketch.push(fix));
    sketch.finish()
}

/// How far `point` is from the nearest of the lines, in metres.
fn off_m(point: Point<f64>, lines: &[Vec<Point<f64>>]) -> f64 {
    let segments = lines.iter().flat_map(|line| {
        let ends = line.windows(2).map(|pair| (pair[0], pair[1]));
        ends.chain(line.first().map(|&only| (only, only)))
    });
    let each = segments.map(|(a, b)| distance_to_segment_m(point, a, b));
    each.fold(f64::INFINITY, f64::min)
}

#[test]
fn a_day_is_summed_up_and_interrupted_where_nothing_came() {
    assert_eq!(drawn([]), None);
    let alone = drawn([fix(0, 0.0, 0.0)]).unwrap();
    assert_eq!((alone.fixes, alone.distance_m), (1, 0.0));
    assert_eq!(alone.lines().unwrap(), [[Point::new(73.8, 18.5)]]);

    // 100 m a step eastwards; ten minutes are no gap yet, a second more is.
    let way =
        |from: i64| (0..20_i32).map(move |n| fix(from + i64::from(n), f64::from(n) * 1e-3, 0.0));
    let unbroken = drawn(way(0).chain(way(19 + 600))).unwrap();
    assert_eq!(unbroken.polylines.len(), 1);
    let broken = drawn(way(0).chain(way(19 + 601))).unwrap();
    assert_eq!((broken.fixes, broken.polylines.len()), (40, 2));
    assert_eq!((broken.first, broken.last), (at(0), at((19 + 601 + 19) * 1_000)));
    assert!((broken.distance_m - 2.0 * 19.0 * 105.45).abs() < 2.0, "{}", broken.distance_m);
    assert!(broken.lines().unwrap().iter().all(|line| line.len() == 2), "{broken:?}");
    assert!((broken.within_m - 12.5).abs() < 1e-9, "{}", broken.within_m);
}

#[test]
fn a_day_of_a_fix_a_second_is_a_line_and_noise_is_none() {
    let day = 12 * 3_600;
    let straight = drawn((0..day).map(|s| fix(s, s as f64 * 1e-5, 0.0))).unwrap();
    let lines = straight.lines().unwrap();
    // Drawn in chunks, whose ends stay.
    assert!(lines.len() == 1 && lines[0].len() <= 25, "{}", lines[0].len());
    assert_eq!(lines[0][0], Point::new(73.8, 18.5));
    assert!((straight.distance_m - 43_199.0 * 1.0545).abs() < 50.0, "{}", straight.distance_m);
    let standing = drawn((0..day).map(|s| fix(s, (s % 3) as f64 * 1e-5, 0.0))).unwrap();
    assert!(standing.distance_m < 100.0, "{}", standing.distance_m);
}

#[test]
fn a_day_with_too_many_corners_is_drawn_more_coarsely() {
    // A sawtooth of 100 m that grows by one notch a second.
    let saw = |s: i64| fix(s, s as f64 * 1e-4, if s % 2 == 0 { 0.0 } else { 1e-3 });
    let route = drawn((0..8_000).map(saw)).unwrap();
    let lines = route.lines().unwrap();
    assert!(lines.iter().map(Vec::len).sum::<usize>() <= 5_000);
    assert!(route.within_m > 12.5);
    for s in 0..8_000 {
        let off_m = off_m(saw(s).position, &lines);
        assert!(off_m <= route.within_m + 1.0, "{s}: {off_m} > {}", route.within_m);
    }
}

#[test]
fn an_erased_partners_lines_are_nobodys() {
    let store = MemoryStore::new();
    let subject = route_subject(&partner("DP-1")).unwrap();
    let day = at(0).date_naive();
    let fresh = |n: u8| SubjectKey::from_bytes([n; 32]);
    let made = |n| {
        block_on(Pseudonym::find_or_make(&store, &subject, DAY_ROUTE_PURPOSE, &fresh(n))).unwrap()
    };
    let find = || block_on(Pseudonym::find(&store, &subject, DAY_ROUTE_PURPOSE)).unwrap();
    assert_eq!(find(), None);
    let whose = made(1).unwrap();
    assert_eq!((whose.as_str().len(), find().as_ref()), (32, Some(&whose)));
    assert_eq!(made(2), Some(whose.clone()), "the first key stays");
    assert_ne!(Pseudonym::of(&fresh(1), "something else"), whose);
    assert_ne!(Pseudonym::of(&fresh(2), DAY_ROUTE_PURPOSE), whose);

    let route = drawn([fix(0, 0.0, 0.0), fix(9, 0.1, 0.0)]).unwrap();
    assert!(block_on(store.keep(&whose, day, &route)).unwrap());
    block_on(store.destroy_key(&subject, at(1_000))).unwrap();
    assert_eq!((find(), made(1), made(3)), (None, None, None));
    // Still there, under a name that nobody can make again.
    assert_eq!(block_on(store.of_day(&whose, day)).unwrap(), Some(route));
}

proptest! {
    #[test]
    fn no_fix_is_further_from_the_lines_than_they_say(
        steps in proptest::collection::vec((-60i32..60, -60i32..60, 1i64..900), 1..200),
    ) {
        let (mut here, mut seconds) = ((0.0, 0.0), 0);
        let fixes: Vec<_> = steps
            .iter()
            .map(|&(east, north, wait)| {
                here = (here.0 + f64::from(east) * 1e-5, here.1 + f64::from(north) * 1e-5);
                seconds += wait;
                fix(seconds, here.0, here.1)
            })
            .collect();
        let route = drawn(fixes.iter().cloned()).unwrap();
        let gaps = fixes.windows(2).filter(|pair| pair[1].ts - pair[0].ts > TimeDelta::minutes(10));
        prop_assert_eq!(route.polylines.len(), gaps.count() + 1);
        let lines = route.lines().unwrap();
        for fix in &fixes {
            // Five decimals are within a metre.
            prop_assert!(off_m(fix.position, &lines) <= route.within_m + 1.0);
        }
    }
}
