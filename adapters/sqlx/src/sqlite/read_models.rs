//! The read models' port.

use std::collections::BTreeMap;

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    Cursor, IndexEntry, IndexQuery, ListedRow, ModelRow, Parked, ReadModels, StoreError, StreamId,
    Version,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::error::read_error;
use super::index::push_listing;
use super::models::{MODEL, Remove, Replace, model, move_on};
use super::store::SqliteStore;
use super::values::{INSERT_ROWS_MAX, SqlResult, corrupt, int, json, uint};
use super::writer::Work;

#[async_trait]
impl ReadModels for SqliteStore {
    async fn checkpoint(&self, model: &str) -> Result<Cursor, StoreError> {
        let row = sqlx::query(MODEL).bind(model).fetch_optional(&self.readers).await;
        let known = row.and_then(|row| row.as_ref().map(self::model).transpose());
        let known = known.map_err(read_error("read a model's checkpoint"))?;
        Ok(known.map_or(Cursor::START, |model| model.checkpoint))
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
        self.read_rows(model, keys).await.map_err(read_error("read rows of a model"))
    }

    async fn list(&self, model: &str, query: &IndexQuery) -> Result<Vec<ListedRow>, StoreError> {
        let mut select = QueryBuilder::new(
            "SELECT i.sort_key, i.key, r.body FROM models AS m
             CROSS JOIN model_index AS i ON i.model = m.id
             CROSS JOIN model_rows AS r ON r.model = m.id AND r.key = i.key WHERE m.name = ",
        );
        select.push_bind(model.to_owned()).push(" AND ");
        push_listing(&mut select, query, "i.key");
        let rows = select.build().fetch_all(&self.readers).await;
        let listed = rows.and_then(|rows| rows.iter().map(listed_row).collect::<SqlResult<_>>());
        listed.map_err(read_error("list rows of a model"))
    }

    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows = sqlx::query(
            "SELECT partition_key, count(DISTINCT key) FROM model_index
             WHERE model = (SELECT id FROM models WHERE name = ?) AND name = ?
             GROUP BY partition_key",
        )
        .bind(model)
        .bind(index)
        .fetch_all(&self.readers)
        .await
        .map_err(read_error("count rows of a model"))?;
        let count = |row: &SqliteRow| Ok((row.try_get(0)?, uint(row.try_get(1)?)?));
        let counts = rows.iter().map(count).collect::<SqlResult<_>>();
        counts.map_err(read_error("count rows of a model"))
    }

    async fn parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ModelRow>, StoreError> {
        let parked = self.read_parked(model, after, limit).await;
        parked.map_err(read_error("look for parked rows of a model"))
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

impl SqliteStore {
    async fn read_rows(&self, model: &str, keys: &[String]) -> SqlResult<Vec<ModelRow>> {
        // Rows and their index entries as of one moment.
        let mut snapshot = self.readers.begin().await?;
        let rows = read_rows(&mut snapshot, model, keys).await?;
        snapshot.rollback().await?;
        Ok(rows)
    }

    async fn read_parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> SqlResult<Vec<ModelRow>> {
        let mut snapshot = self.readers.begin().await?;
        // A key may be empty: without `after`, all are to be found.
        let keys: Vec<String> = sqlx::query_scalar(
            "SELECT key FROM model_rows
             WHERE model = (SELECT id FROM models WHERE name = ?1) AND parked_stream IS NOT NULL
               AND (?2 IS NULL OR key > ?2)
             ORDER BY key LIMIT ?3",
        )
        .bind(model)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&mut *snapshot)
        .await?;
        let rows = read_rows(&mut snapshot, model, &keys).await?;
        snapshot.rollback().await?;
        Ok(rows)
    }
}

/// The rows with these keys, in their order.
async fn read_rows(
    db: &mut SqliteConnection,
    model: &str,
    keys: &[String],
) -> SqlResult<Vec<ModelRow>> {
    let keys = json(serde_json::to_string(keys))?;
    let rows = sqlx::query(
        "SELECT r.key, r.version, r.body, r.parked_stream, r.parked_reason FROM models AS m
         CROSS JOIN json_each(?) AS k
         CROSS JOIN model_rows AS r ON r.model = m.id AND r.key = k.value
         WHERE m.name = ? ORDER BY k.id",
    )
    .bind(keys.as_str())
    .bind(model)
    .fetch_all(&mut *db)
    .await?;
    let entries = sqlx::query(
        "SELECT i.key, i.name, i.partition_key, i.sort_key FROM models AS m
         CROSS JOIN json_each(?) AS k
         CROSS JOIN model_index AS i INDEXED BY model_index_of_row
         ON i.model = m.id AND i.key = k.value
         WHERE m.name = ? ORDER BY i.name, i.partition_key, i.sort_key",
    )
    .bind(keys)
    .bind(model)
    .fetch_all(db)
    .await?;
    let mut indexes: BTreeMap<String, Vec<IndexEntry>> = BTreeMap::new();
    for entry in &entries {
        let place = IndexEntry {
            index: entry.try_get(1)?,
            partition: entry.try_get(2)?,
            sort: entry.try_get(3)?,
        };
        indexes.entry(entry.try_get(0)?).or_default().push(place);
    }
    rows.iter().map(|row| model_row(row, &mut indexes)).collect()
}

fn model_row(
    row: &SqliteRow,
    indexes: &mut BTreeMap<String, Vec<IndexEntry>>,
) -> SqlResult<ModelRow> {
    let key: String = row.try_get(0)?;
    let stream: Option<String> = row.try_get(3)?;
    let parked = match stream {
        Some(stream) => {
            let stream = StreamId::try_from(stream).map_err(corrupt)?;
            Some(Parked { stream, reason: row.try_get(4)? })
        }
        None => None,
    };
    Ok(ModelRow {
        version: Version::new(uint(row.try_get(1)?)?),
        body: row.try_get(2)?,
        indexes: indexes.remove(&key).unwrap_or_default(),
        key,
        parked,
    })
}

fn listed_row(row: &SqliteRow) -> SqlResult<ListedRow> {
    Ok(ListedRow { sort: row.try_get(0)?, key: row.try_get(1)?, body: row.try_get(2)? })
}

struct Advance {
    model: String,
    from: Cursor,
    to: Cursor,
    rows: Vec<ModelRow>,
}

#[async_trait]
impl Work for Advance {
    type Output = bool;

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<bool> {
        let Some(id) = move_on(db, &self.model, self.from, self.to).await? else {
            return Ok(false);
        };
        if !self.rows.is_empty() {
            write_rows(db, id, &self.rows).await?;
            write_indexes(db, id, &self.rows).await?;
        }
        Ok(true)
    }
}

async fn write_rows(db: &mut SqliteConnection, model: i64, rows: &[ModelRow]) -> SqlResult<()> {
    for rows in rows.chunks(INSERT_ROWS_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT OR REPLACE INTO model_rows
             (model, key, version, body, parked_stream, parked_reason) ",
        );
        insert.push_values(rows, |mut values, row| {
            let parked = row.parked.as_ref();
            values
                .push_bind(model)
                .push_bind(row.key.as_str())
                .push_bind(int(row.version.get()))
                .push_bind(row.body.as_slice())
                .push_bind(parked.map(|parked| parked.stream.as_str()))
                .push_bind(parked.map(|parked| parked.reason.as_str()));
        });
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}

async fn write_indexes(db: &mut SqliteConnection, model: i64, rows: &[ModelRow]) -> SqlResult<()> {
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    sqlx::query(
        "DELETE FROM model_index WHERE model = ? AND key IN (SELECT value FROM json_each(?))",
    )
    .bind(model)
    .bind(json(serde_json::to_string(&keys))?)
    .execute(&mut *db)
    .await?;
    let entries: Vec<(&str, &IndexEntry)> = rows
        .iter()
        .flat_map(|row| row.indexes.iter().map(|entry| (row.key.as_str(), entry)))
        .collect();
    for entries in entries.chunks(INSERT_ROWS_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT OR IGNORE INTO model_index (model, name, partition_key, sort_key, key) ",
        );
        insert.push_values(entries, |mut values, (key, entry)| {
            values
                .push_bind(model)
                .push_bind(entry.index.as_str())
                .push_bind(entry.partition.as_str())
                .push_bind(entry.sort.as_str())
                .push_bind(*key);
        });
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}
