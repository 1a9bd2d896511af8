//! The first message of a live session: how things stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use logistics_core::ZoneId;
use serde::Serialize;

use crate::app::App;
use crate::gps::PartnerView;
use crate::live::Metrics;

#[derive(Serialize)]
struct Snapshot {
    t: &'static str,
    rev: u64,
    server_time: DateTime<Utc>,
    partners: Vec<PartnerView>,
    metrics: Metrics,
    cities: Vec<City>,
}

#[derive(Serialize)]
struct City {
    city: String,
    version: u64,
}

/// How things stand at revision `rev`, for a session that watches `zones`, or all.
pub(crate) async fn json(
    app: Arc<App>,
    rev: u64,
    zones: Option<BTreeSet<ZoneId>>,
) -> Result<String, serde_json::Error> {
    let now = app.now();
    let mut partners = app.board.views(None, usize::MAX, now, &app.settings.status);
    if let Some(zones) = zones {
        partners.retain(|partner| partner.zones.iter().any(|zone| zones.contains(zone)));
    }
    let cities = app.zones.all();
    serde_json::to_string(&Snapshot {
        t: "snapshot",
        rev,
        server_time: now,
        partners,
        metrics: app.metrics(),
        cities: cities
            .values()
            .map(|zones| City { city: zones.city.to_string(), version: zones.set.version() })
            .collect(),
    })
}
