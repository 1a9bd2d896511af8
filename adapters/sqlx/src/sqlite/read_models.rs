//! The read models' port.

use std::collections::BTreeMap;

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    Cursor, IndexEntry, IndexQuery, ListedRow, ModelRow, Parked, ReadModels, StoreError, StreamId,
    Version,
};
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::index::{bind_listing, listing};
use super::models::{Remove, Replace, model, move_on};
use super::statements::{all, execute, optional};
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, int, uint};

#[async_trait]
impl ReadModels for SqliteStore {
    async fn checkpoint(&self, model: &str) -> Result<Cursor, StoreError> {
        let name = model.to_owned();
        let known = self.read("read a model's checkpoint", move |db| self::model(db, &name));
        Ok(known.await?.map_or(Cursor::START, |model| model.checkpoint))
    }

    async fn advance(
        &self,
        model: &str,
        from: Cursor,
        to: Cursor,
        rows: Vec<ModelRow>,
    ) -> Result<bool, StoreError> {
        let advance = Advance { model: model.to_owned(), from, to, rows };
        self.write("advance a model", advance).await
    }

    async fn rows(&self, model: &str, keys: &[String]) -> Result<Vec<ModelRow>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (name, keys) = (model.to_owned(), keys.to_vec());
        self.read("read rows of a model", move |db| {
            // Rows and their index entries as of one moment.
            let snapshot = db.unchecked_transaction()?;
            let Some(model) = self::model(&snapshot, &name)? else { return Ok(Vec::new()) };
            read_rows(&snapshot, model.id, &keys)
        })
        .await
    }

    async fn list(&self, model: &str, query: &IndexQuery) -> Result<Vec<ListedRow>, StoreError> {
        const SELECT: &str = "SELECT i.sort_key, i.key, r.body FROM models AS m
             CROSS JOIN model_index AS i ON i.model = m.id
             CROSS JOIN model_rows AS r ON r.model = m.id AND r.key = i.key
             WHERE m.name = ?7 AND ";
        let (model, query) = (model.to_owned(), query.clone());
        self.read("list rows of a model", move |db| {
            let mut statement = db.prepare_cached(&listing(SELECT, "i.key", &query))?;
            bind_listing(&mut statement, &query)?;
            statement.raw_bind_parameter(7, model)?;
            statement.raw_query().mapped(listed_row).collect()
        })
        .await
    }

    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        const COUNT: &str = "SELECT partition_key, count(DISTINCT key) FROM model_index
             WHERE model = (SELECT id FROM models WHERE name = ?) AND name = ?
             GROUP BY partition_key";
        let params = [model.to_owned(), index.to_owned()];
        self.read("count rows of a model", move |db| {
            let counts = all(db, COUNT, params, |row| Ok((row.get(0)?, uint(row.get(1)?)?)))?;
            Ok(counts.into_iter().collect())
        })
        .await
    }

    async fn parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ModelRow>, StoreError> {
        // A key may be empty: without `after`, all are to be found.
        const PARKED: &str = "SELECT key FROM model_rows
             WHERE model = ?1 AND parked_stream IS NOT NULL AND (?2 IS NULL OR key > ?2)
             ORDER BY key LIMIT ?3";
        let (name, after) = (model.to_owned(), after.map(str::to_owned));
        self.read("look for parked rows of a model", move |db| {
            let snapshot = db.unchecked_transaction()?;
            let Some(model) = self::model(&snapshot, &name)? else { return Ok(Vec::new()) };
            let params = params![model.id, after, limit];
            let keys: Vec<String> = all(&snapshot, PARKED, params, |row| row.get(0))?;
            read_rows(&snapshot, model.id, &keys)
        })
        .await
    }

    async fn replace(&self, model: &str, by: &str) -> Result<bool, StoreError> {
        let replace = Replace { name: model.to_owned(), by: by.to_owned() };
        let replaced = self.write("replace a model", replace).await?;
        self.clear_in_background();
        Ok(replaced)
    }

    async fn remove(&self, model: &str) -> Result<(), StoreError> {
        self.write("remove a model", Remove(model.to_owned())).await?;
        self.clear_in_background();
        Ok(())
    }
}

/// The rows of a model with these keys, in their order.
fn read_rows(db: &Connection, model: i64, keys: &[String]) -> SqlResult<Vec<ModelRow>> {
    let mut rows = Vec::with_capacity(keys.len());
    for key in keys {
        let row = optional(
            db,
            "SELECT version, body, parked_stream, parked_reason FROM model_rows
             WHERE model = ? AND key = ?",
            params![model, key],
            |row| model_row(row, key),
        )?;
        let Some(mut row) = row else { continue };
        row.indexes = all(
            db,
            "SELECT name, partition_key, sort_key FROM model_index
             WHERE model = ? AND key = ? ORDER BY name, partition_key, sort_key",
            params![model, key],
            index_entry,
        )?;
        rows.push(row);
    }
    Ok(rows)
}

/// A row without its index entries.
fn model_row(row: &Row<'_>, key: &str) -> SqlResult<ModelRow> {
    let stream: Option<String> = row.get(2)?;
    let parked = match stream {
        Some(stream) => {
            let stream = StreamId::try_from(stream).map_err(corrupt)?;
            Some(Parked { stream, reason: row.get(3)? })
        }
        None => None,
    };
    Ok(ModelRow {
        key: key.to_owned(),
        version: Version::new(uint(row.get(0)?)?),
        body: row.get(1)?,
        indexes: Vec::new(),
        parked,
    })
}

fn index_entry(row: &Row<'_>) -> SqlResult<IndexEntry> {
    Ok(IndexEntry { index: row.get(0)?, partition: row.get(1)?, sort: row.get(2)? })
}

fn listed_row(row: &Row<'_>) -> SqlResult<ListedRow> {
    Ok(ListedRow { sort: row.get(0)?, key: row.get(1)?, body: row.get(2)? })
}

struct Advance {
    model: String,
    from: Cursor,
    to: Cursor,
    rows: Vec<ModelRow>,
}

impl Work for Advance {
    type Output = bool;

    fn run(&self, db: &Connection) -> SqlResult<bool> {
        let Some(id) = move_on(db, &self.model, self.from, self.to)? else { return Ok(false) };
        self.rows.iter().try_for_each(|row| write_row(db, id, row))?;
        Ok(true)
    }
}

fn write_row(db: &Connection, model: i64, row: &ModelRow) -> SqlResult<()> {
    let parked = row.parked.as_ref();
    execute(
        db,
        "INSERT OR REPLACE INTO model_rows
         (model, key, version, body, parked_stream, parked_reason) VALUES (?, ?, ?, ?, ?, ?)",
        params![
            model,
            row.key,
            int(row.version.get()),
            row.body,
            parked.map(|parked| parked.stream.as_str()),
            parked.map(|parked| parked.reason.as_str()),
        ],
    )?;
    execute(db, "DELETE FROM model_index WHERE model = ? AND key = ?", params![model, row.key])?;
    for entry in &row.indexes {
        execute(
            db,
            "INSERT OR IGNORE INTO model_index (model, name, partition_key, sort_key, key)
             VALUES (?, ?, ?, ?, ?)",
            params![model, entry.index, entry.partition, entry.sort, row.key],
        )?;
    }
    Ok(())
}
