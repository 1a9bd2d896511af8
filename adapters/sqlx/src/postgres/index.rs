//! The port of the index of streams, and what it shares with the indexes of read models.

use async_trait::async_trait;
use logistics_core::eventsourcing::{FoundStream, IndexQuery, StoreError, StreamId, StreamIndex};
use sqlx::postgres::PgRow;
use sqlx::{Postgres, QueryBuilder, Row};

use super::store::PostgresStore;
use super::values::corrupt;

#[async_trait]
impl StreamIndex for PostgresStore {
    async fn find(&self, query: &IndexQuery) -> Result<Vec<FoundStream>, StoreError> {
        let mut select = QueryBuilder::<Postgres>::new(
            "SELECT i.sort_key, i.stream FROM stream_index AS i WHERE true",
        );
        push_query(&mut select, query, "i.stream");
        let found = |row: &PgRow| {
            let stream = StreamId::try_from(row.try_get::<String, _>(1)?).map_err(corrupt)?;
            Ok(FoundStream { sort: row.try_get(0)?, stream })
        };
        self.read("find streams", select.build(), found).await
    }
}

/// Adds to a `SELECT … WHERE …` on an index table `i` what `query` asks for. `key` is the column
/// that names what is found.
pub(crate) fn push_query(
    select: &mut QueryBuilder<Postgres>,
    query: &IndexQuery,
    key: &'static str,
) {
    select.push(" AND i.name = ").push_bind(query.index.clone());
    select.push(" AND i.partition_key = ").push_bind(query.partition.clone());
    if let Some((sort, last)) = &query.after {
        let behind = if query.descending { "<" } else { ">" };
        select.push(" AND (i.sort_key, ").push(key).push(") ").push(behind).push(" (");
        select.push_bind(sort.clone()).push(", ").push_bind(last.clone()).push(")");
    }
    if let Some(below) = &query.below {
        select.push(" AND i.sort_key < ").push_bind(below.clone());
    }
    let order = if query.descending { " DESC" } else { "" };
    select.push(" ORDER BY i.sort_key").push(order).push(", ").push(key).push(order);
    select.push(" LIMIT ").push_bind(i64::from(query.limit));
}
