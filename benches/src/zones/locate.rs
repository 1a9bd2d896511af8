//! `locate`: the zones that cover each point of a file.

use std::io::Write;
use std::path::Path;

use geo_types::Point;
use logistics_geofence::{LoadOptions, Position, ZoneHit, ZoneSet};
use serde::Serialize;

use crate::input::{Table, load_zones, value};

#[derive(Serialize)]
struct Answer<'a> {
    lon: f64,
    lat: f64,
    zones: Vec<Covering<'a>>,
}

#[derive(Serialize)]
struct Covering<'a> {
    zone: &'a str,
    at: Position,
}

pub(crate) fn run(
    zones: &Path,
    points: &Path,
    options: &LoadOptions,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let zones = load_zones(zones, options)?;
    let table = Table::open(points)?;
    let (lon, lat) = (table.column("lon")?, table.column("lat")?);
    let mut hits = Vec::new();
    // Everything is read and looked up before anything is written: bad input gives no output.
    let answers = table.rows(|record| {
        let point = Point::new(value(record, lon)?, value(record, lat)?);
        zones.zones_at(point, &mut Vec::new())?;
        Ok(point)
    })?;
    for point in answers {
        zones.zones_at(point, &mut hits)?;
        serde_json::to_writer(&mut *out, &answer(&zones, point, &hits))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn answer<'a>(zones: &'a ZoneSet, point: Point<f64>, hits: &[ZoneHit]) -> Answer<'a> {
    let covering = hits.iter().filter_map(|hit| {
        zones.zone(hit.zone).map(|zone| Covering { zone: zone.id().as_str(), at: hit.at })
    });
    Answer { lon: point.x(), lat: point.y(), zones: covering.collect() }
}
