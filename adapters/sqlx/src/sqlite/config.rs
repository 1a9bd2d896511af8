//! Where a store lies and how much it may hold in memory.

use std::path::PathBuf;
use std::time::Duration;

/// How to open a [`SqliteStore`](super::SqliteStore).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqliteConfig {
    /// The database file; made when it is missing. SQLite's `-wal` and `-shm` files and our
    /// `.lock` file lie beside it. Not on a network file system.
    pub path: PathBuf,
    /// The database file of the subjects' keys, with files of SQLite beside it. `.keys` is added to
    /// the path of the database by default. Back it up apart from the database, and briefly.
    pub keys: PathBuf,
    /// Connections that read while the writer writes. 4 by default.
    pub readers: u32,
    /// How long a statement waits for a lock that another program holds. 5 s by default.
    pub busy_timeout: Duration,
    /// Writes that may wait; callers beyond it wait to be let in. 1,024 by default.
    pub queue_max: usize,
    /// Most writes that share one transaction. 256 by default.
    pub batch_max: usize,
    /// Dead letters kept; the oldest beyond it go. 10,000 by default.
    pub dead_letters_max: u32,
}

impl SqliteConfig {
    /// The defaults for a store at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let mut keys = path.clone().into_os_string();
        keys.push(".keys");
        Self {
            path,
            keys: keys.into(),
            readers: 4,
            busy_timeout: Duration::from_secs(5),
            queue_max: 1_024,
            batch_max: 256,
            dead_letters_max: 10_000,
        }
    }
}
