//! `bench`: how fast a set of zones is loaded, asked and followed, beside `geo` with `rstar` and
//! interval trees on the same points in the same run. Processor time of one thread.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use chrono::{DateTime, TimeDelta};
use geo_types::{Line, Point};
use logistics_geofence::{
    Fix, LoadOptions, Passages, Position, TrackState, Tracker, ZoneHit, ZoneSet,
};
use serde::Serialize;

use crate::generate::{self, FIXES_OF_A_TRACK};
use crate::input::{Table, value};
use crate::peer::Peer;

/// Points, track fixes and segments asked for, each.
const QUESTIONS: usize = 200_000;
/// Segments that the peer is asked for: without an index for them it may take milliseconds each.
const SEGMENTS_OF_PEER: usize = 2_000;
/// Length of a segment in metres.
const SEGMENT_M: f64 = 220.0;
const SEED: u64 = 1;

/// One line of the answer. Times are processor time; ratios are those of the peer to ours.
#[derive(Serialize)]
struct Report<'a> {
    set: &'a str,
    zones: usize,
    vertices: usize,
    load_ms: f64,
    index_bytes: usize,
    ns_random: f64,
    ns_track: f64,
    ns_segment: f64,
    ns_observe: f64,
    geo_rstar_ns_random: f64,
    geo_rstar_ns_track: f64,
    geo_rstar_ns_segment: f64,
    ratio_random: f64,
    ratio_track: f64,
    ratio_segment: f64,
    /// Points, random and of tracks, for which the two name different zones.
    disagreements: usize,
}

/// Measures a file, or without one the generated sets.
pub(crate) fn run(
    zones: Option<&Path>,
    points: Option<&Path>,
    options: &LoadOptions,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let sets = match zones {
        Some(path) => {
            let name = path.display().to_string();
            let bytes = std::fs::read(path).with_context(|| name.clone())?;
            vec![(name, bytes)]
        }
        None => generate::sets(SEED),
    };
    let points = points.map(read_points).transpose()?;
    for (name, bytes) in sets {
        let report = measure(&name, &bytes, points.as_deref(), options)?;
        serde_json::to_writer(&mut *out, &report)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

fn read_points(path: &Path) -> anyhow::Result<Vec<Point<f64>>> {
    let table = Table::open(path)?;
    let (lon, lat) = (table.column("lon")?, table.column("lat")?);
    let points = table.rows(|record| Ok(Point::new(value(record, lon)?, value(record, lat)?)))?;
    anyhow::ensure!(!points.is_empty(), "{}: no points", path.display());
    Ok(points)
}

fn measure<'a>(
    name: &'a str,
    bytes: &[u8],
    points: Option<&[Point<f64>]>,
    options: &LoadOptions,
) -> anyhow::Result<Report<'a>> {
    let set = ZoneSet::from_geojson(bytes, options).with_context(|| name.to_owned())?.set;
    let load_ns = ns_each(1, || drop(black_box(ZoneSet::from_geojson(bytes, options))));
    let area = set.bbox().context("no zones")?;
    let random = match points {
        Some(points) => points.to_vec(),
        None => generate::points(SEED, area, QUESTIONS),
    };
    let tracks = generate::tracks(SEED, area, QUESTIONS / FIXES_OF_A_TRACK);
    let segments = generate::segments(SEED, area, QUESTIONS, SEGMENT_M);
    let peer = Peer::new(set.zones());

    let (ns_random, ns_track) = (ns_lookup(&set, &random), ns_lookup(&set, &tracks));
    let ns_segment = ns_segment(&set, &segments);
    let geo_rstar_ns_random = ns_each(random.len(), || peer.count_all(&random));
    let geo_rstar_ns_track = ns_each(tracks.len(), || peer.count_all(&tracks));
    let some = &segments[..SEGMENTS_OF_PEER];
    let geo_rstar_ns_segment = ns_each(some.len(), || peer.count_all_along(some));
    Ok(Report {
        set: name,
        zones: set.zones().len(),
        vertices: vertices(&set),
        load_ms: round(load_ns / 1e6),
        index_bytes: set.index_bytes(),
        ns_random: round(ns_random),
        ns_track: round(ns_track),
        ns_segment: round(ns_segment),
        ns_observe: round(ns_observe(&set, &tracks)),
        geo_rstar_ns_random: round(geo_rstar_ns_random),
        geo_rstar_ns_track: round(geo_rstar_ns_track),
        geo_rstar_ns_segment: round(geo_rstar_ns_segment),
        ratio_random: round(geo_rstar_ns_random / ns_random),
        ratio_track: round(geo_rstar_ns_track / ns_track),
        ratio_segment: round(geo_rstar_ns_segment / ns_segment),
        disagreements: disagreements(&set, &peer, random.iter().chain(&tracks)),
    })
}

fn vertices(set: &ZoneSet) -> usize {
    let parts = set.zones().iter().flat_map(|zone| &zone.geometry().0);
    let rings = parts.flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    rings.map(|ring| ring.0.len()).sum()
}

fn ns_lookup(set: &ZoneSet, points: &[Point<f64>]) -> f64 {
    let mut hits: Vec<ZoneHit> = Vec::new();
    ns_each(points.len(), || {
        for &point in points {
            // A place that is none has no zones.
            let _ = set.zones_at(point, &mut hits);
            black_box(hits.len());
        }
    })
}

fn ns_segment(set: &ZoneSet, segments: &[Line<f64>]) -> f64 {
    let mut passages = Passages::default();
    ns_each(segments.len(), || {
        for &segment in segments {
            let _ = set.zones_along(segment, &mut passages);
            black_box(passages.as_slice().len());
        }
    })
}

/// Each track by a state of its own, a fix every five seconds.
fn ns_observe(set: &ZoneSet, tracks: &[Point<f64>]) -> f64 {
    let mut tracker = Tracker::default();
    ns_each(tracks.len(), || {
        for track in tracks.chunks(FIXES_OF_A_TRACK) {
            let mut state = TrackState::default();
            let mut at = DateTime::UNIX_EPOCH;
            for &position in track {
                at += TimeDelta::seconds(5);
                let fix = Fix { position, at, accuracy_m: Some(8.0) };
                black_box(tracker.observe(set, &mut state, fix));
            }
        }
    })
}

/// How many points are inside other zones by the peer than by us. What is on a border is inside
/// for neither.
fn disagreements<'a>(
    set: &ZoneSet,
    peer: &Peer,
    points: impl Iterator<Item = &'a Point<f64>>,
) -> usize {
    let (mut hits, mut theirs) = (Vec::new(), Vec::new());
    let differ = |point: &&Point<f64>| {
        let _ = set.zones_at(**point, &mut hits);
        let inside = hits.iter().filter(|hit| hit.at == Position::Interior);
        peer.zones_at(**point, &mut theirs);
        !inside.map(|hit| hit.zone.get()).eq(theirs.iter().copied())
    };
    points.filter(differ).count()
}

/// Nanoseconds for each of `count` things that one call does: the median of five measurements of at
/// least a tenth of a second.
fn ns_each(count: usize, mut call: impl FnMut()) -> f64 {
    call();
    let mut measured = [0.0; 5].map(|_: f64| {
        let (begun, mut calls) = (Timer::start(), 0.0);
        loop {
            call();
            calls += 1.0;
            let ns = begun.ns();
            if ns >= 1e8 {
                return ns / calls;
            }
        }
    });
    measured.sort_unstable_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss, reason = "a number of questions")]
    let count = count.max(1) as f64;
    measured[2] / count
}

/// Processor time of this thread; wall time where the system does not tell it.
struct Timer {
    cpu_ns: Option<f64>,
    wall: Instant,
}

impl Timer {
    fn start() -> Self {
        Self { cpu_ns: thread_cpu_ns(), wall: Instant::now() }
    }

    fn ns(&self) -> f64 {
        match (self.cpu_ns, thread_cpu_ns()) {
            (Some(begun), Some(now)) => now - begun,
            _ => self.wall.elapsed().as_secs_f64() * 1e9,
        }
    }
}

/// Linux only: nothing elsewhere.
fn thread_cpu_ns() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}

fn round(v: f64) -> f64 {
    (v * 100.0).round() / 100.0
}
