//! The port for the partners' last presence.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::{PartnerId, ZoneId};
use logistics_core::telemetry::{Presence, PresenceStore};
use sqlx::Row;
use sqlx::postgres::{PgBindIterExt, PgRow};

use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, micros, micros_up, time};

#[async_trait]
impl PresenceStore for PostgresStore {
    async fn note(&self, presences: &[Presence]) -> Result<(), StoreError> {
        // One of each partner, in the order in which every writer locks them.
        let mut last: BTreeMap<&PartnerId, &Presence> = BTreeMap::new();
        for presence in presences {
            let kept = last.entry(&presence.partner).or_insert(presence);
            if micros(kept.last_seen) <= micros(presence.last_seen) {
                *kept = presence;
            }
        }
        if last.is_empty() {
            return Ok(());
        }
        let each = || last.values();
        let query = sqlx::query(
            "INSERT INTO presences (partner, last_seen, zone, on_shift)
             SELECT * FROM unnest($1, $2, $3, $4)
             ON CONFLICT (partner) DO UPDATE
             SET last_seen = excluded.last_seen, zone = excluded.zone, on_shift = excluded.on_shift
             WHERE presences.last_seen <= excluded.last_seen",
        )
        .bind(each().map(|presence| presence.partner.as_str()).bind_iter())
        .bind(each().map(|presence| micros(presence.last_seen)).bind_iter())
        .bind(each().map(|presence| presence.zone.as_ref().map(ZoneId::as_str)).bind_iter())
        .bind(each().map(|presence| presence.on_shift).bind_iter());
        self.write("note presences", query).await.map(drop)
    }

    async fn silent(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<Presence>, StoreError> {
        let query = sqlx::query(
            "SELECT partner, last_seen, zone, on_shift FROM presences
             WHERE on_shift AND last_seen < $1 ORDER BY last_seen, partner LIMIT $2",
        );
        let query = query.bind(micros_up(before)).bind(i64::from(limit));
        self.read("look for silent partners", query, presence).await
    }

    async fn in_zone(
        &self,
        zone: &ZoneId,
        after: Option<&PartnerId>,
        limit: u32,
    ) -> Result<Vec<Presence>, StoreError> {
        // Every id is greater than the empty text.
        let query = sqlx::query(
            "SELECT partner, last_seen, zone, on_shift FROM presences
             WHERE zone = $1 AND partner > $2 ORDER BY partner LIMIT $3",
        )
        .bind(zone.as_str())
        .bind(after.map_or("", PartnerId::as_str))
        .bind(i64::from(limit));
        self.read("look for partners in a zone", query, presence).await
    }
}

fn presence(row: &PgRow) -> SqlResult<Presence> {
    let zone: Option<&str> = row.try_get(2)?;
    Ok(Presence {
        partner: PartnerId::new(row.try_get::<&str, _>(0)?).map_err(corrupt)?,
        last_seen: time(row.try_get(1)?)?,
        zone: zone.map(ZoneId::new).transpose().map_err(corrupt)?,
        on_shift: row.try_get(3)?,
    })
}
