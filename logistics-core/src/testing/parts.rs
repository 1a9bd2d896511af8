//! Small strategies that those of several aggregates are made of.

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::Strategy;

use crate::ids::{HubId, IdError, PartnerId, ShipmentId};
use crate::values::GeoPosition;

/// Ids of one kind, `prefix-0` to `prefix-4`: few, so that they meet again.
pub(super) fn id<T: std::fmt::Debug>(
    prefix: &'static str,
    make: impl Fn(String) -> Result<T, IdError> + Clone,
) -> impl Strategy<Value = T> {
    (0_u8..5).prop_filter_map("a legal id", move |n| make(format!("{prefix}-{n}")).ok())
}

pub(super) fn shipment() -> impl Strategy<Value = ShipmentId> {
    id("s", ShipmentId::new)
}

pub(super) fn hub() -> impl Strategy<Value = HubId> {
    id("HUB", HubId::new)
}

pub(super) fn partner() -> impl Strategy<Value = PartnerId> {
    id("DP", PartnerId::new)
}

pub(super) fn date() -> impl Strategy<Value = NaiveDate> {
    (1_u32..=28).prop_filter_map("a date", |day| NaiveDate::from_ymd_opt(2026, 11, day))
}

pub(super) fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (1_790_000_000_i64..1_800_000_000)
        .prop_filter_map("an instant", |second| DateTime::from_timestamp(second, 0))
}

pub(super) fn position() -> impl Strategy<Value = GeoPosition> {
    ((-180.0..=180.0), (-90.0..=90.0))
        .prop_filter_map("a position", |(lon, lat): (f64, f64)| GeoPosition::new(lon, lat).ok())
}
