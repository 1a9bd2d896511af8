//! What must hold when a run is over and nothing goes wrong any more: streams and what clients
//! were told of them.

use std::collections::{BTreeMap, BTreeSet};

use super::broken::Broken;
use super::clients::Request;
use super::history::{Sent, Taken, Told};
use super::process::Process;
use crate::eventsourcing::{
    EventId, RecordedEvent, StoreError, StreamId, Version, load_all, verify_chain,
};
use crate::testing::ListHistory;
use crate::values::Sha256Digest;

/// The streams as they are in the end.
pub(super) type Streams = BTreeMap<StreamId, Vec<RecordedEvent>>;

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Store { reason: error.to_string() }
    }
}

/// All streams that commands were sent to.
pub(super) async fn load(process: &Process, requests: &[Request]) -> Result<Streams, Broken> {
    let mut streams = Streams::new();
    for Request { stream, .. } in requests {
        if !streams.contains_key(stream) {
            let events = load_all(process.events(), stream).await?;
            streams.insert(stream.clone(), events);
        }
    }
    Ok(streams)
}

/// Each stream for itself, and against what clients and readers saw.
pub(super) async fn check(
    process: &Process,
    requests: &[Request],
    streams: &Streams,
) -> Result<(), Broken> {
    for (stream, events) in streams {
        verify_chain(Version::NONE, Sha256Digest::ZERO, events)?;
        for pair in events.windows(2) {
            if pair[0].event.recorded_at >= pair[1].event.recorded_at {
                let (stream, version) = (stream.clone(), pair[1].version);
                return Err(Broken::RecordedAt { stream, version });
            }
        }
        check_list(process, stream, events)?;
    }
    for (number, request) in requests.iter().enumerate() {
        let taken = process.0.world.with(|state| taken(&state.history.commands[number]))?;
        if let Some(taken) = taken {
            check_record(process, request, &taken).await?;
            check_state(request, &taken, &streams[&request.stream])?;
        }
    }
    Ok(())
}

/// What the command led to, if a client was told so; all of them were told the same.
fn taken(sent: &Sent) -> Result<Option<Taken>, Broken> {
    let mut told = sent.answers.iter().filter_map(|(told, _)| match told {
        Told::Taken(taken) => Some(taken),
        _ => None,
    });
    let first = told.next();
    if told.any(|other| Some(other) != first) {
        return Err(Broken::Answers { command: sent.command.clone() });
    }
    Ok(first.cloned())
}

/// One order must explain what every client was told of the stream and what every reader saw.
fn check_list(
    process: &Process,
    stream: &StreamId,
    events: &[RecordedEvent],
) -> Result<(), Broken> {
    let mut list: ListHistory<EventId> = ListHistory::new();
    process.0.world.with(|state| {
        for sent in state.history.commands.iter().filter(|sent| sent.stream == *stream) {
            append(&mut list, sent, events);
        }
        for read in state.history.reads.iter().filter(|read| read.stream == *stream) {
            list.read(read.events.iter().copied(), read.ticks.clone());
        }
    });
    let order: Vec<EventId> = events.iter().map(|event| event.event.event_id).collect();
    list.check(&order).map_err(|anomaly| Broken::List { stream: stream.clone(), anomaly })
}

fn append(list: &mut ListHistory<EventId>, sent: &Sent, events: &[RecordedEvent]) {
    let acknowledged = sent.answers.iter().find_map(|(told, tick)| match told {
        Told::Taken(taken) => Some((taken, *tick)),
        _ => None,
    });
    if let Some((taken, tick)) = acknowledged {
        for (event, version, _) in &taken.events {
            list.appended(*event, version.get(), sent.begun..=tick);
        }
        return;
    }
    // Where every copy that arrived came back without effect there must be none: what is there is
    // then nobody's. Otherwise it may be there or not.
    let no_effect = |(told, _): &(Told, u64)| matches!(told, Told::Refused | Told::Failed);
    let none = sent.answers.len() == sent.arrived && sent.answers.iter().all(no_effect);
    if !none {
        for event in events.iter().filter(|event| event.command_id == sent.command) {
            list.unknown(event.event.event_id, sent.begun);
        }
    }
}

async fn check_record(process: &Process, request: &Request, taken: &Taken) -> Result<(), Broken> {
    let record = process.events().command(&request.stream, &request.command).await?;
    let events = u64::try_from(taken.events.len()).unwrap_or(u64::MAX);
    let right = record.is_some_and(|record| {
        record.after == taken.version && record.before.plus(events) == record.after
    });
    if right {
        return Ok(());
    }
    let (stream, command) = (request.stream.clone(), request.command.clone());
    Err(Broken::Record { stream, command })
}

/// The state that a client was told is the fold of the events, which were the ones it was told.
fn check_state(request: &Request, taken: &Taken, events: &[RecordedEvent]) -> Result<(), Broken> {
    let (stream, version) = (request.stream.clone(), taken.version);
    let states = (request.states)(events).map_err(|error| Broken::Store {
        reason: format!("an event of {stream} cannot be read: {error}"),
    })?;
    let there: BTreeSet<_> =
        events.iter().map(|e| (e.event.event_id, e.version, e.event.hash)).collect();
    let same = taken.events.iter().all(|event| there.contains(event));
    if same && states.get(&version) == Some(&taken.state) {
        Ok(())
    } else {
        Err(Broken::State { stream, version })
    }
}
