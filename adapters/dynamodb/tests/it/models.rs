//! Read models whose steps need several transactions, and stop between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::config::retry::RetryConfig;
use logistics_core::eventsourcing::{
    Cursor, IndexEntry, IndexQuery, ModelRow, Position, ReadModels, Version,
};
use logistics_core::values::Sha256Digest;
use logistics_dynamodb::{DynamoConfig, DynamoStore};

use crate::fixtures::block_on;
use crate::proxy::{Fate, Proxy};
use crate::server::{Server, client};

fn cursor(position: u64) -> Cursor {
    Cursor { position: Position::new(position), hash: Sha256Digest::of(position.to_be_bytes()) }
}

/// Rows of `version`, in a partition of its own.
fn rows(count: u32, version: u64) -> Vec<ModelRow> {
    let row = |n: u32| ModelRow {
        key: format!("{n:04}"),
        version: Version::new(version),
        body: version.to_string().into_bytes(),
        indexes: vec![IndexEntry::new("i", format!("p{version}"), format!("{n:04}"))],
        parked: None,
    };
    (0..count).map(row).collect()
}

async fn count(store: &DynamoStore, partition: &str) -> (u64, usize) {
    let query = IndexQuery {
        index: "i".to_owned(),
        partition: partition.to_owned(),
        limit: 1_000,
        ..IndexQuery::default()
    };
    let counted = store.count("m", "i").await.expect("answered");
    let listed = store.list("m", &query).await.expect("answered");
    (counted.get(partition).copied().unwrap_or(0), listed.len())
}

#[test]
fn an_advance_that_stopped_halfway_is_repeated_without_harm() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        assert!(store.advance("m", Cursor::START, cursor(1), rows(120, 1)).await.unwrap());
        let transactions = Arc::new(AtomicU32::new(0));
        let proxy = Proxy::start(server.address, move |operation, _| {
            let pass = operation != "transactwriteitems"
                || transactions.fetch_add(1, Ordering::Relaxed) < 2;
            if pass { Fate::Pass } else { Fate::LoseRequest }
        })
        .await;
        let dying = DynamoStore::new(
            client(proxy.address, RetryConfig::disabled()),
            DynamoConfig::new("logistics"),
        );
        dying.advance("m", cursor(1), cursor(2), rows(120, 2)).await.expect_err("it dies");
        assert_eq!(store.checkpoint("m").await.unwrap(), cursor(1));
        let ((new, _), (old, _)) = (count(&store, "p2").await, count(&store, "p1").await);
        assert!(new > 0 && old > 0, "{new} of 120 rows are written");
        assert_eq!(new + old, 120);
        // A slower one that is behind gives way, and changes nothing.
        assert!(!store.advance("m", cursor(1), cursor(9), rows(120, 1)).await.unwrap());
        assert_eq!(count(&store, "p2").await.0, new);
        assert!(store.advance("m", cursor(1), cursor(2), rows(120, 2)).await.unwrap());
        assert_eq!(store.checkpoint("m").await.unwrap(), cursor(2));
        assert_eq!((count(&store, "p2").await, count(&store, "p1").await), ((120, 120), (0, 0)));
    });
}

#[test]
fn nothing_is_left_of_a_replaced_model() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        assert!(store.advance("m", Cursor::START, cursor(1), rows(40, 1)).await.unwrap());
        assert!(store.advance("m~new", Cursor::START, cursor(2), rows(3, 2)).await.unwrap());
        assert!(store.replace("m", "m~new").await.unwrap());
        assert_eq!((count(&store, "p2").await, count(&store, "p1").await), ((3, 3), (0, 0)));
        let scan = server.client().scan().table_name("logistics");
        // The model; its rows, each with an entry; one count.
        assert_eq!(scan.send().await.unwrap().count, 1 + 3 * 2 + 1);
        store.remove("m").await.unwrap();
        let scan = server.client().scan().table_name("logistics");
        assert_eq!(scan.send().await.unwrap().count, 0);
    });
}
