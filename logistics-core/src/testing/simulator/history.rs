//! What those outside the program have seen: clients, readers, followers, receivers. Judged
//! against it, the program cannot vouch for itself.

use std::collections::BTreeMap;

use crate::eventsourcing::{
    Commit, Cursor, EventId, OutboxItem, Position, RecordedEvent, StreamId, Timer, TimerOp, Version,
};
use crate::ids::CommandId;
use crate::testing::Ticks;
use crate::values::Sha256Digest;

#[derive(Debug, Default)]
pub(super) struct History {
    /// The commands, by number.
    pub(super) commands: Vec<Sent>,
    pub(super) reads: Vec<Read>,
    /// The messages and timers of all commits that were tried.
    pub(super) tried: Vec<Tried>,
    /// What fell due, as often as it did.
    pub(super) fired: Vec<Timer>,
    /// What receivers were given, as often as they were.
    pub(super) delivered: Vec<OutboxItem>,
    /// The followers of the feed, one for each process; what they keep survives a crash.
    pub(super) followers: Vec<Follower>,
}

impl History {
    pub(super) fn new(processes: usize) -> Self {
        let followers = (0..processes).map(|_| Follower::default()).collect();
        Self { followers, ..Self::default() }
    }
}

/// A command as its client knows it.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) command: CommandId,
    pub(super) stream: StreamId,
    /// When it was sent first.
    pub(super) begun: u64,
    /// How many copies of it arrived at a process.
    pub(super) arrived: usize,
    /// The answers that came back, each with its tick.
    pub(super) answers: Vec<(Told, u64)>,
}

/// What a client was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// It was taken, now or before.
    Taken(Taken),
    /// It had no effect: the aggregate refused it.
    Refused,
    /// It had no effect: the store failed.
    Failed,
    /// Nothing is known.
    Open,
}

/// What a command led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) version: Version,
    /// The state after it, as text.
    pub(super) state: String,
    pub(super) events: Vec<(EventId, Version, Sha256Digest)>,
}

#[derive(Debug)]
pub(super) struct Read {
    pub(super) stream: StreamId,
    pub(super) events: Vec<EventId>,
    pub(super) ticks: Ticks,
}

/// A commit that was tried, perhaps more than once and with other content.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) stream: StreamId,
    /// The hash of its first event; several commits of one command are told apart by it.
    pub(super) first: Sha256Digest,
    pub(super) messages: Vec<OutboxItem>,
    pub(super) timers: Vec<TimerOp>,
}

impl Tried {
    /// What `commit` would bring, where it brings events.
    pub(super) fn of(commit: &Commit) -> Option<Self> {
        Some(Self {
            stream: commit.stream.clone(),
            first: commit.events.first()?.hash,
            messages: commit.outbox.clone(),
            timers: commit.timers.clone(),
        })
    }
}

/// What a follower of the feed keeps.
#[derive(Debug, Default)]
pub(super) struct Follower {
    /// How far it has read; written after what it has seen.
    pub(super) cursor: Cursor,
    pub(super) seen: BTreeMap<Position, (StreamId, Version, Sha256Digest)>,
}

impl Follower {
    /// Notes `event`; false when something else was seen at its position.
    pub(super) fn see(&mut self, event: &RecordedEvent) -> bool {
        let event_seen = (event.stream.clone(), event.version, event.event.hash);
        let seen = self.seen.entry(event.position).or_insert_with(|| event_seen.clone());
        *seen == event_seen
    }
}
