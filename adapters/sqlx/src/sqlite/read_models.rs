//! The read models' port.

use std::collections::BTreeMap;

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    IndexEntry, ListedRow, ModelQuery, ModelRow, Position, ReadModels, StoreError, Version,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::error::read_error;
use super::store::SqliteStore;
use super::values::{INSERT_ROWS_MAX, SqlResult, int, uint};
use super::writer::Work;

#[async_trait]
impl ReadModels for SqliteStore {
    async fn checkpoint(&self, model: &str) -> Result<Position, StoreError> {
        let position = sqlx::query_scalar(CHECKPOINT)
            .bind(model)
            .fetch_optional(&self.readers)
            .await
            .and_then(|position| uint(position.unwrap_or(0)));
        position.map(Position::new).map_err(read_error("read a model's checkpoint"))
    }

    async fn advance(
        &self,
        model: &str,
        from: Position,
        to: Position,
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

    async fn list(&self, model: &str, query: &ModelQuery) -> Result<Vec<ListedRow>, StoreError> {
        let mut select = QueryBuilder::<Sqlite>::new(
            "SELECT i.sort_key, i.key, r.body FROM model_index AS i
             JOIN model_rows AS r ON r.model = i.model AND r.key = i.key WHERE i.model = ",
        );
        select.push_bind(model);
        select.push(" AND i.name = ").push_bind(query.index.as_str());
        select.push(" AND i.partition_key = ").push_bind(query.partition.as_str());
        if let Some((sort, key)) = &query.after {
            let behind = if query.descending { "<" } else { ">" };
            select.push(" AND (i.sort_key, i.key) ").push(behind).push(" (");
            select.push_bind(sort.as_str()).push(", ").push_bind(key.as_str()).push(")");
        }
        select.push(if query.descending {
            " ORDER BY i.sort_key DESC, i.key DESC LIMIT "
        } else {
            " ORDER BY i.sort_key, i.key LIMIT "
        });
        select.push_bind(i64::from(query.limit));
        let rows = select.build().fetch_all(&self.readers).await;
        let listed = rows.and_then(|rows| rows.iter().map(listed_row).collect::<SqlResult<_>>());
        listed.map_err(read_error("list rows of a model"))
    }

    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows = sqlx::query(
            "SELECT partition_key, count(DISTINCT key) FROM model_index
             WHERE model = ? AND name = ? GROUP BY partition_key",
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
}

impl SqliteStore {
    async fn read_rows(&self, model: &str, keys: &[String]) -> SqlResult<Vec<ModelRow>> {
        // Rows and their index entries as of one moment.
        let mut snapshot = self.readers.begin().await?;
        let rows = sqlx::query(
            "SELECT r.key, r.version, r.body FROM json_each(?) AS k
             CROSS JOIN model_rows AS r ON r.model = ? AND r.key = k.value",
        )
        .bind(json(keys)?)
        .bind(model)
        .fetch_all(&mut *snapshot)
        .await?;
        let entries = sqlx::query(
            "SELECT i.key, i.name, i.partition_key, i.sort_key FROM json_each(?) AS k
             CROSS JOIN model_index AS i INDEXED BY model_index_of_row
             ON i.model = ? AND i.key = k.value
             ORDER BY i.name, i.partition_key, i.sort_key",
        )
        .bind(json(keys)?)
        .bind(model)
        .fetch_all(&mut *snapshot)
        .await?;
        snapshot.rollback().await?;
        let mut indexes: BTreeMap<String, Vec<IndexEntry>> = BTreeMap::new();
        for entry in &entries {
            let place = IndexEntry {
                index: entry.try_get(1)?,
                partition: entry.try_get(2)?,
                sort: entry.try_get(3)?,
            };
            indexes.entry(entry.try_get(0)?).or_default().push(place);
        }
        let row = |row: &SqliteRow| {
            let key: String = row.try_get(0)?;
            let indexes = indexes.remove(&key).unwrap_or_default();
            let version = Version::new(uint(row.try_get(1)?)?);
            Ok(ModelRow { key, version, body: row.try_get(2)?, indexes })
        };
        rows.iter().map(row).collect()
    }
}

const CHECKPOINT: &str = "SELECT position FROM model_checkpoint WHERE model = ?";

fn json(keys: &[String]) -> SqlResult<String> {
    serde_json::to_string(keys).map_err(|error| sqlx::Error::Encode(error.into()))
}

fn listed_row(row: &SqliteRow) -> SqlResult<ListedRow> {
    Ok(ListedRow { sort: row.try_get(0)?, key: row.try_get(1)?, body: row.try_get(2)? })
}

struct Advance {
    model: String,
    from: Position,
    to: Position,
    rows: Vec<ModelRow>,
}

#[async_trait]
impl Work for Advance {
    type Output = bool;

    async fn run(&self, db: &mut SqliteConnection) -> SqlResult<bool> {
        let stands: Option<i64> =
            sqlx::query_scalar(CHECKPOINT).bind(&self.model).fetch_optional(&mut *db).await?;
        if uint(stands.unwrap_or(0))? != self.from.get() {
            return Ok(false);
        }
        sqlx::query("INSERT OR REPLACE INTO model_checkpoint (model, position) VALUES (?, ?)")
            .bind(self.model.as_str())
            .bind(int(self.to.get()))
            .execute(&mut *db)
            .await?;
        if !self.rows.is_empty() {
            self.write_rows(db).await?;
            self.write_indexes(db).await?;
        }
        Ok(true)
    }
}

impl Advance {
    async fn write_rows(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        for rows in self.rows.chunks(INSERT_ROWS_MAX) {
            let mut insert = QueryBuilder::<Sqlite>::new(
                "INSERT OR REPLACE INTO model_rows (model, key, version, body) ",
            );
            insert.push_values(rows, |mut values, row| {
                values
                    .push_bind(self.model.as_str())
                    .push_bind(row.key.as_str())
                    .push_bind(int(row.version.get()))
                    .push_bind(row.body.as_slice());
            });
            insert.build().execute(&mut *db).await?;
        }
        Ok(())
    }

    async fn write_indexes(&self, db: &mut SqliteConnection) -> SqlResult<()> {
        let keys: Vec<String> = self.rows.iter().map(|row| row.key.clone()).collect();
        sqlx::query(
            "DELETE FROM model_index WHERE model = ? AND key IN (SELECT value FROM json_each(?))",
        )
        .bind(self.model.as_str())
        .bind(json(&keys)?)
        .execute(&mut *db)
        .await?;
        let entries: Vec<(&str, &IndexEntry)> = self
            .rows
            .iter()
            .flat_map(|row| row.indexes.iter().map(|entry| (row.key.as_str(), entry)))
            .collect();
        for entries in entries.chunks(INSERT_ROWS_MAX) {
            let mut insert = QueryBuilder::<Sqlite>::new(
                "INSERT OR IGNORE INTO model_index (model, name, partition_key, sort_key, key) ",
            );
            insert.push_values(entries, |mut values, (key, entry)| {
                values
                    .push_bind(self.model.as_str())
                    .push_bind(entry.index.as_str())
                    .push_bind(entry.partition.as_str())
                    .push_bind(entry.sort.as_str())
                    .push_bind(*key);
            });
            insert.build().execute(&mut *db).await?;
        }
        Ok(())
    }
}
