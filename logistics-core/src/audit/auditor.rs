//! Going through a feed once: are the chains whole, do the positions count, do the anchors hold.

use std::collections::BTreeMap;
use std::ops::Range;
use std::slice;

use serde::{Deserialize, Serialize};

use super::anchor::Anchor;
use super::tree::Frontier;
use crate::eventsourcing::{
    ChainBreak, Cursor, EventStore, FollowError, PAGE_EVENTS_MAX, Position, RecordedEvent,
    StoreError, StreamId, Version, follow, verify_chain,
};
use crate::values::Sha256Digest;

/// What shows that a store is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// A stream's hash chain does not hold.
    #[error("the hash chain of a stream does not hold")]
    Chain(#[from] ChainBreak),
    /// A stream was asked for, and an event of another came.
    #[error("{stream} holds an event of {found}")]
    Misplaced {
        /// The stream that was asked for.
        stream: StreamId,
        /// The stream that the event names.
        found: StreamId,
    },
    /// A stream holds another event than the feed, or none, at a version.
    #[error("{stream} holds at version {version} not what the feed holds")]
    Apart {
        /// The stream.
        stream: StreamId,
        /// The version.
        version: Version,
    },
    /// The payload of an event is no text, so no JSON.
    #[error("the payload of {stream} at version {version} is no text")]
    NoText {
        /// The stream.
        stream: StreamId,
        /// The version.
        version: Version,
    },
    /// The feed has a gap, or an event twice.
    #[error("position {found} follows where position {expected} should")]
    Position {
        /// The position that should come.
        expected: Position,
        /// The position that is there.
        found: Position,
    },
    /// The feed ends before the end of what an anchor covers: its newest events were removed.
    #[error("the feed has {size} events, fewer than the {} of an anchor", .anchor.size)]
    Truncated {
        /// The anchor.
        anchor: Anchor,
        /// How many events there are.
        size: u64,
    },
    /// The events that an anchor covers are not those that it was made of. With whole chains:
    /// streams were written anew or exchanged.
    #[error("the first {} events are not those of the anchor", .anchor.size)]
    Root {
        /// The anchor.
        anchor: Anchor,
        /// The root of what is there.
        root: Sha256Digest,
    },
    /// The feed does not hold the event at which an audit is to go on: the store was restored from
    /// a backup, or written anew.
    #[error("the feed does not hold the event that was read at position {position}")]
    Rewound {
        /// The position.
        position: Position,
    },
}

/// Why an audit ended without a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The store is not what it was.
    #[error("the store is not what it was")]
    Found(#[from] Finding),
    /// What is asked for lies before the mark at which to begin: begin at an earlier one,
    /// [`Mark::START`] at the earliest.
    #[error("position {position} lies before the mark at {mark}")]
    BeforeMark {
        /// What is asked for.
        position: Position,
        /// The mark.
        mark: Position,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl From<ChainBreak> for AuditError {
    fn from(found: ChainBreak) -> Self {
        Self::Found(found.into())
    }
}

/// How far a feed was read, with what is needed to go on from there: at most 65 hashes, however
/// long the feed is.
///
/// Kept with each anchor, it spares reading what lies before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    frontier: Frontier,
    /// The hash of the last event.
    hash: Sha256Digest,
}

impl Mark {
    /// Before the first event.
    pub const START: Self = Self { frontier: Frontier::EMPTY, hash: Sha256Digest::ZERO };

    /// The anchor of all events up to here.
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        Anchor::of(&self.frontier)
    }

    /// The place in the feed.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        Cursor { position: Position::new(self.frontier.size()), hash: self.hash }
    }

    pub(super) const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The events behind it, a page of them. Positions are checked.
    pub(super) async fn page(
        &self,
        store: &dyn EventStore,
        limit: u64,
    ) -> Result<Vec<RecordedEvent>, AuditError> {
        let limit = u32::try_from(limit).unwrap_or(PAGE_EVENTS_MAX);
        let page = match follow(store, self.cursor(), limit).await {
            Ok(page) => page,
            Err(FollowError::Rewound { position }) => {
                return Err(Finding::Rewound { position }.into());
            }
            Err(FollowError::Store(error)) => return Err(error.into()),
        };
        let positions = (self.frontier.size() + 1..).map(Position::new);
        match page.iter().map(|event| event.position).zip(positions).find(|(is, be)| is != be) {
            Some((found, expected)) => Err(Finding::Position { expected, found }.into()),
            None => Ok(page),
        }
    }

    /// Goes behind `event`, the next one, and shows each full subtree that is complete with it.
    pub(super) fn pass(
        &mut self,
        event: &RecordedEvent,
        see: impl FnMut(Range<u64>, Sha256Digest),
    ) {
        self.frontier.push_and_see(event.event.hash.as_bytes(), see);
        self.hash = event.event.hash;
    }
}

/// Goes through a feed page by page and stops at the first finding.
///
/// Keeps version and hash of the last event of each stream that it meets, some 150 bytes for each.
#[derive(Debug)]
pub struct Auditor {
    mark: Mark,
    /// Set when it began behind the first event: then a stream may have begun before.
    resumed: bool,
    heads: BTreeMap<StreamId, StreamVerified>,
    /// Anchors not yet reached, the nearest last.
    anchors: Vec<Anchor>,
}

impl Auditor {
    /// An auditor that goes on at `mark` and expects that `anchors` hold.
    ///
    /// # Errors
    /// [`AuditError::BeforeMark`] for an anchor that lies before the mark, [`AuditError::Found`] for
    /// one of the mark's own size that does not hold.
    pub fn new(mark: Mark, anchors: &[Anchor]) -> Result<Self, AuditError> {
        let mut anchors = anchors.to_vec();
        anchors.sort_unstable_by_key(|anchor| std::cmp::Reverse(anchor.size));
        let at = mark.cursor().position;
        if let Some(passed) = anchors.last().filter(|anchor| anchor.size < at.get()) {
            return Err(AuditError::BeforeMark { position: Position::new(passed.size), mark: at });
        }
        let resumed = at > Position::START;
        let mut auditor = Self { mark, resumed, heads: BTreeMap::new(), anchors };
        auditor.check_anchors()?;
        Ok(auditor)
    }

    /// How far it has come. All up to here is whole.
    #[must_use]
    pub const fn mark(&self) -> &Mark {
        &self.mark
    }

    /// Checks one page of events; false when there was none.
    ///
    /// # Errors
    /// [`AuditError`]. After a finding the auditor stands before the event that it concerns.
    pub async fn step(&mut self, store: &dyn EventStore) -> Result<bool, AuditError> {
        let page = self.mark.page(store, PAGE_EVENTS_MAX.into()).await?;
        for event in &page {
            let head = self.head(store, event).await?;
            let head = verify_chain(head.version, head.head, slice::from_ref(event))?;
            let verified = StreamVerified { version: event.version, head };
            self.heads.insert(event.stream.clone(), verified);
            self.mark.pass(event, |_, _| {});
            self.check_anchors()?;
        }
        Ok(!page.is_empty())
    }

    /// What was verified, if the feed is as long as the longest anchor says.
    ///
    /// # Errors
    /// [`Finding::Truncated`].
    pub fn finish(self) -> Result<StoreVerified, Finding> {
        match self.anchors.last() {
            Some(&anchor) => {
                Err(Finding::Truncated { anchor, size: self.mark.cursor().position.get() })
            }
            None => Ok(StoreVerified { mark: self.mark, streams: self.heads }),
        }
    }

    /// The end of the event's stream before the event.
    async fn head(
        &self,
        store: &dyn EventStore,
        event: &RecordedEvent,
    ) -> Result<StreamVerified, StoreError> {
        if let Some(head) = self.heads.get(&event.stream) {
            return Ok(*head);
        }
        let before = event.version.get().saturating_sub(1);
        if !self.resumed || before == 0 {
            return Ok(StreamVerified::NONE);
        }
        let page = store.load(&event.stream, Version::new(before - 1), 1).await?;
        let head = page.events.first().filter(|last| last.version == Version::new(before));
        Ok(head.map_or(StreamVerified::NONE, StreamVerified::behind))
    }

    fn check_anchors(&mut self) -> Result<(), Finding> {
        let here = self.mark.frontier.size();
        while let Some(anchor) = self.anchors.pop_if(|anchor| anchor.size == here) {
            let root = self.mark.frontier.root();
            if root != anchor.root {
                return Err(Finding::Root { anchor, root });
            }
        }
        Ok(())
    }
}

/// What an audit of a whole store found to be whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreVerified {
    /// The end of the feed: [`Mark::anchor`] is the next anchor to keep.
    pub mark: Mark,
    /// The streams that had events, and how far each of them is verified.
    pub streams: BTreeMap<StreamId, StreamVerified>,
}

/// Verifies a whole store: the chains of all streams, the positions of the feed, and that `anchors`
/// taken earlier hold. Without an anchor it is not noticed when the newest events are removed or a
/// stream is written anew with its hashes.
///
/// # Errors
/// [`AuditError::Found`] at the first finding; [`AuditError::Store`].
pub async fn verify_store(
    store: &dyn EventStore,
    anchors: &[Anchor],
) -> Result<StoreVerified, AuditError> {
    let mut auditor = Auditor::new(Mark::START, anchors)?;
    while auditor.step(store).await? {}
    Ok(auditor.finish()?)
}

/// What is verified of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamVerified {
    /// Its version.
    pub version: Version,
    /// The hash of its last event; zero for a stream without events.
    pub head: Sha256Digest,
}

impl StreamVerified {
    /// A stream without events.
    pub const NONE: Self = Self { version: Version::NONE, head: Sha256Digest::ZERO };

    fn behind(event: &RecordedEvent) -> Self {
        Self { version: event.version, head: event.event.hash }
    }
}

/// Verifies the hash chain of one stream. That its newest events were not removed, nor the whole
/// stream written anew, only an anchor tells: [`verify_store`].
///
/// # Errors
/// [`AuditError::Found`] at the first finding; [`AuditError::Store`].
pub async fn verify_stream(
    store: &dyn EventStore,
    stream: &StreamId,
) -> Result<StreamVerified, AuditError> {
    let mut verified = StreamVerified::NONE;
    loop {
        let page = store.load(stream, verified.version, PAGE_EVENTS_MAX).await?;
        check_stream(stream, &page.events)?;
        verified.head = verify_chain(verified.version, verified.head, &page.events)?;
        let Some(last) = page.events.last() else { return Ok(verified) };
        verified.version = last.version;
    }
}

/// Verifies that each stream, read by itself, holds what the feed held of it when `verified` was
/// made. Needed where a store keeps the two apart; elsewhere it shows nothing new.
///
/// # Errors
/// [`AuditError::Found`] at the first finding; [`AuditError::Store`].
pub async fn verify_streams(
    store: &dyn EventStore,
    verified: &StoreVerified,
) -> Result<(), AuditError> {
    for (stream, head) in &verified.streams {
        verify_stream(store, stream).await?;
        // The chain up to here is whole, so if this event is the same, so are all before it.
        let before = Version::new(head.version.get().saturating_sub(1));
        let page = store.load(stream, before, 1).await?;
        if page.events.first().map(StreamVerified::behind) != Some(*head) {
            let (stream, version) = (stream.clone(), head.version);
            return Err(Finding::Apart { stream, version }.into());
        }
    }
    Ok(())
}

/// That all of `events` are of `stream`.
pub(super) fn check_stream(stream: &StreamId, events: &[RecordedEvent]) -> Result<(), Finding> {
    match events.iter().find(|event| event.stream != *stream) {
        Some(event) => {
            Err(Finding::Misplaced { stream: stream.clone(), found: event.stream.clone() })
        }
        None => Ok(()),
    }
}
