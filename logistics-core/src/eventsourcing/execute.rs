//! The command loop: load, fold, decide, commit; again on a conflict.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};

use super::commit::{CommandRecord, Commit, CommitError, Committed, Expected, OutboxItem};
use super::decider::{CommandEnvelope, DecideContext, Decider};
use super::domain_event::{DecodeError, DomainEvent};
use super::event::{EventId, NewEvent, RecordedEvent};
use super::store::{EventStore, StoreError, load_all};
use super::stream::{StreamId, Version};
use crate::ids::{CommandId, EffectId, IdError};
use crate::values::Sha256Digest;

/// How often a command is decided anew after losing to another writer, or sent again after an
/// unknown outcome, before the caller is told.
pub const ATTEMPTS_MAX: u32 = 16;

/// What a command led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Executed<D: Decider> {
    /// The state after the command.
    pub state: D::State,
    /// The stream's version after the command.
    pub version: Version,
    /// The events it made; also when it had been taken before.
    pub events: Vec<RecordedEvent>,
    /// Whether the command had been taken before and this is its stored outcome.
    pub replayed: bool,
}

/// Why a command had no effect.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecuteError<R: std::error::Error + 'static> {
    /// The aggregate refused it.
    #[error("the command was refused")]
    Rejected(#[source] R),
    /// Its id was used before for a command with other content: give it an id of its own.
    #[error("command id {command_id} was used before with other content")]
    KeyReused {
        /// The command id.
        command_id: CommandId,
    },
    /// The stream does not stand at the version that the caller asked for: read it again.
    #[error("the stream stands at version {actual}, not {wanted}")]
    VersionMismatch {
        /// What the caller asked for.
        wanted: Version,
        /// Where the stream stands.
        actual: Version,
    },
    /// Other writers were faster [`ATTEMPTS_MAX`] times: try again.
    #[error("too many writers on the stream, gave up after {attempts} attempts")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// Whether it took effect is not known: send the same command again.
    #[error("the outcome of the command is unknown")]
    OutcomeUnknown(#[source] StoreError),
    /// A stored event cannot be read: this program is older than the store, or it is damaged.
    #[error("an event of {stream} at version {version} cannot be read")]
    Unreadable {
        /// The stream.
        stream: StreamId,
        /// The event's version.
        version: Version,
        /// What the decoder met.
        #[source]
        source: DecodeError,
    },
    /// The commit passes a limit of the stores.
    #[error("the decision is too large to commit")]
    TooLarge(#[source] CommitError),
    /// A command or event could not be written as JSON.
    #[error("the command or its events cannot be written as JSON")]
    Encode(#[source] serde_json::Error),
    /// The stream's name and the number of an effect do not make an id.
    #[error("an effect of the command has no legal id")]
    EffectId(#[source] IdError),
    /// The store failed; nothing took effect.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// A stream as it was read: its fold and where it stands.
#[derive(Debug, PartialEq)]
pub struct Loaded<D: Decider> {
    /// The fold of its events.
    pub state: D::State,
    /// The version of the last one.
    pub version: Version,
    /// When the last one was recorded.
    pub recorded_at: Option<DateTime<Utc>>,
    /// The hash of the last one; zero for an empty stream.
    pub hash: Sha256Digest,
}

// Derived, it would ask that the decider itself can be cloned.
impl<D: Decider> Clone for Loaded<D> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), ..*self }
    }
}

impl<D: Decider> Loaded<D> {
    /// The answer to the command that led here and was taken as `committed`.
    pub(super) fn executed(&self, committed: Committed) -> Executed<D> {
        let Committed { version, events } = committed;
        Executed { state: self.state.clone(), version, events, replayed: false }
    }
}

impl<D: Decider> Default for Loaded<D> {
    /// A stream without events.
    fn default() -> Self {
        let (state, version) = (D::State::default(), Version::NONE);
        Self { state, version, recorded_at: None, hash: Sha256Digest::ZERO }
    }
}

/// Reads and folds a stream.
///
/// # Errors
/// [`ExecuteError::Store`] or [`ExecuteError::Unreadable`].
pub async fn load<D: Decider>(
    store: &dyn EventStore,
    stream: &StreamId,
) -> Result<Loaded<D>, ExecuteError<D::Rejection>> {
    fold(Loaded::default(), &load_all(store, stream).await?)
}

/// `loaded` with `events`, which follow it.
pub(super) fn fold<D: Decider>(
    mut loaded: Loaded<D>,
    events: &[RecordedEvent],
) -> Result<Loaded<D>, ExecuteError<D::Rejection>> {
    for recorded in events {
        let event = recorded.decode::<D::Event>().map_err(|source| ExecuteError::Unreadable {
            stream: recorded.stream.clone(),
            version: recorded.version,
            source,
        })?;
        loaded.state = D::evolve(loaded.state, &event);
    }
    if let Some(last) = events.last() {
        loaded.version = last.version;
        loaded.recorded_at = Some(last.event.recorded_at);
        loaded.hash = last.event.hash;
    }
    Ok(loaded)
}

/// Runs `command` on the aggregate of `stream`: loads and folds it, decides, commits events,
/// command record, index entries, messages and timers as one.
///
/// Sending the same command again is safe at any time and returns its stored outcome. A conflict
/// with another writer is decided anew, an unknown outcome is resubmitted, up to [`ATTEMPTS_MAX`]
/// times.
///
/// Reads the whole stream each time; [`Aggregates`](super::Aggregates) need not.
///
/// # Errors
/// [`ExecuteError`]; see its variants for what to do.
pub async fn execute<D: Decider>(
    store: &dyn EventStore,
    stream: &StreamId,
    command: &CommandEnvelope<D::Command>,
    now: DateTime<Utc>,
    policy: &D::Policy,
) -> Result<Executed<D>, ExecuteError<D::Rejection>> {
    let attempt = Attempt::<D>::new(store, stream, command, now, policy)?;
    for _ in 0..ATTEMPTS_MAX {
        let loaded = load(store, stream).await.map_err(|error| attempt.failed(error))?;
        match attempt.run(&loaded).await.map_err(|error| attempt.failed(error))? {
            Step::Done(executed, _) => return Ok(executed),
            Step::Again => {}
        }
    }
    Err(attempt.given_up())
}

/// What one attempt at a command came to, unless it failed.
#[derive(Debug)]
pub(super) enum Step<D: Decider> {
    /// It is done, and so the stream stands now; not known of a command that was taken long ago.
    Done(Executed<D>, Option<Loaded<D>>),
    /// Another writer was faster, or the outcome is not known: load again and try again.
    Again,
}

/// What a command would change, and how the stream would stand then.
pub(super) struct Decided<D: Decider> {
    pub(super) commit: Commit,
    pub(super) after: Loaded<D>,
}

/// A command on its way, tried as often as need be.
pub(super) struct Attempt<'a, D: Decider> {
    store: &'a dyn EventStore,
    stream: &'a StreamId,
    command: &'a CommandEnvelope<D::Command>,
    digest: [u8; 32],
    context: DecideContext<'a, D::Policy>,
    /// The last unknown outcome of an attempt: the command may have been taken, or be taken yet.
    unknown: Mutex<Option<StoreError>>,
}

impl<'a, D: Decider> Attempt<'a, D> {
    pub(super) fn new(
        store: &'a dyn EventStore,
        stream: &'a StreamId,
        command: &'a CommandEnvelope<D::Command>,
        now: DateTime<Utc>,
        policy: &'a D::Policy,
    ) -> Result<Self, ExecuteError<D::Rejection>> {
        let digest = digest(&command.body).map_err(ExecuteError::Encode)?;
        let context = DecideContext { now, occurred: command.occurred, policy };
        Ok(Self { store, stream, command, digest, context, unknown: Mutex::default() })
    }

    /// Decides in the state `loaded` and commits.
    pub(super) async fn run(
        &self,
        loaded: &Loaded<D>,
    ) -> Result<Step<D>, ExecuteError<D::Rejection>> {
        let Decided { commit, after } = match self.decide(loaded) {
            Ok(decided) => decided,
            Err(refusal @ (ExecuteError::Rejected(_) | ExecuteError::VersionMismatch { .. })) => {
                return self.answer_stored(refusal).await;
            }
            Err(error) => return Err(error),
        };
        match self.store.commit(commit).await {
            Ok(committed) => Ok(Step::Done(after.executed(committed), Some(after))),
            Err(CommitError::Duplicate(record)) => self.outcome(&record).await,
            Err(CommitError::Conflict { .. }) => Ok(Step::Again),
            Err(CommitError::OutcomeUnknown(source)) => {
                self.doubt(source);
                Ok(Step::Again)
            }
            Err(CommitError::Store(source)) => Err(ExecuteError::Store(source)),
            Err(error @ CommitError::TooLarge { .. }) => Err(ExecuteError::TooLarge(error)),
        }
    }

    /// Decides in the state `loaded`.
    pub(super) fn decide(
        &self,
        loaded: &Loaded<D>,
    ) -> Result<Decided<D>, ExecuteError<D::Rejection>> {
        if let Some(wanted) = self.command.if_version
            && wanted != loaded.version
        {
            return Err(ExecuteError::VersionMismatch { wanted, actual: loaded.version });
        }
        let events = D::decide(&loaded.state, &self.command.body, &self.context)
            .map_err(ExecuteError::Rejected)?;
        let state = events.iter().fold(loaded.state.clone(), D::evolve);
        let commit = self.prepare(loaded, &events, &state)?;
        commit.check_limits().map_err(ExecuteError::TooLarge)?;
        let version = commit.command.after;
        let after = match commit.events.last() {
            Some(last) => {
                Loaded { state, version, recorded_at: Some(last.recorded_at), hash: last.hash }
            }
            None => Loaded { state, ..*loaded },
        };
        Ok(Decided { commit, after })
    }

    pub(super) fn command_id(&self) -> &CommandId {
        &self.command.command_id
    }

    /// Notes that an attempt ended with an unknown outcome.
    pub(super) fn doubt(&self, source: StoreError) {
        *self.unknown.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
    }

    /// What to tell the caller of `error`: after an attempt whose outcome is unknown, a failure of
    /// the store does not mean that nothing was taken.
    pub(super) fn failed(&self, error: ExecuteError<D::Rejection>) -> ExecuteError<D::Rejection> {
        match error {
            ExecuteError::Store(source)
                if self.unknown.lock().unwrap_or_else(PoisonError::into_inner).is_some() =>
            {
                ExecuteError::OutcomeUnknown(source)
            }
            error => error,
        }
    }

    /// What to tell the caller after [`ATTEMPTS_MAX`] attempts.
    pub(super) fn given_up(self) -> ExecuteError<D::Rejection> {
        match self.unknown.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(source) => ExecuteError::OutcomeUnknown(source),
            None => ExecuteError::Contended { attempts: ATTEMPTS_MAX },
        }
    }

    /// A refusal stands only if the command was not taken before: a resent command meets a state
    /// that it has itself changed.
    async fn answer_stored(
        &self,
        refusal: ExecuteError<D::Rejection>,
    ) -> Result<Step<D>, ExecuteError<D::Rejection>> {
        match self.store.command(self.stream, &self.command.command_id).await? {
            Some(record) => self.outcome(&record).await,
            None => Err(refusal),
        }
    }

    /// The stored outcome of the command, which was taken before.
    async fn outcome(&self, record: &CommandRecord) -> Result<Step<D>, ExecuteError<D::Rejection>> {
        if record.digest != self.digest {
            let command_id = self.command.command_id.clone();
            return Err(ExecuteError::KeyReused { command_id });
        }
        let mut events = load_all(self.store, self.stream).await?;
        events.retain(|event| event.version <= record.after);
        let state = fold::<D>(Loaded::default(), &events)?.state;
        events.retain(|event| event.version > record.before);
        let executed = Executed { state, version: record.after, events, replayed: true };
        Ok(Step::Done(executed, None))
    }

    /// Everything that the command changes, as data.
    fn prepare(
        &self,
        loaded: &Loaded<D>,
        events: &[D::Event],
        state: &D::State,
    ) -> Result<Commit, ExecuteError<D::Rejection>> {
        let Self { stream, command, context, .. } = self;
        let mut recorded_at = truncate_to_micros(context.now);
        let mut last = loaded.recorded_at;
        let mut new_events = Vec::with_capacity(events.len());
        for (index, event) in (0..).zip(events) {
            // A clock that stands still or steps back must not put events out of order.
            recorded_at =
                last.map_or(recorded_at, |last| recorded_at.max(last + Duration::microseconds(1)));
            last = Some(recorded_at);
            new_events.push(NewEvent {
                event_id: EventId::derive(stream, &command.command_id, command.issued_at, index),
                event_type: event.event_type().to_owned(),
                schema: event.schema(),
                payload: event.encode().map_err(ExecuteError::Encode)?,
                occurred: command.occurred,
                recorded_at,
                actor: command.actor.clone(),
                correlation_id: command.correlation_id.clone(),
                causation_id: command.causation_id,
                hash: Sha256Digest::ZERO,
            });
        }
        let after = loaded.version.plus(u64::try_from(events.len()).unwrap_or(u64::MAX));
        let effects = D::effects(state, events, context);
        let outbox = (0_u32..)
            .zip(effects.messages)
            .map(|(index, message)| {
                Ok(OutboxItem {
                    effect_id: effect_id(stream, after, index)?,
                    kind: message.kind.to_owned(),
                    key: message.key,
                    body: message.body,
                    created_at: recorded_at,
                })
            })
            .collect::<Result<_, IdError>>()
            .map_err(ExecuteError::EffectId)?;
        let index = (D::index(state) != D::index(&loaded.state)).then(|| D::index(state));
        let commit = Commit {
            stream: (*stream).clone(),
            expected: Expected::from_version(loaded.version),
            events: new_events,
            command: CommandRecord {
                command_id: command.command_id.clone(),
                digest: self.digest,
                before: loaded.version,
                after,
            },
            outbox,
            timers: effects.timers,
            index,
        };
        Ok(commit.chained(loaded.hash))
    }
}

fn digest(command: &impl serde::Serialize) -> Result<[u8; 32], serde_json::Error> {
    Ok(Sha256::digest(serde_json::to_vec(command)?).into())
}

/// Stores keep microseconds; what is returned now must equal what is read back later.
fn truncate_to_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// SHA-256 over stream, version and index, in hex: the same again on resubmission.
fn effect_id(stream: &StreamId, version: Version, index: u32) -> Result<EffectId, IdError> {
    let digest = Sha256::new()
        .chain_update(stream.as_str())
        .chain_update(version.get().to_be_bytes())
        .chain_update(index.to_be_bytes())
        .finalize();
    let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    EffectId::new(hex)
}
