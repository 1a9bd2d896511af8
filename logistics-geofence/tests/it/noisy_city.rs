//! Labelled rides through a city under noise: what is told beside what was. Counts are printed;
//! everything comes from one seed.

use chrono::TimeDelta;
use geo_types::Point;
use logistics_geofence::{
    Crossing, CrossingKind, Fix, Position, TrackState, Tracker, TrackerOptions, ZoneSet, classify,
};

use crate::random::{Random, scale};
use crate::track::{UNIT_DEG, lon_lat, rectangle, start, zones};

const SEED: u64 = 20_260_105;
const RIDES: usize = 60;
/// Between two fixes, in seconds.
const STEP_S: i64 = 5;
/// A stay this deep, or a way through that begins and ends this far outside, has to be told.
const DEEP: f64 = 0.45;
/// What is told has to be this near the truth.
const NEAR: f64 = 0.5;
/// In fixes.
const TOLERANCE: usize = 12;

/// Sixteen wards of 800 m and a lane of 15 m across all of them, in units of 100 m.
fn city() -> ZoneSet {
    let at = |k: u32| 8.0 * f64::from(k);
    let mut areas = Vec::new();
    for row in 0..4 {
        for column in 0..4 {
            let [x, y] = [[at(column), at(column + 1)], [at(row), at(row + 1)]];
            areas.push((format!("ward-{row}-{column}"), rectangle(x, y)));
        }
    }
    areas.push(("lane".to_owned(), rectangle([-1.0, 33.0], [20.0, 20.15])));
    let areas: Vec<_> = areas.iter().map(|(id, area)| (id.as_str(), area.clone())).collect();
    zones(1, &areas)
}

/// True places at every fix: from address to address at 8 m/s, with stops. Every other address is
/// within some metres of a border.
fn ride(random: &mut Random) -> Vec<[f64; 2]> {
    let mut at = [random.between(0.0, 32.0), random.between(0.0, 32.0)];
    let mut places = Vec::new();
    for stop in 0..6 {
        let mut to = [random.between(0.0, 32.0), random.between(0.0, 32.0)];
        if stop % 2 == 0 {
            to[0] = (to[0] / 8.0).round() * 8.0 + random.between(-0.3, 0.3);
        }
        let [dx, dy] = [to[0] - at[0], to[1] - at[1]];
        let steps = (dx.hypot(dy) / 0.4).ceil().max(1.0);
        let mut step = 0.0;
        while step < steps {
            places.push([at[0] + dx * step / steps, at[1] + dy * step / steps]);
            step += 1.0;
        }
        at = to;
        let waits = 12.0 + 36.0 * random.next();
        let mut waited = 0.0;
        while waited < waits {
            places.push(at);
            waited += 1.0;
        }
    }
    places
}

/// The fixes of a ride: errors of 6 m an axis that drift, and one in a hundred 150 m off that
/// claims to be good.
fn fixes(places: &[[f64; 2]], random: &mut Random) -> Vec<Fix> {
    let mut error = [0.0_f64; 2];
    let fix = |(k, place): (usize, &[f64; 2])| {
        for e in &mut error {
            *e = 0.8 * *e + 0.06 * 0.6 * random.normal();
        }
        let lies = random.next() < 0.01;
        let off = if lies { 1.5 } else { 0.0 };
        let at = start() + TimeDelta::seconds(STEP_S * i64::try_from(k).unwrap());
        let position = lon_lat(place[0] + error[0] + off, place[1] + error[1]);
        Fix { position, at, accuracy_m: Some(if lies { 3.0 } else { 9.0 }) }
    };
    places.iter().enumerate().map(fix).collect()
}

/// Whether a place is in a zone, and how far it is from the zone's border, in units. All borders are
/// level or upright.
fn depth(zones: &ZoneSet, zone: usize, place: [f64; 2]) -> f64 {
    let geometry = zones.zones()[zone].geometry();
    let corners = geometry.0[0].exterior().0.iter();
    let units = |at: f64, origin: f64| (at - origin) / UNIT_DEG;
    let (x, y): (Vec<f64>, Vec<f64>) =
        corners.map(|c| (units(c.x, 73.8), units(c.y, 18.5))).unzip();
    let range = |v: &[f64], at: f64| {
        let low = v.iter().copied().fold(f64::INFINITY, f64::min);
        let high = v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (at - low).min(high - at)
    };
    let (dx, dy) = (range(&x, place[0]), range(&y, place[1]));
    if dx < 0.0 && dy < 0.0 { -dx.hypot(dy) } else { dx.min(dy) }
}

/// Intervals of fixes, first to last.
type Spans = Vec<(usize, usize)>;

/// Stays that must be told: those that get deep, and ways through that begin and end far outside.
fn true_passages(depths: &[f64]) -> Spans {
    let mut spans = Spans::new();
    let mut begun = None;
    for (k, pair) in depths.windows(2).enumerate() {
        let (before, after) = (pair[0], pair[1]);
        if before < 0.0 && after >= 0.0 {
            begun = Some(k);
        }
        if before >= 0.0
            && after < 0.0
            && let Some(first) = begun.take()
        {
            let stay = &depths[first + 1..=k];
            if stay.iter().any(|&d| d >= DEEP) {
                spans.push((first, k + 1));
            }
        }
    }
    spans
}

/// Ways across the lane, whose two sides are told apart by y.
fn true_ways_across(places: &[[f64; 2]]) -> Spans {
    let side = |place: &[f64; 2]| match place[1] {
        y if y < 20.0 - DEEP => Some(false),
        y if y > 20.15 + DEEP => Some(true),
        _ => None,
    };
    let clear = places.iter().enumerate().filter_map(|(k, p)| Some((k, side(p)?)));
    let clear: Vec<_> = clear.collect();
    let pairs = clear.windows(2).filter(|w| w[0].1 != w[1].1);
    pairs.map(|w| (w[0].0, w[1].0)).collect()
}

/// The stays and passages of a zone that were told, in fixes; the last stay may be open.
fn told(events: &[Crossing], zone: &str, last: usize) -> Spans {
    let index = |at: chrono::DateTime<chrono::Utc>| {
        usize::try_from((at - start()).num_seconds() / STEP_S).unwrap()
    };
    let (mut spans, mut entered) = (Spans::new(), None);
    for event in events.iter().filter(|event| event.zone.as_str() == zone) {
        match event.kind {
            CrossingKind::Enter => entered = Some(index(event.at)),
            CrossingKind::Exit => spans.extend(entered.take().map(|k| (k, index(event.at)))),
            CrossingKind::Cross => spans.push((index(event.at), index(event.left_at.unwrap()))),
            _ => {}
        }
    }
    spans.extend(entered.map(|k| (k, last)));
    spans
}

fn overlaps(a: (usize, usize), b: (usize, usize)) -> bool {
    a.0 <= b.1 + TOLERANCE && b.0 <= a.1 + TOLERANCE
}

/// Changes of a zone's membership that are undone within three fixes.
fn flaps(changes: &[usize]) -> usize {
    changes.windows(2).filter(|w| w[1] - w[0] <= 3).count()
}

#[derive(Debug, Default)]
struct Count {
    rides: usize,
    fixes: usize,
    passages: usize,
    missed: usize,
    told: usize,
    untrue: usize,
    flaps: usize,
    naive_flaps: usize,
}

fn follow(city: &ZoneSet, fixes: &[Fix]) -> (Vec<Crossing>, Vec<(usize, Crossing)>) {
    let (mut tracker, mut state) = (Tracker::new(TrackerOptions::default()), TrackState::default());
    let mut by_fix = Vec::new();
    for (k, fix) in fixes.iter().enumerate() {
        let events = tracker.observe(city, &mut state, *fix).events;
        by_fix.extend(events.into_iter().map(|event| (k, event)));
    }
    (by_fix.iter().map(|(_, event)| event.clone()).collect(), by_fix)
}

fn judge(city: &ZoneSet, places: &[[f64; 2]], fixes: &[Fix], count: &mut Count) {
    let (events, by_fix) = follow(city, fixes);
    for (index, zone) in city.zones().iter().enumerate() {
        let id = zone.id().as_str();
        let depths: Vec<f64> = places.iter().map(|&place| depth(city, index, place)).collect();
        let due = if id == "lane" { true_ways_across(places) } else { true_passages(&depths) };
        let told = told(&events, id, places.len() - 1);
        count.passages += due.len();
        count.missed += due.iter().filter(|&&d| !told.iter().any(|&t| overlaps(d, t))).count();
        count.told += told.len();
        let untrue = |&&(first, last): &&(usize, usize)| {
            let around = first.saturating_sub(3)..(last + 4).min(places.len());
            depths[around].iter().all(|&d| d < -NEAR)
        };
        count.untrue += told.iter().filter(untrue).count();
        let confirmed = by_fix.iter().filter(|(_, event)| {
            let changes = matches!(event.kind, CrossingKind::Enter | CrossingKind::Exit);
            event.zone.as_str() == id && changes
        });
        count.flaps += flaps(&confirmed.map(|(k, _)| *k).collect::<Vec<_>>());
        let covers = |fix: &Fix| covers(zone.geometry(), fix.position);
        let naive = fixes.windows(2).enumerate().filter(|(_, w)| covers(&w[0]) != covers(&w[1]));
        count.naive_flaps += flaps(&naive.map(|(k, _)| k + 1).collect::<Vec<_>>());
    }
    count.rides += 1;
    count.fixes += fixes.len();
}

fn covers(geometry: &geo_types::MultiPolygon<f64>, at: Point<f64>) -> bool {
    classify(geometry, at).unwrap() != Position::Exterior
}

#[test]
fn noise_makes_few_flaps_and_hides_no_passage() {
    let (city, mut random, mut count) = (city(), Random::new(SEED), Count::default());
    for _ in 0..RIDES * scale() {
        let places = ride(&mut random);
        let fixes = fixes(&places, &mut random);
        judge(&city, &places, &fixes, &mut count);
    }
    println!("seed {SEED}: {count:?}");
    assert!(count.passages > 500 && count.naive_flaps > 500, "{count:?}");
    assert_eq!(count.missed, 0, "{count:?}");
    assert!(count.flaps * 10 <= count.naive_flaps, "{count:?}");
    assert!(count.untrue * 100 <= count.told, "{count:?}");
}
