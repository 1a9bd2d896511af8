//! The store on DynamoDB against the suite that every store must pass.

use logistics_core::testing::stores::Stores;
use logistics_dynamodb::DynamoConfig;

use crate::fixtures::block_on;
use crate::server::Server;

const DEAD_LETTERS_MAX: u64 = 40;

async fn dynamodb() -> Stores {
    let server = Server::start().await;
    let mut config = DynamoConfig::new("logistics");
    config.dead_letters_max = DEAD_LETTERS_MAX;
    // The cases have times of their own.
    config.fixes_kept = None;
    Stores::of(server.store(config).await, DEAD_LETTERS_MAX)
        .without_unique_event_ids()
        .keeping(server)
}

logistics_core::store_conformance!(dynamodb, block_on, dynamodb());
