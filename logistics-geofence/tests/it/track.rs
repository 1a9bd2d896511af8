//! Following couriers whose every fix is believed: events with their times and causes, and what must
//! hold for any track. Noise is in `noise`.

use chrono::{DateTime, TimeDelta, Utc};
use geo_types::{MultiPolygon, Point, polygon};
use logistics_geofence::{
    Cause, Crossing, CrossingKind, Fix, Ignored, LoadOptions, Observation, TrackState, Tracker,
    TrackerOptions, Zone, ZoneId, ZoneSet,
};
use proptest::prelude::*;

/// About 100 m, the unit of these tests' plane.
pub(crate) const UNIT_DEG: f64 = 0.001;

pub(crate) fn lon_lat(x: f64, y: f64) -> Point<f64> {
    Point::new(73.8 + x * UNIT_DEG, 18.5 + y * UNIT_DEG)
}

pub(crate) fn rectangle(x: [f64; 2], y: [f64; 2]) -> MultiPolygon<f64> {
    let corner = |i: usize, j: usize| lon_lat(x[i], y[j]).0;
    polygon![corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)].into()
}

pub(crate) fn zones(version: u64, zones: &[(&str, MultiPolygon<f64>)]) -> ZoneSet {
    let mut options = LoadOptions::default();
    options.version = version;
    let zones = zones.iter().map(|(id, area)| Zone::new(id.parse().unwrap(), area.clone()));
    ZoneSet::from_zones(zones, &options).unwrap().set
}

/// Two wards side by side and a thin corridor across the second.
pub(crate) fn city(version: u64) -> ZoneSet {
    zones(
        version,
        &[
            ("west", rectangle([0.0, 10.0], [0.0, 10.0])),
            ("east", rectangle([10.0, 20.0], [0.0, 10.0])),
            ("corridor", rectangle([14.0, 14.5], [0.0, 10.0])),
        ],
    )
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-01-05T04:00:00Z".parse().unwrap()
}

pub(crate) fn fix(x: f64, y: f64, second: i64) -> Fix {
    let at = start() + TimeDelta::seconds(second);
    Fix { position: lon_lat(x, y), at, accuracy_m: Some(10.0) }
}

/// One courier under a tracker of its own.
pub(crate) struct Courier {
    tracker: Tracker,
    pub(crate) state: TrackState,
}

impl Default for Courier {
    fn default() -> Self {
        Self::under(TrackerOptions::without_hysteresis())
    }
}

impl Courier {
    pub(crate) fn under(options: TrackerOptions) -> Self {
        Self { tracker: Tracker::new(options), state: TrackState::default() }
    }

    pub(crate) fn sees(&mut self, zones: &ZoneSet, fix: Fix) -> Observation {
        self.tracker.observe(zones, &mut self.state, fix)
    }

    pub(crate) fn inside(&self) -> Vec<&str> {
        self.state.inside().map(ZoneId::as_str).collect()
    }
}

/// "enter west 5 movement": the time in seconds since the start.
pub(crate) fn short(events: &[Crossing]) -> Vec<String> {
    let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let seconds = |at: DateTime<Utc>| (at - start()).as_seconds_f64();
    events
        .iter()
        .map(|e| {
            let kind = word(serde_json::to_value(e.kind).unwrap());
            let cause = word(serde_json::to_value(e.cause).unwrap());
            let until = e.left_at.map(|at| format!("..{}", seconds(at))).unwrap_or_default();
            format!("{kind} {} {}{until} {cause}", e.zone, seconds(e.at))
        })
        .collect()
}

#[test]
fn a_morning_s_ride() {
    let city = city(3);
    let mut courier = Courier::default();
    let mut sees = |x, y, second, expected: &[&str]| {
        let observation = courier.sees(&city, fix(x, y, second));
        assert_eq!(short(&observation.events), expected, "at {second} s");
        assert!(observation.events.iter().all(|e| e.zone_set_version == 3));
        observation
    };
    let first = sees(8.0, 5.0, 0, &["enter west 0 first_fix"]);
    assert!(first.breach().is_none());
    assert_eq!(first.changes.len(), 1);
    assert!(sees(9.0, 5.0, 10, &[]).changes.is_empty());
    // A quarter of the way to the border, which is the one's end and the other's beginning.
    let moved = sees(13.0, 5.0, 50, &["exit west 20 movement", "enter east 20 movement"]);
    let breach = moved.breach().unwrap();
    assert_eq!((breach.before[0].as_str(), breach.after[0].as_str()), ("west", "east"));
    assert_eq!(breach.at, start() + TimeDelta::seconds(50));
    assert_eq!(moved.events[0].decided_at, breach.at);
    assert!(moved.events[1].confidence > 0.99);
    // Through the corridor without a fix in it: no change of where the courier is.
    let through = sees(15.0, 5.0, 70, &["cross corridor 60..65 movement"]);
    assert!(through.changes.is_empty());
    assert!(through.events[0].confidence > 0.99, "{:?}", through.events[0]);
    // Out of everything, through the corridor.
    sees(14.0, -1.0, 90, &["cross corridor 80..86.667 movement", "exit east 86.667 movement"]);
    sees(14.25, -1.0, 100, &[]);
    sees(14.25, 11.0, 220, &["cross east 110..210 movement", "cross corridor 110..210 movement"]);
    // Into the corridor, which lies in the east: both at once, in the order of the set.
    sees(14.25, 9.0, 240, &["enter east 230 movement", "enter corridor 230 movement"]);
    assert_eq!(courier.inside(), ["corridor", "east"]);
}

#[test]
fn on_the_border_is_inside_and_touching_is_no_passage() {
    let city = zones(1, &[("west", rectangle([0.0, 10.0], [0.0, 10.0]))]);
    let mut courier = Courier::default();
    let mut sees = |x, y, second| short(&courier.sees(&city, fix(x, y, second)).events);
    assert!(sees(10.0, -5.0, 0).is_empty());
    assert_eq!(sees(10.0, 5.0, 40), ["enter west 20 movement"]);
    assert_eq!(sees(11.0, 5.0, 50), ["exit west 40 movement"]);
    // Past it, along its border from end to end, past it again; then through.
    assert!(sees(11.0, -5.0, 90).is_empty());
    assert!(sees(10.0, -5.0, 100).is_empty());
    assert!(sees(10.0, 15.0, 180).is_empty());
    assert!(sees(-5.0, 15.0, 240).is_empty());
    assert_eq!(sees(15.0, 5.0, 340), ["cross west 290..315 movement"]);
}

#[test]
fn nothing_is_known_of_the_way_over_a_gap() {
    let city = city(1);
    let mut courier = Courier::default();
    courier.sees(&city, fix(5.0, 5.0, 0));
    // Eleven minutes of silence.
    let late = courier.sees(&city, fix(18.0, 5.0, 660));
    assert_eq!(short(&late.events), ["exit west 660 after_gap", "enter east 660 after_gap"]);
    assert!(late.breach().is_none());
    assert_eq!(late.changes[0].cause, Cause::AfterGap);
    // 1.3 km in ten seconds: an outlier, unless the next fix agrees with it.
    let jump = courier.sees(&city, fix(5.0, 5.0, 670));
    assert_eq!((jump.ignored, jump.events.len()), (Some(Ignored::Outlier), 0));
    assert_eq!(courier.sees(&city, fix(18.0, 5.1, 675)).ignored, None);
    assert!(courier.sees(&city, fix(5.0, 5.0, 680)).events.is_empty());
    let there = courier.sees(&city, fix(5.0, 5.0, 690));
    assert_eq!(short(&there.events), ["exit east 690 after_gap", "enter west 690 after_gap"]);
    // Ten minutes exactly are none.
    let ride = courier.sees(&city, fix(5.0, 15.0, 1290));
    assert_eq!(short(&ride.events), ["exit west 990 movement"]);
}

#[test]
fn fixes_that_cannot_be_used_change_nothing() {
    let city = city(1);
    let mut courier = Courier::default();
    courier.sees(&city, fix(5.0, 5.0, 100));
    let before = courier.state.clone();
    let mut broken = fix(13.0, 5.0, 130);
    let mut check = |fix: Fix, reason| {
        let observation = courier.sees(&city, fix);
        assert_eq!(observation.ignored, Some(reason), "{fix:?}");
        assert!(observation.events.is_empty() && observation.changes.is_empty());
        assert_eq!(courier.state, before);
    };
    check(fix(15.0, 5.0, 99), Ignored::Late);
    check(fix(15.0, 5.0, 100), Ignored::SameTime);
    check(fix(5.0, 5.0, 100), Ignored::Duplicate);
    for (accuracy_m, reason) in [
        (50.1, Ignored::Inaccurate),
        (f64::INFINITY, Ignored::NotAnAccuracy),
        (f64::NAN, Ignored::NotAnAccuracy),
        (-1.0, Ignored::NotAnAccuracy),
    ] {
        broken.accuracy_m = Some(accuracy_m);
        check(broken, reason);
    }
    broken.accuracy_m = None;
    for position in [Point::new(18.5, 173.8), Point::new(f64::NAN, 18.5)] {
        check(Fix { position, ..broken }, Ignored::NotOnEarth);
    }
    // What is left is used: a missing accuracy is no reason.
    assert_eq!(courier.sees(&city, broken).events.len(), 2);
}

#[test]
fn a_changed_zone_set_is_told_apart_from_movement() {
    let mut courier = Courier::default();
    courier.sees(&city(1), fix(9.0, 5.0, 0));
    courier.sees(&city(1), fix(9.5, 5.0, 10));
    // The border moves west over the courier, the corridor goes, a district comes.
    let moved = zones(
        2,
        &[
            ("district", rectangle([-5.0, 30.0], [-5.0, 15.0])),
            ("east", rectangle([9.2, 20.0], [0.0, 10.0])),
            ("west", rectangle([0.0, 9.2], [0.0, 10.0])),
        ],
    );
    let observation = courier.sees(&moved, fix(9.0, 5.0, 20));
    assert_eq!(
        short(&observation.events),
        [
            "exit west 10 zone_set_changed",
            "enter district 10 zone_set_changed",
            "enter east 10 zone_set_changed",
            "exit east 16 movement",
            "enter west 16 movement",
        ]
    );
    assert!(observation.events.iter().all(|e| e.zone_set_version == 2));
    assert_eq!(observation.events[0].decided_at, start() + TimeDelta::seconds(20));
    let causes: Vec<_> = observation.changes.iter().map(|change| change.cause).collect();
    assert_eq!(causes, [Cause::ZoneSetChanged, Cause::Movement]);
    assert_eq!(observation.breach().unwrap().before[1].as_str(), "east");

    // A late fix still brings the new zones; a zone that is gone is left for certain.
    let late = courier.sees(&city(3), fix(0.0, 0.0, 15));
    assert_eq!(late.ignored, Some(Ignored::Late));
    assert_eq!(short(&late.events), ["exit district 20 zone_set_changed"]);
    assert!(late.events[0].confidence >= 1.0);
    assert_eq!(courier.state.zone_set_version(), Some(3));

    // The same version with other zones in it is a change too.
    let careless = zones(3, &[("east", rectangle([10.0, 20.0], [0.0, 10.0]))]);
    let observation = courier.sees(&careless, fix(9.0, 5.0, 30));
    assert_eq!(short(&observation.events), ["exit west 20 zone_set_changed"]);
}

/// A track of fixes with steps that leave no gap.
fn track() -> impl Strategy<Value = Vec<Fix>> {
    let step = (-2..25_i32, -3..14_i32, 60..90_i64);
    prop::collection::vec(step, 1..30).prop_map(|steps| {
        let mut second = 0;
        let fixes = steps.into_iter().map(|(x, y, wait)| {
            second += wait;
            fix(f64::from(x), f64::from(y), second)
        });
        fixes.collect()
    })
}

proptest! {
    #[test]
    fn entries_and_exits_take_turns_and_add_up(track in track()) {
        let city = city(1);
        let mut courier = Courier::default();
        let mut inside: Vec<ZoneId> = Vec::new();
        for fix in track {
            let observation = courier.sees(&city, fix);
            let mut last = None;
            for event in &observation.events {
                prop_assert!(Some(event.at) >= last && event.at <= fix.at);
                last = Some(event.at);
                let was_in = inside.contains(&event.zone);
                match event.kind {
                    CrossingKind::Enter => inside.push(event.zone.clone()),
                    CrossingKind::Exit => inside.retain(|zone| *zone != event.zone),
                    _ => prop_assert!(event.left_at >= Some(event.at)),
                }
                prop_assert_eq!(was_in, event.kind == CrossingKind::Exit, "{:?}", event);
                prop_assert!((0.5..=1.0).contains(&event.confidence));
            }
            inside.sort_unstable();
            prop_assert!(inside.iter().eq(courier.state.inside()));
            for change in &observation.changes {
                prop_assert_ne!(&change.before, &change.after);
                prop_assert!(change.after.iter().eq(courier.state.inside()));
            }
            let mut hits = Vec::new();
            city.zones_at(fix.position, &mut hits).unwrap();
            prop_assert_eq!(hits.len(), inside.len());
        }
    }

    #[test]
    fn a_fix_more_on_the_way_changes_nothing_in_the_end(
        from in (-2..25_i32, -3..14_i32),
        to in (-2..25_i32, -3..14_i32),
        part in 1..8_i32,
    ) {
        let city = city(1);
        let at = |(x, y): (i32, i32)| (f64::from(x), f64::from(y));
        let ((x0, y0), (x1, y1)) = (at(from), at(to));
        let t = f64::from(part) / 8.0;
        let (mut whole, mut split) = (Courier::default(), Courier::default());
        for courier in [&mut whole, &mut split] {
            courier.sees(&city, fix(x0, y0, 0));
        }
        split.sees(&city, fix(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t, i64::from(part) * 10));
        split.sees(&city, fix(x1, y1, 80));
        whole.sees(&city, fix(x1, y1, 80));
        prop_assert!(whole.state.inside().eq(split.state.inside()));
    }

    #[test]
    fn a_swap_to_the_same_zones_says_nothing(track in track(), swap in 0..30_usize) {
        let (mut still, mut swapped) = (Courier::default(), Courier::default());
        for (k, fix) in track.into_iter().enumerate() {
            let expected = still.sees(&city(1), fix);
            let mut got = swapped.sees(&city(if k < swap { 1 } else { 2 }), fix);
            for event in &mut got.events {
                event.zone_set_version = 1;
            }
            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn replay_is_the_same_to_the_byte(track in track()) {
        let city = city(1);
        let replay = |keep: &dyn Fn(TrackState) -> TrackState| {
            let mut courier = Courier::default();
            let mut bytes = Vec::new();
            for fix in &track {
                bytes.extend(serde_json::to_vec(&courier.sees(&city, *fix)).unwrap());
                courier.state = keep(courier.state);
                courier.tracker = Tracker::default();
            }
            bytes
        };
        let stored = |state: TrackState| {
            serde_json::from_slice(&serde_json::to_vec(&state).unwrap()).unwrap()
        };
        prop_assert_eq!(replay(&|state| state), replay(&stored));
    }
}
