//! The dead letters' port.

use async_trait::async_trait;
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::PartnerId;
use logistics_core::telemetry::{DeadLetter, DeadLetters, Form};
use sqlx::Row;
use sqlx::postgres::{PgBindIterExt, PgRow};

use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, int, micros, printable, time, uint};

#[async_trait]
impl DeadLetters for PostgresStore {
    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), StoreError> {
        if letters.is_empty() {
            return Ok(());
        }
        let keep = usize::try_from(self.dead_letters_max).unwrap_or(usize::MAX);
        let last = &letters[letters.len().saturating_sub(keep)..];
        let query = sqlx::query("SELECT bury($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(i64::try_from(letters.len()).unwrap_or(i64::MAX))
            .bind(i64::from(self.dead_letters_max))
            .bind(last.iter().map(|letter| micros(letter.received_at)).bind_iter())
            .bind(last.iter().map(|letter| printable(&letter.source)).bind_iter())
            .bind(
                last.iter()
                    .map(|letter| letter.partner.as_ref().map(PartnerId::as_str))
                    .bind_iter(),
            )
            .bind(last.iter().map(|letter| letter.form.name()).bind_iter())
            .bind(last.iter().map(|letter| printable(&letter.code)).bind_iter())
            .bind(last.iter().map(|letter| printable(&letter.detail)).bind_iter())
            .bind(last.iter().map(|letter| letter.payload.as_slice()).bind_iter());
        self.write("keep dead letters", query).await.map(drop)
    }

    async fn list(&self, after: u64, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let query = sqlx::query(
            "SELECT id, received_at, source, partner, form, code, detail, payload FROM dead_letters
             WHERE id > $1 ORDER BY id LIMIT $2",
        );
        let query = query.bind(int(after)).bind(i64::from(limit));
        self.read("list dead letters", query, letter).await
    }

    async fn amend(&self, letter: &DeadLetter) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "UPDATE dead_letters SET received_at = $2, source = $3, partner = $4, form = $5,
                 code = $6, detail = $7, payload = $8 WHERE id = $1",
        )
        .bind(int(letter.id))
        .bind(micros(letter.received_at))
        .bind(printable(&letter.source))
        .bind(letter.partner.as_ref().map(PartnerId::as_str))
        .bind(letter.form.name())
        .bind(printable(&letter.code))
        .bind(printable(&letter.detail))
        .bind(letter.payload.as_slice());
        Ok(self.write("amend a dead letter", query).await? > 0)
    }

    async fn remove(&self, id: u64) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM dead_letters WHERE id = $1").bind(int(id));
        Ok(self.write("remove a dead letter", query).await? > 0)
    }
}

fn letter(row: &PgRow) -> SqlResult<DeadLetter> {
    let (partner, form): (Option<&str>, &str) = (row.try_get(3)?, row.try_get(4)?);
    let unknown = || sqlx::Error::Decode(format!("{form:?} is no form of a message").into());
    Ok(DeadLetter {
        id: uint(row.try_get(0)?)?,
        received_at: time(row.try_get(1)?)?,
        source: row.try_get(2)?,
        partner: partner.map(PartnerId::new).transpose().map_err(corrupt)?,
        form: Form::from_name(form).ok_or_else(unknown)?,
        code: row.try_get(5)?,
        detail: row.try_get(6)?,
        payload: row.try_get(7)?,
    })
}
