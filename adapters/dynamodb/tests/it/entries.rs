//! Index entries: in which of the table's indexes they lie, and those that find no room in their
//! commit's transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use logistics_core::eventsourcing::{
    Commit, EventStore, IndexEntry, IndexQuery, Position, StreamIndex, Timer, TimerOp,
};
use logistics_dynamodb::{DynamoConfig, DynamoStore};

use crate::fixtures::{at, block_on, commit};
use crate::proxy::{Fate, Proxy};
use crate::server::{Server, client};

async fn find(store: &DynamoStore, index: &str, partition: &str) -> Vec<(String, String)> {
    let query = IndexQuery {
        index: index.to_owned(),
        partition: partition.to_owned(),
        limit: 100,
        ..IndexQuery::default()
    };
    let found = store.find(&query).await.expect("answered");
    found.into_iter().map(|found| (found.sort, found.stream.id().to_owned())).collect()
}

fn place(sort: &str, id: &str) -> (String, String) {
    (sort.to_owned(), id.to_owned())
}

#[test]
fn shipments_are_found_as_the_case_study_finds_them() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        for n in 0..20 {
            let mut made = commit(&n.to_string(), 0, 1);
            let late = format!("2026-11-23T{n:02}:00:00Z");
            made.index = Some(vec![
                IndexEntry::new("client", format!("C-{}", n % 2), late.as_str()),
                IndexEntry::new("partner_day", format!("DP-{}/2026-11-23", n % 4), "x"),
                IndexEntry::new("pending_confirmation", "all", late),
            ]);
            store.commit(made).await.expect("taken");
        }
        let due = IndexQuery {
            index: "pending_confirmation".to_owned(),
            partition: "all".to_owned(),
            below: Some("2026-11-23T06:00:00Z".to_owned()),
            limit: 4,
            ..IndexQuery::default()
        };
        let found = store.find(&due).await.expect("answered");
        let ids: Vec<&str> = found.iter().map(|found| found.stream.id()).collect();
        assert_eq!(ids, ["0", "1", "2", "3"]);
        assert_eq!(find(&store, "client", "C-1").await.len(), 10);
        assert_eq!(find(&store, "partner_day", "DP-3/2026-11-23").await.len(), 5);
        assert_eq!(find(&store, "partner_day", "DP-3/2026-11-2").await, []);
        // An outcome: no longer pending, so no longer in the sparse index.
        let mut made = commit("0", 1, 1);
        made.index = Some(vec![IndexEntry::new("client", "C-0", "x")]);
        store.commit(made).await.expect("taken");
        assert_eq!(find(&store, "pending_confirmation", "all").await.len(), 19);
        let sparse = server.client().scan().table_name("logistics").index_name("GSI4");
        assert_eq!(sparse.send().await.unwrap().count, 19);
        let mut head = server.client().get_item().table_name("logistics");
        for (name, value) in [("PK", "TST#0"), ("SK", "METADATA")] {
            head = head.key(name, AttributeValue::S(value.to_owned()));
        }
        let head = head.send().await.unwrap().item.unwrap();
        assert_eq!(head["GSI1PK"], AttributeValue::S("CLIENT#C-0".to_owned()));
        assert!(!head.contains_key("GSI2PK"));
    });
}

/// A commit of 98 items beside its entries.
fn crowded(version: u64, entries: &[&str]) -> Commit {
    let mut made = commit("one", version, 32);
    let arm = |n: u32| {
        TimerOp::Arm(Timer {
            owner: n.to_string(),
            name: "t".to_owned(),
            generation: 1,
            fire_at: at(0),
        })
    };
    made.timers = (0..63).map(arm).collect();
    made.index = Some(entries.iter().map(|sort| IndexEntry::new("i", "p", *sort)).collect());
    made
}

#[test]
fn entries_without_room_follow_their_commit() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        store.commit(crowded(0, &["1", "2", "3"])).await.expect("taken");
        assert_eq!(find(&store, "i", "p").await, ["1", "2", "3"].map(|sort| place(sort, "one")));
        store.commit(crowded(32, &["2", "4", "5", "6"])).await.expect("taken");
        let all = ["2", "4", "5", "6"].map(|sort| place(sort, "one"));
        assert_eq!(find(&store, "i", "p").await, all);
        assert_eq!(store.feed(Position::START, 100).await.expect("the feed").len(), 64);
        assert_eq!(find(&store, "i", "p").await, all);
    });
}

/// A process that ends between a commit and its entries: whoever reads the feed writes them.
#[test]
fn entries_that_were_left_behind_are_made_up_for() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        store.commit(crowded(0, &["1", "2", "3"])).await.expect("taken");
        let transactions = Arc::new(AtomicU32::new(0));
        let proxy = Proxy::start(server.address, move |operation, _| {
            let first = operation != "transactwriteitems"
                || transactions.fetch_add(1, Ordering::Relaxed) == 0;
            if first { Fate::Pass } else { Fate::LoseRequest }
        })
        .await;
        let dying = DynamoStore::new(
            client(proxy.address, RetryConfig::disabled()),
            DynamoConfig::new("logistics"),
        );
        dying.commit(crowded(32, &["3", "4", "5"])).await.expect("taken");
        assert_eq!(find(&store, "i", "p").await, ["1", "2", "3"].map(|sort| place(sort, "one")));
        // A later commit that keeps one of them and brings another is not disturbed by that.
        let mut later = commit("one", 64, 1);
        later.index = Some(["4", "6"].map(|sort| IndexEntry::new("i", "p", sort)).to_vec());
        store.commit(later).await.expect("taken");
        assert_eq!(store.feed(Position::START, 100).await.expect("the feed").len(), 65);
        assert_eq!(find(&store, "i", "p").await, ["4", "6"].map(|sort| place(sort, "one")));
    });
}
