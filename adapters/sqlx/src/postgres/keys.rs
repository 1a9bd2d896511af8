//! The port for the subjects' keys.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::SubjectId;
use logistics_core::privacy::{KeyState, KeyStore, SubjectKey};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, micros, time};

#[async_trait]
impl KeyStore for PostgresStore {
    async fn key(&self, subject: &SubjectId) -> Result<KeyState, StoreError> {
        let query = sqlx::query("SELECT key, destroyed_at FROM keys WHERE subject = $1");
        let found = self.read("read a key", query.bind(subject.as_str()), state).await?;
        Ok(found.into_iter().next().unwrap_or(KeyState::Absent))
    }

    async fn create_key(
        &self,
        subject: &SubjectId,
        fresh: &SubjectKey,
    ) -> Result<KeyState, StoreError> {
        let query =
            sqlx::query("INSERT INTO keys (subject, key) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(subject.as_str())
                .bind(fresh.expose().as_slice());
        if self.write("create a key", query).await? > 0 {
            return Ok(KeyState::Present(fresh.clone()));
        }
        self.key(subject).await
    }

    async fn destroy_key(&self, subject: &SubjectId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let query = sqlx::query("SELECT destroy_key($1, $2)");
        let query = query.bind(subject.as_str()).bind(micros(at));
        self.write("destroy a key", query).await.map(drop)
    }
}

fn state(row: &PgRow) -> SqlResult<KeyState> {
    match (row.try_get::<Option<&[u8]>, _>(0)?, row.try_get::<Option<i64>, _>(1)?) {
        (_, Some(at)) => Ok(KeyState::Destroyed { at: time(at)? }),
        (Some(key), None) => key
            .try_into()
            .map(|key| KeyState::Present(SubjectKey::from_bytes(key)))
            .map_err(corrupt),
        (None, None) => Ok(KeyState::Absent),
    }
}
