//! The command loop: load, fold, decide, commit; again on a conflict.

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};

use super::commit::{CommandRecord, Commit, CommitError, Committed, Expected, OutboxItem};
use super::decider::{CommandEnvelope, DecideContext, Decider};
use super::event::{DecodeError, DomainEvent, EventId, NewEvent, RecordedEvent};
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
#[derive(Debug, Clone, PartialEq)]
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

/// Reads and folds a stream.
///
/// # Errors
/// [`ExecuteError::Store`] or [`ExecuteError::Unreadable`].
pub async fn load<D: Decider>(
    store: &dyn EventStore,
    stream: &StreamId,
) -> Result<Loaded<D>, ExecuteError<D::Rejection>> {
    let events = load_all(store, stream).await?;
    fold::<D>(stream, &events)
}

fn fold<D: Decider>(
    stream: &StreamId,
    events: &[RecordedEvent],
) -> Result<Loaded<D>, ExecuteError<D::Rejection>> {
    let mut state = D::State::default();
    for recorded in events {
        let event = recorded.decode::<D::Event>().map_err(|source| ExecuteError::Unreadable {
            stream: stream.clone(),
            version: recorded.version,
            source,
        })?;
        state = D::evolve(state, &event);
    }
    Ok(Loaded {
        state,
        version: events.last().map_or(Version::NONE, |event| event.version),
        recorded_at: events.last().map(|event| event.event.recorded_at),
        hash: events.last().map_or(Sha256Digest::ZERO, |event| event.event.hash),
    })
}

/// Runs `command` on the aggregate of `stream`: loads and folds it, decides, commits events,
/// command record, messages and timers as one.
///
/// Sending the same command again is safe at any time and returns its stored outcome. A conflict
/// with another writer is decided anew, an unknown outcome is resubmitted, up to [`ATTEMPTS_MAX`]
/// times.
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
    let digest = digest(&command.body).map_err(ExecuteError::Encode)?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let loaded = load::<D>(store, stream).await?;
        if let Some(wanted) = command.if_version
            && wanted != loaded.version
        {
            let mismatch = ExecuteError::VersionMismatch { wanted, actual: loaded.version };
            return answer_stored(store, stream, command, digest, mismatch).await;
        }
        let context = DecideContext { now, occurred: command.occurred, policy };
        let events = match D::decide(&loaded.state, &command.body, &context) {
            Ok(events) => events,
            Err(rejection) => {
                let rejected = ExecuteError::Rejected(rejection);
                return answer_stored(store, stream, command, digest, rejected).await;
            }
        };
        let state = events.iter().fold(loaded.state.clone(), D::evolve);
        let commit = prepare::<D>(stream, command, digest, &loaded, &events, &state, &context)?;
        commit.check_limits().map_err(ExecuteError::TooLarge)?;
        match store.commit(commit).await {
            Ok(Committed { version, events }) => {
                return Ok(Executed { state, version, events, replayed: false });
            }
            Err(CommitError::Duplicate(record)) => {
                return outcome(store, stream, command, digest, &record).await;
            }
            Err(CommitError::Conflict { .. }) if attempts < ATTEMPTS_MAX => {}
            Err(CommitError::OutcomeUnknown(_)) if attempts < ATTEMPTS_MAX => {}
            Err(CommitError::Conflict { .. }) => return Err(ExecuteError::Contended { attempts }),
            Err(CommitError::OutcomeUnknown(source)) => {
                return Err(ExecuteError::OutcomeUnknown(source));
            }
            Err(CommitError::Store(source)) => return Err(ExecuteError::Store(source)),
            Err(error @ CommitError::TooLarge { .. }) => return Err(ExecuteError::TooLarge(error)),
        }
    }
}

/// A refusal stands only if the command was not taken before: a resent command meets a state that
/// it has itself changed.
async fn answer_stored<D: Decider>(
    store: &dyn EventStore,
    stream: &StreamId,
    command: &CommandEnvelope<D::Command>,
    digest: [u8; 32],
    refusal: ExecuteError<D::Rejection>,
) -> Result<Executed<D>, ExecuteError<D::Rejection>> {
    match store.command(stream, &command.command_id).await? {
        Some(record) => outcome(store, stream, command, digest, &record).await,
        None => Err(refusal),
    }
}

/// The stored outcome of a command that was taken before.
async fn outcome<D: Decider>(
    store: &dyn EventStore,
    stream: &StreamId,
    command: &CommandEnvelope<D::Command>,
    digest: [u8; 32],
    record: &CommandRecord,
) -> Result<Executed<D>, ExecuteError<D::Rejection>> {
    if record.digest != digest {
        return Err(ExecuteError::KeyReused { command_id: command.command_id.clone() });
    }
    let mut events = load_all(store, stream).await?;
    events.retain(|event| event.version <= record.after);
    let loaded = fold::<D>(stream, &events)?;
    events.retain(|event| event.version > record.before);
    Ok(Executed { state: loaded.state, version: record.after, events, replayed: true })
}

fn digest(command: &impl serde::Serialize) -> Result<[u8; 32], serde_json::Error> {
    Ok(Sha256::digest(serde_json::to_vec(command)?).into())
}

/// Everything that one command changes, as data.
fn prepare<D: Decider>(
    stream: &StreamId,
    command: &CommandEnvelope<D::Command>,
    digest: [u8; 32],
    loaded: &Loaded<D>,
    events: &[D::Event],
    state: &D::State,
    context: &DecideContext<'_, D::Policy>,
) -> Result<Commit, ExecuteError<D::Rejection>> {
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
        stream: stream.clone(),
        expected: Expected::from_version(loaded.version),
        events: new_events,
        command: CommandRecord {
            command_id: command.command_id.clone(),
            digest,
            before: loaded.version,
            after,
        },
        outbox,
        timers: effects.timers,
        index,
    };
    Ok(commit.chained(loaded.hash))
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
