//! Partners, their zones and their devices' certificates.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use logistics_core::PartnerId;
use logistics_mqtt::client::Server as Target;
use logistics_mqtt::tls::ClientTls;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::server::{Server, read};

/// Requests under way at once.
const AT_ONCE: usize = 8;
/// Zones on each side of the city, and their size in degrees.
const ZONES: i32 = 11;
const ZONE_DEG: f64 = 0.01;
/// The city's south-western corner.
pub(crate) const CORNER: (f64, f64) = (73.80, 18.46);

/// Puts zones and registers partners whose names no earlier run has used.
pub(crate) fn register(server: &Server, count: u32) -> Result<Vec<String>> {
    server.api.put_zones("fleet", &zones())?;
    let run = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let partners: Vec<_> = (1..=count).map(|number| format!("fleet-{run}-{number}")).collect();
    in_parallel(&partners, |partner| server.api.register(partner))?;
    Ok(partners)
}

/// Where each device connects to, and as whom.
pub(crate) fn targets(
    server: &Server,
    partners: &[String],
    plain: bool,
) -> Result<Vec<(PartnerId, Target)>> {
    if plain {
        let target = |partner: &String| Ok((PartnerId::new(partner)?, server.mqtt.into()));
        return partners.iter().map(target).collect();
    }
    let mut targets = Vec::new();
    // The system limits how long a command line is.
    for some in partners.chunks(1_000) {
        for line in server.enrol(some)?.lines() {
            let issued: Issued = serde_json::from_str(line).context("what the enrolment says")?;
            let (certificate, key) = (read(&issued.certificate)?, read(&issued.key)?);
            let tls = ClientTls::from_pem(&certificate, &key, &read(&issued.authority)?)?;
            let host = server.mqtt.ip().to_string();
            targets.push((issued.partner, Target::tls(host, server.mqtt.port(), tls)));
        }
    }
    Ok(targets)
}

/// A line of `device enrol --json`.
#[derive(Deserialize)]
struct Issued {
    partner: PartnerId,
    authority: String,
    certificate: String,
    key: String,
}

/// Does the same for all, several at a time.
pub(crate) fn in_parallel<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let share = all.len().div_ceil(AT_ONCE).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let workers: Vec<_> = all
            .chunks(share)
            .map(|some| scope.spawn(move || some.iter().map(work).collect::<Result<Vec<R>>>()))
            .collect();
        let mut results = Vec::with_capacity(all.len());
        for worker in workers {
            results.extend(worker.join().map_err(|_| anyhow::anyhow!("a worker failed"))??);
        }
        Ok(results)
    })
}

/// A city of squares side by side.
fn zones() -> Value {
    let square = |column: i32, row: i32| {
        let west = CORNER.0 + f64::from(column) * ZONE_DEG;
        let south = CORNER.1 + f64::from(row) * ZONE_DEG;
        let (east, north) = (west + ZONE_DEG, south + ZONE_DEG);
        json!({
            "type": "Feature",
            "id": format!("zone-{column}-{row}"),
            "properties": {},
            "geometry": { "type": "Polygon", "coordinates": [[
                [west, south], [east, south], [east, north], [west, north], [west, south]
            ]] },
        })
    };
    let all = (0..ZONES * ZONES).map(|at| square(at % ZONES, at / ZONES)).collect::<Vec<_>>();
    json!({ "type": "FeatureCollection", "features": all })
}
