//! What is stored: parcels that are scanned, about 300 bytes of JSON an event.

use std::convert::Infallible;

use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{
    CommandEnvelope, CommandRecord, Commit, DecideContext, Decider, DomainEvent as _, EventId,
    Expected, NewEvent, StreamId, Version,
};
use logistics_core::ids::CommandId;
use logistics_core::values::Sha256Digest;
use serde::{Deserialize, Serialize};

/// A parcel was scanned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scanned {
    hub: String,
    lane: String,
    operator: String,
    at: DateTime<Utc>,
    lat: f64,
    lon: f64,
    weight_g: u32,
    length_mm: u32,
    width_mm: u32,
    height_mm: u32,
    remark: Option<String>,
    number: u64,
}

logistics_core::domain_events! {
    /// What can happen to a [`Parcel`].
    pub(crate) enum ParcelEvent { Scanned = 1 }
}

/// Counts its scans and adds up what was weighed.
#[derive(Debug)]
pub(crate) struct Parcel;

/// A parcel as it stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) scans: u64,
    weight_g: u64,
    last_hub: String,
}

impl Decider for Parcel {
    const CATEGORY: &'static str = "PCL";
    /// At which hub it is scanned.
    type Command = u64;
    type Event = ParcelEvent;
    type State = State;
    type Rejection = Infallible;
    type Policy = ();

    fn decide(
        state: &State,
        hub: &u64,
        context: &DecideContext<'_, ()>,
    ) -> Result<Vec<ParcelEvent>, Infallible> {
        Ok(vec![scan(*hub, state.scans + 1, context.now)])
    }

    fn evolve(mut state: State, ParcelEvent::Scanned(scanned): &ParcelEvent) -> State {
        state.scans += 1;
        state.weight_g += u64::from(scanned.weight_g);
        state.last_hub.clone_from(&scanned.hub);
        state
    }
}

fn scan(hub: u64, number: u64, at: DateTime<Utc>) -> ParcelEvent {
    let scanned = Scanned {
        hub: format!("hub-maharashtra-{hub:05}"),
        lane: format!("inbound-sorter-{:02}", number % 24),
        operator: "operator-of-the-night-shift-0042".to_owned(),
        at,
        lat: 18.520_430_3,
        lon: 73.856_743_7,
        weight_g: 1_250,
        length_mm: 310,
        width_mm: 220,
        height_mm: 95,
        remark: Some("label torn, still readable".to_owned()),
        number,
    };
    scanned.into()
}

pub(crate) fn stream(number: u32) -> anyhow::Result<StreamId> {
    Ok(StreamId::new(Parcel::CATEGORY, format!("parcel-{number:08}"))?)
}

pub(crate) fn command(number: u64, now: DateTime<Utc>) -> anyhow::Result<CommandEnvelope<u64>> {
    let id = CommandId::new(format!("{:x}-scan-{number}", now.timestamp_micros()))?;
    Ok(CommandEnvelope::new(id, now, number % 300))
}

/// Where a stream stands: its version and the hash of its last event.
pub(crate) type Stand = (Version, Sha256Digest);

/// What executing `command` on a stream that stands at `stand` commits, made without reading it.
pub(crate) fn commit(
    stream: &StreamId,
    (before, previous): Stand,
    command: &CommandEnvelope<u64>,
) -> anyhow::Result<Commit> {
    let event = scan(command.body, before.get() + 1, command.issued_at);
    let commit = Commit {
        stream: stream.clone(),
        expected: Expected::from_version(before),
        events: vec![NewEvent {
            event_id: EventId::derive(stream, &command.command_id, command.issued_at, 0),
            event_type: event.event_type().to_owned(),
            schema: event.schema(),
            payload: event.encode()?,
            occurred: command.occurred,
            recorded_at: command.issued_at,
            actor: command.actor.clone(),
            correlation_id: command.correlation_id.clone(),
            causation_id: None,
            hash: Sha256Digest::ZERO,
        }],
        command: CommandRecord {
            command_id: command.command_id.clone(),
            digest: *Sha256Digest::of(command.body.to_be_bytes()).as_bytes(),
            before,
            after: before.next(),
        },
        outbox: Vec::new(),
        timers: Vec::new(),
        index: None,
    };
    Ok(commit.chained(previous))
}
