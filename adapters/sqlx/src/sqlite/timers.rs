//! The timers' port.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{StoreError, Timer, TimerOp, Timers};
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::statements::{all, execute};
use super::store::SqliteStore;
use super::values::{SqlResult, micros, micros_up, time};

#[async_trait]
impl Timers for SqliteStore {
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, StoreError> {
        const DUE: &str = "SELECT owner, name, generation, fire_at FROM timers
                           WHERE fire_at <= ? ORDER BY fire_at, owner, name LIMIT ?";
        self.read("look for due timers", move |db| all(db, DUE, (micros(now), limit), timer)).await
    }

    async fn fired(&self, timer: &Timer) -> Result<(), StoreError> {
        self.write("forget a timer", Fired(timer.clone())).await
    }
}

fn timer(row: &Row<'_>) -> SqlResult<Timer> {
    Ok(Timer {
        owner: row.get(0)?,
        name: row.get(1)?,
        generation: row.get(2)?,
        fire_at: time(row, 3)?,
    })
}

pub(crate) fn write(db: &Connection, op: &TimerOp) -> SqlResult<()> {
    let changed = match op {
        TimerOp::Arm(timer) => execute(
            db,
            "INSERT INTO timers (owner, name, generation, fire_at) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE
             SET generation = excluded.generation, fire_at = excluded.fire_at
             WHERE excluded.generation >= generation",
            params![timer.owner, timer.name, timer.generation, micros_up(timer.fire_at)],
        ),
        TimerOp::Disarm { owner, name } => {
            execute(db, "DELETE FROM timers WHERE owner = ? AND name = ?", [owner, name])
        }
    };
    changed.map(drop)
}

struct Fired(Timer);

impl Work for Fired {
    type Output = ();

    fn run(&self, db: &Connection) -> SqlResult<()> {
        let Timer { owner, name, generation, fire_at } = &self.0;
        // The time too: a timer may have been set anew under the same generation.
        execute(
            db,
            "DELETE FROM timers WHERE owner = ? AND name = ? AND generation = ? AND fire_at = ?",
            params![owner, name, generation, micros_up(*fire_at)],
        )
        .map(drop)
    }
}
