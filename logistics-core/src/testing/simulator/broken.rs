//! What a simulation can find broken.

use crate::eventsourcing::{ChainBreak, EventId, Position, StreamId, Version};
use crate::ids::CommandId;
use crate::testing::ListAnomaly;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// The run does not come to an end: a command is never answered, or a task waits for something
    /// that is not of the simulation, such as a runtime's timer.
    #[error("the run is stuck: {reason}")]
    Stuck {
        /// In what way.
        reason: &'static str,
    },
    /// A command got an answer that it may not get.
    #[error("command {command} was answered: {answer}")]
    Answer {
        /// The command.
        command: CommandId,
        /// The answer.
        answer: String,
    },
    /// Two answers to one command differ.
    #[error("command {command} got two answers that differ")]
    Answers {
        /// The command.
        command: CommandId,
    },
    /// What clients were told and what readers saw do not agree with what the stream holds. The
    /// elements of the list are the ids of its events.
    #[error("{stream}: {anomaly}")]
    List {
        /// The stream.
        stream: StreamId,
        /// In what way.
        anomaly: ListAnomaly<EventId>,
    },
    /// The versions or the hash chain of a stream do not hold.
    #[error(transparent)]
    Chain(#[from] ChainBreak),
    /// An event was not recorded later than the one before it.
    #[error("{stream} at version {version} was not recorded later than the event before it")]
    RecordedAt {
        /// The stream.
        stream: StreamId,
        /// The version of the event.
        version: Version,
    },
    /// The record of an acknowledged command is not there, or is another.
    #[error("the record of command {command} in {stream} is not that of its answer")]
    Record {
        /// The stream.
        stream: StreamId,
        /// The command.
        command: CommandId,
    },
    /// A client was told a state that is not what the events give.
    #[error("the state that was answered for {stream} at version {version} is not its fold")]
    State {
        /// The stream.
        stream: StreamId,
        /// The version.
        version: Version,
    },
    /// A read model stands still, or does not hold what folding the streams gives.
    #[error("row {key:?} of {model}: {reason}")]
    Model {
        /// The read model.
        model: String,
        /// The key of the row; empty where it is about the whole model.
        key: String,
        /// In what way.
        reason: String,
    },
    /// A follower of the feed has missed an event, or saw what is not there.
    #[error("a follower of the feed at position {position}: {reason}")]
    Follower {
        /// How far it had read.
        position: Position,
        /// In what way.
        reason: String,
    },
    /// A timer was lost, fired early, or was never set.
    #[error("timer {name:?} of {owner:?} {reason}")]
    Timer {
        /// Its owner.
        owner: String,
        /// Its name.
        name: String,
        /// In what way.
        reason: &'static str,
    },
    /// A message was lost, or was never sent.
    #[error("message {effect} {reason}")]
    Message {
        /// The message.
        effect: crate::ids::EffectId,
        /// In what way.
        reason: &'static str,
    },
    /// A store failed where nothing went wrong.
    #[error("a store failed by itself: {reason}")]
    Store {
        /// What it said.
        reason: String,
    },
    /// What [`Simulation::checking`](super::Simulation::checking) was given found something.
    #[error("{0}")]
    Check(String),
}
