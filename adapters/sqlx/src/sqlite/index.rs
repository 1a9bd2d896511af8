//! Streams by their index entries, and the listing that read models share.

use async_trait::async_trait;
use logistics_core::eventsourcing::{
    FoundStream, IndexEntry, IndexQuery, StoreError, StreamId, StreamIndex,
};
use rusqlite::{Connection, Row, Statement, params};

use super::statements::execute;
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, text};

#[async_trait]
impl StreamIndex for SqliteStore {
    async fn find(&self, query: &IndexQuery) -> Result<Vec<FoundStream>, StoreError> {
        let query = query.clone();
        self.read("find streams", move |db| {
            let select = "SELECT i.sort_key, i.stream FROM stream_index AS i WHERE ";
            let mut statement = db.prepare_cached(&listing(select, "i.stream", &query))?;
            bind_listing(&mut statement, &query)?;
            statement.raw_query().mapped(found).collect()
        })
        .await
    }
}

fn found(row: &Row<'_>) -> SqlResult<FoundStream> {
    let stream = StreamId::try_from(text(row, 1)?.to_owned()).map_err(corrupt)?;
    Ok(FoundStream { sort: row.get(0)?, stream })
}

/// Completes a `SELECT … WHERE` over the entries `i` by what `query` asks for. `key` is the column
/// that breaks ties. Takes the parameters of [`bind_listing`].
pub(crate) fn listing(select: &str, key: &str, query: &IndexQuery) -> String {
    let (behind, direction) = if query.descending { ("<", "DESC") } else { (">", "ASC") };
    let after = match query.after {
        Some(_) => format!("AND (i.sort_key, {key}) {behind} (?3, ?4)"),
        None => String::new(),
    };
    let below = if query.below.is_some() { "AND i.sort_key < ?5" } else { "" };
    format!(
        "{select} i.name = ?1 AND i.partition_key = ?2 {after} {below}
         ORDER BY i.sort_key {direction}, {key} {direction} LIMIT ?6"
    )
}

/// Binds the parameters 1 to 6.
pub(crate) fn bind_listing(statement: &mut Statement<'_>, query: &IndexQuery) -> SqlResult<()> {
    let (sort, last) = query.after.as_ref().map(|(sort, last)| (sort, last)).unzip();
    statement.raw_bind_parameter(1, &query.index)?;
    statement.raw_bind_parameter(2, &query.partition)?;
    statement.raw_bind_parameter(3, sort)?;
    statement.raw_bind_parameter(4, last)?;
    statement.raw_bind_parameter(5, &query.below)?;
    statement.raw_bind_parameter(6, query.limit)
}

/// Puts `entries` in the place of those that the stream has.
pub(crate) fn write(db: &Connection, stream: &StreamId, entries: &[IndexEntry]) -> SqlResult<()> {
    execute(db, "DELETE FROM stream_index WHERE stream = ?", [stream.as_str()])?;
    for entry in entries {
        execute(
            db,
            "INSERT OR IGNORE INTO stream_index (name, partition_key, sort_key, stream)
             VALUES (?, ?, ?, ?)",
            params![entry.index, entry.partition, entry.sort, stream.as_str()],
        )?;
    }
    Ok(())
}
