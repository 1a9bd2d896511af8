//! Removing whole streams that nobody needs any more, with what was made of them.
//!
//! An event log is meant to be kept. This is for logs that may not be (a demonstration, a period of
//! retention that is over); the feed keeps its order and goes on where it was, with the removed
//! events missing from it.

use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use rusqlite::{Connection, params};

use super::batch::Work;
use super::statements::{all, execute};
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

impl Work for Forget {
    type Output = u64;

    fn run(&self, db: &Connection) -> SqlResult<u64> {
        // `$` follows `#`: the range holds what begins with the category and `#`.
        let (from, to) = (format!("{}#", self.category), format!("{}$", self.category));
        let idle_since = self.idle_since.timestamp_micros();
        let streams: Vec<(i64, String)> =
            all(db, IDLE, params![from, to, idle_since, self.limit], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        for (number, stream) in &streams {
            for delete in [
                "DELETE FROM events WHERE place > ?1 << 32 AND place < (?1 + 1) << 32",
                "DELETE FROM commands WHERE stream = ?1",
                "DELETE FROM streams WHERE number = ?1",
            ] {
                execute(db, delete, [number])?;
            }
            for delete in [
                "DELETE FROM stream_index WHERE stream = ?1",
                "DELETE FROM snapshots WHERE stream = ?1",
            ] {
                execute(db, delete, [stream])?;
            }
            let key = stream.split_once('#').map_or(stream.as_str(), |(_, id)| id);
            for model in &self.models {
                for delete in [
                    "DELETE FROM model_rows
                     WHERE model = (SELECT id FROM models WHERE name = ?1) AND key = ?2",
                    "DELETE FROM model_index
                     WHERE model = (SELECT id FROM models WHERE name = ?1) AND key = ?2",
                ] {
                    execute(db, delete, [model, key])?;
                }
            }
        }
        Ok(u64::try_from(streams.len()).unwrap_or(u64::MAX))
    }
}

/// The streams between two names whose last event was recorded before a time.
const IDLE: &str = "SELECT s.number, s.stream FROM streams AS s
     WHERE s.stream >= ?1 AND s.stream < ?2
       AND ?3 > (SELECT recorded_at FROM events
                 WHERE place > s.number << 32 AND place < (s.number + 1) << 32
                 ORDER BY place DESC LIMIT 1)
       AND s.number <> (SELECT place >> 32 FROM events ORDER BY position DESC LIMIT 1)
     LIMIT ?4";
