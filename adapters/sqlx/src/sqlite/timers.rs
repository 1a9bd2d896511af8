//! The timers' port.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{StoreError, Timer, TimerOp, Timers};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::error::read_error;
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, micros, micros_up, time};
use super::writer::Work;

#[async_trait]
impl Timers for SqliteStore {
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, StoreError> {
        let rows = sqlx::query(
            "SELECT owner, name, generation, fire_at FROM timers
             WHERE fire_at <= ? ORDER BY fire_at, owner, name LIMIT ?",
        )
        .bind(micros(now))
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await
        .map_err(read_error("look for due timers"))?;
        let timers = rows.iter().map(timer).collect::<SqlResult<_>>();
        timers.map_err(read_error("look for due timers"))
    }

    async fn fired(&self, timer: &Timer) -> Result<(), StoreError> {
        self.write("forget a timer", Fired(timer.clone())).await
    }
}

fn timer(row: &SqliteRow) -> SqlResult<Timer> {
    Ok(Timer {
        owner: row.try_get(0)?,
        name: row.try_get(1)?,
        generation: u32::try_from(row.try_get::<i64, _>(2)?).map_err(corrupt)?,
        fire_at: time(row.try_get(3)?)?,
    })
}

pub(crate) async fn write(db: &mut SqliteConnection, op: &TimerOp) -> SqlResult<()> {
    let query = match op {
        TimerOp::Arm(timer) => sqlx::query(
            "INSERT INTO timers (owner, name, generation, fire_at) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE
             SET generation = excluded.generation, fire_at = excluded.fire_at
             WHERE excluded.generation >= generation",
        )
        .bind(timer.owner.as_str())
        .bind(timer.name.as_str())
        .bind(i64::from(timer.generation))
        .bind(micros_up(timer.fire_at)),
        TimerOp::Disarm { owner, name } => {
            sqlx::query("DELETE FROM timers WHERE owner = ? AND name = ?")
                .bind(owner.as_str())
                .bind(name.as_str())
        }
    };
    query.execute(db).await.map(drop)
}

struct Fired(Timer);

#[async_trait]
impl Work for Fired {
    type Output = ();

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        // The time too: a timer may have been set anew under the same generation.
        sqlx::query(
            "DELETE FROM timers WHERE owner = ? AND name = ? AND generation = ? AND fire_at = ?",
        )
        .bind(self.0.owner.as_str())
        .bind(self.0.name.as_str())
        .bind(i64::from(self.0.generation))
        .bind(micros_up(self.0.fire_at))
        .execute(db)
        .await
        .map(drop)
    }
}
