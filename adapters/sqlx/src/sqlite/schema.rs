//! The tables of a file, made or updated when it is opened.
//!
//! SQLite's `user_version` counts the migrations that a file has seen.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::OpenError;
use super::values::{SqlResult, corrupt};

/// The migrations of a file, oldest first.
pub(crate) type Migrations = &'static [&'static str];

/// Those of the database.
pub(crate) const MIGRATIONS: Migrations = &[
    include_str!("../../migrations/sqlite/0001_ports.sql"),
    include_str!("../../migrations/sqlite/0002_dead_letters.sql"),
    include_str!("../../migrations/sqlite/0003_day_routes.sql"),
    include_str!("../../migrations/sqlite/0004_mocked_fixes.sql"),
];
/// Those of the keys' own file.
pub(crate) const KEY_MIGRATIONS: Migrations =
    &[include_str!("../../migrations/sqlite_keys/0001_keys.sql")];

/// Brings the tables of the file at `path` up to date, all of them or none.
pub(crate) fn migrate(
    db: &mut Connection,
    path: &Path,
    migrations: Migrations,
) -> Result<(), OpenError> {
    match run(db, migrations).map_err(|error| OpenError::of(path, error))? {
        found if found > migrations.len() => {
            let [found, known] =
                [found, migrations.len()].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
            Err(OpenError::NewerSchema { path: path.to_owned(), found, known })
        }
        _ => Ok(()),
    }
}

/// Runs what the file has not seen; how much it had.
fn run(db: &mut Connection, migrations: Migrations) -> SqlResult<usize> {
    let changes = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let seen: i64 = changes.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let seen = usize::try_from(seen).map_err(corrupt)?;
    for (number, migration) in (1_u32..).zip(migrations).skip(seen) {
        changes.execute_batch(migration)?;
        changes.pragma_update(None, "user_version", number)?;
    }
    changes.commit()?;
    Ok(seen)
}
