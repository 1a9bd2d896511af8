//! What follows from stored fixes: zone borders crossed, positions and statuses shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use logistics_core::eventsourcing::{Actor, CommandEnvelope, ExecuteError, Occurred, StoreError};
use logistics_core::partner::{
    PartnerShift, RecordCrossing, ShiftCommand, ShiftPolicy, shift_stream,
};
use logistics_core::telemetry::{Fix, TrackCursor};
use logistics_core::values::GeoPosition;
use logistics_core::{CommandId, PartnerId};
use logistics_geofence::Tracker;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::Work;
use super::track::{Breach, Cities, Track};
use crate::app::App;
use crate::http::chain;
use crate::ids::derived;
use crate::live::{Live, Scope};

/// Batches looked at together.
const AT_ONCE: usize = 64;
/// From one look at new fixes to the next, unless many batches wait: those who cross borders
/// meanwhile share their commits. The first fix after a pause is looked at at once.
const LOOKED_EVERY: Duration = Duration::from_millis(200);
/// Fixes read at a time after a restart.
const PAGE: u32 = 1_000;
/// Between two looks at partners who sent nothing.
const ROUND: Duration = Duration::from_secs(5);
/// From saving how far evaluation has come to saving it again.
const SAVED_EVERY: Duration = Duration::from_secs(5);
/// Pause before a crossing that could not be recorded is tried again.
const BACK_OFF: Duration = Duration::from_millis(500);

/// Evaluates the fixes that an earlier process stored and had no time to evaluate.
pub(crate) async fn catch_up(app: &App) -> Result<(), StoreError> {
    let cities = app.zones.all();
    let mut tracker = Tracker::default();
    for partner in app.board.partners() {
        let mut from = app.board.evaluated_until(&partner).map_or_else(
            || app.now() - app.settings.fixes.live_max_age,
            |until| until + TimeDelta::milliseconds(1),
        );
        loop {
            let fixes = app.ports.fixes.range(&partner, from, far(app.now()), PAGE).await?;
            let Some(last) = fixes.last().map(|fix| fix.ts) else { break };
            let moved = evaluate(app, &cities, &mut tracker, &fixes).await;
            save(app, &moved).await;
            from = last + TimeDelta::milliseconds(1);
        }
    }
    Ok(())
}

/// Behind every fix that can have been taken.
fn far(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(1)
}

/// Evaluates what comes in, for ever.
pub(crate) async fn run(app: Arc<App>) {
    let Some(mut waiting) = app.gps.waiting.lock().await.take() else { return };
    let mut tracker = Tracker::default();
    let mut round = interval(ROUND);
    let mut saving = interval(SAVED_EVERY);
    saving.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut unsaved = BTreeSet::new();
    let mut batch = Vec::with_capacity(AT_ONCE);
    let mut next = Instant::now();
    loop {
        let pause = waiting.len() < AT_ONCE;
        let receive = async {
            if pause {
                sleep_until(next).await;
            }
            waiting.recv_many(&mut batch, AT_ONCE).await
        };
        tokio::select! {
            received = receive => {
                if received == 0 {
                    return;
                }
                next = Instant::now() + LOOKED_EVERY;
                let (mut fixes, mut others) = (Vec::new(), BTreeSet::new());
                for work in batch.drain(..) {
                    match work {
                        Work::Fixes(stored) => fixes.extend(stored),
                        Work::Status(partner) => drop(others.insert(partner)),
                    }
                }
                let cities = app.zones.all();
                unsaved.extend(evaluate(&app, &cities, &mut tracker, &fixes).await);
                for partner in others {
                    show(&app, &partner, None);
                }
            }
            _ = saving.tick(), if !unsaved.is_empty() => {
                save(&app, &std::mem::take(&mut unsaved)).await;
            }
            _ = round.tick() => {
                for partner in app.board.partners() {
                    show(&app, &partner, None);
                }
            }
        }
    }
}

/// Evaluates fixes in their order for each partner; partners go side by side. Gives those who moved.
async fn evaluate(
    app: &App,
    cities: &Cities,
    tracker: &mut Tracker,
    fixes: &[Fix],
) -> Vec<PartnerId> {
    let (now, policy) = (app.now(), &app.settings.status);
    let mut fixes: Vec<&Fix> = fixes.iter().collect();
    fixes.sort_by(|a, b| a.partner.cmp(&b.partner).then(a.ts.cmp(&b.ts)));
    let (mut moved, mut crossed) = (Vec::new(), BTreeMap::new());
    for of_one in fixes.chunk_by(|a, b| a.partner == b.partner) {
        let mut breaches: Vec<Breach> = Vec::new();
        let evaluate =
            |track: &mut Track, fix: &Fix| breaches.extend(track.observe(cities, tracker, fix));
        let Some(last) = app.board.observe(of_one, now, policy, evaluate) else { continue };
        moved.push(last);
        if !breaches.is_empty() {
            crossed.insert(&last.partner, breaches);
        }
    }
    if !crossed.is_empty() {
        let recordings = crossed.iter().map(|(partner, breaches)| record(app, partner, breaches));
        join_all(recordings).await;
        // At once: evaluated again, a fix that came late might cross the same border before.
        save(app, crossed.into_keys()).await;
    }
    for last in &moved {
        show(app, &last.partner, Some(last));
    }
    moved.into_iter().map(|last| last.partner.clone()).collect()
}

/// Records crossings as events of the partner's shift. The id of each command is derived from what
/// was crossed and when, so that evaluating a fix again changes nothing.
async fn record(app: &App, partner: &PartnerId, breaches: &[Breach]) {
    let policy = ShiftPolicy::from(&app.settings.status);
    for breach in breaches {
        let Ok(position) = GeoPosition::new(breach.position.x(), breach.position.y()) else {
            continue;
        };
        let at = breach.at.timestamp_millis().to_string();
        let parts = ["crossing", partner.as_str(), breach.city.as_str(), &at];
        let content = ShiftCommand::RecordCrossing(RecordCrossing {
            partner: partner.clone(),
            city: Some(breach.city.clone()),
            from: breach.from.clone(),
            to: breach.to.clone(),
            at: breach.at,
            position,
            zone_set_version: breach.zone_set_version,
        });
        let command = CommandEnvelope::new(derived(CommandId::new, &parts), app.now(), content)
            .by(Actor::Partner(partner.clone()))
            .occurring(Occurred::observed(breach.at));
        let stream = shift_stream(partner, app.date_of(breach.at));
        loop {
            match app.run::<PartnerShift>(&stream, &command, &policy).await {
                Ok(_) => break,
                Err(ExecuteError::Rejected(rejection)) => {
                    tracing::warn!(%partner, %rejection, "a crossing is refused");
                    break;
                }
                Err(ExecuteError::KeyReused { .. }) => break,
                Err(error) => {
                    tracing::error!(error = %chain(&error), %partner, "a crossing waits to be recorded");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }
}

/// Remembers how far evaluation has come. Losing this costs evaluating some fixes again.
async fn save(app: &App, partners: impl IntoIterator<Item = &PartnerId>) {
    let cursors: Vec<TrackCursor> =
        partners.into_iter().filter_map(|partner| app.board.cursor(partner)).collect();
    if let Err(error) = app.ports.fixes.save_cursors(&cursors).await {
        tracing::warn!(error = %chain(&error), "evaluation will start further back after a restart");
    }
}

/// Shows where a partner has moved to, and its status when it is another than was shown last.
fn show(app: &App, partner: &PartnerId, moved_to: Option<&Fix>) {
    let Some((seen, changed)) = app.board.seen(partner, app.now(), &app.settings.status) else {
        return;
    };
    if let Some(fix) = moved_to {
        let message = Live::Pos {
            partner: partner.clone(),
            lat: fix.position.y(),
            lon: fix.position.x(),
            ts: fix.ts.timestamp_millis(),
            speed_mps: fix.speed_mps,
            bearing_deg: fix.bearing_deg,
        };
        app.hub.send(Scope::Zones(seen.zones.clone()), &message);
    }
    if changed {
        let message = Live::Status {
            partner: partner.clone(),
            status: seen.status,
            reason: seen.reason.to_owned(),
            on_board: seen.on_board,
            zones: seen.zones.clone(),
        };
        app.hub.send(Scope::Zones(seen.zones), &message);
    }
}

/// How evaluation stands, as the store keeps it.
pub(super) fn encode(track: &Track) -> Vec<u8> {
    serde_json::to_vec(track).unwrap_or_default()
}

/// What the store kept; from the beginning when it cannot be read.
pub(super) fn decode(state: &[u8]) -> Track {
    serde_json::from_slice(state).unwrap_or_else(|error| {
        tracing::warn!(%error, "a partner's track is not readable and begins anew");
        Track::default()
    })
}
