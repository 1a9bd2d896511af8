//! Many commands on one stream at once, with a store that fails in every way, writers in between and
//! callers that go away: nobody is told what is not so.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use async_trait::async_trait;
use futures::executor::block_on;
use futures::task::noop_waker;
use logistics_core::eventsourcing::{
    Aggregates, CommandEnvelope, CommandRecord, Commit, CommitError, Committed, CommittedSequence,
    EventStore, ExecuteError, Executed, FeedOrder, Page, Position, RecordedEvent, Retry,
    StoreError, StoreErrorKind, StreamId, Version, execute, load, load_all, verify_chain,
};
use logistics_core::ids::CommandId;
use logistics_core::memory::MemoryStore;
use logistics_core::values::Sha256Digest;
use proptest::prelude::*;

use crate::aggregates::{Account, Overdrawn, account, at, others_first, pay};
use crate::scale::cases;

/// What happens to a sequence of commits.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Taken,
    /// Somebody else writes when so many of them are taken.
    Overtaken(usize),
    Refused,
    /// So many are taken, and the answer is lost.
    Lost(usize),
}

/// A store whose sequences meet their fates, the last one again and again.
#[derive(Clone)]
struct Fateful {
    store: MemoryStore,
    fates: Arc<Mutex<Vec<Fate>>>,
    sequences: Arc<Mutex<Vec<usize>>>,
}

impl Fateful {
    fn new(fates: Vec<Fate>) -> Self {
        let (fates, sequences) = (Arc::new(Mutex::new(fates)), Arc::default());
        Self { store: MemoryStore::new(), fates, sequences }
    }

    fn fate(&self) -> Fate {
        self.fates.lock().unwrap().pop().unwrap_or(Fate::Taken)
    }

    /// Somebody who pays in without asking here.
    async fn stranger(&self, stream: &StreamId) {
        let number = self.store.feed(Position::START, 1_000).await.unwrap().len();
        let command = pay(1_000_000 + i64::try_from(number).unwrap(), 1);
        execute::<Account>(&self.store, stream, &command, at(1), &()).await.unwrap();
    }
}

fn unavailable() -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unavailable,
        retry: Retry::Later,
        operation: "be there",
        source: "away".into(),
    }
}

#[async_trait]
impl EventStore for Fateful {
    fn feed_order(&self) -> FeedOrder {
        self.store.feed_order()
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        let mut sequence = self.commit_sequence(vec![commit]).await;
        match sequence.refused {
            Some(error) => Err(error),
            None => Ok(sequence.taken.remove(0)),
        }
    }

    async fn commit_sequence(&self, mut commits: Vec<Commit>) -> CommittedSequence {
        self.sequences.lock().unwrap().push(commits.len());
        let stream = commits[0].stream.clone();
        others_first().await;
        let landed = match self.fate() {
            Fate::Taken => self.store.commit_sequence(commits).await,
            Fate::Overtaken(after) => {
                let rest = commits.split_off(after.min(commits.len()));
                let mut landed = self.store.commit_sequence(commits).await;
                self.stranger(&stream).await;
                if landed.refused.is_none() {
                    let rest = self.store.commit_sequence(rest).await;
                    landed.taken.extend(rest.taken);
                    landed.refused = rest.refused;
                }
                landed
            }
            Fate::Refused => {
                let refused = Some(CommitError::Store(unavailable()));
                CommittedSequence { taken: Vec::new(), refused }
            }
            Fate::Lost(after) => {
                commits.truncate(after);
                self.store.commit_sequence(commits).await;
                let refused = Some(CommitError::OutcomeUnknown(unavailable()));
                CommittedSequence { taken: Vec::new(), refused }
            }
        };
        others_first().await;
        landed
    }

    async fn load(&self, of: &StreamId, after: Version, limit: u32) -> Result<Page, StoreError> {
        others_first().await;
        self.store.load(of, after, limit).await
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

type Answer = Result<Executed<Account>, ExecuteError<Overdrawn>>;

/// Runs callers by turns; each goes away when its patience, in turns, is over.
fn by_turns<'a>(
    callers: impl IntoIterator<Item = (u8, Pin<Box<dyn Future<Output = Answer> + 'a>>)>,
) -> Vec<Option<Answer>> {
    let mut callers: Vec<_> = callers.into_iter().map(|(p, f)| (p, Some(f), None)).collect();
    let waker = noop_waker();
    let mut turns = 0;
    while callers.iter().any(|(_, running, _)| running.is_some()) {
        turns += 1;
        assert!(turns < 100_000, "they wait for ever");
        for (patience, running, answer) in &mut callers {
            let Some(future) = running else { continue };
            if let Poll::Ready(ready) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                (*running, *answer) = (None, Some(ready));
            } else if *patience == 0 {
                *running = None;
            }
            *patience = patience.saturating_sub(u8::from(*patience < u8::MAX));
        }
    }
    callers.into_iter().map(|(_, _, answer)| answer).collect()
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Taken),
        2 => (0..4_usize).prop_map(Fate::Overtaken),
        1 => Just(Fate::Refused),
        2 => (0..4_usize).prop_map(Fate::Lost),
    ]
}

fn patience() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(u8::MAX), 1 => 0..12_u8]
}

/// What the log says of a command agrees with what its caller was told. Of an id that several used
/// only one may have been taken.
fn check_answer(
    log: &[RecordedEvent],
    command: &CommandEnvelope<i64>,
    used_once: bool,
    answer: Option<Answer>,
) {
    let of_command = |event: &&RecordedEvent| event.command_id == command.command_id;
    let found: Vec<RecordedEvent> = log.iter().filter(of_command).cloned().collect();
    match answer {
        Some(Ok(executed)) => {
            assert_eq!(executed.events, found);
            let before = log.iter().take_while(|event| event.version <= executed.version);
            assert_eq!(executed.state, before.map(amount).sum::<i64>());
        }
        Some(Err(ExecuteError::OutcomeUnknown(_))) | None => {}
        Some(Err(error)) => assert!(!used_once || found.is_empty(), "taken in spite of {error:?}"),
    }
}

fn amount(event: &RecordedEvent) -> i64 {
    serde_json::from_slice::<serde_json::Value>(&event.event.payload).unwrap()["amount"]
        .as_i64()
        .unwrap()
}

proptest! {
    #![proptest_config(cases(2_000))]
    #[test]
    fn every_answer_is_true(
        fates in prop::collection::vec(fate(), 0..12),
        callers in prop::collection::vec((0..20_i64, -4..9_i64, patience()), 1..24),
        known in any::<bool>(),
    ) {
        let store = Fateful::new(fates);
        let accounts = Aggregates::<Account>::new(Arc::new(store.clone())).cached(2);
        let stream = account("hot");
        if known {
            // Then all line up behind the first; else the others wait until it has read the stream.
            let _ = block_on(accounts.execute(&stream, &pay(500, 1), at(1), &()));
        }
        let commands: Vec<_> = callers.iter().map(|&(id, amount, _)| pay(id, amount)).collect();
        let running = commands.iter().zip(&callers).map(|(command, &(_, _, patience))| {
            let answer: Pin<Box<dyn Future<Output = Answer>>> =
                Box::pin(accounts.execute(&stream, command, at(1), &()));
            (patience, answer)
        });
        let answers = by_turns(running);
        let log = block_on(load_all(&store.store, &stream)).unwrap();
        prop_assert!(verify_chain(Version::NONE, Sha256Digest::ZERO, &log).is_ok());
        let mut balance = 0;
        for event in &log {
            balance += amount(event);
            prop_assert!(balance >= 0, "overdrawn at {}", event.version);
        }
        for (command, answer) in commands.iter().zip(answers) {
            let used = commands.iter().filter(|other| other.command_id == command.command_id);
            check_answer(&log, command, used.count() == 1, answer);
        }
        let now = block_on(accounts.load(&stream)).unwrap();
        prop_assert_eq!(now, block_on(load::<Account>(&store.store, &stream)).unwrap());
        let later = block_on(load_all(&store.store, &stream)).unwrap();
        prop_assert_eq!(later.len(), log.len(), "something waited for whoever comes next");
    }
}

#[test]
fn commands_that_come_during_a_commit_leave_together() {
    let store = Fateful::new(Vec::new());
    let accounts = Aggregates::<Account>::new(Arc::new(store.clone())).cached(2);
    let stream = account("hot");
    for round in 0..3 {
        let commands: Vec<_> = (0..200).map(|n| pay(round * 1_000 + n, 1)).collect();
        let running = commands.iter().map(|command| {
            let answer: Pin<Box<dyn Future<Output = Answer>>> =
                Box::pin(accounts.execute(&stream, command, at(1), &()));
            (u8::MAX, answer)
        });
        assert!(by_turns(running).iter().all(|answer| matches!(answer, Some(Ok(_)))));
    }
    let sequences = store.sequences.lock().unwrap();
    assert_eq!(sequences.iter().sum::<usize>(), 600);
    // Of the first 200 nobody knows the state but the one who reads it; the others have lined up.
    let mut sum = 0;
    let later = sequences.iter().filter(|&&commits| {
        sum += commits;
        sum > 200
    });
    let later: Vec<_> = later.collect();
    assert!(later.len() <= 12, "{later:?}");
}
