//! The store in memory against the suite that every store must pass.

use logistics_core::memory::MemoryStore;
use logistics_core::testing::stores::Stores;

const DEAD_LETTERS_MAX: usize = 40;

async fn memory() -> Stores {
    let store = MemoryStore::new().with_dead_letters_max(DEAD_LETTERS_MAX);
    Stores::of(store, u64::try_from(DEAD_LETTERS_MAX).unwrap())
}

logistics_core::store_conformance!(memory, futures::executor::block_on, memory());
