//! Others that are busy, answers that are lost: what a committer is told, and that it is true.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::config::retry::RetryConfig;
use logistics_core::eventsourcing::{
    CommitError, EventStore, Retry, StoreError, StoreErrorKind, Version,
};
use logistics_dynamodb::{DynamoConfig, DynamoStore};

use crate::fixtures::{block_on, commit, stream, whole_feed};
use crate::proxy::{Fate, Proxy};
use crate::server::{Server, client};

const TRANSACT: &str = "transactwriteitems";

fn config() -> DynamoConfig {
    let mut config = DynamoConfig::new("logistics");
    config.attempts_max = 5;
    config
}

/// The answer to a transaction that was cancelled for `codes`.
fn cancelled(codes: &[&str]) -> Fate {
    let reasons: Vec<String> = codes.iter().map(|code| format!(r#"{{"Code":"{code}"}}"#)).collect();
    Fate::Refuse(format!(
        r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message":"Transaction cancelled","CancellationReasons":[{}]}}"#,
        reasons.join(",")
    ))
}

/// A server, a store that uses it directly, and one behind a proxy that gives the first `count`
/// transactions their `fate`.
struct Setting {
    direct: DynamoStore,
    behind: DynamoStore,
    transactions: Arc<AtomicU32>,
    _server: Server,
    _proxy: Proxy,
}

async fn setting(retries: RetryConfig, count: u32, fate: Fate) -> Setting {
    let server = Server::start().await;
    let direct = server.store(config()).await;
    let transactions = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&transactions);
    let proxy = Proxy::start(server.address, move |operation, _| {
        if operation == TRANSACT && seen.fetch_add(1, Ordering::Relaxed) < count {
            fate.clone()
        } else {
            Fate::Pass
        }
    })
    .await;
    let behind = DynamoStore::new(client(proxy.address, retries), config());
    Setting { direct, behind, transactions, _server: server, _proxy: proxy }
}

#[test]
fn a_commit_waits_while_others_are_busy() {
    block_on(async {
        for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
            let fate = cancelled(&["None", code, "None"]);
            let setting = setting(RetryConfig::disabled(), 3, fate).await;
            let committed = setting.behind.commit(commit("one", 0, 2)).await.expect(code);
            assert_eq!(committed.version, Version::new(2));
            assert_eq!(setting.transactions.load(Ordering::Relaxed), 4, "{code}");
            assert_eq!(whole_feed(&setting.direct, 10).await.len(), 2);
        }
    });
}

#[test]
fn who_finds_others_busy_all_the_time_is_told_to_come_later() {
    block_on(async {
        let throttling = Fate::Refuse(
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}"#.to_owned(),
        );
        for fate in [cancelled(&["TransactionConflict"]), throttling] {
            let setting = setting(RetryConfig::disabled(), u32::MAX, fate).await;
            let refused = setting.behind.commit(commit("one", 0, 1)).await;
            let Err(CommitError::Store(StoreError { kind, retry, .. })) = refused else {
                panic!("{refused:?}")
            };
            assert_eq!((kind, retry), (StoreErrorKind::Throttled, Retry::Later));
            assert_eq!(setting.transactions.load(Ordering::Relaxed), config().attempts_max);
            assert_eq!(whole_feed(&setting.direct, 10).await, []);
        }
    });
}

/// The head has moved, and whether this very command has moved it cannot be seen: asking again is
/// what finds that it has.
#[test]
fn a_busy_command_record_is_not_taken_for_a_conflict() {
    block_on(async {
        let fate = cancelled(&["TransactionConflict", "ConditionalCheckFailed"]);
        let setting = setting(RetryConfig::disabled(), 2, fate).await;
        let made = commit("one", 0, 1);
        setting.direct.commit(made.clone()).await.unwrap();
        let again = setting.behind.commit(made.clone()).await;
        assert!(
            matches!(&again, Err(CommitError::Duplicate(record)) if *record == made.command),
            "{again:?}"
        );
        assert_eq!(setting.transactions.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn a_lost_answer_is_an_unknown_outcome() {
    block_on(async {
        for (fate, taken) in [(Fate::LoseAnswer, true), (Fate::LoseRequest, false)] {
            let setting = setting(RetryConfig::disabled(), 1, fate).await;
            let made = commit("one", 0, 2);
            let unknown = setting.behind.commit(made.clone()).await;
            assert!(matches!(unknown, Err(CommitError::OutcomeUnknown(_))), "{unknown:?}");
            // Sending it again tells.
            let again = setting.behind.commit(made.clone()).await;
            if taken {
                let duplicate = matches!(&again, Err(CommitError::Duplicate(record))
                    if *record == made.command);
                assert!(duplicate, "{again:?}");
            } else {
                assert_eq!(again.expect("taken").version, Version::new(2));
            }
            assert_eq!(whole_feed(&setting.direct, 10).await.len(), 2);
        }
    });
}

/// The client sends the same transaction again under the same token: it is taken once.
#[test]
fn the_clients_own_retries_take_a_commit_once() {
    block_on(async {
        let setting = setting(RetryConfig::standard(), 1, Fate::LoseAnswer).await;
        setting.behind.commit(commit("one", 0, 2)).await.expect("taken by the retry");
        setting.behind.commit(commit("one", 2, 1)).await.expect("taken");
        assert_eq!(setting.transactions.load(Ordering::Relaxed), 3);
        let page = setting.direct.load(&stream("one"), Version::NONE, 10).await.unwrap();
        assert_eq!(page.events.len(), 3);
    });
}

#[test]
fn a_server_that_is_gone_is_unavailable() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(config()).await;
        let missing = DynamoStore::new(server.client(), DynamoConfig::new("missing"));
        let error = missing.load(&stream("one"), Version::NONE, 1).await.unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Unavailable, "{error:?}");
        let refused = missing.commit(commit("one", 0, 1)).await;
        let nothing = matches!(&refused, Err(CommitError::Store(error))
            if error.kind == StoreErrorKind::Unavailable);
        assert!(nothing, "{refused:?}");
        drop(store);
    });
}
