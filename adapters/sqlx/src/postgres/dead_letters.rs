//! The dead letters' port.

use async_trait::async_trait;
use logistics_core::eventsourcing::StoreError;
use logistics_core::telemetry::{DeadLetter, DeadLetters};
use sqlx::Row;
use sqlx::postgres::{PgBindIterExt, PgRow};

use super::store::PostgresStore;
use super::values::{SqlResult, int, micros, printable, time, uint};

#[async_trait]
impl DeadLetters for PostgresStore {
    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), StoreError> {
        if letters.is_empty() {
            return Ok(());
        }
        let keep = usize::try_from(self.dead_letters_max).unwrap_or(usize::MAX);
        let last = &letters[letters.len().saturating_sub(keep)..];
        let query = sqlx::query("SELECT bury($1, $2, $3, $4, $5, $6, $7)")
            .bind(i64::try_from(letters.len()).unwrap_or(i64::MAX))
            .bind(i64::from(self.dead_letters_max))
            .bind(last.iter().map(|letter| micros(letter.received_at)).bind_iter())
            .bind(last.iter().map(|letter| printable(&letter.source)).bind_iter())
            .bind(last.iter().map(|letter| printable(&letter.code)).bind_iter())
            .bind(last.iter().map(|letter| printable(&letter.detail)).bind_iter())
            .bind(last.iter().map(|letter| letter.payload.as_slice()).bind_iter());
        self.write("keep dead letters", query).await.map(drop)
    }

    async fn list(&self, after: u64, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let query = sqlx::query(
            "SELECT id, received_at, source, code, detail, payload FROM dead_letters
             WHERE id > $1 ORDER BY id LIMIT $2",
        );
        let query = query.bind(int(after)).bind(i64::from(limit));
        self.read("list dead letters", query, letter).await
    }
}

fn letter(row: &PgRow) -> SqlResult<DeadLetter> {
    Ok(DeadLetter {
        id: uint(row.try_get(0)?)?,
        received_at: time(row.try_get(1)?)?,
        source: row.try_get(2)?,
        code: row.try_get(3)?,
        detail: row.try_get(4)?,
        payload: row.try_get(5)?,
    })
}
