//! One atomic change to one stream: events, the command's record, messages and timers, all or
//! nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::chain;
use super::event::{NewEvent, RecordedEvent};
use super::index::IndexEntry;
use super::store::StoreError;
use super::stream::{StreamId, Version};
use crate::ids::{CommandId, EffectId};
use crate::values::Sha256Digest;

/// Most events in one commit.
pub const COMMIT_EVENTS_MAX: usize = 32;
/// Most messages and timers in one commit.
pub const COMMIT_EFFECTS_MAX: usize = 64;
/// Most entries under which one stream can be found.
pub const COMMIT_INDEX_MAX: usize = 16;
/// Most commits that are sent to a store as one sequence.
pub const SEQUENCE_COMMITS_MAX: usize = 64;
/// A sequence takes no further commit once its payloads have so many bytes.
pub const SEQUENCE_BYTES_MAX: usize = 1024 * 1024;
/// Longest payload of one event or message, in bytes.
pub const PAYLOAD_BYTES_MAX: usize = 256 * 1024;

/// What a stream must look like for a commit to be taken. There is no "whatever".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The stream has no events yet.
    NoStream,
    /// The stream stands at exactly this version.
    Exact(Version),
}

impl Expected {
    /// What is expected of a stream that was read up to `version`.
    #[must_use]
    pub fn from_version(version: Version) -> Self {
        if version == Version::NONE { Self::NoStream } else { Self::Exact(version) }
    }

    /// The version that is expected.
    #[must_use]
    pub const fn version(self) -> Version {
        match self {
            Self::NoStream => Version::NONE,
            Self::Exact(version) => version,
        }
    }
}

/// The outcome of a command, kept so that the same command again gets the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// The command.
    pub command_id: CommandId,
    /// SHA-256 over the command's content.
    pub digest: [u8; 32],
    /// The stream's version before it.
    pub before: Version,
    /// The stream's version after it; equal to `before` when it changed nothing.
    pub after: Version,
}

/// A message to another system, kept until that system has taken it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxItem {
    /// Its identity: a receiver drops a second delivery by it.
    pub effect_id: EffectId,
    /// What kind of message, such as `manifest.publish`: chooses the channel.
    pub kind: String,
    /// For whom, in the channel's terms. Messages of one kind and key are delivered in order.
    pub key: String,
    /// The message.
    pub body: Vec<u8>,
    /// When it was committed.
    pub created_at: DateTime<Utc>,
}

/// A durable timer: fires at least once, never early, perhaps late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// What it belongs to; one timer per owner and name.
    pub owner: String,
    /// Which of the owner's timers.
    pub name: String,
    /// Counts re-armings: a firing of an older generation means nothing.
    pub generation: u32,
    /// When it is due.
    pub fire_at: DateTime<Utc>,
}

/// A change to the timers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimerOp {
    /// Sets the timer, in place of an older generation of it.
    Arm(Timer),
    /// Removes the timer, whatever its generation.
    Disarm {
        /// What it belongs to.
        owner: String,
        /// Which of the owner's timers.
        name: String,
    },
}

/// What leaves the store together with the events of one command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// Messages; their ids are given when the commit is made.
    pub messages: Vec<Message>,
    /// Timers to set or remove.
    pub timers: Vec<TimerOp>,
}

/// A message that a decision wants sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What kind of message, such as `manifest.publish`.
    pub kind: &'static str,
    /// For whom, in the channel's terms.
    pub key: String,
    /// The message.
    pub body: Vec<u8>,
}

/// One atomic change to one stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// The stream.
    pub stream: StreamId,
    /// What it must look like.
    pub expected: Expected,
    /// The events, oldest first; may be empty.
    pub events: Vec<NewEvent>,
    /// The command's outcome.
    pub command: CommandRecord,
    /// Messages to other systems.
    pub outbox: Vec<OutboxItem>,
    /// Timers to set or remove.
    pub timers: Vec<TimerOp>,
    /// Under what the stream can be found from now on; `None` leaves that as it is.
    pub index: Option<Vec<IndexEntry>>,
}

impl Commit {
    /// The same commit with the links of its events' hash chain, which goes on after `previous`:
    /// the hash of the stream's last event, [`Sha256Digest::ZERO`] for a new stream.
    #[must_use]
    pub fn chained(mut self, previous: Sha256Digest) -> Self {
        let command_id = &self.command.command_id;
        chain::link(previous, &self.stream, self.expected.version(), command_id, &mut self.events);
        self
    }

    /// The length of the payloads of its events and messages together, in bytes.
    #[must_use]
    pub fn payload_bytes(&self) -> usize {
        let events = self.events.iter().map(|event| event.payload.len());
        events.chain(self.outbox.iter().map(|item| item.body.len())).sum()
    }

    /// Checks the limits that hold for every store.
    ///
    /// # Errors
    /// [`CommitError::TooLarge`] naming the limit that is passed.
    pub fn check_limits(&self) -> Result<(), CommitError> {
        let too_large = |what, found, limit| Err(CommitError::TooLarge { what, found, limit });
        let effects = self.outbox.len() + self.timers.len();
        if self.events.len() > COMMIT_EVENTS_MAX {
            return too_large("events", self.events.len(), COMMIT_EVENTS_MAX);
        }
        if effects > COMMIT_EFFECTS_MAX {
            return too_large("effects", effects, COMMIT_EFFECTS_MAX);
        }
        let entries = self.index.as_ref().map_or(0, Vec::len);
        if entries > COMMIT_INDEX_MAX {
            return too_large("index entries", entries, COMMIT_INDEX_MAX);
        }
        let payloads = self.events.iter().map(|event| event.payload.len());
        let longest = payloads.chain(self.outbox.iter().map(|item| item.body.len())).max();
        match longest {
            Some(bytes) if bytes > PAYLOAD_BYTES_MAX => {
                too_large("payload bytes", bytes, PAYLOAD_BYTES_MAX)
            }
            _ => Ok(()),
        }
    }
}

/// What a commit became.
#[derive(Debug, Clone, PartialEq)]
pub struct Committed {
    /// The stream's version after it.
    pub version: Version,
    /// The events with their places in the stream; and in the feed, where that is known yet, see
    /// [`RecordedEvent::position`].
    pub events: Vec<RecordedEvent>,
}

/// What became of commits that follow one another on one stream.
#[derive(Debug, Default)]
pub struct CommittedSequence {
    /// Those that were taken, from the first one on; they are durable.
    pub taken: Vec<Committed>,
    /// Why those after them were not; none where all were taken. An unknown outcome is that of all
    /// of them.
    pub refused: Option<CommitError>,
}

/// Why a commit was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The stream stands elsewhere: load it again and decide again.
    #[error("the stream stands at version {actual}")]
    Conflict {
        /// Where it stands.
        actual: Version,
    },
    /// The command was taken before: answer with its record. Checked before [`Self::Conflict`].
    #[error("command {} was taken before", .0.command_id)]
    Duplicate(CommandRecord),
    /// The commit passes a limit of every store: it will never be taken.
    #[error("a commit of {found} {what} passes the limit of {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much is accepted.
        limit: usize,
    },
    /// It may or may not have been taken: send the same commit again and believe that answer.
    #[error("the outcome of the commit is unknown")]
    OutcomeUnknown(#[source] StoreError),
    /// The store failed and nothing was taken.
    #[error("the store refused the commit")]
    Store(#[source] StoreError),
}
