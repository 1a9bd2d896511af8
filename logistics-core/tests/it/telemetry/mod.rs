//! GPS tracking, from a device's bytes to what is stored.

mod day_route;
mod double;
mod forms;
mod payload;
mod pipeline;
mod pipeline_failures;
mod replay;
mod status;
mod trail;

use chrono::{DateTime, Utc};
use logistics_core::PartnerId;

/// 2026-11-02T06:30:00Z.
const NOON_MS: i64 = 1_793_601_000_000;

fn partner(id: &str) -> PartnerId {
    PartnerId::new(id).unwrap()
}

/// `ms` milliseconds after a fixed moment.
fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(NOON_MS + ms).unwrap()
}
