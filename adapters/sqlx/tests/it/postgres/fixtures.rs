//! What the tests share: a schema for each test, chance that can be repeated.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use logistics_sqlx::{PostgresConfig, PostgresStore};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

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

const CONNECTIONS: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";

/// A store in `schema` whose connections the server knows as those of `application`.
fn config(url: &str, schema: &str, application: &str) -> PostgresConfig {
    let next = if url.contains('?') { '&' } else { '?' };
    let mut config = PostgresConfig::new(format!("{url}{next}application_name={application}"));
    config.schema = schema.to_owned();
    config.connections = 2;
    config
}

fn child_application(schema: &str) -> String {
    format!("{schema}_child")
}

/// A store for a child of the test that has `schema`.
pub(crate) fn child_config(url: &str, schema: &str) -> PostgresConfig {
    config(url, schema, &child_application(schema))
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

    /// The server knows our connections by the schema's name.
    pub(crate) fn config(&self) -> PostgresConfig {
        config(&self.url, &self.name, &self.name)
    }

    /// Waits until the server has done all that a killed child had sent, and let its connections go.
    pub(crate) async fn child_is_gone(&self, db: &mut PgConnection) {
        let child = child_application(&self.name);
        loop {
            let left: i64 =
                sqlx::query_scalar(CONNECTIONS).bind(&child).fetch_one(&mut *db).await.unwrap();
            if left == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
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
    #[allow(clippy::print_stderr, reason = "a test that is over has nobody else to tell")]
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

/// How much larger than usual the tests are.
pub(crate) fn scale() -> u64 {
    let set = std::env::var("LOGISTICS_TEST_SCALE").ok();
    set.map_or(1, |scale| scale.parse().expect("LOGISTICS_TEST_SCALE is a number"))
}

/// Numbers that look like chance, the same again for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// From `LOGISTICS_TEST_SEED`, or the time; printed, so that a failure can be repeated.
    #[allow(clippy::print_stdout, reason = "without the seed a failure cannot be repeated")]
    pub(crate) fn new() -> Self {
        let seed = std::env::var("LOGISTICS_TEST_SEED").map_or_else(
            |_| {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
                u64::try_from(now & u128::from(u64::MAX)).unwrap()
            },
            |seed| seed.parse().expect("LOGISTICS_TEST_SEED is a number"),
        );
        println!("LOGISTICS_TEST_SEED={seed} LOGISTICS_TEST_SCALE={}", scale());
        Self(seed)
    }

    /// The numbers of one of several parts of a test.
    pub(crate) fn part(&self, part: u64) -> Self {
        let mut all = Self(self.0 ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        all.next();
        all
    }

    /// A number below `end`. SplitMix64 (G. Steele and others, 2014).
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
