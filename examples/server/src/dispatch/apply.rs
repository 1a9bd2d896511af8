//! Applying a recorded plan: manifests, then assignments. Every command's id is derived from the
//! run, so that applying again after a crash changes nothing twice.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use logistics_core::dispatch_run::{
    CompleteRun, DispatchRun, DispatchRunCommand, DispatchRunPolicy, DispatchRunState,
    PlannedRoute, run_stream,
};
use logistics_core::eventsourcing::{CommandEnvelope, ExecuteError};
use logistics_core::manifest::{
    Manifest, ManifestCommand, ManifestPolicy, PlanManifest, manifest_stream,
};
use logistics_core::readmodel::{OperationsRow, ShipmentOperations};
use logistics_core::shipment::{
    AssignToPartner, Phase, Shipment, ShipmentCommand, Unassign, shipment_stream,
};
use logistics_core::{CommandId, CorrelationId, RunId, ShipmentId};

use crate::app::App;
use crate::http::{Problem, correlation};
use crate::ids::derived;

/// Commands under way at once: they share the store's commits.
const AT_ONCE: usize = 32;

/// Applies a planned run.
pub(super) async fn apply(app: &App, run: &RunId, state: DispatchRunState) -> Result<(), Problem> {
    let Some(plan) = state.plan else { return Ok(()) };
    let correlation = correlation::current_or_new();
    let routes = &state.routes;
    let applying = Applying { app, run, date: plan.date, routes, correlation };
    let manifests: Vec<_> = state.routes.iter().map(|route| applying.manifest(route)).collect();
    stream::iter(manifests).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    let mut assignments = Vec::new();
    for route in &state.routes {
        assignments.extend(route.stops.iter().map(|stop| applying.assign(route, &stop.shipment)));
    }
    stream::iter(assignments).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    let complete = applying.command("complete", "", DispatchRunCommand::Complete(CompleteRun {}));
    app.run::<DispatchRun>(&run_stream(run), &complete, &DispatchRunPolicy).await?;
    Ok(())
}

struct Applying<'a> {
    app: &'a App,
    run: &'a RunId,
    date: chrono::NaiveDate,
    routes: &'a [PlannedRoute],
    correlation: CorrelationId,
}

impl Applying<'_> {
    fn command<C>(&self, step: &str, of: &str, body: C) -> CommandEnvelope<C> {
        let id = derived(CommandId::new, &[step, self.run.as_str(), of]);
        CommandEnvelope::new(id, self.app.now(), body).because_of(self.correlation.clone(), None)
    }

    async fn manifest(&self, route: &PlannedRoute) -> Result<(), Problem> {
        let plan = ManifestCommand::Plan(PlanManifest {
            partner: route.partner.clone(),
            date: self.date,
            run: self.run.clone(),
            stops: route.stops.clone(),
            travel_s: route.travel_s,
            distance_m: route.distance_m,
            doubts: route.doubts.clone(),
        });
        let command = self.command("manifest", route.partner.as_str(), plan);
        let stream = manifest_stream(&route.partner, self.date);
        self.app.run::<Manifest>(&stream, &command, &ManifestPolicy).await?;
        Ok(())
    }

    /// A shipment that the partner has already, or that went another way since the plan was made
    /// (cancelled, say), stays as it is; one that the run takes from another partner is taken back
    /// first.
    async fn assign(&self, route: &PlannedRoute, shipment: &ShipmentId) -> Result<(), Problem> {
        let row = self.app.row::<ShipmentOperations>(shipment.as_str()).await.flatten();
        let has_it = |row: &OperationsRow| {
            row.partner.as_ref() == Some(&route.partner)
                && matches!(row.status, Phase::Assigned | Phase::OutForDelivery)
        };
        if row.as_ref().is_some_and(has_it) {
            return Ok(());
        }
        let assign = AssignToPartner {
            partner: route.partner.clone(),
            date: self.date,
            manifest_version: None,
            run: Some(self.run.clone()),
        };
        if row.is_some_and(|row| self.takes_from(&row)) {
            let unassign = Unassign { run: Some(self.run.clone()) };
            self.shipment("unassign", shipment, unassign.into()).await?;
        }
        self.shipment("assign", shipment, assign.into()).await
    }

    /// Whether the run has planned the round of who has the shipment, without it.
    fn takes_from(&self, row: &OperationsRow) -> bool {
        let holder = self.routes.iter().find(|route| Some(&route.partner) == row.partner.as_ref());
        row.status == Phase::Assigned
            && holder.is_some_and(|route| route.stops.iter().all(|stop| stop.shipment != row.id))
    }

    /// Asks for something that may not be possible any more: then it stays as it is.
    async fn shipment(
        &self,
        step: &str,
        id: &ShipmentId,
        command: ShipmentCommand,
    ) -> Result<(), Problem> {
        let command = self.command(step, id.as_str(), command);
        let policy = &self.app.settings.shipments;
        match self.app.run::<Shipment>(&shipment_stream(id), &command, policy).await {
            Ok(_) => Ok(()),
            Err(ExecuteError::Rejected(rejection)) => {
                tracing::debug!(shipment = %id, %rejection, run = %self.run, step, "not possible");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}
