//! Where a store lies, how long it waits and how much it may hold in memory.

use std::fmt;
use std::time::Duration;

/// How to open a [`PostgresStore`](super::PostgresStore).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostgresConfig {
    /// The database, such as `postgres://user:password@host:5432/database`. The connection goes
    /// straight to the server or through a pooler that keeps sessions.
    pub url: String,
    /// The schema that holds all tables; made when it is missing. Of lower-case letters, digits
    /// and `_`, at most 63 bytes, not beginning with a digit. `logistics` by default.
    pub schema: String,
    /// Connections besides the writer's, made when they are needed. 4 by default.
    pub connections: u32,
    /// Longest time that the server gives one statement: a commit that hangs in it is ended then.
    /// 10 s by default. The store waits a second longer for the answer, then gives the connection
    /// up.
    pub statement_timeout: Duration,
    /// Longest time that a statement waits for another writer's lock. 5 s by default.
    pub lock_timeout: Duration,
    /// Writes that may wait; callers beyond it wait to be let in. 1,024 by default.
    pub queue_max: usize,
    /// Most commits that share one transaction. 256 by default.
    pub batch_max: usize,
    /// Dead letters kept; the oldest beyond it go. 10,000 by default.
    pub dead_letters_max: u32,
}

impl PostgresConfig {
    /// The defaults for a store in the database at `url`.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            schema: "logistics".to_owned(),
            connections: 4,
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            queue_max: 1_024,
            batch_max: 256,
            dead_letters_max: 10_000,
        }
    }

    /// How long the store waits for an answer of the server.
    pub(crate) fn patience(&self) -> Duration {
        self.statement_timeout + Duration::from_secs(1)
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresConfig")
            .field("schema", &self.schema)
            .field("connections", &self.connections)
            .field("statement_timeout", &self.statement_timeout)
            .field("lock_timeout", &self.lock_timeout)
            .field("queue_max", &self.queue_max)
            .field("batch_max", &self.batch_max)
            .field("dead_letters_max", &self.dead_letters_max)
            .finish_non_exhaustive()
    }
}
