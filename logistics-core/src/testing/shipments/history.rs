//! Histories that could have happened.

use chrono::{DateTime, Duration, Utc};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::Index;

use super::parts::{Parts, instant, order, parts};
use crate::eventsourcing::{DecideContext, Decider, DomainEvent, Occurred};
use crate::shipment::{
    ApproveRetraction, CollectCod, CommandKind, ConfirmDelivery, ConfirmPickup, Custody, Phase,
    Proof, ProofKind, RetractEvent, RtoCause, Shipment, ShipmentCommand, ShipmentEvent,
    ShipmentPolicy, ShipmentRejection, ShipmentState, legal_commands,
};
use crate::sla::Promise;
use crate::values::{Money, Sha256Digest};

/// A history of one shipment that could have happened, as it was lived.
#[derive(Debug, Clone)]
pub struct History {
    /// The commands that were taken, each with the time of deciding.
    pub commands: Vec<(DateTime<Utc>, ShipmentCommand)>,
    /// All events, oldest first.
    pub events: Vec<ShipmentEvent>,
    /// The state after each event, `states[0]` before the first.
    pub states: Vec<ShipmentState>,
}

/// A step of a history, whichever command it becomes.
#[derive(Debug, Clone)]
struct Step {
    pick: Index,
    aside: u8,
    seconds: i64,
    parts: Parts,
}

fn step() -> impl Strategy<Value = Step> {
    (any::<Index>(), 0_u8..100, 1_i64..7_200, parts())
        .prop_map(|(pick, aside, seconds, parts)| Step { pick, aside, seconds, parts })
}

/// A history that could have happened: commands that `Shipment` took, one after another.
pub fn legal_history() -> impl Strategy<Value = History> {
    ((order(), instant()), vec(step(), 0..40), 0_u8..4).prop_map(|((order, now), steps, style)| {
        let mut life = Life::new(now);
        life.take(order.into());
        for step in steps {
            life.now += Duration::seconds(step.seconds);
            let kind = life.choose(&step, style);
            let command = kind.and_then(|kind| life.fitting(kind, step.parts));
            if let Some(command) = command {
                life.take(command);
            }
        }
        life.history
    })
}

/// What leads from phase to phase in most lives. Everything else comes now and then.
const fn leads_on(kind: CommandKind) -> bool {
    use CommandKind as K;
    matches!(
        kind,
        K::ConfirmPickup
            | K::ScanInbound
            | K::ScanOutbound
            | K::AssignToPartner
            | K::Unassign
            | K::StartDelivery
            | K::RecordAttempt
            | K::ConfirmDelivery
            | K::DeliverPartially
            | K::ScheduleReattempt
            | K::CancelReattempt
            | K::CollectCod
            | K::AllocateCarrier
            | K::HandOver
            | K::IngestCarrierEvent
            | K::InitiateRto
            | K::DepartRto
            | K::ConfirmRto
            | K::Release
            | K::ApproveRetraction
            | K::DeclareFound
    )
}

/// A shipment that lives.
pub(super) struct Life {
    pub(super) now: DateTime<Utc>,
    policy: ShipmentPolicy,
    initial: ShipmentState,
    pub(super) history: History,
}

impl Life {
    fn new(now: DateTime<Utc>) -> Self {
        let initial = ShipmentState::default();
        let states = vec![initial.clone()];
        let history = History { commands: Vec::new(), events: Vec::new(), states };
        Self { now, policy: ShipmentPolicy::default(), initial, history }
    }

    /// The life that goes on after `history`.
    pub(super) fn after(history: History) -> Self {
        let now = history.commands.last().map_or(DateTime::UNIX_EPOCH, |(now, _)| *now);
        Self { history, ..Self::new(now) }
    }

    pub(super) fn state(&self) -> &ShipmentState {
        self.history.states.last().unwrap_or(&self.initial)
    }

    /// A command that is legal now. Three styles of four prefer what leads out of the hubs, where
    /// most lives would otherwise be spent: to carriers, to partners, to partners who fail.
    fn choose(&self, step: &Step, style: u8) -> Option<CommandKind> {
        let (phase, on_hold) = (self.state().phase, self.state().hold.is_some());
        let aside = step.aside < 15;
        let mut legal: Vec<CommandKind> = legal_commands(phase, on_hold).collect();
        legal.retain(|&kind| on_hold || kind != CommandKind::Release);
        if legal.iter().any(|&kind| leads_on(kind) != aside) {
            legal.retain(|&kind| leads_on(kind) != aside);
        }
        let wanted = match (phase, style) {
            (Phase::Created | Phase::AtHub, 1) if self.state().carrier.is_some() => {
                CommandKind::HandOver
            }
            (Phase::Created | Phase::AtHub, 1) => CommandKind::AllocateCarrier,
            (Phase::AtHub, 2 | 3) => CommandKind::AssignToPartner,
            (Phase::Assigned, 1..) => CommandKind::StartDelivery,
            (Phase::OutForDelivery, 3) if step.parts.number > 0 => CommandKind::RecordAttempt,
            (Phase::AttemptFailed, 3) if step.parts.flag => CommandKind::ScheduleReattempt,
            (Phase::AttemptFailed, 3) => CommandKind::ScanInbound,
            _ => CommandKind::CreateShipment,
        };
        if !aside && legal.contains(&wanted) {
            return Some(wanted);
        }
        (!legal.is_empty()).then(|| legal[step.pick.index(legal.len())])
    }

    pub(super) fn decide(
        &self,
        command: &ShipmentCommand,
    ) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
        let occurred = Occurred::observed(self.now);
        let context = DecideContext { now: self.now, occurred, policy: &self.policy };
        Shipment::decide(self.state(), command, &context)
    }

    fn take(&mut self, command: ShipmentCommand) {
        let Ok(events) = self.decide(&command) else { return };
        self.history.commands.push((self.now, command));
        for event in events {
            let next = Shipment::evolve(self.state().clone(), &event);
            self.history.states.push(next);
            self.history.events.push(event);
        }
    }

    /// The command of this kind as whoever has it would give it, with the right cash and proofs.
    pub(super) fn fitting(&self, kind: CommandKind, parts: Parts) -> Option<ShipmentCommand> {
        use ShipmentCommand as C;
        let (state, number, flag) = (self.state(), parts.number, parts.flag);
        let partner = match &state.custody {
            Custody::Partner(_) => state.partner.clone().filter(|_| flag),
            _ => None,
        };
        Some(match parts.command(kind) {
            C::CreateShipment(_) => return None,
            C::ConfirmPickup(pickup) => {
                let pieces = state.order.as_ref().filter(|_| flag).map(|order| order.pieces);
                ConfirmPickup { pieces, ..pickup }.into()
            }
            C::StartDelivery(mut start) => {
                start.partner = state.partner.clone().filter(|_| flag);
                start.into()
            }
            C::RecordAttempt(mut attempt) => {
                attempt.partner = partner;
                attempt.into()
            }
            C::ConfirmDelivery(delivery) => self.delivery(ConfirmDelivery { partner, ..delivery }),
            C::DeliverPartially(mut part) => {
                let others = state.pieces_left().checked_sub(1).filter(|&others| others > 0)?;
                (part.pieces, part.partner) = (1 + number % others, partner);
                part.into()
            }
            C::CollectCod(payment) => {
                let due = state.cod_due()?;
                let amount_minor = due.amount_minor.div_ceil(1 + u64::from(number) % 2);
                let amount = Money::new(amount_minor, due.currency);
                CollectCod { amount, partner, ..payment }.into()
            }
            C::Reschedule(mut change) => {
                let start = (self.now + Duration::hours(4)).naive_utc();
                change.promise =
                    Promise::resolve("Etc/UTC", start, start + Duration::hours(2)).ok()?;
                change.into()
            }
            C::IngestCarrierEvent(mut report) => {
                let allocation = state.carrier.clone()?;
                (report.carrier, report.waybill) = (allocation.carrier, allocation.waybill);
                report.at = self.now;
                report.into()
            }
            C::InitiateRto(mut start) => {
                if state.counted_attempts < self.policy.max_attempts {
                    start.cause = RtoCause::ClientDecision;
                }
                start.into()
            }
            C::RetractEvent(retraction) => self.retraction(retraction, number)?,
            C::ApproveRetraction(_) => self.approval()?,
            C::LiftLegalHold(mut hold) => {
                hold.reference.clone_from(state.legal_holds.first()?);
                hold.into()
            }
            C::CloseDispute(mut dispute) => {
                dispute.reference.clone_from(state.disputes.first()?);
                dispute.into()
            }
            C::EraseSubject(mut erasure) => {
                erasure.subject = state.subject()?.clone();
                erasure.into()
            }
            other => other,
        })
    }

    /// With every proof that is demanded and the cash that is due.
    fn delivery(&self, mut delivery: ConfirmDelivery) -> ShipmentCommand {
        let order = self.state().order.as_deref();
        let otp = order.and_then(|order| order.otp_digest);
        let digest = otp.or(Some(Sha256Digest::ZERO));
        delivery.cod_collected = self.state().cod_due();
        delivery.more_proofs.retain(|proof| proof.kind != ProofKind::Otp);
        if delivery.proof.kind == ProofKind::Otp {
            delivery.proof.digest = digest;
        }
        let demanded = order.map(|order| order.proofs.as_slice()).unwrap_or_default();
        delivery.more_proofs.extend(demanded.iter().map(|&kind| Proof { kind, digest }));
        delivery.into()
    }

    /// Mostly of the last event that moved it.
    fn retraction(&self, retraction: RetractEvent, number: u32) -> Option<ShipmentCommand> {
        let state = self.state();
        let last = state.before.as_ref().map(|before| before.version).filter(|_| number > 0);
        let version = last.unwrap_or(state.version);
        let event = self.history.events.get(usize::try_from(version.checked_sub(1)?).ok()?)?;
        let event_type = event.event_type().to_owned();
        Some(RetractEvent { version, event_type, ..retraction }.into())
    }

    fn approval(&self) -> Option<ShipmentCommand> {
        let request = self.state().retraction.as_deref()?;
        let by = format!("not-{}", request.by);
        Some(ApproveRetraction { event_id: request.event_id, by }.into())
    }
}
