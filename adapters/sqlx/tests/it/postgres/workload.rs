//! Writers that retry, what they were told and when, and the judge of the feed that follows.
//!
//! The oracle is what the writers were told, not what the feed says of itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use logistics_core::eventsourcing::{
    Commit, CommitError, EventStore, Position, RecordedEvent, Retry,
};
use logistics_core::values::Sha256Digest;
use logistics_sqlx::PostgresStore;

use crate::fixtures::commit_by;

/// What a writer was told of a command of one event.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) stream: String,
    pub(crate) command: String,
    pub(crate) version: u64,
    /// Missing where only the command's record told that it was taken.
    pub(crate) position: Option<u64>,
    /// When the commit that was taken was begun, and when its writer knew.
    pub(crate) begun: Instant,
    pub(crate) ended: Instant,
}

/// Makes one event by `command` on the stream `id`, after as many failures as it takes. `version`
/// is where the writer believes the stream to be.
pub(crate) async fn append(
    store: &PostgresStore,
    id: &str,
    command: &str,
    mut version: u64,
) -> Told {
    let mut in_doubt: Vec<(Commit, Instant)> = Vec::new();
    loop {
        let made = commit_by(command, id, version, Sha256Digest::ZERO);
        let begun = Instant::now();
        match store.commit(made.clone()).await {
            Ok(taken) => {
                assert_eq!(taken.version.get(), version + 1);
                return told(&made, begun, Some(taken.events[0].position.get()));
            }
            Err(CommitError::Conflict { actual }) => version = actual.get(),
            Err(CommitError::OutcomeUnknown(_)) => in_doubt.push((made, begun)),
            Err(CommitError::Duplicate(record)) => {
                let (made, begun) = in_doubt
                    .iter()
                    .find(|(made, _)| made.command == record)
                    .unwrap_or_else(|| panic!("{record:?} is of no commit in doubt"));
                return told(made, *begun, None);
            }
            Err(CommitError::Store(error)) => {
                assert_eq!(error.retry, Retry::Later, "{error:?}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn told(made: &Commit, begun: Instant, position: Option<u64>) -> Told {
    Told {
        stream: made.stream.id().to_owned(),
        command: made.command.command_id.as_str().to_owned(),
        version: made.command.after.get(),
        position,
        begun,
        ended: Instant::now(),
    }
}

/// The whole feed against what the writers were told, each of whom acknowledged commands once.
pub(crate) fn check(feed: &[RecordedEvent], told: &[Told]) {
    let positions = feed.iter().map(|event| event.position.get());
    assert!(positions.eq(1..=feed.len() as u64), "the feed has a gap or is out of order");
    let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
    let mut places: BTreeMap<(&str, &str), &RecordedEvent> = BTreeMap::new();
    for event in feed {
        let version = versions.entry(event.stream.id()).or_default();
        *version += 1;
        assert_eq!(event.version.get(), *version, "in {}", event.stream);
        let twice = places.insert((event.stream.id(), event.command_id.as_str()), event);
        assert!(twice.is_none(), "{} is there twice", event.command_id);
    }
    let mut ordered = Vec::with_capacity(told.len());
    for told in told {
        let there = places.get(&(told.stream.as_str(), told.command.as_str()));
        let there = there.unwrap_or_else(|| panic!("{told:?} is lost"));
        let position = there.position.get();
        assert_eq!(there.version.get(), told.version, "{told:?}");
        assert_eq!(told.position.unwrap_or(position), position, "{told:?}");
        ordered.push((position, told));
    }
    check_order(&mut ordered);
}

/// What was begun after another had ended stands behind it.
fn check_order(told: &mut [(u64, &Told)]) {
    let mut ended: Vec<(Instant, u64)> = told.iter().map(|(at, told)| (told.ended, *at)).collect();
    ended.sort_unstable();
    told.sort_unstable_by_key(|(_, told)| told.begun);
    let mut ended = ended.into_iter().peekable();
    let mut last = 0;
    for (position, told) in told {
        while let Some((_, before)) = ended.next_if(|(at, _)| *at < told.begun) {
            last = last.max(before);
        }
        assert!(*position > last, "{told:?} at {position} was begun after {last} had ended");
    }
}

/// Follows the feed, a look each millisecond, until `done` says how much there will have been. What
/// it saw, in the order in which it saw it.
pub(crate) async fn follow(
    store: &PostgresStore,
    done: tokio::sync::watch::Receiver<Option<u64>>,
) -> Vec<RecordedEvent> {
    let mut seen: Vec<RecordedEvent> = Vec::new();
    loop {
        let all = *done.borrow();
        let after = seen.last().map_or(Position::START, |event| event.position);
        match store.feed(after, 1_000).await {
            Ok(page) => seen.extend(page),
            Err(error) => assert_eq!(error.retry, Retry::Later, "{error:?}"),
        }
        if all.is_some_and(|all| seen.len() as u64 >= all) {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
