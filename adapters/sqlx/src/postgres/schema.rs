//! Connections, and the tables in their schema.

use std::str::FromStr;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use super::config::PostgresConfig;
use super::error::PostgresOpenError;
use super::values::SqlResult;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// Every statement of ours is a walk along an index, for any parameters. A planner that has not
/// seen the tables grow yet would choose otherwise, and its plans are kept.
const PLANNER: [(&str, &str); 6] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_bitmapscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
];

/// How to reach the database, without our limits of time.
fn bare_options(config: &PostgresConfig) -> Result<PgConnectOptions, PostgresOpenError> {
    if !is_schema_name(&config.schema) {
        return Err(PostgresOpenError::SchemaName { schema: config.schema.clone() });
    }
    let options = PgConnectOptions::from_str(&config.url);
    let options = options.map_err(|error| PostgresOpenError::Url(Box::new(error)))?;
    Ok(options.options([("search_path", config.schema.as_str())]).disable_statement_logging())
}

fn is_schema_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= 63
        && name.bytes().all(legal)
        && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// How the store connects. `synchronous_commit`: an answered commit survives a crash of the server
/// and, where it has synchronous standbys, the loss of it.
pub(crate) fn options(config: &PostgresConfig) -> Result<PgConnectOptions, PostgresOpenError> {
    let ms = |time: std::time::Duration| time.as_millis().max(1).to_string();
    let limits = [
        ("statement_timeout", ms(config.statement_timeout)),
        ("lock_timeout", ms(config.lock_timeout)),
        ("idle_in_transaction_session_timeout", ms(config.statement_timeout)),
    ];
    Ok(bare_options(config)?.options(limits).options(PLANNER).options([
        ("synchronous_commit", "on"),
        ("default_transaction_isolation", "read committed"),
    ]))
}

/// Makes or updates the schema and its tables. Processes that do so at once wait for each other.
pub(crate) async fn migrate(config: &PostgresConfig) -> Result<(), PostgresOpenError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| PostgresOpenError::Migrate {
        schema: config.schema.clone(),
        source,
    };
    let connected = bare_options(config)?.connect().await;
    let mut db = connected.map_err(|error| PostgresOpenError::Connect(Box::new(error)))?;
    make_schema(&mut db, &config.schema).await.map_err(|error| failed(error.into()))?;
    match MIGRATIONS.run(&mut db).await {
        Ok(()) => db.close().await.map_err(|error| failed(error.into())),
        Err(MigrateError::VersionMissing(found)) => {
            let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
            Err(PostgresOpenError::NewerSchema { schema: config.schema.clone(), found, known })
        }
        Err(error) => Err(failed(error.into())),
    }
}

/// Asks first: who may not make schemas may still use one that is there.
async fn make_schema(db: &mut PgConnection, schema: &str) -> SqlResult<()> {
    let mut alone = db.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(schema)
        .execute(&mut *alone)
        .await?;
    let there: bool = sqlx::query_scalar("SELECT to_regnamespace($1) IS NOT NULL")
        .bind(schema)
        .fetch_one(&mut *alone)
        .await?;
    if !there {
        let create = format!("CREATE SCHEMA \"{schema}\"");
        sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut *alone).await?;
    }
    alone.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_named_so_that_it_needs_no_quotes() {
        for good in ["logistics", "_a1", "l".repeat(63).as_str()] {
            assert!(is_schema_name(good), "{good:?}");
        }
        for bad in ["", "1a", "Logistics", "a-b", "a\"b", "a b", "ä", "l".repeat(64).as_str()] {
            assert!(!is_schema_name(bad), "{bad:?}");
        }
    }
}
