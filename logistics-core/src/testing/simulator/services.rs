//! What runs in every process beside the commands, for ever: reads the feed, delivers, fires.

use std::sync::Arc;

use chrono::Duration;

use super::broken::Broken;
use super::history::Read;
use super::process::Process;
use super::world::{Kind, Task};
use crate::eventsourcing::{
    Cursor, FollowError, ProjectError, Projection, StreamId, follow, load_all, model_name, project,
    rebuild, unpark,
};

/// Makes what runs in a process, each time that process starts.
pub(super) type Service = Arc<dyn Fn(Process) -> Task + Send + Sync>;

/// A service of what `run` makes.
pub(super) fn service<F>(run: impl Fn(Process) -> F + Send + Sync + 'static) -> Service
where
    F: Future<Output = ()> + Send + 'static,
{
    Arc::new(move |process| Box::pin(run(process)))
}

/// Starts `services` in `process`.
pub(super) fn begin(process: &Process, services: &[Service]) {
    for service in services {
        let task = service(process.clone());
        process.0.world.start(process.0.who, Kind::Service, task);
    }
}

async fn pause(process: &Process) {
    process.sleep_about(Duration::milliseconds(10), Duration::milliseconds(150)).await;
}

/// Keeps the model of `P` up to date.
pub(super) async fn projector<P: Projection>(process: Process) {
    loop {
        pause(&process).await;
        let page = 1 + u32::try_from(process.below(8)).unwrap_or(0);
        let step = project::<P>(process.events(), process.models(), page).await;
        judge::<P, _>(&process, step);
    }
}

/// Builds the model of `P` anew now and then, and takes up parked rows.
pub(super) async fn mender<P: Projection>(process: Process) {
    loop {
        process.sleep_about(Duration::milliseconds(20), Duration::milliseconds(500)).await;
        let (events, models) = (process.events(), process.models());
        if process.below(2) == 0 {
            judge::<P, _>(&process, unpark::<P>(events, models).await);
        } else {
            let page = 1 + u32::try_from(process.below(30)).unwrap_or(0);
            judge::<P, _>(&process, rebuild::<P>(events, models, page).await);
        }
    }
}

fn judge<P: Projection, T>(process: &Process, result: Result<T, ProjectError>) {
    match result {
        Ok(_) => {}
        Err(ProjectError::Store(error)) => process.endure(&error),
        Err(error) => process.broke(Broken::Model {
            model: model_name::<P>(),
            key: String::new(),
            reason: error.to_string(),
        }),
    }
}

/// Follows the feed, with a cursor that survives crashes and is written after what was seen.
pub(super) async fn follower(process: Process) {
    let (world, number) = (&process.0.world, process.number());
    loop {
        pause(&process).await;
        let limit = 1 + u32::try_from(process.below(6)).unwrap_or(0);
        let cursor = world.with(|state| state.history.followers[number].cursor);
        match follow(process.events(), cursor, limit).await {
            Ok(page) => {
                for event in &page {
                    process.sleep(Duration::microseconds(100)).await;
                    let same = world.with(|state| state.history.followers[number].see(event));
                    if !same {
                        let reason = "another event was there before".to_owned();
                        process.broke(Broken::Follower { position: event.position, reason });
                    }
                }
                process.sleep(Duration::microseconds(100)).await;
                let to = page.last().map_or(cursor, Cursor::behind);
                world.with(|state| {
                    state.history.followers[number].cursor = to;
                });
            }
            Err(FollowError::Store(error)) => process.endure(&error),
            Err(error) => {
                let (position, reason) = (cursor.position, error.to_string());
                process.broke(Broken::Follower { position, reason });
            }
        }
    }
}

/// Reads streams whole.
pub(super) async fn reader(process: Process, streams: Arc<[StreamId]>) {
    let world = &process.0.world;
    loop {
        pause(&process).await;
        let Some(stream) = world.with(|state| state.random.pick(&streams).cloned()) else { return };
        let begun = world.with(super::world::State::tick);
        match load_all(process.events(), &stream).await {
            Ok(events) => world.with(|state| {
                let ticks = begun..=state.tick();
                let events = events.iter().map(|event| event.event.event_id).collect();
                state.history.reads.push(Read { stream, events, ticks });
            }),
            Err(error) => process.endure(&error),
        }
    }
}

/// Delivers messages to receivers that remember them.
pub(super) async fn relay(process: Process) {
    loop {
        pause(&process).await;
        if let Err(error) = deliver(&process).await {
            process.endure(&error);
        }
    }
}

/// Delivers some of the messages that wait; how many.
pub(super) async fn deliver(process: &Process) -> Result<usize, crate::eventsourcing::StoreError> {
    let pending = process.outbox().pending(4).await?;
    let mut effects = Vec::new();
    for item in pending {
        process.sleep_about(Duration::zero(), Duration::milliseconds(5)).await;
        effects.push(item.effect_id.clone());
        process.0.world.with(|state| state.history.delivered.push(item));
    }
    process.outbox().delivered(&effects).await?;
    Ok(effects.len())
}

/// Fires timers.
pub(super) async fn alarm(process: Process) {
    loop {
        pause(&process).await;
        let now = process.now();
        if let Err(error) = fire(&process, now).await {
            process.endure(&error);
        }
    }
}

/// Fires some of the timers that are due at `now`; how many.
pub(super) async fn fire(
    process: &Process,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<usize, crate::eventsourcing::StoreError> {
    let due = process.timers().due(now, 4).await?;
    for timer in &due {
        if timer.fire_at > now {
            let (owner, name) = (timer.owner.clone(), timer.name.clone());
            process.broke(Broken::Timer { owner, name, reason: "was early" });
        }
        process.0.world.with(|state| state.history.fired.push(timer.clone()));
        // Whatever it is for takes a moment, in which the timer may be set anew.
        process.sleep_about(Duration::zero(), Duration::milliseconds(20)).await;
        process.timers().fired(timer).await?;
    }
    Ok(due.len())
}
