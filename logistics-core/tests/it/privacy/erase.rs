//! Erasing a subject: all or nothing as seen from outside, whatever happens in between.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::executor::block_on;
use logistics_core::SubjectId;
use logistics_core::eventsourcing::{
    Actor, CommandRecord, Commit, CommitError, Committed, EventStore, FeedOrder, FoundStream,
    IndexQuery, Page, Position, RecordedEvent, Retry, StoreError, StoreErrorKind, StreamId,
    StreamIndex, Version, load_all, verify_chain,
};
use logistics_core::ids::CommandId;
use logistics_core::memory::MemoryStore;
use logistics_core::privacy::{
    AggregateEraser, EraseError, Erasure, KeyState, KeyStore, StreamEraser, SubjectKey, erase,
    export,
};
use logistics_core::values::Sha256Digest;

use super::letter::{Letter, LetterCommand, letter, post, run, subject};
use crate::fixtures::minute;

/// A store that fails at one of its calls, before or after doing what it was asked, and before any
/// call after that: a crash as its caller meets it.
struct Crashing {
    store: MemoryStore,
    calls: AtomicU32,
    at: u32,
    after: bool,
}

impl Crashing {
    fn new(store: &MemoryStore, at: u32, after: bool) -> Self {
        Self { store: store.clone(), calls: AtomicU32::new(0), at, after }
    }

    /// What `call` answers, unless this is where it crashes.
    async fn run<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        error: fn(StoreError) -> E,
    ) -> Result<T, E> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let crash = || {
            error(StoreError {
                kind: StoreErrorKind::Unavailable,
                retry: Retry::Later,
                operation: "crash",
                source: "crashed".into(),
            })
        };
        if number > self.at || (number == self.at && !self.after) {
            return Err(crash());
        }
        let done = call.await?;
        if number == self.at { Err(crash()) } else { Ok(done) }
    }
}

#[async_trait]
impl EventStore for Crashing {
    fn feed_order(&self) -> FeedOrder {
        self.store.feed_order()
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, CommitError> {
        self.run(self.store.commit(commit), CommitError::Store).await
    }

    async fn load(
        &self,
        stream: &StreamId,
        after: Version,
        limit: u32,
    ) -> Result<Page, StoreError> {
        self.run(self.store.load(stream, after, limit), |error| error).await
    }

    async fn command(
        &self,
        stream: &StreamId,
        command: &CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.run(self.store.command(stream, command), |error| error).await
    }

    async fn feed(&self, after: Position, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.run(self.store.feed(after, limit), |error| error).await
    }
}

#[async_trait]
impl StreamIndex for Crashing {
    async fn find(&self, query: &IndexQuery) -> Result<Vec<FoundStream>, StoreError> {
        self.run(self.store.find(query), |error| error).await
    }
}

#[async_trait]
impl KeyStore for Crashing {
    async fn key(&self, subject: &SubjectId) -> Result<KeyState, StoreError> {
        self.run(self.store.key(subject), |error| error).await
    }

    async fn create_key(
        &self,
        subject: &SubjectId,
        fresh: &SubjectKey,
    ) -> Result<KeyState, StoreError> {
        self.run(self.store.create_key(subject, fresh), |error| error).await
    }

    async fn destroy_key(&self, subject: &SubjectId, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.run(self.store.destroy_key(subject, at), |error| error).await
    }
}

fn eraser(store: &dyn EventStore) -> AggregateEraser<'_, Letter> {
    let actor = Actor::Operator("dpo".to_owned());
    let command = |subject: &SubjectId| LetterCommand::Erase(subject.clone());
    AggregateEraser { store, policy: &(), actor, command }
}

fn erase_in<S: EventStore + StreamIndex + KeyStore>(
    store: &S,
    person: &str,
    now: DateTime<Utc>,
) -> Result<Erasure, EraseError> {
    let eraser = eraser(store);
    let erasers: [&dyn StreamEraser; 1] = [&eraser];
    block_on(erase(store, store, &erasers, &subject(person), now))
}

/// How often the letter says that a subject is erased. Its chain must hold.
fn erasures(store: &MemoryStore, id: &str) -> usize {
    let events = block_on(load_all(store, &letter(id))).unwrap();
    verify_chain(Version::NONE, Sha256Digest::ZERO, &events).unwrap();
    events.iter().filter(|event| event.event.event_type == "SubjectErased").count()
}

fn destroyed(store: &MemoryStore, person: &str) -> bool {
    matches!(block_on(store.key(&subject(person))).unwrap(), KeyState::Destroyed { .. })
}

fn two_letters() -> MemoryStore {
    let store = MemoryStore::new();
    post(&store, "1", "person-1", "person-2");
    post(&store, "2", "person-3", "person-1");
    store
}

#[test]
fn erasing_is_recorded_in_each_stream_and_destroys_the_key() {
    let store = two_letters();
    post(&store, "3", "person-2", "person-3");
    let export = |person: &str| {
        let export = block_on(export(&store, &store, &store, &subject(person), minute(0))).unwrap();
        serde_json::to_string(&export).unwrap()
    };
    assert!(export("person-1").contains("name of person-1"));
    let others = [export("person-2"), export("person-3")];

    let erasure = erase_in(&store, "person-1", minute(5)).unwrap();
    assert_eq!((erasure.at, erasure.streams), (minute(5), vec![letter("1"), letter("2")]));
    assert_eq!(erasure.late_refusals, []);
    let counts = ["1", "2", "3"].map(|id| erasures(&store, id));
    assert_eq!(counts, [1, 1, 0]);
    let events = block_on(load_all(&store, &letter("1"))).unwrap();
    assert_eq!(events.last().unwrap().event.actor, Actor::Operator("dpo".to_owned()));

    assert!(!export("person-1").contains("name of person-1"));
    for (person, before) in ["person-2", "person-3"].iter().zip(others) {
        let name = format!("name of {person}");
        let count = |text: &str| text.matches(&name).count();
        assert!(count(&before) > 0);
        assert_eq!(count(&export(person)), count(&before), "what {person} can read");
    }

    let again = erase_in(&store, "person-1", minute(9)).unwrap();
    assert_eq!(again.at, minute(5), "an erased subject stays erased since then");
    assert_eq!(["1", "2", "3"].map(|id| erasures(&store, id)), [1, 1, 0]);
}

#[test]
fn a_hold_on_one_stream_refuses_before_anything_is_done() {
    let store = two_letters();
    run(&store, "2", "hold", minute(1), LetterCommand::Hold(true));
    let Err(EraseError::Refused { refusals }) = erase_in(&store, "person-1", minute(5)) else {
        panic!("a refusal")
    };
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].stream, letter("2"));
    assert_eq!(refusals[0].reason, "the letter is held for a court");
    assert_eq!(["1", "2"].map(|id| erasures(&store, id)), [0, 0]);
    assert!(!destroyed(&store, "person-1"));

    run(&store, "2", "release", minute(6), LetterCommand::Hold(false));
    erase_in(&store, "person-1", minute(7)).unwrap();
    assert_eq!(["1", "2"].map(|id| erasures(&store, id)), [1, 1]);
}

#[test]
fn a_stream_that_nothing_erases_in_refuses_before_anything_is_done() {
    let store = two_letters();
    let erased = block_on(erase(&store, &store, &[], &subject("person-1"), minute(5)));
    assert!(matches!(erased, Err(EraseError::NoEraser { stream }) if stream == letter("1")));
    assert!(!destroyed(&store, "person-1"));
}

#[test]
fn a_subject_without_streams_is_erased_all_the_same() {
    let store = MemoryStore::new();
    let erasure = erase_in(&store, "nobody", minute(5)).unwrap();
    assert_eq!((erasure.streams, erasure.at), (Vec::new(), minute(5)));
    assert!(destroyed(&store, "nobody"));
}

#[test]
fn what_appears_too_late_is_recorded_by_the_next_call() {
    let store = two_letters();
    post(&store, "4", "person-4", "person-5");
    erase_in(&store, "person-1", minute(5)).unwrap();
    // A command that was sealed before the key was destroyed and committed after it.
    let late = {
        let before = two_letters();
        super::letter::sealed(&before, "5", "sender", "person-1", "Asha")
    };
    let addressees = Vec::new();
    run(&store, "5", "post", minute(6), LetterCommand::Post { sender: late, addressees });
    run(&store, "5", "hold", minute(6), LetterCommand::Hold(true));

    let erasure = erase_in(&store, "person-1", minute(7)).unwrap();
    assert_eq!(erasure.streams, [letter("1"), letter("2")]);
    assert_eq!(erasure.late_refusals.len(), 1);
    run(&store, "5", "release", minute(8), LetterCommand::Hold(false));
    let erasure = erase_in(&store, "person-1", minute(9)).unwrap();
    assert_eq!((erasure.streams.len(), erasure.late_refusals.len()), (3, 0));
    assert_eq!(erasure.at, minute(5));
}

#[test]
fn a_crash_at_any_call_leads_to_a_finished_erasure() {
    let calls = {
        let store = Crashing::new(&two_letters(), u32::MAX, false);
        erase_in(&store, "person-1", minute(5)).unwrap();
        store.calls.into_inner()
    };
    assert!(calls > 10, "{calls} calls are no erasure of two streams");
    for (at, after) in (0..calls).flat_map(|at| [(at, false), (at, true)]) {
        let store = two_letters();
        let crashing = Crashing::new(&store, at, after);
        erase_in(&crashing, "person-1", minute(5)).unwrap_err();
        if destroyed(&store, "person-1") {
            let counts = ["1", "2"].map(|id| erasures(&store, id));
            assert_eq!(counts, [1, 1], "the key was destroyed first; crash at {at}, {after}");
        }
        erase_in(&store, "person-1", minute(6)).unwrap();
        assert!(destroyed(&store, "person-1"));
        let counts = ["1", "2"].map(|id| erasures(&store, id));
        assert_eq!(counts, [1, 1], "crash at {at}, {after}");
    }
}
