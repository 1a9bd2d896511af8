//! The store on PostgreSQL against the suite that every store must pass.

use logistics_core::testing::stores::Stores;
use logistics_sqlx::PostgresStore;

use super::fixtures::{Schema, block_on};

const DEAD_LETTERS_MAX: u32 = 40;

async fn postgres() -> Stores {
    let schema = Schema::new();
    let mut config = schema.config();
    config.dead_letters_max = DEAD_LETTERS_MAX;
    let store = PostgresStore::open(config).await.unwrap();
    Stores::of(store, u64::from(DEAD_LETTERS_MAX)).keeping(schema)
}

logistics_core::store_conformance!(postgres, block_on, postgres());
