//! Commits whose answer does not come: they end in the stated time, and can be sent again.

use std::time::{Duration, Instant};

use logistics_core::eventsourcing::{CommitError, EventStore, Outbox, Retry, StoreErrorKind};
use logistics_sqlx::PostgresStore;
use sqlx::Executor;

use super::fixtures::Schema;
use super::proxy::{Mode, Proxy};
use crate::fixtures::{block_on, commit, message, stream, whole_feed};

/// The database's time for a statement in these tests, and what a busy machine may add.
const STATEMENT: Duration = Duration::from_secs(1);
const SLACK: Duration = Duration::from_secs(4);

/// A batch with an event of the stream `stuck` hangs while it holds the head of the feed.
const HANG: &str = "
    CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_sleep(600);
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER hang AFTER INSERT ON events
    FOR EACH ROW WHEN (NEW.stream = 'TST#stuck') EXECUTE FUNCTION hang();";

#[test]
fn a_commit_that_hangs_in_the_server_is_ended_and_the_others_go_on() {
    block_on(async {
        let schema = Schema::new();
        let mut config = schema.config();
        config.statement_timeout = STATEMENT;
        let store = PostgresStore::open(config.clone()).await.unwrap();
        let patient = schema.open().await;
        config.lock_timeout = Duration::from_millis(100);
        let hasty = PostgresStore::open(config).await.unwrap();
        let mut db = schema.connect().await;
        db.execute(HANG).await.unwrap();

        let begun = Instant::now();
        let stuck = tokio::spawn({
            let store = store.clone();
            async move { store.commit(commit("stuck", 0)).await }
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Who has time waits for the head, who has none is told to come again.
        let waits = tokio::spawn(async move { patient.commit(commit("waits", 0)).await });
        let refused = hasty.commit(commit("hasty", 0)).await;
        assert!(
            matches!(&refused, Err(CommitError::Store(error))
                if error.kind == StoreErrorKind::Throttled && error.retry == Retry::Later),
            "{refused:?}"
        );
        assert!(!stuck.is_finished(), "the head was not held");
        let stuck = stuck.await.unwrap();
        let took = begun.elapsed();
        assert!(matches!(&stuck, Err(CommitError::OutcomeUnknown(_))), "{stuck:?}");
        assert!((STATEMENT..STATEMENT + SLACK).contains(&took), "{took:?}");
        waits.await.unwrap().unwrap();

        db.execute("DROP TRIGGER hang ON events").await.unwrap();
        store.commit(commit("stuck", 0)).await.unwrap();
        hasty.commit(commit("hasty", 0)).await.unwrap();
        assert_eq!(whole_feed(&store).await.len(), 3);
    });
}

/// A store whose server is behind a proxy, and a neighbour who reaches it without.
async fn behind_proxy(schema: &Schema) -> (Proxy, PostgresStore, PostgresStore) {
    let proxy = Proxy::before(&schema.url).await;
    let mut config = schema.config();
    config.statement_timeout = STATEMENT;
    let neighbour = PostgresStore::open(config.clone()).await.unwrap();
    config.url.clone_from(&proxy.url);
    let store = PostgresStore::open(config).await.unwrap();
    // The connections are made.
    store.commit(commit("before", 0)).await.unwrap();
    (proxy, store, neighbour)
}

/// The commit whose answer is lost was taken: the same again says so, and nothing is there twice.
async fn check_lost_answer(mode: Mode) {
    let schema = Schema::new();
    let (proxy, store, neighbour) = behind_proxy(&schema).await;
    proxy.set(mode);
    let mut made = commit("lost", 0);
    made.outbox.push(message("once"));
    let begun = Instant::now();
    let unknown = store.commit(made.clone()).await;
    assert!(matches!(&unknown, Err(CommitError::OutcomeUnknown(_))), "{mode:?}: {unknown:?}");
    // A statement's time and the second that is added.
    let limit = STATEMENT + Duration::from_secs(1) + SLACK;
    assert!(begun.elapsed() < limit, "{mode:?}: {:?}", begun.elapsed());
    // Nobody is held up, though this client is gone in the middle.
    neighbour.commit(commit("neighbour", 0)).await.unwrap();
    proxy.set(Mode::Open);
    let again = store.commit(made.clone()).await;
    assert!(
        matches!(&again, Err(CommitError::Duplicate(record)) if *record == made.command),
        "{mode:?}: {again:?}"
    );
    let of = stream("lost");
    let there = whole_feed(&store).await.into_iter().filter(|event| event.stream == of).count();
    assert_eq!((there, store.pending(9).await.unwrap().len()), (1, 1), "{mode:?}");
}

#[test]
fn a_connection_that_breaks_in_the_middle_leaves_a_record() {
    block_on(check_lost_answer(Mode::Cut));
}

#[test]
fn an_answer_that_does_not_come_is_not_waited_for() {
    block_on(check_lost_answer(Mode::Silent));
}

/// The server has the statement but not the end of the message: it commits all the same, and does
/// not wait for this client with the head of the feed in its hands.
#[test]
fn a_client_that_freezes_while_it_sends_holds_nobody_up() {
    block_on(check_lost_answer(Mode::Frozen));
}

#[test]
fn a_read_that_is_not_answered_ends_in_time() {
    block_on(async {
        let schema = Schema::new();
        let (proxy, store, _) = behind_proxy(&schema).await;
        whole_feed(&store).await;
        proxy.set(Mode::Silent);
        let begun = Instant::now();
        let error = store.pending(1).await.unwrap_err();
        assert_eq!((error.kind, error.retry), (StoreErrorKind::Unavailable, Retry::Later));
        assert!(begun.elapsed() < STATEMENT + Duration::from_secs(1) + SLACK);
        proxy.set(Mode::Open);
        assert_eq!(store.pending(1).await.unwrap(), []);
    });
}
