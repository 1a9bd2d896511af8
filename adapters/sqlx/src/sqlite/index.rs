//! Streams by their index entries, and the listing that read models share.

use std::collections::HashMap;

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    Commit, Committed, FoundStream, IndexEntry, IndexQuery, StoreError, StreamId, StreamIndex,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::error::read_error;
use super::store::SqliteStore;
use super::values::{INSERT_ROWS_MAX, SqlResult, corrupt, json};

#[async_trait]
impl StreamIndex for SqliteStore {
    async fn find(&self, query: &IndexQuery) -> Result<Vec<FoundStream>, StoreError> {
        let mut select =
            QueryBuilder::new("SELECT i.sort_key, i.stream FROM stream_index AS i WHERE ");
        push_listing(&mut select, query, "i.stream");
        let rows = select.build().fetch_all(&self.readers).await;
        let found = rows.and_then(|rows| rows.iter().map(found).collect::<SqlResult<_>>());
        found.map_err(read_error("find streams"))
    }
}

fn found(row: &SqliteRow) -> SqlResult<FoundStream> {
    let stream = StreamId::try_from(row.try_get::<String, _>(1)?).map_err(corrupt)?;
    Ok(FoundStream { sort: row.try_get(0)?, stream })
}

/// Completes a `SELECT … WHERE` over the entries `i` by what `query` asks for. `key` is the column
/// that breaks ties.
pub(crate) fn push_listing(
    select: &mut QueryBuilder<Sqlite>,
    query: &IndexQuery,
    key: &'static str,
) {
    select.push("i.name = ").push_bind(query.index.clone());
    select.push(" AND i.partition_key = ").push_bind(query.partition.clone());
    if let Some((sort, last)) = &query.after {
        let behind = if query.descending { "<" } else { ">" };
        select.push(" AND (i.sort_key, ").push(key).push(") ").push(behind).push(" (");
        select.push_bind(sort.clone()).push(", ").push_bind(last.clone()).push(")");
    }
    if let Some(below) = &query.below {
        select.push(" AND i.sort_key < ").push_bind(below.clone());
    }
    let direction = if query.descending { " DESC" } else { "" };
    select.push(" ORDER BY i.sort_key").push(direction);
    select.push(", ").push(key).push(direction);
    select.push(" LIMIT ").push_bind(i64::from(query.limit));
}

/// Puts the entries of `taken` commits in the place of those that their streams have.
pub(crate) async fn write(
    db: &mut SqliteConnection,
    taken: &[(&Commit, &Committed)],
) -> SqlResult<()> {
    // Of several commits on a stream the last one that says anything holds.
    let mut last: HashMap<&StreamId, &[IndexEntry]> = HashMap::new();
    for (commit, _) in taken {
        if let Some(entries) = &commit.index {
            last.insert(&commit.stream, entries);
        }
    }
    if last.is_empty() {
        return Ok(());
    }
    let streams: Vec<&str> = last.keys().map(|stream| stream.as_str()).collect();
    sqlx::query("DELETE FROM stream_index WHERE stream IN (SELECT value FROM json_each(?))")
        .bind(json(serde_json::to_string(&streams))?)
        .execute(&mut *db)
        .await?;
    let entries: Vec<(&StreamId, &IndexEntry)> = last
        .into_iter()
        .flat_map(|(stream, entries)| entries.iter().map(move |entry| (stream, entry)))
        .collect();
    for rows in entries.chunks(INSERT_ROWS_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT OR IGNORE INTO stream_index (name, partition_key, sort_key, stream) ",
        );
        insert.push_values(rows, |mut values, (stream, entry)| {
            values
                .push_bind(entry.index.as_str())
                .push_bind(entry.partition.as_str())
                .push_bind(entry.sort.as_str())
                .push_bind(stream.as_str());
        });
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}
