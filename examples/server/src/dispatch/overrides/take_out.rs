//! The other side of taking stops over: the partner who had them goes on without.

use logistics_core::eventsourcing::{ExecuteError, replay};
use logistics_core::manifest::{
    Manifest, ManifestCommand, ManifestEvent, ManifestPolicy, OverrideManifest, manifest_stream,
};
use logistics_core::{PartnerId, ShipmentId};

use super::settle::{Settling, TRIES, contended};
use super::{legal, outlook};
use crate::http::Problem;

impl Settling<'_> {
    /// Overrides another partner's manifest: it goes on without these shipments.
    pub(super) async fn take_out(
        &self,
        holder: &PartnerId,
        taken: &[ShipmentId],
    ) -> Result<(), Problem> {
        let stream = manifest_stream(holder, self.notice.date);
        for _ in 0..TRIES {
            let Some(events) = self.open(&stream, "take-out", holder.as_str()).await? else {
                return Ok(());
            };
            let decoded: Vec<ManifestEvent> =
                events.iter().map(super::decoded).collect::<Result<_, _>>()?;
            let (Some(round), Some(last)) = (replay::<Manifest>(&decoded).round, events.last())
            else {
                return Ok(());
            };
            let mut left = round.shipments();
            left.retain(|id| !taken.contains(id));
            if left.len() == round.stops.len() {
                return Ok(());
            }
            let open = legal::still_open(self.app, holder, self.notice.date, &left).await;
            let outlook = outlook::of(self.app, holder, open).await?;
            let change = ManifestCommand::Override(OverrideManifest {
                stops: outlook.stops,
                travel_s: outlook.travel_s,
                distance_m: outlook.distance_m,
                reason_code: self.notice.reason_code,
                justification: self.notice.justification.clone(),
                actor: self.notice.actor.clone(),
            });
            let command = self.command("take-out", holder.as_str(), last.version, change);
            match self.app.run::<Manifest>(&stream, &command, &ManifestPolicy).await {
                Ok(_) => return Ok(()),
                Err(ExecuteError::VersionMismatch { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(contended())
    }
}
