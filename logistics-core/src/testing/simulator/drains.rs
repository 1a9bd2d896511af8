//! What must hold when a run is over and nothing goes wrong any more: what follows from the
//! events has come to its end, and nothing of it was lost.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, Utc};

use super::broken::Broken;
use super::checks::Streams;
use super::history::Tried;
use super::process::Process;
use super::services::{deliver, fire};
use crate::eventsourcing::{
    Cursor, FeedOrder, ModelRow, ProjectError, Projection, RecordedEvent, StreamId, Timer, TimerOp,
    Version, follow, model_name, project, unpark,
};

/// How often a feed that may lag is asked again before what is missing counts as lost.
const PATIENCE: u32 = 1_000;

/// How often to ask again.
fn patience(process: &Process) -> u32 {
    match process.events().feed_order() {
        FeedOrder::Commit => 0,
        FeedOrder::Stream => PATIENCE,
    }
}

/// The followers, from where they stopped, have seen every event once.
pub(super) async fn check_followers(process: &Process, streams: &Streams) -> Result<(), Broken> {
    let wanted = streams.values().map(Vec::len).sum::<usize>();
    let followers = process.0.world.with(|state| std::mem::take(&mut state.history.followers));
    for mut follower in followers {
        let mut patience = patience(process);
        loop {
            let broken =
                |cursor: Cursor, reason| Broken::Follower { position: cursor.position, reason };
            let page = follow(process.events(), follower.cursor, 100)
                .await
                .map_err(|error| broken(follower.cursor, error.to_string()))?;
            if page.is_empty() {
                if follower.seen.len() >= wanted || patience == 0 {
                    break;
                }
                patience -= 1;
            }
            for event in &page {
                if !follower.see(event) {
                    let reason = "another event was there before".to_owned();
                    return Err(broken(Cursor::behind(event), reason));
                }
                follower.cursor = Cursor::behind(event);
            }
        }
        let broken = |reason| Broken::Follower { position: follower.cursor.position, reason };
        let positions = follower.seen.keys().map(|position| position.get());
        if !positions.eq(1..=u64::try_from(follower.seen.len()).unwrap_or(u64::MAX)) {
            return Err(broken("there is a gap in what it saw".to_owned()));
        }
        let mut stands: BTreeMap<&StreamId, Version> = BTreeMap::new();
        for (stream, version, hash) in follower.seen.values() {
            let before = stands.insert(stream, *version).unwrap_or_default();
            let index = usize::try_from(before.get()).unwrap_or(usize::MAX);
            let there = streams.get(stream).and_then(|events| events.get(index));
            if there.map(|event| (event.version, event.event.hash)) != Some((*version, *hash)) {
                return Err(broken(format!(
                    "{stream} at version {version} is not what comes next"
                )));
            }
        }
        if follower.seen.len() != wanted {
            let seen = follower.seen.len();
            return Err(broken(format!("it saw {seen} of {wanted} events")));
        }
    }
    Ok(())
}

/// The rows of `P` are what folding the streams gives.
pub(super) async fn check_model<P: Projection>(
    process: &Process,
    streams: &Streams,
) -> Result<(), Broken> {
    let (events, models, model) = (process.events(), process.models(), model_name::<P>());
    let broken =
        |key: &str, reason| Broken::Model { model: model_name::<P>(), key: key.to_owned(), reason };
    let failed = |error: ProjectError| broken("", error.to_string());
    let wanted = streams.values().map(Vec::len).sum::<usize>();
    let mut patience = patience(process);
    loop {
        let step = project::<P>(events, models, 100).await.map_err(failed)?;
        let all = usize::try_from(step.position.get()).is_ok_and(|read| read >= wanted);
        if step.events == 0 && (all || patience == 0) {
            break;
        }
        patience = patience.saturating_sub(u32::from(step.events == 0));
    }
    unpark::<P>(events, models).await.map_err(failed)?;
    for (stream, events) in streams {
        let Some(key) = P::key(stream) else { continue };
        let row = models.rows(&model, std::slice::from_ref(&key)).await?.pop();
        let expected = fold::<P>(&key, events).map_err(|error| broken(&key, error.to_string()))?;
        // The reason for parking is the decoder's own affair.
        if row.clone().map(place) != expected.clone().map(place) {
            let reason = format!("it is {row:?}, and should be {expected:?}");
            return Err(broken(&key, reason));
        }
    }
    Ok(())
}

/// What must agree of a row: all but the reason why it is parked.
fn place(mut row: ModelRow) -> (ModelRow, bool) {
    row.indexes.sort();
    row.indexes.dedup();
    let parked = row.parked.take().is_some();
    (row, parked)
}

/// The row that the events give, by the projection alone.
fn fold<P: Projection>(
    key: &str,
    events: &[RecordedEvent],
) -> Result<Option<ModelRow>, serde_json::Error> {
    let (mut row, mut version, mut parked) = (None, Version::NONE, None);
    for event in events {
        match event.decode::<P::Event>() {
            Ok(decoded) => {
                row = Some(P::apply(row.take(), decoded, event));
                version = event.version;
            }
            Err(error) => {
                let (stream, reason) = (event.stream.clone(), error.to_string());
                parked = Some(crate::eventsourcing::Parked { stream, reason });
                break;
            }
        }
    }
    if events.is_empty() {
        return Ok(None);
    }
    let body = row.as_ref().map(serde_json::to_vec).transpose()?.unwrap_or_default();
    let indexes = row.as_ref().map(P::indexes).unwrap_or_default();
    Ok(Some(ModelRow { key: key.to_owned(), version, body, indexes, parked }))
}

/// The messages and timers of the commits that were taken, in the order of their streams. Of some
/// it cannot be said which try was the one that was taken, as events are all that tells them apart.
fn effects<'a>(tried: &'a [Tried], streams: &Streams) -> Vec<Vec<&'a Tried>> {
    let mut by_hash: BTreeMap<_, Vec<&Tried>> = BTreeMap::new();
    for one in tried {
        by_hash.entry((&one.stream, one.first)).or_default().push(one);
    }
    let events = streams
        .iter()
        .flat_map(|(stream, events)| events.iter().map(move |event| (stream, event.event.hash)));
    events.filter_map(|event| by_hash.remove(&event)).collect()
}

/// Every message that was committed has been delivered, and no other.
pub(super) async fn check_messages(process: &Process, streams: &Streams) -> Result<(), Broken> {
    while deliver(process).await? > 0 {}
    process.0.world.with(|state| {
        let history = &state.history;
        let sent: BTreeSet<_> = effects(&history.tried, streams)
            .iter()
            .flatten()
            .flat_map(|tried| tried.messages.iter().map(|item| item.effect_id.clone()))
            .collect();
        let delivered: BTreeSet<_> =
            history.delivered.iter().map(|item| item.effect_id.clone()).collect();
        let broken = |effect: Option<&crate::ids::EffectId>, reason| match effect {
            Some(effect) => Err(Broken::Message { effect: effect.clone(), reason }),
            None => Ok(()),
        };
        broken(sent.difference(&delivered).next(), "was lost")?;
        broken(delivered.difference(&sent).next(), "was never sent")
    })
}

/// Every timer that was set, and neither set anew nor removed, has fired; none that was not set.
pub(super) async fn check_timers(process: &Process, streams: &Streams) -> Result<(), Broken> {
    while fire(process, chrono::DateTime::<Utc>::MAX_UTC - Duration::days(366)).await? > 0 {}
    process.0.world.with(|state| {
        let history = &state.history;
        let (mut set, mut armed) = (BTreeMap::new(), Vec::new());
        for tries in effects(&history.tried, streams) {
            let ops = tries.iter().map(|tried| tried.timers.len()).max().unwrap_or_default();
            for n in 0..ops {
                let same: Vec<_> = tries.iter().filter_map(|tried| tried.timers.get(n)).collect();
                armed.extend(same.iter().filter_map(|op| timer(op)));
                change(&mut set, &same);
            }
        }
        let broken = |timer: Option<&Timer>, reason| match timer {
            Some(Timer { owner, name, .. }) => {
                Err(Broken::Timer { owner: owner.clone(), name: name.clone(), reason })
            }
            None => Ok(()),
        };
        let fired = |timer: &&Timer| history.fired.contains(timer);
        let lost = set.values().find(|same| !same.iter().any(fired));
        broken(lost.and_then(|same| same.first().copied()), "was lost")?;
        broken(history.fired.iter().find(|timer| !armed.contains(timer)), "was never set")
    })
}

/// Each timer that is set, as one of the tries of its commit set it.
type Set<'a> = BTreeMap<(&'a str, &'a str), Vec<&'a Timer>>;

/// Makes one change, which several tries of a commit may have made with other times. As the port
/// says: a newer generation takes the place of an older.
fn change<'a>(set: &mut Set<'a>, same: &[&'a TimerOp]) {
    match same.first() {
        Some(TimerOp::Arm(first)) => {
            let there = set.entry((&first.owner, &first.name)).or_default();
            if there.first().is_none_or(|old| first.generation >= old.generation) {
                *there = same.iter().filter_map(|op| timer(op)).collect();
            }
        }
        Some(TimerOp::Disarm { owner, name }) => {
            set.remove(&(owner.as_str(), name.as_str()));
        }
        None => {}
    }
}

const fn timer(op: &TimerOp) -> Option<&Timer> {
    match op {
        TimerOp::Arm(timer) => Some(timer),
        TimerOp::Disarm { .. } => None,
    }
}
