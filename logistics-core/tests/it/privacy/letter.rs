//! A small aggregate that seals data of two subjects and can be put under a legal hold.

use chrono::{DateTime, Utc};
use futures::executor::block_on;
use logistics_core::eventsourcing::{
    CommandEnvelope, DecideContext, Decider, IndexEntry, StreamId, execute,
};
use logistics_core::memory::MemoryStore;
use logistics_core::privacy::{Binding, SUBJECT_INDEX, Sealed, SubjectKey, Vault};
use logistics_core::{CommandId, SubjectId, domain_events};
use serde::{Deserialize, Serialize};

use crate::fixtures::minute;

/// The letter was posted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Posted {
    pub(crate) sender: Sealed,
    pub(crate) addressees: Vec<Sealed>,
    pub(crate) weight_g: u32,
}

/// A court wants the letter kept as it is, or no longer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HoldChanged {
    pub(crate) held: bool,
}

/// A subject is erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SubjectErased {
    pub(crate) subject: SubjectId,
}

domain_events! {
    /// What can happen to a letter.
    pub(crate) enum LetterEvent { Posted = 1, HoldChanged = 1, SubjectErased = 1 }
}

#[derive(Debug)]
pub(crate) struct Letter;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum LetterCommand {
    Post { sender: Sealed, addressees: Vec<Sealed> },
    Hold(bool),
    Erase(SubjectId),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LetterState {
    pub(crate) subjects: Vec<SubjectId>,
    pub(crate) held: bool,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the letter is held for a court")]
pub(crate) struct Held;

impl Decider for Letter {
    const CATEGORY: &'static str = "LTR";
    type Command = LetterCommand;
    type Event = LetterEvent;
    type State = LetterState;
    type Rejection = Held;
    type Policy = ();

    fn decide(
        state: &LetterState,
        command: &LetterCommand,
        _: &DecideContext<'_, ()>,
    ) -> Result<Vec<LetterEvent>, Held> {
        let event = match command.clone() {
            LetterCommand::Post { sender, addressees } => {
                Posted { sender, addressees, weight_g: 20 }.into()
            }
            LetterCommand::Hold(held) => HoldChanged { held }.into(),
            LetterCommand::Erase(_) if state.held => return Err(Held),
            LetterCommand::Erase(subject) => SubjectErased { subject }.into(),
        };
        Ok(vec![event])
    }

    fn evolve(mut state: LetterState, event: &LetterEvent) -> LetterState {
        match event {
            LetterEvent::Posted(posted) => {
                let all = posted.addressees.iter().chain([&posted.sender]);
                state.subjects = all.map(|sealed| sealed.subject().clone()).collect();
            }
            LetterEvent::HoldChanged(changed) => state.held = changed.held,
            LetterEvent::SubjectErased(_) => {}
        }
        state
    }

    fn index(state: &LetterState) -> Vec<IndexEntry> {
        let entry = |subject: &SubjectId| IndexEntry::new(SUBJECT_INDEX, subject.as_str(), "");
        state.subjects.iter().map(entry).collect()
    }
}

pub(crate) fn subject(id: &str) -> SubjectId {
    SubjectId::new(id).unwrap()
}

pub(crate) fn letter(id: &str) -> StreamId {
    StreamId::new(Letter::CATEGORY, id).unwrap()
}

/// Seals `name` of `person` for the letter `id`.
pub(crate) fn sealed(
    keys: &MemoryStore,
    id: &str,
    field: &str,
    person: &str,
    name: &str,
) -> Sealed {
    let (stream, command) = (letter(id), CommandId::new("post").unwrap());
    let mut fresh = [0; 32];
    fresh[..person.len()].copy_from_slice(person.as_bytes());
    let fresh = SubjectKey::from_bytes(fresh);
    let place = Binding::of_stream(&stream, field);
    block_on(Vault::new(keys).seal_json(&subject(person), place, &command, name, &fresh)).unwrap()
}

pub(crate) fn run(
    store: &MemoryStore,
    id: &str,
    command_id: &str,
    now: DateTime<Utc>,
    command: LetterCommand,
) {
    let command = CommandEnvelope::new(CommandId::new(command_id).unwrap(), now, command);
    block_on(execute::<Letter>(store, &letter(id), &command, now, &())).unwrap();
}

/// A letter from `sender` to `addressee`, whose names are `name of` and their ids.
pub(crate) fn post(store: &MemoryStore, id: &str, sender: &str, addressee: &str) {
    let seal = |field, person: &str| sealed(store, id, field, person, &format!("name of {person}"));
    let post = LetterCommand::Post {
        sender: seal("sender", sender),
        addressees: vec![seal("addressees", addressee)],
    };
    run(store, id, "post", minute(0), post);
}
