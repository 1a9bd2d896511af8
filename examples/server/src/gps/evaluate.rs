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
use tokio::time::{MissedTickBehavior, interval};

use super::Work;
use super::track::{Breach, Cities, Track};
use crate::app::App;
use crate::http::chain;
use crate::ids::derived;
use crate::live::{Live, Scope};

/// Batches looked at together.
const AT_ONCE: usize = 64;
/// Fixes read at a time after a restart.
const PAGE: u32 = 1_000;
/// Between two looks at partners who sent nothing.
const ROUND: Duration = Duration::from_secs(5);
/// From saving how far evaluation has come to saving it again.
const SAVED_EVERY: Duration = Duration::from_secs(1);
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
            save(app, moved.iter()).await;
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
    loop {
        tokio::select! {
            received = waiting.recv_many(&mut batch, AT_ONCE) => {
                if received == 0 {
                    return;
                }
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
                    show_status(&app, &partner);
                }
            }
            _ = saving.tick(), if !unsaved.is_empty() => {
                save(&app, std::mem::take(&mut unsaved).iter()).await;
            }
            _ = round.tick() => {
                for partner in app.board.partners() {
                    show_status(&app, &partner);
                }
            }
        }
    }
}

/// Evaluates fixes in their order for each partner; partners go side by side. Gives those whose
/// progress is not saved yet.
async fn evaluate(
    app: &App,
    cities: &Cities,
    tracker: &mut Tracker,
    fixes: &[Fix],
) -> Vec<PartnerId> {
    let mut crossed: BTreeMap<PartnerId, Vec<Breach>> = BTreeMap::new();
    let mut moved: BTreeMap<&PartnerId, &Fix> = BTreeMap::new();
    for fix in fixes {
        let evaluate = |track: &mut Track| track.observe(cities, tracker, fix);
        let (now, policy) = (app.now(), &app.settings.status);
        let Some(breaches) = app.board.observe(fix, now, policy, evaluate) else { continue };
        moved.insert(&fix.partner, fix);
        if !breaches.is_empty() {
            crossed.entry(fix.partner.clone()).or_default().extend(breaches);
        }
    }
    if !crossed.is_empty() {
        let recordings = crossed.iter().map(|(partner, breaches)| record(app, partner, breaches));
        join_all(recordings).await;
        // At once: evaluated again, a fix that came late might cross the same border before.
        save(app, crossed.keys()).await;
    }
    for (partner, fix) in &moved {
        show_position(app, fix);
        show_status(app, partner);
    }
    moved.into_keys().filter(|partner| !crossed.contains_key(*partner)).cloned().collect()
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
async fn save(app: &App, partners: impl Iterator<Item = &PartnerId>) {
    let cursors: Vec<TrackCursor> =
        partners.filter_map(|partner| app.board.cursor(partner)).collect();
    if let Err(error) = app.ports.fixes.save_cursors(&cursors).await {
        tracing::warn!(error = %chain(&error), "evaluation will start further back after a restart");
    }
}

fn show_position(app: &App, fix: &Fix) {
    let message = Live::Pos {
        partner: fix.partner.clone(),
        lat: fix.position.y(),
        lon: fix.position.x(),
        ts: fix.ts.timestamp_millis(),
        speed_mps: fix.speed_mps,
        bearing_deg: fix.bearing_deg,
    };
    app.hub.send(Scope::Zones(app.board.zones(&fix.partner)), &message);
}

/// Shows a partner's status when it is another than was shown last.
fn show_status(app: &App, partner: &PartnerId) {
    if let Some(changed) = app.board.status_change(partner, app.now(), &app.settings.status) {
        let message = Live::Status {
            partner: partner.clone(),
            status: changed.status,
            reason: changed.reason.to_owned(),
            on_board: changed.on_board,
            zones: changed.zones.clone(),
        };
        app.hub.send(Scope::Zones(changed.zones), &message);
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
