//! A small aggregate with a consignee whose data is sealed, and a read model of it.

use logistics_core::eventsourcing::{
    DecideContext, Decider, Effects, IndexEntry, Message, Projection, RecordedEvent, StreamId,
};
use logistics_core::ids::SubjectId;
use logistics_core::privacy::{SUBJECT_INDEX, Sealed};
use serde::{Deserialize, Serialize};

/// Stored in clear, so that a scan that finds nothing cannot pass.
pub(crate) const IN_CLEAR: &str = "reference-in-clear-8f3a";

/// The parcel was ordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ordered {
    pub(crate) reference: String,
    pub(crate) consignee: Sealed,
}

/// The consignee is erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ConsigneeErased {
    pub(crate) subject: SubjectId,
}

logistics_core::domain_events! {
    /// What can happen to a parcel.
    pub(crate) enum ParcelEvent { Ordered = 1, ConsigneeErased = 1 }
}

#[derive(Debug)]
pub(crate) struct Parcel;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) enum ParcelCommand {
    Order(Sealed),
    Erase(SubjectId),
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ParcelState {
    pub(crate) consignee: Option<Sealed>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("refused")]
pub(crate) struct Never;

impl Decider for Parcel {
    const CATEGORY: &'static str = "PCL";
    type Command = ParcelCommand;
    type Event = ParcelEvent;
    type State = ParcelState;
    type Rejection = Never;
    type Policy = ();

    fn decide(
        _: &ParcelState,
        command: &ParcelCommand,
        _: &DecideContext<'_, ()>,
    ) -> Result<Vec<ParcelEvent>, Never> {
        Ok(vec![match command.clone() {
            ParcelCommand::Order(consignee) => {
                Ordered { reference: IN_CLEAR.to_owned(), consignee }.into()
            }
            ParcelCommand::Erase(subject) => ConsigneeErased { subject }.into(),
        }])
    }

    fn evolve(state: ParcelState, event: &ParcelEvent) -> ParcelState {
        match event {
            ParcelEvent::Ordered(ordered) => {
                ParcelState { consignee: Some(ordered.consignee.clone()) }
            }
            ParcelEvent::ConsigneeErased(_) => state,
        }
    }

    fn index(state: &ParcelState) -> Vec<IndexEntry> {
        let subject = state.consignee.iter().map(Sealed::subject);
        subject.map(|subject| IndexEntry::new(SUBJECT_INDEX, subject.as_str(), "")).collect()
    }

    fn effects(state: &ParcelState, _: &[ParcelEvent], _: &DecideContext<'_, ()>) -> Effects {
        let body = serde_json::to_vec(&state.consignee).unwrap();
        let message = Message { kind: "notice", key: "consignee".to_owned(), body };
        Effects { messages: vec![message], timers: Vec::new() }
    }
}

/// Parcels by their consignees.
pub(crate) struct Parcels;

impl Projection for Parcels {
    const NAME: &'static str = "parcels";
    const REVISION: u16 = 1;
    type Row = ParcelState;
    type Event = ParcelEvent;

    fn key(stream: &StreamId) -> Option<String> {
        Some(stream.id().to_owned())
    }

    fn apply(row: Option<ParcelState>, event: ParcelEvent, _: &RecordedEvent) -> ParcelState {
        Parcel::evolve(row.unwrap_or_default(), &event)
    }

    fn indexes(row: &ParcelState) -> Vec<IndexEntry> {
        Parcel::index(row)
    }
}
