//! Models as a whole: how far each has read, one in the place of another, clearing what is gone.

use logistics_core::eventsourcing::{Cursor, Position};
use logistics_core::values::Sha256Digest;
use rusqlite::{Connection, params};

use super::batch::Work;
use super::statements::{execute, optional};
use super::store::SqliteStore;
use super::values::{SqlResult, int, uint};

/// Rows and keys cleared in one transaction: clearing must not hold up other writes.
const CLEARED_MAX: u32 = 1_000;

/// A model that is there.
pub(crate) struct Model {
    /// The number that its rows bear.
    pub(crate) id: i64,
    pub(crate) checkpoint: Cursor,
}

/// The model called `name`.
pub(crate) fn model(db: &Connection, name: &str) -> SqlResult<Option<Model>> {
    optional(db, "SELECT id, position, hash FROM models WHERE name = ?", [name], |row| {
        let position = Position::new(uint(row.get(1)?)?);
        let checkpoint = Cursor { position, hash: Sha256Digest::from_bytes(row.get(2)?) };
        Ok(Model { id: row.get(0)?, checkpoint })
    })
}

/// Moves the checkpoint of the model called `name` and answers with the number of its rows; `None`,
/// and nothing is moved, when it does not stand at `from`.
pub(crate) fn move_on(
    db: &Connection,
    name: &str,
    from: Cursor,
    to: Cursor,
) -> SqlResult<Option<i64>> {
    let known = model(db, name)?;
    if known.map_or(Cursor::START, |model| model.checkpoint) != from {
        return Ok(None);
    }
    optional(
        db,
        "INSERT INTO models (name, position, hash) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET position = excluded.position, hash = excluded.hash
         RETURNING id",
        params![name, int(to.position.get()), to.hash.as_bytes()],
        |row| row.get(0),
    )
}

/// Puts `by` in the place of the model called `name`.
pub(crate) struct Replace {
    pub(crate) name: String,
    pub(crate) by: String,
}

impl Work for Replace {
    type Output = bool;

    fn run(&self, db: &Connection) -> SqlResult<bool> {
        let Some(by) = model(db, &self.by)? else { return Ok(false) };
        let replaced = "UPDATE models SET name = NULL WHERE name = ? AND id <> ?";
        execute(db, replaced, params![self.name, by.id])?;
        execute(db, "UPDATE models SET name = ? WHERE id = ?", params![self.name, by.id])?;
        Ok(true)
    }
}

/// Takes its name from a model.
pub(crate) struct Remove(pub(crate) String);

impl Work for Remove {
    type Output = ();

    fn run(&self, db: &Connection) -> SqlResult<()> {
        execute(db, "UPDATE models SET name = NULL WHERE name = ?", [&self.0]).map(drop)
    }
}

/// Clears some rows of a model that has no name any more; false when there is none.
struct Clear;

impl Work for Clear {
    type Output = bool;

    fn run(&self, db: &Connection) -> SqlResult<bool> {
        let gone = "SELECT id FROM models WHERE name IS NULL LIMIT 1";
        let Some(id) = optional(db, gone, (), |row| row.get::<_, i64>(0))? else {
            return Ok(false);
        };
        let mut cleared = 0;
        for delete in [
            "DELETE FROM model_rows WHERE model = ?1 AND key IN
             (SELECT key FROM model_rows WHERE model = ?1 LIMIT ?2)",
            "DELETE FROM model_index WHERE model = ?1 AND key IN
             (SELECT key FROM model_index WHERE model = ?1 LIMIT ?2)",
        ] {
            cleared += execute(db, delete, (id, CLEARED_MAX))?;
        }
        if cleared == 0 {
            execute(db, "DELETE FROM models WHERE id = ?", [id])?;
        }
        Ok(true)
    }
}

impl SqliteStore {
    /// Clears what replaced and removed models have left, a little at a time, in a task of its own.
    /// What is not cleared before the store is closed is cleared after it is opened again.
    pub(crate) fn clear_in_background(&self) {
        let writer = self.writer.clone();
        tokio::spawn(async move {
            loop {
                match writer.run(Clear).await {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => {
                        tracing::debug!(%error, "old rows of a model stay until the next start");
                        return;
                    }
                }
            }
        });
    }
}
