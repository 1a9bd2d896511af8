//! The read models' port.

use std::collections::BTreeMap;

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    Cursor, IndexEntry, IndexQuery, ListedRow, ModelRow, Parked, Position, ReadModels, StoreError,
    StreamId, Version,
};
use logistics_core::values::Sha256Digest;
use sqlx::postgres::{PgBindIterExt, PgRow};
use sqlx::{Postgres, QueryBuilder, Row};

use super::index::push_query;
use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, int, parts, printable, uint};

/// Rows and index entries that are removed at a time.
const CLEAR_MAX: i64 = 5_000;

macro_rules! select_rows {
    ($rest:literal) => {
        concat!(
            "SELECT r.key, r.version, r.body, r.parked_stream, r.parked_reason,
                 i.names, i.partitions, i.sorts
             FROM models AS m
             JOIN model_rows AS r ON r.model = m.model
             CROSS JOIN LATERAL (
                 SELECT array_agg(name) AS names, array_agg(partition_key) AS partitions,
                     array_agg(sort_key) AS sorts
                 FROM (
                     SELECT * FROM model_index WHERE model = m.model AND key = r.key
                     ORDER BY name, partition_key, sort_key
                 ) AS sorted
             ) AS i
             WHERE m.name = $1 ",
            $rest
        )
    };
}

#[async_trait]
impl ReadModels for PostgresStore {
    async fn checkpoint(&self, model: &str) -> Result<Cursor, StoreError> {
        let query = sqlx::query("SELECT position, hash FROM models WHERE name = $1").bind(model);
        let found = self.read("read a model's checkpoint", query, cursor).await?;
        Ok(found.into_iter().next().unwrap_or(Cursor::START))
    }

    async fn advance(
        &self,
        model: &str,
        from: Cursor,
        to: Cursor,
        rows: Vec<ModelRow>,
    ) -> Result<bool, StoreError> {
        // Of two rows under one key the last one.
        let rows: BTreeMap<&str, &ModelRow> =
            rows.iter().map(|row| (row.key.as_str(), row)).collect();
        let rows: Vec<(i32, &ModelRow)> = (1..).zip(rows.into_values()).collect();
        let entries = parts(&rows, |row| &row.indexes);
        let each = || rows.iter().map(|&(_, row)| row);
        let parked = || each().map(|row| row.parked.as_ref());
        let query = sqlx::query(
            "SELECT advance_model($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(model)
        .bind(int(from.position.get()))
        .bind(from.hash.as_bytes().as_slice())
        .bind(int(to.position.get()))
        .bind(to.hash.as_bytes().as_slice())
        .bind(each().map(|row| row.key.as_str()).bind_iter())
        .bind(each().map(|row| int(row.version.get())).bind_iter())
        .bind(each().map(|row| row.body.as_slice()).bind_iter())
        .bind(parked().map(|parked| parked.map(|p| p.stream.as_str())).bind_iter())
        .bind(parked().map(|parked| parked.map(|p| printable(&p.reason))).bind_iter())
        .bind(entries.iter().map(|&(row, _)| row).bind_iter())
        .bind(entries.iter().map(|(_, entry)| entry.index.as_str()).bind_iter())
        .bind(entries.iter().map(|(_, entry)| entry.partition.as_str()).bind_iter())
        .bind(entries.iter().map(|(_, entry)| entry.sort.as_str()).bind_iter());
        self.ask("advance a model", query).await
    }

    async fn rows(&self, model: &str, keys: &[String]) -> Result<Vec<ModelRow>, StoreError> {
        let query = sqlx::query(select_rows!("AND r.key = ANY ($2)")).bind(model).bind(keys);
        self.read("read rows of a model", query, model_row).await
    }

    async fn list(&self, model: &str, query: &IndexQuery) -> Result<Vec<ListedRow>, StoreError> {
        let mut select = QueryBuilder::<Postgres>::new(
            "SELECT i.sort_key, i.key, r.body FROM models AS m
             JOIN model_index AS i ON i.model = m.model
             JOIN model_rows AS r ON r.model = m.model AND r.key = i.key WHERE m.name = ",
        );
        select.push_bind(model.to_owned());
        push_query(&mut select, query, "i.key");
        let listed = |row: &PgRow| {
            Ok(ListedRow { sort: row.try_get(0)?, key: row.try_get(1)?, body: row.try_get(2)? })
        };
        self.read("list rows of a model", select.build(), listed).await
    }

    async fn count(&self, model: &str, index: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        let query = sqlx::query(
            "SELECT i.partition_key, count(DISTINCT i.key)
             FROM models AS m JOIN model_index AS i ON i.model = m.model
             WHERE m.name = $1 AND i.name = $2 GROUP BY i.partition_key",
        );
        let count = |row: &PgRow| Ok((row.try_get(0)?, uint(row.try_get(1)?)?));
        let counts =
            self.read("count rows of a model", query.bind(model).bind(index), count).await?;
        Ok(counts.into_iter().collect())
    }

    async fn parked(
        &self,
        model: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ModelRow>, StoreError> {
        let query = sqlx::query(select_rows!(
            "AND r.parked_stream IS NOT NULL AND ($2::text IS NULL OR r.key > $2)
             ORDER BY r.key LIMIT $3"
        ));
        let query = query.bind(model).bind(after).bind(i64::from(limit));
        self.read("read parked rows", query, model_row).await
    }

    async fn replace(&self, model: &str, by: &str) -> Result<bool, StoreError> {
        let query = sqlx::query("SELECT replace_model($1, $2)").bind(model).bind(by);
        let replaced = self.ask("replace a model", query).await?;
        if replaced {
            self.clear_models().await;
        }
        Ok(replaced)
    }

    async fn remove(&self, model: &str) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE models SET name = NULL WHERE name = $1").bind(model);
        self.write("remove a model", query).await?;
        self.clear_models().await;
        Ok(())
    }
}

impl PostgresStore {
    /// Removes rows that no model has any more, also those that an earlier call has left.
    async fn clear_models(&self) {
        loop {
            let query = sqlx::query("SELECT clear_models($1)").bind(CLEAR_MAX);
            match self.ask("clear a model", query).await {
                Ok(true) => {}
                Ok(false) => return,
                // Nobody sees these rows. The next call goes on.
                Err(error) => return tracing::warn!(%error, "old rows of a model are left"),
            }
        }
    }
}

fn cursor(row: &PgRow) -> SqlResult<Cursor> {
    let hash: &[u8] = row.try_get(1)?;
    Ok(Cursor {
        position: Position::new(uint(row.try_get(0)?)?),
        hash: hash.try_into().map(Sha256Digest::from_bytes).map_err(corrupt)?,
    })
}

/// Reads a row of [`select_rows`].
fn model_row(row: &PgRow) -> SqlResult<ModelRow> {
    let stream: Option<String> = row.try_get(3)?;
    let parked = stream.map(|stream| {
        let stream = StreamId::try_from(stream).map_err(corrupt)?;
        Ok::<_, sqlx::Error>(Parked { stream, reason: row.try_get(4)? })
    });
    // Missing where the row is in no index.
    let column = |at: usize| row.try_get::<Option<Vec<String>>, _>(at);
    let names = column(5)?.unwrap_or_default();
    let places = column(6)?.unwrap_or_default().into_iter().zip(column(7)?.unwrap_or_default());
    let entry = |(name, (partition, sort))| IndexEntry { index: name, partition, sort };
    Ok(ModelRow {
        key: row.try_get(0)?,
        version: Version::new(uint(row.try_get(1)?)?),
        body: row.try_get(2)?,
        indexes: names.into_iter().zip(places).map(entry).collect(),
        parked: parked.transpose()?,
    })
}
