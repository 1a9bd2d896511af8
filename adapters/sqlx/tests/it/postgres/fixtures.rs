//! What the tests share: a schema for each test, commits by hand.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use logistics_sqlx::{PostgresConfig, PostgresStore};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

/// Runs `future` on a runtime with two threads.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap().block_on(future)
}

/// Where the tests' server is.
const URL: &str = "LOGISTICS_POSTGRES_URL";

pub(crate) fn url() -> String {
    std::env::var(URL).unwrap_or_else(|_| {
        panic!(
            "{URL} is not set: run the tests with `cargo xtask test unit`, or start servers with \
             `cargo xtask services` and set what it prints"
        )
    })
}

/// A schema of its own name, which goes with this.
pub(crate) struct Schema {
    pub(crate) url: String,
    pub(crate) name: String,
}

impl Schema {
    pub(crate) fn new() -> Self {
        Self::at(url())
    }

    pub(crate) fn at(url: String) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let made = MADE.fetch_add(1, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
        let name = format!("test_{now}_{}_{made}", std::process::id());
        Self { url, name }
    }

    pub(crate) fn config(&self) -> PostgresConfig {
        let mut config = PostgresConfig::new(&self.url);
        config.schema.clone_from(&self.name);
        config.connections = 2;
        config
    }

    pub(crate) async fn open(&self) -> PostgresStore {
        PostgresStore::open(self.config()).await.unwrap()
    }

    /// A connection that sees the tables of the schema.
    pub(crate) async fn connect(&self) -> PgConnection {
        let options: PgConnectOptions = self.url.parse().unwrap();
        options.options([("search_path", &self.name)]).connect().await.unwrap()
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (url, drop) =
            (self.url.clone(), format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name));
        // This may run inside a runtime, where nothing can be waited for.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut db = PgConnection::connect(&url).await?;
                db.execute(AssertSqlSafe(format!("SET client_min_messages = warning; {drop}")))
                    .await?;
                db.close().await
            })
        });
        if let Err(error) = dropped.join().unwrap() {
            eprintln!("schema {} is left: {error}", self.name);
        }
    }
}
