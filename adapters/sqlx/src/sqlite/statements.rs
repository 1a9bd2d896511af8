//! Running statements that stay prepared as long as their connection.

use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::values::SqlResult;

/// More statements than there are in this crate, in all their forms.
pub(crate) const CACHED_MAX: usize = 256;

/// Runs a statement that answers with nothing; how many rows it changed.
pub(crate) fn execute(db: &Connection, sql: &str, params: impl Params) -> SqlResult<usize> {
    db.prepare_cached(sql)?.execute(params)
}

/// The first row of a query, read by `read`.
pub(crate) fn optional<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> SqlResult<T>,
) -> SqlResult<Option<T>> {
    db.prepare_cached(sql)?.query_row(params, read).optional()
}

/// All rows of a query, each read by `read`.
pub(crate) fn all<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> SqlResult<T>,
) -> SqlResult<Vec<T>> {
    db.prepare_cached(sql)?.query_map(params, read)?.collect()
}
