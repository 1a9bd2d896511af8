//! The store on SQLite against the suite that every store must pass.

use logistics_core::testing::stores::Stores;
use logistics_sqlx::{SqliteConfig, SqliteStore};

use crate::fixtures::block_on;

const DEAD_LETTERS_MAX: u32 = 40;

async fn sqlite() -> Stores {
    let dir = tempfile::tempdir().unwrap();
    let mut config = SqliteConfig::new(dir.path().join("store.db"));
    config.dead_letters_max = DEAD_LETTERS_MAX;
    let store = SqliteStore::open(config).await.unwrap();
    Stores::of(store, u64::from(DEAD_LETTERS_MAX)).keeping(dir)
}

logistics_core::store_conformance!(sqlite, block_on, sqlite());
