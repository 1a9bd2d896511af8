//! The position history's port.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::PartnerId;
use logistics_core::telemetry::{Appended, Fix, FixStore, TrackCursor};
use sqlx::postgres::{PgBindIterExt, PgRow};
use sqlx::{Connection, PgConnection, Row};

use super::connections::PgQuery;
use super::error::store_error;
use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, micros, micros_up, time, whole_micros};

/// The columns of a fix, from the table called `f`.
macro_rules! fix_columns {
    () => {
        "f.partner, f.ts, f.lon, f.lat, f.accuracy_m, f.accuracy_assumed, f.speed_mps,
         f.bearing_deg, f.battery, f.mocked"
    };
}

/// All partners, one step into the primary key each, however many fixes they have.
macro_rules! with_partners {
    () => {
        "WITH RECURSIVE partners (partner) AS (
             (SELECT partner FROM fixes ORDER BY partner LIMIT 1)
             UNION ALL
             SELECT (SELECT f.partner FROM fixes AS f WHERE f.partner > p.partner
                     ORDER BY f.partner LIMIT 1)
             FROM partners AS p WHERE p.partner IS NOT NULL
         ) "
    };
}

/// Adds fixes, as [`bind_fixes`] binds them.
macro_rules! insert_fixes {
    ($rest:literal) => {
        concat!(
            "INSERT INTO fixes AS f (partner, ts, lon, lat, accuracy_m, accuracy_assumed, speed_mps,
                 bearing_deg, battery, mocked)
             SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ",
            $rest
        )
    };
}

#[async_trait]
impl FixStore for PostgresStore {
    async fn append(&self, fixes: &[Fix]) -> Result<Vec<Appended>, StoreError> {
        if fixes.is_empty() {
            return Ok(Vec::new());
        }
        self.append_fixes(fixes).await.map_err(store_error("append fixes"))
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
            " FROM fixes AS f WHERE partner = $1 AND ts >= $2 AND ts < $3 ORDER BY ts LIMIT $4"
        ))
        .bind(partner.as_str())
        .bind(micros_up(from))
        .bind(micros_up(to))
        .bind(i64::from(limit));
        self.read("read a partner's fixes", query, fix).await
    }

    async fn latest(&self) -> Result<Vec<Fix>, StoreError> {
        let query = sqlx::query(concat!(
            with_partners!(),
            "SELECT ",
            fix_columns!(),
            " FROM partners AS p CROSS JOIN LATERAL (
                  SELECT * FROM fixes WHERE partner = p.partner ORDER BY ts DESC LIMIT 1
              ) AS f"
        ));
        self.read("read the latest fixes", query, fix).await
    }

    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let query = sqlx::query(concat!(
            "DELETE FROM fixes WHERE ctid = ANY (ARRAY(",
            with_partners!(),
            "SELECT f.ctid FROM partners AS p CROSS JOIN LATERAL (
                 SELECT ctid FROM fixes WHERE partner = p.partner AND ts < $1 LIMIT $2
             ) AS f LIMIT $2))"
        ));
        let query = query.bind(micros_up(before)).bind(i64::from(limit));
        self.write("remove old fixes", query).await
    }

    async fn save_cursors(&self, cursors: &[TrackCursor]) -> Result<(), StoreError> {
        // One of each partner, in the order in which every writer locks them.
        let last: BTreeMap<&PartnerId, &TrackCursor> =
            cursors.iter().map(|cursor| (&cursor.partner, cursor)).collect();
        if last.is_empty() {
            return Ok(());
        }
        let each = || last.values();
        let query = sqlx::query(
            "INSERT INTO track_cursors (partner, evaluated_until, state)
             SELECT * FROM unnest($1, $2, $3)
             ON CONFLICT (partner) DO UPDATE
             SET evaluated_until = excluded.evaluated_until, state = excluded.state",
        )
        .bind(each().map(|cursor| cursor.partner.as_str()).bind_iter())
        .bind(each().map(|cursor| micros(cursor.evaluated_until)).bind_iter())
        .bind(each().map(|cursor| cursor.state.as_slice()).bind_iter());
        self.write("save track cursors", query).await.map(drop)
    }

    async fn cursors(&self) -> Result<Vec<TrackCursor>, StoreError> {
        let query = sqlx::query(
            "SELECT partner, evaluated_until, state FROM track_cursors ORDER BY partner",
        );
        self.read("read track cursors", query, cursor).await
    }
}

impl PostgresStore {
    async fn append_fixes(&self, fixes: &[Fix]) -> SqlResult<Vec<Appended>> {
        let mut lease = self.connections.lease().await?;
        let appended = self.connections.in_time(append(&mut lease, fixes)).await;
        self.connections.settle(lease, appended)
    }
}

fn fix(row: &PgRow) -> SqlResult<Fix> {
    Ok(Fix {
        partner: PartnerId::new(row.try_get::<&str, _>(0)?).map_err(corrupt)?,
        ts: time(row.try_get(1)?)?,
        position: (row.try_get::<f64, _>(2)?, row.try_get::<f64, _>(3)?).into(),
        accuracy_m: row.try_get(4)?,
        accuracy_assumed: row.try_get(5)?,
        speed_mps: row.try_get(6)?,
        bearing_deg: row.try_get(7)?,
        battery: row.try_get(8)?,
        mocked: row.try_get(9)?,
    })
}

fn cursor(row: &PgRow) -> SqlResult<TrackCursor> {
    Ok(TrackCursor {
        partner: PartnerId::new(row.try_get::<&str, _>(0)?).map_err(corrupt)?,
        evaluated_until: time(row.try_get(1)?)?,
        state: row.try_get(2)?,
    })
}

type Key = (PartnerId, i64);

fn key(fix: &Fix) -> Key {
    (fix.partner.clone(), micros(fix.ts))
}

/// Appends `fixes` in one transaction.
async fn append(db: &mut PgConnection, fixes: &[Fix]) -> SqlResult<Vec<Appended>> {
    let mut transaction = db.begin().await?;
    match append_within(&mut transaction, fixes).await {
        Ok(appended) => transaction.commit().await.map(|()| appended),
        Err(error) => {
            // The first error tells more than that of ending a transaction that is broken.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// One statement where all fixes are new, as they nearly always are.
async fn append_within(db: &mut PgConnection, fixes: &[Fix]) -> SqlResult<Vec<Appended>> {
    let mut firsts: BTreeMap<Key, &Fix> = BTreeMap::new();
    for fix in fixes {
        firsts.entry(key(fix)).or_insert(fix);
    }
    let query = sqlx::query(insert_fixes!("ON CONFLICT DO NOTHING RETURNING partner, ts"));
    let rows = bind_fixes(query, firsts.values().copied()).fetch_all(&mut *db).await?;
    if rows.len() == fixes.len() {
        return Ok(vec![Appended::Stored; fixes.len()]);
    }
    let new = rows.iter().map(|row| {
        let partner = PartnerId::new(row.try_get::<&str, _>(0)?).map_err(corrupt)?;
        Ok((partner, row.try_get(1)?))
    });
    let new = new.collect::<SqlResult<BTreeSet<Key>>>()?;
    let others = firsts.into_keys().filter(|key| !new.contains(key)).collect();
    let mut slots = lock_present(db, others).await?;
    let appended = fixes.iter().map(|fix| place(&mut slots, &new, fix)).collect();
    let changed: Vec<&Fix> = slots.values().filter(|s| s.changed).map(|slot| &slot.fix).collect();
    if !changed.is_empty() {
        let query = sqlx::query(insert_fixes!(
            "ON CONFLICT (partner, ts) DO UPDATE
             SET lon = excluded.lon, lat = excluded.lat, accuracy_m = excluded.accuracy_m,
                 accuracy_assumed = excluded.accuracy_assumed, speed_mps = excluded.speed_mps,
                 bearing_deg = excluded.bearing_deg, battery = excluded.battery,
                 mocked = excluded.mocked"
        ));
        bind_fixes(query, changed.into_iter()).execute(db).await?;
    }
    Ok(appended)
}

fn bind_fixes<'q, 'a>(
    query: PgQuery<'q>,
    fixes: impl Iterator<Item = &'a Fix> + Clone,
) -> PgQuery<'q> {
    query
        .bind(fixes.clone().map(|fix| fix.partner.as_str()).bind_iter())
        .bind(fixes.clone().map(|fix| micros(fix.ts)).bind_iter())
        .bind(fixes.clone().map(|fix| fix.position.x()).bind_iter())
        .bind(fixes.clone().map(|fix| fix.position.y()).bind_iter())
        .bind(fixes.clone().map(|fix| fix.accuracy_m).bind_iter())
        .bind(fixes.clone().map(|fix| fix.accuracy_assumed).bind_iter())
        .bind(fixes.clone().map(|fix| fix.speed_mps).bind_iter())
        .bind(fixes.clone().map(|fix| fix.bearing_deg).bind_iter())
        .bind(fixes.clone().map(|fix| fix.battery).bind_iter())
        .bind(fixes.map(|fix| fix.mocked).bind_iter())
}

/// A stored fix, or one about to be.
struct Slot {
    fix: Fix,
    changed: bool,
}

/// The fixes that are stored under `keys`, which nobody else changes until the transaction ends.
async fn lock_present(db: &mut PgConnection, keys: Vec<Key>) -> SqlResult<BTreeMap<Key, Slot>> {
    let query = sqlx::query(concat!(
        "SELECT ",
        fix_columns!(),
        " FROM unnest($1, $2) WITH ORDINALITY AS k (partner, ts, n)
          JOIN fixes AS f ON f.partner = k.partner AND f.ts = k.ts ORDER BY k.n FOR UPDATE OF f"
    ))
    .bind(keys.iter().map(|(partner, _)| partner.as_str()).bind_iter())
    .bind(keys.iter().map(|&(_, ts)| ts).bind_iter());
    let slot = |row: &PgRow| fix(row).map(|fix| (key(&fix), Slot { fix, changed: false }));
    query.fetch_all(db).await?.iter().map(slot).collect()
}

/// Decides on `fix` after those before it. The first fix under a `new` key is stored already.
fn place(slots: &mut BTreeMap<Key, Slot>, new: &BTreeSet<Key>, fix: &Fix) -> Appended {
    let fix = Fix { ts: whole_micros(fix.ts), ..fix.clone() };
    match slots.entry(key(&fix)) {
        Entry::Vacant(slot) => {
            let changed = !new.contains(slot.key());
            slot.insert(Slot { fix, changed });
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
