//! The dead letters' port.

use async_trait::async_trait;
use logistics_core::eventsourcing::StoreError;
use logistics_core::telemetry::{DeadLetter, DeadLetters};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::error::read_error;
use super::store::SqliteStore;
use super::values::{INSERT_ROWS_MAX, SqlResult, int, micros, time, uint};
use super::writer::Work;

#[async_trait]
impl DeadLetters for SqliteStore {
    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), StoreError> {
        if letters.is_empty() {
            return Ok(());
        }
        let bury = Bury { letters: letters.to_vec(), keep: self.dead_letters_max };
        self.write("keep dead letters", bury).await
    }

    async fn list(&self, after: u64, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, received_at, source, code, detail, payload FROM dead_letters
             WHERE id > ? ORDER BY id LIMIT ?",
        )
        .bind(int(after))
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await
        .map_err(read_error("list dead letters"))?;
        let letters = rows.iter().map(letter).collect::<SqlResult<_>>();
        letters.map_err(read_error("list dead letters"))
    }
}

fn letter(row: &SqliteRow) -> SqlResult<DeadLetter> {
    Ok(DeadLetter {
        id: uint(row.try_get(0)?)?,
        received_at: time(row.try_get(1)?)?,
        source: row.try_get(2)?,
        code: row.try_get(3)?,
        detail: row.try_get(4)?,
        payload: row.try_get(5)?,
    })
}

struct Bury {
    letters: Vec<DeadLetter>,
    keep: u32,
}

#[async_trait]
impl Work for Bury {
    type Output = ();

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        for rows in self.letters.chunks(INSERT_ROWS_MAX) {
            let mut insert = QueryBuilder::<Sqlite>::new(
                "INSERT INTO dead_letters (received_at, source, code, detail, payload) ",
            );
            insert.push_values(rows, |mut values, letter| {
                values
                    .push_bind(micros(letter.received_at))
                    .push_bind(letter.source.as_str())
                    .push_bind(letter.code.as_str())
                    .push_bind(letter.detail.as_str())
                    .push_bind(letter.payload.as_slice());
            });
            insert.build().execute(&mut *db).await?;
        }
        // Numbers have no gaps, so the bound is a distance from the newest.
        sqlx::query("DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - ?")
            .bind(i64::from(self.keep))
            .execute(db)
            .await
            .map(drop)
    }
}
