//! The outbox's port.

use async_trait::async_trait;
use logistics_core::eventsourcing::{Outbox, OutboxItem, StoreError};
use logistics_core::ids::EffectId;
use sqlx::Row;
use sqlx::postgres::{PgBindIterExt, PgRow};

use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, time};

#[async_trait]
impl Outbox for PostgresStore {
    async fn pending(&self, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        let query = sqlx::query(
            "SELECT effect_id, kind, key, body, created_at FROM outbox ORDER BY seq LIMIT $1",
        );
        self.read("read the outbox", query.bind(i64::from(limit)), item).await
    }

    async fn delivered(&self, effects: &[EffectId]) -> Result<(), StoreError> {
        if effects.is_empty() {
            return Ok(());
        }
        let query = sqlx::query("DELETE FROM outbox WHERE effect_id = ANY ($1)");
        let query = query.bind(effects.iter().map(EffectId::as_str).bind_iter());
        self.write("note deliveries", query).await.map(drop)
    }
}

fn item(row: &PgRow) -> SqlResult<OutboxItem> {
    Ok(OutboxItem {
        effect_id: EffectId::new(row.try_get::<&str, _>(0)?).map_err(corrupt)?,
        kind: row.try_get(1)?,
        key: row.try_get(2)?,
        body: row.try_get(3)?,
        created_at: time(row.try_get(4)?)?,
    })
}
