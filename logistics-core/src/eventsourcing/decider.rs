//! The shape of an aggregate: two pure functions and an initial state.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::commit::Effects;
use super::domain_event::DomainEvent;
use super::event::{Actor, EventId, Occurred};
use super::index::IndexEntry;
use super::stream::Version;
use crate::ids::{CommandId, CorrelationId};

/// An aggregate as a decider: `decide` turns a command into events or a rejection, `evolve` folds
/// an event into the state. Both are pure; neither sees storage, a clock or randomness.
///
/// The shape follows J. Chassaing, "Functional Event Sourcing Decider" (2021).
pub trait Decider {
    /// The category of its streams, such as `SHP`.
    const CATEGORY: &'static str;
    /// What can be asked of it. Serialised to recognise a resent command by its content.
    type Command: Serialize + fmt::Debug + Send + Sync;
    /// What can happen to it.
    type Event: DomainEvent;
    /// What is known after folding its events.
    type State: Clone + fmt::Debug + PartialEq + Default + Send + Sync;
    /// Why a command is refused.
    type Rejection: std::error::Error + Clone + PartialEq + Send + Sync + 'static;
    /// What decisions depend on besides state and command: limits, tolerances.
    type Policy: Send + Sync;

    /// The events that `command` causes in `state`. No events: nothing to do, and that is recorded
    /// as the command's outcome.
    ///
    /// # Errors
    /// The rejection, when the command is not legal in this state.
    fn decide(
        state: &Self::State,
        command: &Self::Command,
        context: &DecideContext<'_, Self::Policy>,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// The state after `event`. Total: any event in any state, never panics, never fails.
    #[must_use]
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// Under what the aggregate's stream can be found, in the state `state`. Nothing by default.
    #[must_use]
    fn index(_state: &Self::State) -> Vec<IndexEntry> {
        Vec::new()
    }

    /// What must leave the store together with `events`: messages and timers. `state` is the state
    /// after them. None by default.
    #[must_use]
    fn effects(
        _state: &Self::State,
        _events: &[Self::Event],
        _context: &DecideContext<'_, Self::Policy>,
    ) -> Effects {
        Effects::default()
    }
}

/// What a decision may look at besides state and command.
#[derive(Debug)]
pub struct DecideContext<'a, P> {
    /// The time of deciding.
    pub now: DateTime<Utc>,
    /// When the reported thing happened.
    pub occurred: Occurred,
    /// Limits and tolerances.
    pub policy: &'a P,
}

/// Folds `events` onto the initial state of `D`.
#[must_use]
pub fn replay<'a, D: Decider>(events: impl IntoIterator<Item = &'a D::Event>) -> D::State
where
    D::Event: 'a,
{
    events.into_iter().fold(D::State::default(), D::evolve)
}

/// A command with everything that is kept beside its content.
#[derive(Debug, Clone)]
pub struct CommandEnvelope<C> {
    /// Its identity: the same id with the same content is the same command.
    pub command_id: CommandId,
    /// When it was issued, by the clock of whoever received it first.
    pub issued_at: DateTime<Utc>,
    /// Who issued it.
    pub actor: Actor,
    /// What it belongs to, end to end.
    pub correlation_id: CorrelationId,
    /// The event that led to it, where one did.
    pub causation_id: Option<EventId>,
    /// When the reported thing happened.
    pub occurred: Occurred,
    /// Refuse unless the stream stands at this version.
    pub if_version: Option<Version>,
    /// The command.
    pub body: C,
}

impl<C> CommandEnvelope<C> {
    /// A command of the platform itself, happening now and correlated by its own id.
    #[must_use]
    pub fn new(command_id: CommandId, now: DateTime<Utc>, body: C) -> Self {
        let correlation_id = CorrelationId::from(&command_id);
        Self {
            command_id,
            issued_at: now,
            actor: Actor::System,
            correlation_id,
            causation_id: None,
            occurred: Occurred::observed(now),
            if_version: None,
            body,
        }
    }

    /// The same command issued by `actor`.
    #[must_use]
    pub fn by(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// The same command as part of `correlation_id`, led to by `causation_id`.
    #[must_use]
    pub fn because_of(
        mut self,
        correlation_id: CorrelationId,
        causation_id: Option<EventId>,
    ) -> Self {
        self.correlation_id = correlation_id;
        self.causation_id = causation_id;
        self
    }

    /// The same command, reporting something that occurred at another time.
    #[must_use]
    pub const fn occurring(mut self, occurred: Occurred) -> Self {
        self.occurred = occurred;
        self
    }
}
