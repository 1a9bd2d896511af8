//! The port for the partners' last presence.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::{PartnerId, ZoneId};
use logistics_core::telemetry::{Presence, PresenceStore};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::error::read_error;
use super::store::SqliteStore;
use super::values::{INSERT_ROWS_MAX, SqlResult, corrupt, micros, micros_up, time};
use super::writer::Work;

#[async_trait]
impl PresenceStore for SqliteStore {
    async fn note(&self, presences: &[Presence]) -> Result<(), StoreError> {
        if presences.is_empty() {
            return Ok(());
        }
        self.write("note where partners are", Note(presences.to_vec())).await
    }

    async fn silent(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<Presence>, StoreError> {
        let rows = sqlx::query(
            "SELECT partner, last_seen, zone, on_shift FROM presences
             WHERE on_shift = 1 AND last_seen < ? ORDER BY last_seen, partner LIMIT ?",
        )
        .bind(micros_up(before))
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await;
        presences(rows).map_err(read_error("look for silent partners"))
    }

    async fn in_zone(
        &self,
        zone: &ZoneId,
        after: Option<&PartnerId>,
        limit: u32,
    ) -> Result<Vec<Presence>, StoreError> {
        let rows = sqlx::query(
            "SELECT partner, last_seen, zone, on_shift FROM presences
             WHERE zone = ? AND partner > ? ORDER BY partner LIMIT ?",
        )
        .bind(zone.as_str())
        // No id is empty: all are behind it.
        .bind(after.map_or("", PartnerId::as_str))
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await;
        presences(rows).map_err(read_error("look for the partners in a zone"))
    }
}

fn presences(rows: SqlResult<Vec<SqliteRow>>) -> SqlResult<Vec<Presence>> {
    rows?.iter().map(presence).collect()
}

fn presence(row: &SqliteRow) -> SqlResult<Presence> {
    let zone: Option<&str> = row.try_get(2)?;
    Ok(Presence {
        partner: PartnerId::new(row.try_get::<&str, _>(0)?).map_err(corrupt)?,
        last_seen: time(row.try_get(1)?)?,
        zone: zone.map(ZoneId::new).transpose().map_err(corrupt)?,
        on_shift: row.try_get(3)?,
    })
}

struct Note(Vec<Presence>);

#[async_trait]
impl Work for Note {
    type Output = ();

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        for rows in self.0.chunks(INSERT_ROWS_MAX) {
            let mut insert = QueryBuilder::<Sqlite>::new(
                "INSERT INTO presences (partner, last_seen, zone, on_shift) ",
            );
            insert.push_values(rows, |mut values, presence| {
                values
                    .push_bind(presence.partner.as_str())
                    .push_bind(micros(presence.last_seen))
                    .push_bind(presence.zone.as_ref().map(ZoneId::as_str))
                    .push_bind(presence.on_shift);
            });
            insert.push(
                " ON CONFLICT DO UPDATE
                 SET last_seen = excluded.last_seen, zone = excluded.zone,
                     on_shift = excluded.on_shift
                 WHERE excluded.last_seen >= last_seen",
            );
            insert.build().execute(&mut *db).await?;
        }
        Ok(())
    }
}
