//! A supervisor's override of a manifest: checked, forecast, recorded, carried out.

mod legal;
mod outlook;
mod settle;
mod take_out;

use std::sync::Arc;

use chrono::NaiveDate;
use logistics_core::eventsourcing::{
    Actor, CommandEnvelope, ExecuteError, RecordedEvent, Version, load_all, replay,
};
use logistics_core::manifest::{
    Manifest, ManifestCommand, ManifestEvent, ManifestOverridden, ManifestPolicy, OverrideManifest,
    OverrideNotice, OverrideReason, Round, manifest_stream,
};
use logistics_core::{CommandId, PartnerId, ShipmentId};

pub(crate) use outlook::ViolationView;
pub(crate) use settle::settle;

use crate::app::App;
use crate::http::{Problem, correlation};

/// What a supervisor wants.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) command_id: CommandId,
    pub(crate) actor: Actor,
    pub(crate) partner: PartnerId,
    pub(crate) date: NaiveDate,
    /// The version that the supervisor has seen.
    pub(crate) if_version: Option<u64>,
    /// The shipments still to be delivered, in the new order.
    pub(crate) shipments: Vec<ShipmentId>,
    pub(crate) reason_code: OverrideReason,
    pub(crate) justification: String,
}

/// Overrides a manifest, with what that means for shipments and for other partners' manifests; says
/// what is wrong with the new round. A command that was recorded before is only carried out.
pub(crate) async fn override_manifest(
    app: &Arc<App>,
    change: Change,
) -> Result<Vec<ViolationView>, Problem> {
    let stream = manifest_stream(&change.partner, change.date);
    let events = load_all(app.ports.events.as_ref(), &stream).await?;
    if let Some(recorded) = events.iter().find(|event| event.command_id == change.command_id) {
        let recorded = same(&change, recorded)?;
        settle(app, &OverrideNotice::of(&recorded)).await?;
        let open = legal::still_open(app, &change.partner, change.date, &change.shipments).await;
        return Ok(outlook::of(app, &change.partner, open).await?.violations);
    }
    let (round, version) = standing(&change, &events)?;
    let drops = legal::check(app, &round, &change).await?;
    let outlook = outlook::of(app, &change.partner, drops).await?;
    let command = ManifestCommand::Override(OverrideManifest {
        stops: outlook.stops,
        travel_s: outlook.travel_s,
        distance_m: outlook.distance_m,
        reason_code: change.reason_code,
        justification: change.justification,
        actor: change.actor.clone(),
    });
    let mut command = CommandEnvelope::new(change.command_id, app.now(), command)
        .by(change.actor)
        .because_of(correlation::current_or_new(), None);
    command.if_version = Some(version);
    let executed = app.run::<Manifest>(&stream, &command, &ManifestPolicy).await;
    let executed = executed.map_err(|error| match error {
        ExecuteError::VersionMismatch { .. } => {
            let detail = "the manifest was changed meanwhile; look at it again";
            Problem::conflict("manifest_changed", detail)
        }
        error => error.into(),
    })?;
    for event in &executed.events {
        if let ManifestEvent::ManifestOverridden(change) = decoded(event)? {
            settle(app, &OverrideNotice::of(&change)).await?;
        }
    }
    Ok(outlook.violations)
}

/// The manifest that is to be changed, and the version of its stream.
fn standing(change: &Change, events: &[RecordedEvent]) -> Result<(Round, Version), Problem> {
    let decoded: Vec<ManifestEvent> = events.iter().map(decoded).collect::<Result<_, _>>()?;
    let round = replay::<Manifest>(&decoded).round;
    let (Some(round), Some(last)) = (round, events.last()) else {
        let id = format!("{}/{}", change.partner, change.date);
        return Err(Problem::not_found("manifest", &id));
    };
    if change.if_version.is_some_and(|seen| seen != u64::from(round.version)) {
        return Err(Problem::version_mismatch(round.version.into()));
    }
    Ok((round, last.version))
}

/// What was recorded under the command's id, if that is what is asked for now.
fn same(change: &Change, recorded: &RecordedEvent) -> Result<ManifestOverridden, Problem> {
    match decoded(recorded)? {
        ManifestEvent::ManifestOverridden(recorded)
            if recorded.after == change.shipments
                && recorded.reason_code == change.reason_code
                && recorded.justification == change.justification =>
        {
            Ok(recorded)
        }
        _ => {
            let detail = "the key was used for another override";
            Err(Problem::unprocessable("key_reused", detail).about("Idempotency-Key"))
        }
    }
}

fn decoded(event: &RecordedEvent) -> Result<ManifestEvent, Problem> {
    event.decode().map_err(|error| Problem::internal(&error))
}
