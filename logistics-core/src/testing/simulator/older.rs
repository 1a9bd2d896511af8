//! An older program: one that meets events which it cannot read.

use crate::eventsourcing::{
    DecodeError, DomainEvent, IndexEntry, JsonError, Projection, RecordedEvent, StreamId,
};

/// `P` in an older program, for the same model: about one event in eight it cannot read.
pub(super) struct Older<P>(std::marker::PhantomData<P>);

/// The events that an older program can read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OlderEvent<E>(E);

impl<P: Projection> Projection for Older<P> {
    const NAME: &'static str = P::NAME;
    const REVISION: u16 = P::REVISION;
    type Row = P::Row;
    type Event = OlderEvent<P::Event>;

    fn key(stream: &StreamId) -> Option<String> {
        P::key(stream)
    }

    fn apply(row: Option<P::Row>, event: Self::Event, recorded: &RecordedEvent) -> P::Row {
        P::apply(row, event.0, recorded)
    }

    fn indexes(row: &P::Row) -> Vec<IndexEntry> {
        P::indexes(row)
    }
}

impl<E: DomainEvent> DomainEvent for OlderEvent<E> {
    fn event_type(&self) -> &'static str {
        self.0.event_type()
    }

    fn schema(&self) -> u16 {
        self.0.schema()
    }

    fn encode(&self) -> Result<Vec<u8>, JsonError> {
        self.0.encode()
    }

    fn decode(event_type: &str, schema: u16, payload: &[u8]) -> Result<Self, DecodeError> {
        // Which ones is decided by their bytes, so that it is the same ones each time.
        let sum = payload
            .iter()
            .fold(schema, |sum, &byte| sum.wrapping_mul(31).wrapping_add(u16::from(byte)));
        if sum.is_multiple_of(8) {
            return Err(DecodeError::UnknownSchema { event_type: event_type.to_owned(), schema });
        }
        E::decode(event_type, schema, payload).map(Self)
    }
}
