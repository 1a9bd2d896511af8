//! Carrying out an override: other manifests first, then each shipment's assignment. Every command's
//! id is derived from the override, so that doing it again, after a crash or for the message in the
//! outbox, changes nothing twice.

use std::collections::BTreeMap;

use logistics_core::eventsourcing::{
    CommandEnvelope, ExecuteError, RecordedEvent, StreamId, Version, load_all, replay,
};
use logistics_core::manifest::OverrideNotice;
use logistics_core::shipment::{
    AssignToPartner, Custody, Phase, Shipment, ShipmentCommand, ShipmentEvent, ShipmentState,
    Unassign, shipment_stream,
};
use logistics_core::{CommandId, PartnerId, ShipmentId};

use crate::app::App;
use crate::http::{Problem, correlation};
use crate::ids::derived;

/// How often a stream that others change at the same time is looked at again.
pub(super) const TRIES: u32 = 8;

/// Carries out what an override asks of the shipments and of other partners' manifests. What went
/// another way meanwhile (delivered, say) stays as it is.
pub(crate) async fn settle(app: &App, notice: &OverrideNotice) -> Result<(), Problem> {
    let _one_by_one = app.overriding.lock().await;
    let settling = Settling { app, notice };
    let mut holders = BTreeMap::<PartnerId, Vec<ShipmentId>>::new();
    for id in &notice.added {
        let Some(open) = settling.open_shipment("assign", id).await? else { continue };
        if let Some(holder) = settling.other_holder(&open.state) {
            holders.entry(holder.clone()).or_default().push(id.clone());
        }
    }
    for (holder, shipments) in holders {
        settling.take_out(&holder, &shipments).await?;
    }
    for id in &notice.added {
        settling.assign(id).await?;
    }
    for id in &notice.removed {
        settling.release(id).await?;
    }
    Ok(())
}

pub(super) struct Settling<'a> {
    pub(super) app: &'a App,
    pub(super) notice: &'a OverrideNotice,
}

/// A shipment as it stands.
struct Open {
    state: ShipmentState,
    version: Version,
}

impl Settling<'_> {
    fn id(&self, step: &str, of: &str) -> CommandId {
        let OverrideNotice { partner, date, version, .. } = self.notice;
        let (date, version) = (date.to_string(), version.to_string());
        derived(CommandId::new, &["override", partner.as_str(), &date, &version, step, of])
    }

    pub(super) fn command<C>(
        &self,
        step: &str,
        of: &str,
        at: Version,
        body: C,
    ) -> CommandEnvelope<C> {
        let mut command = CommandEnvelope::new(self.id(step, of), self.app.now(), body)
            .by(self.notice.actor.clone())
            .because_of(correlation::current_or_new(), None);
        command.if_version = Some(at);
        command
    }

    /// The events of a stream, unless the step was done before.
    pub(super) async fn open(
        &self,
        stream: &StreamId,
        step: &str,
        of: &str,
    ) -> Result<Option<Vec<RecordedEvent>>, Problem> {
        let events = load_all(self.app.ports.events.as_ref(), stream).await?;
        let id = self.id(step, of);
        Ok(Some(events).filter(|events| events.iter().all(|event| event.command_id != id)))
    }

    async fn open_shipment(&self, step: &str, id: &ShipmentId) -> Result<Option<Open>, Problem> {
        let Some(events) = self.open(&shipment_stream(id), step, id.as_str()).await? else {
            return Ok(None);
        };
        let decoded: Vec<ShipmentEvent> = events
            .iter()
            .map(|event| event.decode().map_err(|error| Problem::internal(&error)))
            .collect::<Result<_, _>>()?;
        let version = events.last().map_or(Version::NONE, |event| event.version);
        Ok(Some(Open { state: replay::<Shipment>(&decoded), version }))
    }

    /// Another partner in whose round of the day the shipment is, and has not started.
    fn other_holder<'s>(&self, state: &'s ShipmentState) -> Option<&'s PartnerId> {
        let holder = state.partner.as_ref().filter(|holder| **holder != self.notice.partner);
        let startable = matches!(state.custody, Custody::Hub(_)) && state.phase == Phase::Assigned;
        holder.filter(|_| startable && state.date == Some(self.notice.date))
    }

    async fn assign(&self, id: &ShipmentId) -> Result<(), Problem> {
        for _ in 0..TRIES {
            let Some(open) = self.open_shipment("assign", id).await? else { return Ok(()) };
            let done = if self.other_holder(&open.state).is_some() {
                // Who takes it back after that has the last word.
                let Some(open) = self.open_shipment("take", id).await? else { return Ok(()) };
                self.tell("take", id, open.version, Unassign { run: None }.into()).await?
            } else if open.state.phase == Phase::AtHub {
                let assign = AssignToPartner {
                    partner: self.notice.partner.clone(),
                    date: self.notice.date,
                    manifest_version: Some(self.notice.version),
                    run: None,
                };
                self.tell("assign", id, open.version, assign.into()).await?
            } else {
                Told::Refused
            };
            if done == Told::Refused {
                return Ok(());
            }
        }
        Err(contended())
    }

    async fn release(&self, id: &ShipmentId) -> Result<(), Problem> {
        for _ in 0..TRIES {
            let Some(open) = self.open_shipment("release", id).await? else { return Ok(()) };
            let (state, notice) = (&open.state, self.notice);
            let own =
                (state.partner.as_ref(), state.date) == (Some(&notice.partner), Some(notice.date));
            if state.phase != Phase::Assigned || !own {
                return Ok(());
            }
            let unassign = Unassign { run: None };
            if self.tell("release", id, open.version, unassign.into()).await? == Told::Refused {
                return Ok(());
            }
        }
        Err(contended())
    }

    async fn tell(
        &self,
        step: &str,
        id: &ShipmentId,
        at: Version,
        command: ShipmentCommand,
    ) -> Result<Told, Problem> {
        let command = self.command(step, id.as_str(), at, command);
        let policy = &self.app.settings.shipments;
        match self.app.run::<Shipment>(&shipment_stream(id), &command, policy).await {
            Ok(_) | Err(ExecuteError::VersionMismatch { .. }) => Ok(Told::LookAgain),
            Err(ExecuteError::Rejected(rejection)) => {
                tracing::warn!(shipment = %id, %rejection, step, "an override is not possible");
                Ok(Told::Refused)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What became of a command to a shipment.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// It was taken, or somebody else was faster.
    LookAgain,
    /// It is not possible, and stays as it is.
    Refused,
}

pub(super) fn contended() -> Problem {
    ExecuteError::<logistics_core::shipment::ShipmentRejection>::Contended { attempts: TRIES }
        .into()
}
