//! The timers' port.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{StoreError, Timer, Timers};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, micros, micros_up, time};

#[async_trait]
impl Timers for PostgresStore {
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, StoreError> {
        let query = sqlx::query(
            "SELECT owner, name, generation, fire_at FROM timers
             WHERE fire_at <= $1 ORDER BY fire_at, owner, name LIMIT $2",
        );
        let query = query.bind(micros(now)).bind(i64::from(limit));
        self.read("look for due timers", query, timer).await
    }

    async fn fired(&self, timer: &Timer) -> Result<(), StoreError> {
        // The time too: a timer may have been set anew under the same generation.
        let query = sqlx::query(
            "DELETE FROM timers
             WHERE owner = $1 AND name = $2 AND generation = $3 AND fire_at = $4",
        )
        .bind(timer.owner.as_str())
        .bind(timer.name.as_str())
        .bind(i64::from(timer.generation))
        .bind(micros_up(timer.fire_at));
        self.write("forget a timer", query).await.map(drop)
    }
}

fn timer(row: &PgRow) -> SqlResult<Timer> {
    Ok(Timer {
        owner: row.try_get(0)?,
        name: row.try_get(1)?,
        generation: u32::try_from(row.try_get::<i64, _>(2)?).map_err(corrupt)?,
        fire_at: time(row.try_get(3)?)?,
    })
}
