//! The outbox's port.

use async_trait::async_trait;
use logistics_core::eventsourcing::{Outbox, OutboxItem, StoreError};
use logistics_core::ids::EffectId;
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::statements::{all, execute};
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, micros, text, time};

#[async_trait]
impl Outbox for SqliteStore {
    async fn pending(&self, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        const PENDING: &str =
            "SELECT effect_id, kind, key, body, created_at FROM outbox ORDER BY seq LIMIT ?";
        self.read("read the outbox", move |db| all(db, PENDING, [limit], item)).await
    }

    async fn delivered(&self, effects: &[EffectId]) -> Result<(), StoreError> {
        if effects.is_empty() {
            return Ok(());
        }
        self.write("note deliveries", Delivered(effects.to_vec())).await
    }
}

fn item(row: &Row<'_>) -> SqlResult<OutboxItem> {
    Ok(OutboxItem {
        effect_id: EffectId::new(text(row, 0)?).map_err(corrupt)?,
        kind: row.get(1)?,
        key: row.get(2)?,
        body: row.get(3)?,
        created_at: time(row, 4)?,
    })
}

/// Adds a message behind those that wait. `seq` may begin anew once all are delivered: it only
/// orders what is there.
pub(crate) fn write(db: &Connection, item: &OutboxItem) -> SqlResult<()> {
    execute(
        db,
        "INSERT INTO outbox (effect_id, kind, key, body, created_at) VALUES (?, ?, ?, ?, ?)",
        params![item.effect_id.as_str(), item.kind, item.key, item.body, micros(item.created_at)],
    )
    .map(drop)
}

struct Delivered(Vec<EffectId>);

impl Work for Delivered {
    type Output = ();

    fn run(&self, db: &Connection) -> SqlResult<()> {
        for effect in &self.0 {
            execute(db, "DELETE FROM outbox WHERE effect_id = ?", [effect.as_str()])?;
        }
        Ok(())
    }
}
