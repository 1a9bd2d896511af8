//! The position history's port.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::PartnerId;
use logistics_core::telemetry::{Appended, Fix, FixStore, TrackCursor};
use rusqlite::{Connection, Row, Statement, params};

use super::batch::Work;
use super::statements::{all, execute};
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, micros, micros_up, text, time, whole_micros};

/// A `SELECT` of fixes, from the table called `f`.
macro_rules! select_fixes {
    ($rest:literal) => {
        concat!(
            "SELECT f.partner, f.ts, f.lon, f.lat, f.accuracy_m, f.accuracy_assumed, f.speed_mps,
             f.bearing_deg, f.battery, f.mocked ",
            $rest
        )
    };
}

/// Writes a whole fix; `$how` is what is done to the table.
macro_rules! insert {
    ($how:literal, $conflict:literal) => {
        concat!(
            $how,
            " INTO fixes (partner, ts, lon, lat, accuracy_m, accuracy_assumed, speed_mps,
             bearing_deg, battery, mocked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ",
            $conflict
        )
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
        self.write("append fixes", Append(fixes.to_vec())).await
    }

    async fn range(
        &self,
        partner: &PartnerId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Fix>, StoreError> {
        const RANGE: &str = select_fixes!(
            "FROM fixes AS f WHERE partner = ? AND ts >= ? AND ts < ? ORDER BY ts LIMIT ?"
        );
        let (partner, from, to) = (partner.clone(), micros_up(from), micros_up(to));
        self.read("read a partner's fixes", move |db| {
            all(db, RANGE, params![partner.as_str(), from, to, limit], fix)
        })
        .await
    }

    async fn latest(&self) -> Result<Vec<Fix>, StoreError> {
        const LATEST: &str = concat!(
            with_partners!(),
            select_fixes!(
                "FROM partners CROSS JOIN fixes AS f ON f.partner = partners.partner
                 AND f.ts = (SELECT max(ts) FROM fixes WHERE partner = partners.partner)"
            )
        );
        self.read("read the latest fixes", |db| all(db, LATEST, (), fix)).await
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
        const CURSORS: &str =
            "SELECT partner, evaluated_until, state FROM track_cursors ORDER BY partner";
        self.read("read track cursors", |db| all(db, CURSORS, (), cursor)).await
    }
}

/// Reads a row of [`select_fixes`].
fn fix(row: &Row<'_>) -> SqlResult<Fix> {
    Ok(Fix {
        partner: PartnerId::new(text(row, 0)?).map_err(corrupt)?,
        ts: time(row, 1)?,
        position: (row.get::<_, f64>(2)?, row.get::<_, f64>(3)?).into(),
        accuracy_m: row.get(4)?,
        accuracy_assumed: row.get(5)?,
        speed_mps: row.get(6)?,
        bearing_deg: row.get(7)?,
        battery: row.get(8)?,
        mocked: row.get(9)?,
    })
}

fn cursor(row: &Row<'_>) -> SqlResult<TrackCursor> {
    Ok(TrackCursor {
        partner: PartnerId::new(text(row, 0)?).map_err(corrupt)?,
        evaluated_until: time(row, 1)?,
        state: row.get(2)?,
    })
}

struct Append(Vec<Fix>);

impl Work for Append {
    type Output = Vec<Appended>;

    fn run(&self, db: &Connection) -> SqlResult<Vec<Appended>> {
        // Most fixes are new: one statement for each of those.
        let mut insert =
            db.prepare_cached(insert!("INSERT", "ON CONFLICT (partner, ts) DO NOTHING"))?;
        let append = |fix| match write(&mut insert, fix)? {
            0 => append_again(db, fix),
            _ => Ok(Appended::Stored),
        };
        self.0.iter().map(append).collect()
    }
}

/// Takes a fix whose partner and time are there already.
fn append_again(db: &Connection, fix: &Fix) -> SqlResult<Appended> {
    const PRESENT: &str = select_fixes!("FROM fixes AS f WHERE partner = ? AND ts = ?");
    let fix = Fix { ts: whole_micros(fix.ts), ..fix.clone() };
    let key = params![fix.partner.as_str(), micros(fix.ts)];
    let present = db.prepare_cached(PRESENT)?.query_row(key, self::fix)?;
    if present == fix {
        return Ok(Appended::Duplicate);
    }
    let replaced = fix.supersedes(&present);
    if replaced {
        let mut replace = db.prepare_cached(insert!("REPLACE", ""))?;
        write(&mut replace, &fix)?;
    }
    Ok(Appended::Conflict { replaced })
}

/// Runs a statement of [`insert`]; how many rows it changed.
fn write(statement: &mut Statement<'_>, fix: &Fix) -> SqlResult<usize> {
    statement.execute(params![
        fix.partner.as_str(),
        micros(fix.ts),
        fix.position.x(),
        fix.position.y(),
        fix.accuracy_m,
        fix.accuracy_assumed,
        fix.speed_mps,
        fix.bearing_deg,
        fix.battery,
        fix.mocked,
    ])
}

struct Prune {
    before: DateTime<Utc>,
    limit: u32,
}

impl Work for Prune {
    type Output = u64;

    fn run(&self, db: &Connection) -> SqlResult<u64> {
        const PRUNE: &str = concat!(
            "DELETE FROM fixes WHERE (partner, ts) IN (",
            with_partners!(),
            "SELECT f.partner, f.ts FROM partners CROSS JOIN fixes AS f
             ON f.partner = partners.partner AND f.ts < ? LIMIT ?)"
        );
        let removed = execute(db, PRUNE, (micros_up(self.before), self.limit))?;
        Ok(u64::try_from(removed).unwrap_or(u64::MAX))
    }
}

struct SaveCursors(Vec<TrackCursor>);

impl Work for SaveCursors {
    type Output = ();

    fn run(&self, db: &Connection) -> SqlResult<()> {
        for cursor in &self.0 {
            execute(
                db,
                "REPLACE INTO track_cursors (partner, evaluated_until, state) VALUES (?, ?, ?)",
                params![cursor.partner.as_str(), micros(cursor.evaluated_until), cursor.state],
            )?;
        }
        Ok(())
    }
}
