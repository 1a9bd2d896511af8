//! The outbox's port.

use async_trait::async_trait;
use logistics_core::eventsourcing::{Outbox, OutboxItem, StoreError};
use logistics_core::ids::EffectId;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::error::read_error;
use super::store::SqliteStore;
use super::values::{INSERT_ROWS_MAX, SqlResult, corrupt, json, micros, time};
use super::writer::Work;

#[async_trait]
impl Outbox for SqliteStore {
    async fn pending(&self, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        let rows = sqlx::query(
            "SELECT effect_id, kind, key, body, created_at FROM outbox ORDER BY seq LIMIT ?",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await
        .map_err(read_error("read the outbox"))?;
        let items = rows.iter().map(item).collect::<SqlResult<_>>();
        items.map_err(read_error("read the outbox"))
    }

    async fn delivered(&self, effects: &[EffectId]) -> Result<(), StoreError> {
        if effects.is_empty() {
            return Ok(());
        }
        self.write("note deliveries", Delivered(effects.to_vec())).await
    }
}

fn item(row: &SqliteRow) -> SqlResult<OutboxItem> {
    Ok(OutboxItem {
        effect_id: EffectId::new(row.try_get::<&str, _>(0)?).map_err(corrupt)?,
        kind: row.try_get(1)?,
        key: row.try_get(2)?,
        body: row.try_get(3)?,
        created_at: time(row.try_get(4)?)?,
    })
}

/// Adds messages behind those that wait. `seq` may begin anew once all are delivered: it only
/// orders what is there.
pub(crate) async fn write(db: &mut SqliteConnection, items: &[&OutboxItem]) -> SqlResult<()> {
    for rows in items.chunks(INSERT_ROWS_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO outbox (effect_id, kind, key, body, created_at) ",
        );
        insert.push_values(rows, |mut values, item| {
            values
                .push_bind(item.effect_id.as_str())
                .push_bind(item.kind.as_str())
                .push_bind(item.key.as_str())
                .push_bind(item.body.as_slice())
                .push_bind(micros(item.created_at));
        });
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}

struct Delivered(Vec<EffectId>);

#[async_trait]
impl Work for Delivered {
    type Output = ();

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        let ids = json(serde_json::to_string(&self.0))?;
        sqlx::query("DELETE FROM outbox WHERE effect_id IN (SELECT value FROM json_each(?))")
            .bind(ids)
            .execute(db)
            .await
            .map(drop)
    }
}
