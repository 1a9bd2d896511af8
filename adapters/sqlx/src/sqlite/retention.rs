//! Removing whole streams that nobody needs any more, with what was made of them.
//!
//! An event log is meant to be kept. This is for logs that may not be (a demonstration, a period of
//! retention that is over); the feed keeps its order and goes on where it was, with the removed
//! events missing from it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use sqlx::{Row as _, SqliteConnection};

use super::batch::Work;
use super::store::SqliteStore;
use super::values::SqlResult;

/// Which streams to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forget {
    /// Of this category.
    pub category: String,
    /// With no event recorded since.
    pub idle_since: DateTime<Utc>,
    /// The read models, by the names they are stored under, whose rows of these streams go too.
    pub models: Vec<String>,
    /// At most so many streams.
    pub limit: u32,
}

impl SqliteStore {
    /// Removes idle streams: events, command records, index entries, snapshots, rows of read models.
    /// Says how many.
    ///
    /// The stream with the newest event of all stays, so that positions are never given twice.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    pub async fn forget_streams(&self, forget: Forget) -> Result<u64, StoreError> {
        self.write("forget streams", forget).await
    }
}

#[async_trait]
impl Work for Forget {
    type Output = u64;

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<u64> {
        let rows = sqlx::query(
            "SELECT stream FROM streams
             WHERE stream >= ?1 AND stream < ?2 AND recorded_at < ?3
               AND stream <> (SELECT stream FROM events ORDER BY position DESC LIMIT 1)
             LIMIT ?4",
        )
        // `$` follows `#`: the range holds what begins with the category and `#`.
        .bind(format!("{}#", self.category))
        .bind(format!("{}$", self.category))
        .bind(self.idle_since.timestamp_micros())
        .bind(self.limit)
        .fetch_all(&mut *db)
        .await?;
        for row in &rows {
            let stream: &str = row.try_get(0)?;
            for delete in [
                "DELETE FROM events WHERE stream = ?1",
                "DELETE FROM commands WHERE stream = ?1",
                "DELETE FROM streams WHERE stream = ?1",
                "DELETE FROM stream_index WHERE stream = ?1",
                "DELETE FROM snapshots WHERE stream = ?1",
            ] {
                sqlx::query(delete).bind(stream).execute(&mut *db).await?;
            }
            let key = stream.split_once('#').map_or(stream, |(_, id)| id);
            for model in &self.models {
                for delete in [
                    "DELETE FROM model_rows
                     WHERE model = (SELECT id FROM models WHERE name = ?1) AND key = ?2",
                    "DELETE FROM model_index
                     WHERE model = (SELECT id FROM models WHERE name = ?1) AND key = ?2",
                ] {
                    sqlx::query(delete).bind(model).bind(key).execute(&mut *db).await?;
                }
            }
        }
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }
}
