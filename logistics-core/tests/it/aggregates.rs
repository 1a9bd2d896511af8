//! Aggregates with states kept in memory and in snapshots: the same answers as without, with less
//! reading.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use futures::executor::block_on;
use logistics_core::eventsourcing::{
    Aggregates, AsOf, CommandEnvelope, CommandRecord, Commit, CommitError, Committed,
    DecideContext, Decider, EventStore, ExecuteError, FeedOrder, Occurred, Page, Position,
    RecordedEvent, Snapshots, Snapshotted, StoreError, StreamId, Version, execute, load,
    load_as_of, state_as_of,
};
use logistics_core::ids::CommandId;
use logistics_core::memory::MemoryStore;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Paid {
    amount: i64,
}

logistics_core::domain_events! {
    pub(crate) enum AccountEvent { Paid = 1 }
}

/// Pays in and out, never below nothing.
#[derive(Debug, PartialEq)]
pub(crate) struct Account;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("only {balance} there")]
pub(crate) struct Overdrawn {
    balance: i64,
}

impl Decider for Account {
    const CATEGORY: &'static str = "ACC";
    type Command = i64;
    type Event = AccountEvent;
    type State = i64;
    type Rejection = Overdrawn;
    type Policy = ();

    fn decide(
        &balance: &i64,
        &amount: &i64,
        _: &DecideContext<'_, ()>,
    ) -> Result<Vec<AccountEvent>, Overdrawn> {
        if balance + amount < 0 {
            return Err(Overdrawn { balance });
        }
        Ok(if amount == 0 { vec![] } else { vec![Paid { amount }.into()] })
    }

    fn evolve(balance: i64, AccountEvent::Paid(paid): &AccountEvent) -> i64 {
        balance + paid.amount
    }
}

impl Snapshotted for Account {
    const REVISION: u32 = 3;
}

/// A store that counts what it is asked for.
#[derive(Debug, Clone, Default)]
struct Counting {
    store: MemoryStore,
    loaded: Arc<AtomicU64>,
    conflicts: Arc<AtomicU64>,
}

#[async_trait]
impl EventStore for Counting {
    fn feed_order(&self) -> FeedOrder {
        self.store.feed_order()
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        others_first().await;
        let committed = self.store.commit(commit).await;
        let conflict = matches!(committed, Err(CommitError::Conflict { .. }));
        self.conflicts.fetch_add(conflict.into(), Ordering::Relaxed);
        committed
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let page = self.store.load(stream, after, limit).await?;
        self.loaded.fetch_add(page.events.len() as u64, Ordering::Relaxed);
        Ok(page)
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.store.command(stream, command).await
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.store.feed(after, limit).await
    }
}

/// Lets others go on first, once.
pub(crate) async fn others_first() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_424_400, 0).unwrap() + Duration::seconds(seconds)
}

pub(crate) fn account(id: &str) -> StreamId {
    StreamId::new(Account::CATEGORY, id).unwrap()
}

pub(crate) fn pay(id: i64, amount: i64) -> CommandEnvelope<i64> {
    CommandEnvelope::new(CommandId::new(id.to_string()).unwrap(), at(0), amount)
}

proptest! {
    /// Whoever keeps states answers as one who reads everything each time, also while others write
    /// to the same streams and commands come twice.
    #[test]
    fn the_answers_are_those_of_reading_everything(
        steps in prop::collection::vec((0..2_usize, 0..3_u8, 0..6_u8, -9..9_i64), 1..40),
        streams in 0..3_usize,
    ) {
        block_on(async {
            let (kept, plain) = (MemoryStore::new(), MemoryStore::new());
            let one = Aggregates::<Account>::new(Arc::new(kept.clone()))
                .cached(streams)
                .snapshotted(Arc::new(kept.clone()), 4);
            let other = Aggregates::<Account>::new(Arc::new(kept.clone())).cached(9);
            for (writer, stream, command, amount) in steps {
                let (stream, command) = (account(&stream.to_string()), pay(command.into(), amount));
                let writer = [&one, &other][writer];
                let answer = writer.execute(&stream, &command, at(1), &()).await;
                let expected = execute::<Account>(&plain, &stream, &command, at(1), &()).await;
                prop_assert_eq!(format!("{answer:?}"), format!("{expected:?}"));
                let loaded = writer.load(&stream).await.unwrap();
                prop_assert_eq!(loaded, load::<Account>(&plain, &stream).await.unwrap());
            }
            Ok(())
        })?;
    }
}

#[test]
fn nobody_is_refused_by_a_state_that_is_out_of_date() {
    block_on(async {
        let store = Counting::default();
        let accounts = Aggregates::<Account>::new(Arc::new(store.clone())).cached(10);
        let stream = account("a");
        accounts.execute(&stream, &pay(1, 5), at(0), &()).await.unwrap();
        execute::<Account>(&store, &stream, &pay(2, 5), at(0), &()).await.unwrap();
        let done = accounts.execute(&stream, &pay(3, -8), at(0), &()).await.unwrap();
        assert_eq!((done.state, done.version), (2, Version::new(3)));
        let refused = accounts.execute(&stream, &pay(4, -8), at(0), &()).await;
        assert!(
            matches!(refused, Err(ExecuteError::Rejected(Overdrawn { balance: 2 }))),
            "{refused:?}"
        );
    });
}

#[test]
fn a_hot_stream_is_read_once_and_meets_no_conflict() {
    block_on(async {
        let store = Counting::default();
        let stream = account("hot");
        let pay_all = async |accounts: Aggregates<Account>, from| {
            let pays = (from..from + 50)
                .map(async |n| accounts.execute(&stream, &pay(n, 1), at(0), &()).await.map(drop));
            futures::future::join_all(pays).await
        };
        let accounts = Aggregates::<Account>::new(Arc::new(store.clone()));
        pay_all(accounts.cached(1), 0).await.into_iter().for_each(Result::unwrap);
        assert_eq!(load::<Account>(&store.store, &stream).await.unwrap().state, 50);
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        assert_eq!((count(&store.loaded), count(&store.conflicts)), (0, 0));
        pay_all(Aggregates::<Account>::new(Arc::new(store.clone())), 50).await;
        assert!(count(&store.conflicts) > 0, "without the queue they meet");
    });
}

#[test]
fn a_snapshot_saves_reading_unless_it_is_of_another_revision_or_damaged() {
    block_on(async {
        let store = Counting::default();
        let accounts = || {
            Aggregates::<Account>::new(Arc::new(store.clone()))
                .snapshotted(Arc::new(store.store.clone()), 10)
        };
        let stream = account("long");
        for n in 0..25 {
            accounts().execute(&stream, &pay(n, 1), at(n), &()).await.unwrap();
        }
        let snapshot = store.store.snapshot(&stream).await.unwrap().unwrap();
        assert_eq!((snapshot.version.get(), snapshot.revision), (20, 3));
        let reads = async || {
            let before = store.loaded.load(Ordering::Relaxed);
            let loaded = accounts().load(&stream).await.unwrap();
            assert_eq!((loaded.state, loaded.version.get()), (25, 25));
            store.loaded.load(Ordering::Relaxed) - before
        };
        assert_eq!(reads().await, 5);
        for (revision, state) in [(3, &b"{"[..]), (4, &b"999"[..])] {
            let mut other = snapshot.clone();
            (other.revision, other.state) = (revision, state.to_vec());
            store.store.save_snapshot(&stream, &other).await.unwrap();
            assert_eq!(reads().await, 25, "revision {revision}");
        }
    });
}

#[test]
fn no_more_states_are_kept_than_were_asked_for() {
    block_on(async {
        let store = Counting::default();
        let accounts = Aggregates::<Account>::new(Arc::new(store.clone())).cached(4);
        for n in 0..100 {
            let stream = account(&n.to_string());
            accounts.execute(&stream, &pay(0, 1), at(0), &()).await.unwrap();
        }
        // The newest is kept, the oldest is read again.
        for (stream, reads) in [("99", 0), ("0", 1)] {
            let before = store.loaded.load(Ordering::Relaxed);
            accounts.execute(&account(stream), &pay(1, 1), at(0), &()).await.unwrap();
            assert_eq!(store.loaded.load(Ordering::Relaxed) - before, reads, "{stream}");
        }
    });
}

/// Three payments: recorded at 10, 20 and 30 seconds; the second happened at 5, and the third at 99
/// by a clock that cannot be believed.
#[test]
fn a_stream_is_seen_as_of_a_version_a_recording_and_an_occurrence() {
    block_on(async {
        let (store, stream) = (MemoryStore::new(), account("past"));
        let suspect = Occurred { suspect: true, ..Occurred::observed(at(99)) };
        for (n, amount, occurred) in [
            (1, 1, Occurred::observed(at(10))),
            (2, 10, Occurred::observed(at(5))),
            (3, 100, suspect),
        ] {
            let command = pay(n, amount).occurring(occurred);
            execute::<Account>(&store, &stream, &command, at(n * 10), &()).await.unwrap();
        }
        for (point, balance, version) in [
            (AsOf::Version(Version::NONE), 0, 0),
            (AsOf::Version(Version::new(2)), 11, 2),
            (AsOf::Version(Version::new(9)), 111, 3),
            (AsOf::Recorded(at(9)), 0, 0),
            (AsOf::Recorded(at(10)), 1, 1),
            (AsOf::Recorded(at(29)), 11, 2),
            (AsOf::Occurred(at(4)), 0, 0),
            (AsOf::Occurred(at(5)), 10, 2),
            (AsOf::Occurred(at(10)), 11, 2),
            (AsOf::Occurred(at(30)), 111, 3),
        ] {
            let then = state_as_of::<Account>(&store, &stream, point).await.unwrap();
            assert_eq!((then.state, then.version.get()), (balance, version), "{point:?}");
            let events = load_as_of(&store, &stream, point).await.unwrap();
            assert_eq!(events.last().map_or(0, |event| event.version.get()), version);
        }
    });
}
