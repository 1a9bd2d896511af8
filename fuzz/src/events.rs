//! Stored events, as an old, a newer or a damaged store may hold them.

use logistics_core::bag::Bag;
use logistics_core::dispatch_run::DispatchRun;
use logistics_core::eventsourcing::{Decider, DomainEvent};
use logistics_core::manifest::Manifest;
use logistics_core::partner::{Partner, PartnerShift};
use logistics_core::shipment::Shipment;

/// A line each event: category of the stream, type, schema, payload, with one space between.
/// What decodes is encoded without loss, and every state takes every event of its kind.
pub fn event_decoding(data: &[u8]) {
    let lines: Vec<Line<'_>> = data.split(|&byte| byte == b'\n').filter_map(Line::read).collect();
    evolve::<Shipment>(&lines);
    evolve::<Partner>(&lines);
    evolve::<PartnerShift>(&lines);
    evolve::<Manifest>(&lines);
    evolve::<DispatchRun>(&lines);
    evolve::<Bag>(&lines);
}

struct Line<'a> {
    category: &'a str,
    event_type: &'a str,
    schema: u16,
    payload: &'a [u8],
}

impl<'a> Line<'a> {
    fn read(line: &'a [u8]) -> Option<Self> {
        let mut words = line.splitn(4, |&byte| byte == b' ');
        let mut word = || std::str::from_utf8(words.next()?).ok();
        let (category, event_type, schema) = (word()?, word()?, word()?.parse().ok()?);
        Some(Self { category, event_type, schema, payload: words.next()? })
    }
}

fn evolve<D: Decider>(lines: &[Line<'_>]) {
    let mut state = D::State::default();
    for line in lines.iter().filter(|line| line.category == D::CATEGORY) {
        let Ok(event) = D::Event::decode(line.event_type, line.schema, line.payload) else {
            continue;
        };
        let written = event.encode();
        let again = written
            .as_deref()
            .map(|bytes| D::Event::decode(event.event_type(), event.schema(), bytes));
        assert!(matches!(&again, Ok(Ok(same)) if *same == event), "{event:?} became {again:?}");
        state = D::evolve(state, &event);
    }
}
