//! The dead letters' port.

use async_trait::async_trait;
use logistics_core::eventsourcing::StoreError;
use logistics_core::telemetry::{DeadLetter, DeadLetters};
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::statements::{all, execute};
use super::store::SqliteStore;
use super::values::{SqlResult, int, micros, time, uint};

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
        const LIST: &str = "SELECT id, received_at, source, code, detail, payload FROM dead_letters
                            WHERE id > ? ORDER BY id LIMIT ?";
        self.read("list dead letters", move |db| all(db, LIST, (int(after), limit), letter)).await
    }
}

fn letter(row: &Row<'_>) -> SqlResult<DeadLetter> {
    Ok(DeadLetter {
        id: uint(row.get(0)?)?,
        received_at: time(row, 1)?,
        source: row.get(2)?,
        code: row.get(3)?,
        detail: row.get(4)?,
        payload: row.get(5)?,
    })
}

struct Bury {
    letters: Vec<DeadLetter>,
    keep: u32,
}

impl Work for Bury {
    type Output = ();

    fn run(&self, db: &Connection) -> SqlResult<()> {
        for letter in &self.letters {
            execute(
                db,
                "INSERT INTO dead_letters (received_at, source, code, detail, payload)
                 VALUES (?, ?, ?, ?, ?)",
                params![
                    micros(letter.received_at),
                    letter.source,
                    letter.code,
                    letter.detail,
                    letter.payload,
                ],
            )?;
        }
        // Numbers have no gaps, so the bound is a distance from the newest.
        execute(
            db,
            "DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - ?",
            [self.keep],
        )
        .map(drop)
    }
}
