//! The dead letters' port.

use async_trait::async_trait;
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::PartnerId;
use logistics_core::telemetry::{DeadLetter, DeadLetters, Form};
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::statements::{all, execute};
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, int, micros, time, uint};

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
        const LIST: &str = "SELECT id, received_at, source, partner, form, code, detail, payload
                            FROM dead_letters WHERE id > ? ORDER BY id LIMIT ?";
        self.read("list dead letters", move |db| all(db, LIST, (int(after), limit), letter)).await
    }

    async fn amend(&self, letter: &DeadLetter) -> Result<bool, StoreError> {
        self.write("amend a dead letter", Amend(letter.clone())).await
    }

    async fn remove(&self, id: u64) -> Result<bool, StoreError> {
        self.write("remove a dead letter", Remove(id)).await
    }
}

fn letter(row: &Row<'_>) -> SqlResult<DeadLetter> {
    Ok(DeadLetter {
        id: uint(row.get(0)?)?,
        received_at: time(row, 1)?,
        source: row.get(2)?,
        partner: row
            .get::<_, Option<String>>(3)?
            .map(PartnerId::new)
            .transpose()
            .map_err(corrupt)?,
        form: form(&row.get::<_, String>(4)?)?,
        code: row.get(5)?,
        detail: row.get(6)?,
        payload: row.get(7)?,
    })
}

fn form(name: &str) -> SqlResult<Form> {
    let unknown = || FromSqlError::Other(format!("{name:?} is no form of a message").into());
    Ok(Form::from_name(name).ok_or_else(unknown)?)
}

struct Amend(DeadLetter);

impl Work for Amend {
    type Output = bool;

    fn run(&self, db: &Connection) -> SqlResult<bool> {
        let Self(letter) = self;
        let changed = execute(
            db,
            "UPDATE dead_letters SET received_at = ?, source = ?, partner = ?, form = ?, code = ?,
                 detail = ?, payload = ? WHERE id = ?",
            params![
                micros(letter.received_at),
                letter.source,
                letter.partner.as_ref().map(PartnerId::as_str),
                letter.form.name(),
                letter.code,
                letter.detail,
                letter.payload,
                int(letter.id),
            ],
        )?;
        Ok(changed > 0)
    }
}

struct Remove(u64);

impl Work for Remove {
    type Output = bool;

    fn run(&self, db: &Connection) -> SqlResult<bool> {
        Ok(execute(db, "DELETE FROM dead_letters WHERE id = ?", [int(self.0)])? > 0)
    }
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
                "INSERT INTO dead_letters
                     (received_at, source, partner, form, code, detail, payload)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![
                    micros(letter.received_at),
                    letter.source,
                    letter.partner.as_ref().map(PartnerId::as_str),
                    letter.form.name(),
                    letter.code,
                    letter.detail,
                    letter.payload,
                ],
            )?;
        }
        // What was just kept has the newest number.
        execute(
            db,
            "DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - ?",
            [self.keep],
        )
        .map(drop)
    }
}
