//! `crossings`: traces of devices to crossings of zones.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use chrono::{DateTime, Utc};
use geo_types::Point;
use logistics_geofence::{
    Cause, Crossing, CrossingKind, Fix, LoadOptions, TrackState, Tracker, TrackerOptions, ZoneId,
    ZoneSet,
};
use serde::Serialize;

use crate::input::{Table, load_zones, value};

/// How fixes are judged.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Evaluate every fix by itself: no sweep between fixes, no filters, for comparison
    #[arg(long)]
    naive: bool,
    /// Accuracy in metres of a fix that gives none
    #[arg(long, value_name = "METRES", default_value_t = 20.0)]
    default_accuracy: f64,
    /// Fixes with a larger accuracy radius in metres are ignored
    #[arg(long, value_name = "METRES", default_value_t = 50.0)]
    max_accuracy: f64,
    /// How far inside a zone a fix must be to enter it at once
    #[arg(long, value_name = "METRES", default_value_t = TrackerOptions::default().enter_margin_m)]
    enter_margin: f64,
    /// How far outside a zone a fix must be to leave it at once
    #[arg(long, value_name = "METRES", default_value_t = TrackerOptions::default().exit_margin_m)]
    exit_margin: f64,
}

struct Row {
    device: String,
    fix: Fix,
}

#[derive(Serialize)]
struct Event<'a> {
    device: &'a str,
    #[serde(rename = "type")]
    kind: CrossingKind,
    zone: &'a ZoneId,
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_at: Option<DateTime<Utc>>,
    decided_at: DateTime<Utc>,
    confidence: f64,
    cause: Cause,
    zone_set_version: u64,
}

pub(crate) fn run(
    zones: &Path,
    trace: &Path,
    flags: &Flags,
    options: &LoadOptions,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let zones = load_zones(zones, options)?;
    let rows = read_trace(trace)?;
    if flags.naive { naive(&zones, &rows, out) } else { track(&zones, &rows, flags, out) }
}

fn read_trace(path: &Path) -> anyhow::Result<Vec<Row>> {
    let table = Table::open(path)?;
    let device = table.column("device_id")?;
    let at = table.column("timestamp_utc")?;
    let (lat, lon) = (table.column("lat")?, table.column("lon")?);
    let accuracy = table.find("accuracy");
    table.rows(|record| {
        let accuracy = accuracy.filter(|&column| record.get(column).is_some_and(|v| !v.is_empty()));
        Ok(Row {
            device: value(record, device)?,
            fix: Fix {
                position: Point::new(value(record, lon)?, value(record, lat)?),
                at: value(record, at)?,
                accuracy_m: accuracy.map(|column| value(record, column)).transpose()?,
            },
        })
    })
}

fn track(zones: &ZoneSet, rows: &[Row], flags: &Flags, out: &mut impl Write) -> anyhow::Result<()> {
    let mut options = TrackerOptions::default();
    options.default_accuracy_m = flags.default_accuracy;
    options.max_accuracy_m = flags.max_accuracy;
    options.enter_margin_m = flags.enter_margin;
    options.exit_margin_m = flags.exit_margin;
    let mut tracker = Tracker::new(options);
    let mut states: BTreeMap<&str, TrackState> = BTreeMap::new();
    let mut ignored = BTreeMap::new();
    for Row { device, fix } in rows {
        let observation = tracker.observe(zones, states.entry(device).or_default(), *fix);
        for crossing in &observation.events {
            write_event(out, device, crossing)?;
        }
        if let Some(reason) = observation.ignored {
            *ignored.entry(reason).or_insert(0_u64) += 1;
        }
    }
    for (reason, count) in ignored {
        writeln!(std::io::stderr(), "zones: {count} fixes ignored: {reason:?}")?;
    }
    Ok(())
}

/// Each fix taken at its word: entered is what covers it and did not cover the one before.
fn naive(zones: &ZoneSet, rows: &[Row], out: &mut impl Write) -> anyhow::Result<()> {
    let mut inside: BTreeMap<&str, BTreeSet<ZoneId>> = BTreeMap::new();
    let mut hits = Vec::new();
    for Row { device, fix } in rows {
        zones.zones_at(fix.position, &mut hits)?;
        let covering = hits.iter().filter_map(|hit| zones.zone(hit.zone));
        let now: BTreeSet<ZoneId> = covering.map(|zone| zone.id().clone()).collect();
        let before = inside.insert(device, now.clone());
        let cause = if before.is_some() { Cause::Movement } else { Cause::FirstFix };
        let before = before.unwrap_or_default();
        let left = before.difference(&now).map(|zone| (CrossingKind::Exit, zone));
        let entered = now.difference(&before).map(|zone| (CrossingKind::Enter, zone));
        for (kind, zone) in left.chain(entered) {
            let crossing = Crossing {
                kind,
                zone: zone.clone(),
                at: fix.at,
                left_at: None,
                decided_at: fix.at,
                cause,
                zone_set_version: zones.version(),
                confidence: 1.0,
            };
            write_event(out, device, &crossing)?;
        }
    }
    Ok(())
}

fn write_event(out: &mut impl Write, device: &str, crossing: &Crossing) -> anyhow::Result<()> {
    let event = Event {
        device,
        kind: crossing.kind,
        zone: &crossing.zone,
        at: crossing.at,
        left_at: crossing.left_at,
        decided_at: crossing.decided_at,
        confidence: crossing.confidence,
        cause: crossing.cause,
        zone_set_version: crossing.zone_set_version,
    };
    serde_json::to_writer(&mut *out, &event)?;
    out.write_all(b"\n")?;
    Ok(())
}
