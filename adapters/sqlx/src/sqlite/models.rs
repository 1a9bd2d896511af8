//! Models as a whole: how far each has read, one in the place of another, clearing what is gone.

use async_trait::async_trait;
use logistics_core::eventsourcing::{Cursor, Position};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::store::SqliteStore;
use super::values::{SqlResult, digest, int, uint};
use super::writer::Work;

/// Rows and keys cleared in one transaction: clearing must not hold up other writes.
const CLEARED_MAX: i64 = 1_000;

/// A model that is there.
pub(crate) struct Model {
    /// The number that its rows bear.
    pub(crate) id: i64,
    pub(crate) checkpoint: Cursor,
}

pub(crate) const MODEL: &str = "SELECT id, position, hash FROM models WHERE name = ?";

/// Reads a row of [`MODEL`].
pub(crate) fn model(row: &SqliteRow) -> SqlResult<Model> {
    let position = Position::new(uint(row.try_get(1)?)?);
    let checkpoint = Cursor { position, hash: digest(row.try_get(2)?)? };
    Ok(Model { id: row.try_get(0)?, checkpoint })
}

/// Moves the checkpoint of the model called `name` and answers with the number of its rows; `None`,
/// and nothing is moved, when it does not stand at `from`.
pub(crate) async fn move_on(
    db: &mut SqliteConnection,
    name: &str,
    from: Cursor,
    to: Cursor,
) -> SqlResult<Option<i64>> {
    let row = sqlx::query(MODEL).bind(name).fetch_optional(&mut *db).await?;
    let known = row.as_ref().map(model).transpose()?;
    if known.as_ref().map_or(Cursor::START, |model| model.checkpoint) != from {
        return Ok(None);
    }
    let moved = sqlx::query_scalar(
        "INSERT INTO models (name, position, hash) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET position = excluded.position, hash = excluded.hash
         RETURNING id",
    )
    .bind(name)
    .bind(int(to.position.get()))
    .bind(to.hash.as_bytes().as_slice());
    moved.fetch_one(db).await.map(Some)
}

/// Puts `by` in the place of the model called `name`.
pub(crate) struct Replace {
    pub(crate) name: String,
    pub(crate) by: String,
}

#[async_trait]
impl Work for Replace {
    type Output = bool;

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<bool> {
        let by = sqlx::query(MODEL).bind(self.by.as_str()).fetch_optional(&mut *db).await?;
        let Some(by) = by.as_ref().map(model).transpose()? else { return Ok(false) };
        sqlx::query("UPDATE models SET name = NULL WHERE name = ? AND id <> ?")
            .bind(self.name.as_str())
            .bind(by.id)
            .execute(&mut *db)
            .await?;
        sqlx::query("UPDATE models SET name = ? WHERE id = ?")
            .bind(self.name.as_str())
            .bind(by.id)
            .execute(db)
            .await?;
        Ok(true)
    }
}

/// Takes its name from a model.
pub(crate) struct Remove(pub(crate) String);

#[async_trait]
impl Work for Remove {
    type Output = ();

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        sqlx::query("UPDATE models SET name = NULL WHERE name = ?")
            .bind(self.0.as_str())
            .execute(db)
            .await
            .map(drop)
    }
}

/// Clears some rows of a model that has no name any more; false when there is none.
struct Clear;

#[async_trait]
impl Work for Clear {
    type Output = bool;

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<bool> {
        let gone = sqlx::query_scalar("SELECT id FROM models WHERE name IS NULL LIMIT 1");
        let Some(id) = gone.fetch_optional(&mut *db).await? else { return Ok(false) };
        let id: i64 = id;
        let mut cleared = 0;
        for delete in [
            "DELETE FROM model_rows WHERE model = ?1 AND key IN
             (SELECT key FROM model_rows WHERE model = ?1 LIMIT ?2)",
            "DELETE FROM model_index WHERE model = ?1 AND key IN
             (SELECT key FROM model_index WHERE model = ?1 LIMIT ?2)",
        ] {
            let done = sqlx::query(delete).bind(id).bind(CLEARED_MAX).execute(&mut *db).await?;
            cleared += done.rows_affected();
        }
        if cleared == 0 {
            sqlx::query("DELETE FROM models WHERE id = ?").bind(id).execute(db).await?;
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
