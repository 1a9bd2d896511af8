//! Erasing a subject: recorded in each of its streams, then its key is destroyed.
//!
//! The order of the steps is what makes a crash between any two of them harmless:
//!
//! 1. Each stream is asked whether it refuses, as one under a legal hold does. If one does, nothing
//!    is done.
//! 2. Each stream records the erasure. Its aggregate decides once more, in the commit itself, so
//!    that no hold can slip in between.
//! 3. The key is destroyed. From here on nobody can open anything.
//! 4. Streams that appeared in the meantime record the erasure too.
//!
//! The events come first because a key cannot be put back: were it destroyed first, a hold would
//! be met too late, and a crash would leave a loss that nothing explains. So an erasure that is
//! recorded in a stream was decided; that it is done is known from the key's state
//! ([`KeyState::Destroyed`]). Whoever was interrupted calls [`erase`] again: what was recorded is
//! not recorded twice.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::keys::{KeyState, KeyStore};
use super::subject_streams::subject_streams;
use crate::eventsourcing::{
    Actor, CommandEnvelope, DecideContext, Decider, EventStore, ExecuteError, Occurred, StoreError,
    StreamId, StreamIndex, execute, load,
};
use crate::ids::{CommandId, CorrelationId, IdError, SubjectId};
use crate::values::Sha256Digest;

/// What an eraser met that is no refusal.
pub type EraserError = Box<dyn std::error::Error + Send + Sync>;

/// How the streams of one category record that a subject is erased.
#[async_trait]
pub trait StreamEraser: Send + Sync {
    /// The category of the streams.
    fn category(&self) -> &str;

    /// Why `stream` would refuse to record the erasure of `subject` now; `None` if it would not, or
    /// has recorded it.
    ///
    /// # Errors
    /// [`EraserError`] when it cannot be asked.
    async fn refusal(
        &self,
        stream: &StreamId,
        subject: &SubjectId,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, EraserError>;

    /// Records in `stream` that `subject` is erased, once, however often it is called. Returns why
    /// the stream refused, if it did.
    ///
    /// # Errors
    /// [`EraserError`] when it could not be recorded.
    async fn record(
        &self,
        stream: &StreamId,
        subject: &SubjectId,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, EraserError>;
}

/// A stream that did not take the erasure of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErasureRefusal {
    /// The stream.
    pub stream: StreamId,
    /// Why, as its aggregate says.
    pub reason: String,
}

/// What erasing a subject did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erasure {
    /// The subject.
    pub subject: SubjectId,
    /// When its key was destroyed; at an earlier call, if there was one.
    pub at: DateTime<Utc>,
    /// The streams that have recorded it, as far as they still listed the subject at this call.
    pub streams: Vec<StreamId>,
    /// Streams that refuse to record it although the key is destroyed: they appeared, or came under
    /// a hold, too late. What they hold of the subject cannot be opened either.
    pub late_refusals: Vec<ErasureRefusal>,
}

/// Why a subject was not erased.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EraseError {
    /// Streams refuse, for a legal hold or an open dispute. The key is as it was; erase again when
    /// the reasons are gone.
    #[error("{} streams refuse the erasure", .refusals.len())]
    Refused {
        /// Which streams, and why.
        refusals: Vec<ErasureRefusal>,
    },
    /// No eraser was given for the category of a stream.
    #[error("nothing was given that erases in {stream}")]
    NoEraser {
        /// The stream.
        stream: StreamId,
    },
    /// A stream could not be asked, or could not record the erasure: erase again.
    #[error("{stream} could not record the erasure")]
    Eraser {
        /// The stream.
        stream: StreamId,
        /// What the eraser met.
        #[source]
        source: EraserError,
    },
    /// The store failed: erase again.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Erases `subject`: has each of its streams record it, by the eraser of the stream's category, and
/// destroys its key. May be called again at any time, and must be after a crash.
///
/// # Errors
/// [`EraseError`]. After [`EraseError::Refused`] the key is there; after any other, calling again
/// tells.
pub async fn erase(
    index: &dyn StreamIndex,
    keys: &dyn KeyStore,
    erasers: &[&dyn StreamEraser],
    subject: &SubjectId,
    now: DateTime<Utc>,
) -> Result<Erasure, EraseError> {
    let erased_before = matches!(keys.key(subject).await?, KeyState::Destroyed { .. });
    let mut streams = subject_streams(index, subject).await?;
    if !erased_before {
        let mut refusals = Vec::new();
        for stream in &streams {
            let asked = eraser(erasers, stream)?.refusal(stream, subject, now).await;
            refusals.extend(refused(stream, asked)?);
        }
        if refusals.is_empty() {
            refusals = record(erasers, &streams, subject, now).await?;
        }
        if !refusals.is_empty() {
            return Err(EraseError::Refused { refusals });
        }
        keys.destroy_key(subject, now).await?;
    }
    let late = subject_streams(index, subject).await?;
    let late_refusals = record(erasers, &late, subject, now).await?;
    // Those that no longer list the subject once it is erased are among the first only.
    streams.extend(late);
    streams.sort_unstable();
    streams.dedup();
    streams.retain(|stream| late_refusals.iter().all(|refusal| refusal.stream != *stream));
    let at = match keys.key(subject).await? {
        KeyState::Destroyed { at } => at,
        KeyState::Absent | KeyState::Present(_) => now,
    };
    Ok(Erasure { subject: subject.clone(), at, streams, late_refusals })
}

/// Has all of `streams` record the erasure; returns the refusals.
async fn record(
    erasers: &[&dyn StreamEraser],
    streams: &[StreamId],
    subject: &SubjectId,
    now: DateTime<Utc>,
) -> Result<Vec<ErasureRefusal>, EraseError> {
    let mut refusals = Vec::new();
    for stream in streams {
        let recorded = eraser(erasers, stream)?.record(stream, subject, now).await;
        refusals.extend(refused(stream, recorded)?);
    }
    Ok(refusals)
}

fn eraser<'a>(
    erasers: &[&'a dyn StreamEraser],
    stream: &StreamId,
) -> Result<&'a dyn StreamEraser, EraseError> {
    let mut fitting = erasers.iter().filter(|eraser| eraser.category() == stream.category());
    fitting.next().copied().ok_or_else(|| EraseError::NoEraser { stream: stream.clone() })
}

fn refused(
    stream: &StreamId,
    answer: Result<Option<String>, EraserError>,
) -> Result<Option<ErasureRefusal>, EraseError> {
    match answer {
        Ok(reason) => Ok(reason.map(|reason| ErasureRefusal { stream: stream.clone(), reason })),
        Err(source) => Err(EraseError::Eraser { stream: stream.clone(), source }),
    }
}

/// Erases in the streams of the aggregate `D` by a command of it, whose rejection is the refusal.
pub struct AggregateEraser<'a, D: Decider> {
    /// The store of the streams.
    pub store: &'a dyn EventStore,
    /// What the aggregate's decisions depend on.
    pub policy: &'a D::Policy,
    /// Who has the subject erased.
    pub actor: Actor,
    /// The command that records the erasure of a subject.
    pub command: fn(&SubjectId) -> D::Command,
}

impl<D: Decider> fmt::Debug for AggregateEraser<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AggregateEraser").field("actor", &self.actor).finish_non_exhaustive()
    }
}

#[async_trait]
impl<D: Decider> StreamEraser for AggregateEraser<'_, D> {
    fn category(&self) -> &str {
        D::CATEGORY
    }

    async fn refusal(
        &self,
        stream: &StreamId,
        subject: &SubjectId,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, EraserError> {
        if self.store.command(stream, &command_id(stream, subject)?).await?.is_some() {
            return Ok(None);
        }
        let loaded = load::<D>(self.store, stream).await?;
        let occurred = Occurred::observed(now);
        let context = DecideContext { now, occurred, policy: self.policy };
        let decided = D::decide(&loaded.state, &(self.command)(subject), &context);
        Ok(decided.err().map(|rejection| rejection.to_string()))
    }

    async fn record(
        &self,
        stream: &StreamId,
        subject: &SubjectId,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, EraserError> {
        let correlation = CorrelationId::new(format!("erase-{}", short(subject.as_str())))?;
        let command = (self.command)(subject);
        let command = CommandEnvelope::new(command_id(stream, subject)?, now, command)
            .by(self.actor.clone())
            .because_of(correlation, None);
        match execute::<D>(self.store, stream, &command, now, self.policy).await {
            Ok(_) => Ok(None),
            Err(ExecuteError::Rejected(rejection)) => Ok(Some(rejection.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}

/// The same for each call, so that the erasure is recorded once.
fn command_id(stream: &StreamId, subject: &SubjectId) -> Result<CommandId, IdError> {
    CommandId::new(format!("erase-{}", short(&format!("{subject}#{stream}"))))
}

fn short(text: &str) -> String {
    Sha256Digest::of(text).to_string()[..32].to_owned()
}
