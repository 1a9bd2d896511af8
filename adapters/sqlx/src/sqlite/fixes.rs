//! The position history's port.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::PartnerId;
use logistics_core::telemetry::{Appended, Fix, FixStore, TrackCursor};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::batch::PendingFixes;
use super::error::read_error;
use super::store::SqliteStore;
use super::values::{
    INSERT_ROWS_MAX, SqlResult, corrupt, json, micros, micros_up, time, whole_micros,
};
use super::writer::Work;

/// The columns of a fix, from the table called `f`.
macro_rules! fix_columns {
    () => {
        "f.partner, f.ts, f.lon, f.lat, f.accuracy_m, f.accuracy_assumed, f.speed_mps,
         f.bearing_deg, f.battery"
    };
}

/// All partners, one step into the primary key each, however many fixes they have.
macro_rules! with_partners {
    () => {
        "WITH RECURSIVE partners (partner) AS (
             SELECT min(partner) FROM fixes
             UNION ALL
             SELECT (SELECT min(partner) FROM fixes WHERE partner > partners.partner)
             FROM partners WHERE partners.partner IS NOT NULL
         ) "
    };
}

#[async_trait]
impl FixStore for SqliteStore {
    async fn append(&self, fixes: &[Fix]) -> Result<Vec<Appended>, StoreError> {
        if fixes.is_empty() {
            return Ok(Vec::new());
        }
        let appended = self.writer.append(fixes.to_vec()).await;
        appended.map_err(|error| error.into_store_error("append fixes"))
    }

    async fn range(
        &self,
        partner: &PartnerId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Fix>, StoreError> {
        let query = sqlx::query(concat!(
            "SELECT ",
            fix_columns!(),
            " FROM fixes AS f WHERE partner = ? AND ts >= ? AND ts < ? ORDER BY ts LIMIT ?"
        ));
        let rows = query
            .bind(partner.as_str())
            .bind(micros_up(from))
            .bind(micros_up(to))
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await;
        fixes_of(rows).map_err(read_error("read a partner's fixes"))
    }

    async fn latest(&self) -> Result<Vec<Fix>, StoreError> {
        let query = sqlx::query(concat!(
            with_partners!(),
            "SELECT ",
            fix_columns!(),
            " FROM partners CROSS JOIN fixes AS f ON f.partner = partners.partner
              AND f.ts = (SELECT max(ts) FROM fixes WHERE partner = partners.partner)"
        ));
        let rows = query.fetch_all(&self.readers).await;
        fixes_of(rows).map_err(read_error("read the latest fixes"))
    }

    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        self.write("remove old fixes", Prune { before, limit }).await
    }

    async fn save_cursors(&self, cursors: &[TrackCursor]) -> Result<(), StoreError> {
        if cursors.is_empty() {
            return Ok(());
        }
        self.write("save track cursors", SaveCursors(cursors.to_vec())).await
    }

    async fn cursors(&self) -> Result<Vec<TrackCursor>, StoreError> {
        let rows = sqlx::query(
            "SELECT partner, evaluated_until, state FROM track_cursors ORDER BY partner",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(read_error("read track cursors"))?;
        let cursors = rows.iter().map(cursor).collect::<SqlResult<_>>();
        cursors.map_err(read_error("read track cursors"))
    }
}

fn fixes_of(rows: SqlResult<Vec<SqliteRow>>) -> SqlResult<Vec<Fix>> {
    rows?.iter().map(fix).collect()
}

fn fix(row: &SqliteRow) -> SqlResult<Fix> {
    Ok(Fix {
        partner: PartnerId::new(row.try_get::<&str, _>(0)?).map_err(corrupt)?,
        ts: time(row.try_get(1)?)?,
        position: (row.try_get::<f64, _>(2)?, row.try_get::<f64, _>(3)?).into(),
        accuracy_m: row.try_get(4)?,
        accuracy_assumed: row.try_get(5)?,
        speed_mps: row.try_get(6)?,
        bearing_deg: row.try_get(7)?,
        battery: row.try_get(8)?,
    })
}

fn cursor(row: &SqliteRow) -> SqlResult<TrackCursor> {
    Ok(TrackCursor {
        partner: PartnerId::new(row.try_get::<&str, _>(0)?).map_err(corrupt)?,
        evaluated_until: time(row.try_get(1)?)?,
        state: row.try_get(2)?,
    })
}

type Key = (PartnerId, i64);

/// A stored fix, or one about to be.
struct Slot {
    fix: Fix,
    changed: bool,
}

/// Appends each of `pending` in the order of arrival.
pub(crate) async fn run(db: &mut SqliteConnection, pending: &mut [PendingFixes]) -> SqlResult<()> {
    if pending.is_empty() {
        return Ok(());
    }
    let mut slots = read_present(db, pending).await?;
    for append in pending {
        append.outcome = Some(append.input.iter().map(|fix| place(&mut slots, fix)).collect());
    }
    let changed: Vec<&Fix> =
        slots.values().filter(|slot| slot.changed).map(|slot| &slot.fix).collect();
    write(db, &changed).await
}

/// The fixes that are stored under the keys of the new ones.
async fn read_present(
    db: &mut SqliteConnection,
    pending: &[PendingFixes],
) -> SqlResult<BTreeMap<Key, Slot>> {
    let fixes = pending.iter().flat_map(|append| &append.input);
    let keys: Vec<(&str, i64)> = fixes.map(|fix| (fix.partner.as_str(), micros(fix.ts))).collect();
    let keys = json(serde_json::to_string(&keys))?;
    let query = sqlx::query(concat!(
        "SELECT ",
        fix_columns!(),
        " FROM json_each(?) AS k CROSS JOIN fixes AS f
          ON f.partner = k.value ->> 0 AND f.ts = k.value ->> 1"
    ));
    let present = fixes_of(query.bind(keys).fetch_all(db).await)?;
    Ok(present
        .into_iter()
        .map(|fix| ((fix.partner.clone(), micros(fix.ts)), Slot { fix, changed: false }))
        .collect())
}

fn place(slots: &mut BTreeMap<Key, Slot>, fix: &Fix) -> Appended {
    let fix = Fix { ts: whole_micros(fix.ts), ..fix.clone() };
    match slots.entry((fix.partner.clone(), micros(fix.ts))) {
        Entry::Vacant(slot) => {
            slot.insert(Slot { fix, changed: true });
            Appended::Stored
        }
        Entry::Occupied(slot) if slot.get().fix == fix => Appended::Duplicate,
        Entry::Occupied(mut slot) => {
            let replaced = fix.supersedes(&slot.get().fix);
            if replaced {
                slot.insert(Slot { fix, changed: true });
            }
            Appended::Conflict { replaced }
        }
    }
}

async fn write(db: &mut SqliteConnection, fixes: &[&Fix]) -> SqlResult<()> {
    for rows in fixes.chunks(INSERT_ROWS_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT OR REPLACE INTO fixes (partner, ts, lon, lat, accuracy_m, accuracy_assumed,
             speed_mps, bearing_deg, battery) ",
        );
        insert.push_values(rows, |mut values, fix| {
            values
                .push_bind(fix.partner.as_str())
                .push_bind(micros(fix.ts))
                .push_bind(fix.position.x())
                .push_bind(fix.position.y())
                .push_bind(fix.accuracy_m)
                .push_bind(fix.accuracy_assumed)
                .push_bind(fix.speed_mps)
                .push_bind(fix.bearing_deg)
                .push_bind(fix.battery);
        });
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}

struct Prune {
    before: DateTime<Utc>,
    limit: u32,
}

#[async_trait]
impl Work for Prune {
    type Output = u64;

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<u64> {
        let query = sqlx::query(concat!(
            "DELETE FROM fixes WHERE (partner, ts) IN (",
            with_partners!(),
            "SELECT f.partner, f.ts FROM partners CROSS JOIN fixes AS f
             ON f.partner = partners.partner AND f.ts < ? LIMIT ?)"
        ));
        let query = query.bind(micros_up(self.before)).bind(i64::from(self.limit));
        Ok(query.execute(db).await?.rows_affected())
    }
}

struct SaveCursors(Vec<TrackCursor>);

#[async_trait]
impl Work for SaveCursors {
    type Output = ();

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        for rows in self.0.chunks(INSERT_ROWS_MAX) {
            let mut insert = QueryBuilder::<Sqlite>::new(
                "INSERT OR REPLACE INTO track_cursors (partner, evaluated_until, state) ",
            );
            insert.push_values(rows, |mut values, cursor| {
                values
                    .push_bind(cursor.partner.as_str())
                    .push_bind(micros(cursor.evaluated_until))
                    .push_bind(cursor.state.as_slice());
            });
            insert.build().execute(&mut *db).await?;
        }
        Ok(())
    }
}
