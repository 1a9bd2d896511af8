//! Histories that could have happened, of any aggregate.

use chrono::{DateTime, Utc};

use crate::eventsourcing::{DecideContext, Decider, Occurred};

/// A history of one aggregate that could have happened, as it was lived.
#[derive(Debug, Clone)]
pub struct Lived<D: Decider> {
    /// The commands that were taken, each with the time of deciding.
    pub commands: Vec<(DateTime<Utc>, D::Command)>,
    /// All events, oldest first.
    pub events: Vec<D::Event>,
    /// The state after each event, `states[0]` before the first.
    pub states: Vec<D::State>,
}

/// What becomes of a new aggregate that is asked all this, one after another. What it refuses
/// leaves no trace.
#[must_use]
pub fn live<D: Decider>(
    commands: impl IntoIterator<Item = (DateTime<Utc>, D::Command)>,
    policy: &D::Policy,
) -> Lived<D> {
    let mut state = D::State::default();
    let states = vec![state.clone()];
    let mut lived = Lived::<D> { commands: Vec::new(), events: Vec::new(), states };
    for (now, command) in commands {
        let context = DecideContext { now, occurred: Occurred::observed(now), policy };
        let Ok(events) = D::decide(&state, &command, &context) else { continue };
        lived.commands.push((now, command));
        for event in events {
            state = D::evolve(state, &event);
            lived.states.push(state.clone());
            lived.events.push(event);
        }
    }
    lived
}
