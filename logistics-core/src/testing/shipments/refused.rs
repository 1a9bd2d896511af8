//! Commands that must be refused.

use chrono::{DateTime, Utc};
use proptest::prelude::{Strategy, any};
use proptest::sample::{Index, select};

use super::history::{History, Life, legal_history};
use super::parts::{Parts, parts};
use crate::ids::{PartnerId, SubjectId, Waybill};
use crate::shipment::{
    CommandKind, ConfirmDelivery, RtoCause, ShipmentCommand, ShipmentRejection, ShipmentState,
    is_legal,
};
use crate::sla::Promise;
use crate::values::{Currency, Money};

/// A history that could have happened, and a command that must be refused after it.
#[derive(Debug, Clone)]
pub struct Refused {
    /// What has happened.
    pub history: History,
    /// When the command comes.
    pub now: DateTime<Utc>,
    /// The command.
    pub command: ShipmentCommand,
    /// The code of the rejection that it must meet.
    pub code: &'static str,
}

/// A history that could have happened, and a command that must be refused after it: one that is
/// illegal in its phase or stopped by a hold, or a legal one of which one thing is spoilt.
pub fn illegal_history() -> impl Strategy<Value = Refused> {
    let kinds = select(CommandKind::ALL);
    (legal_history(), kinds, parts(), any::<Index>()).prop_filter_map(
        "the command can be spoilt",
        |(history, kind, parts, pick)| {
            let life = Life::after(history);
            let (command, code) = refused(&life, kind, parts, pick)?;
            let now = life.now;
            Some(Refused { history: life.history, now, command, code })
        },
    )
}

fn refused(
    life: &Life,
    kind: CommandKind,
    parts: Parts,
    pick: Index,
) -> Option<(ShipmentCommand, &'static str)> {
    let state = life.state();
    let (phase, on_hold) = (state.phase, state.hold.is_some());
    if is_legal(phase, on_hold, kind) {
        // Only one thing is wrong with it.
        let command = life.fitting(kind, parts)?;
        let taken = life.decide(&command).is_ok_and(|events| !events.is_empty());
        let mut spoilt = if taken { spoil(state, command) } else { Vec::new() };
        return (!spoilt.is_empty()).then(|| spoilt.swap_remove(pick.index(spoilt.len())));
    }
    let illegal = ShipmentRejection::IllegalTransition { phase, command: kind };
    let code = if is_legal(phase, false, kind) { "on_hold" } else { illegal.code() };
    Some((parts.command(kind), code))
}

type Spoilt = Vec<(ShipmentCommand, &'static str)>;

/// What `command`, which would be taken, can be spoilt to, and how that is refused.
fn spoil(state: &ShipmentState, command: ShipmentCommand) -> Spoilt {
    use ShipmentCommand as C;
    match command {
        C::ConfirmPickup(mut pickup) => {
            pickup.pieces = state.order.as_ref().map(|order| order.pieces.saturating_add(1));
            vec![(pickup.into(), "pieces_mismatch")]
        }
        C::StartDelivery(_)
        | C::RecordAttempt(_)
        | C::ConfirmDelivery(_)
        | C::DeliverPartially(_)
        | C::CollectCod(_) => spoil_report(state, command),
        C::Reschedule(mut change) => {
            let past = DateTime::UNIX_EPOCH.naive_utc();
            let promise = Promise::resolve("Etc/UTC", past, past + chrono::Duration::hours(1));
            promise.map_or_else(
                |_| Vec::new(),
                |promise| {
                    change.promise = promise;
                    vec![(change.into(), "promise_past")]
                },
            )
        }
        C::WaiveCod(mut waiver) => {
            waiver.reason.clear();
            vec![(waiver.into(), "text_length")]
        }
        C::Hold(mut hold) => {
            hold.reason.clear();
            vec![(hold.into(), "text_length")]
        }
        C::Cancel(mut cancel) => {
            cancel.reason.clear();
            vec![(cancel.into(), "text_length")]
        }
        C::DeclareLost(mut loss) => {
            loss.evidence.clear();
            vec![(loss.into(), "evidence_missing")]
        }
        C::DeclareDamaged(mut damage) => {
            damage.evidence.clear();
            vec![(damage.into(), "evidence_missing")]
        }
        C::IngestCarrierEvent(mut report) => Waybill::new("of somebody else").map_or_else(
            |_| Vec::new(),
            |waybill| {
                report.waybill = waybill;
                vec![(report.into(), "wrong_waybill")]
            },
        ),
        C::InitiateRto(mut start) if state.counted_attempts == 0 => {
            start.cause = RtoCause::AttemptsExhausted;
            vec![(start.into(), "attempts_left")]
        }
        other => spoil_record(state, other),
    }
}

fn spoil_report(state: &ShipmentState, command: ShipmentCommand) -> Spoilt {
    use ShipmentCommand as C;
    let mut spoilt = Spoilt::new();
    let stranger = PartnerId::new("stranger").ok().filter(|_| state.partner.is_some());
    match command {
        C::StartDelivery(mut start) => {
            start.partner = stranger;
            spoilt.push((start.into(), "wrong_partner"));
        }
        C::RecordAttempt(mut attempt) => {
            attempt.partner = stranger;
            spoilt.push((attempt.into(), "wrong_partner"));
        }
        C::ConfirmDelivery(delivery) => {
            let (cod_collected, code) = match delivery.cod_collected {
                Some(_) => (None, "cod_not_settled"),
                None => (Some(Money::new(1, Currency::INR)), "cod_not_due"),
            };
            let unsettled = ConfirmDelivery { cod_collected, ..delivery.clone() };
            spoilt.push((unsettled.into(), code));
            if stranger.is_some() {
                let other = ConfirmDelivery { partner: stranger, ..delivery };
                spoilt.push((other.into(), "wrong_partner"));
            }
        }
        C::DeliverPartially(mut part) => {
            part.pieces = state.pieces_left();
            spoilt.push((part.clone().into(), "not_a_part"));
            (part.pieces, part.partner) = (1, stranger);
            spoilt.push((part.into(), "wrong_partner"));
        }
        C::CollectCod(mut payment) => {
            payment.amount.amount_minor = u64::MAX;
            spoilt.push((payment.clone().into(), "cod_exceeds_due"));
            if let Some(known) = state.payments.iter().find(|known| known.reference.is_some()) {
                payment.reference = known.reference.clone().unwrap_or_default();
                spoilt.push((payment.into(), "payment_reused"));
            }
        }
        _ => {}
    }
    spoilt
}

fn spoil_record(state: &ShipmentState, command: ShipmentCommand) -> Spoilt {
    use ShipmentCommand as C;
    let unknown = || "never heard of".to_owned();
    match command {
        C::RetractEvent(mut retraction) => {
            retraction.version = state.version.saturating_add(1);
            let later = retraction.clone().into();
            retraction.version = 1;
            vec![(later, "no_such_event"), (retraction.into(), "not_retractable")]
        }
        C::ApproveRetraction(mut approval) => {
            let Some(request) = &state.retraction else { return Spoilt::new() };
            approval.by.clone_from(&request.by);
            vec![(approval.into(), "same_operator")]
        }
        C::LiftLegalHold(mut hold) => {
            hold.reference = unknown();
            vec![(hold.into(), "no_such_reference")]
        }
        C::CloseDispute(mut dispute) => {
            dispute.reference = unknown();
            vec![(dispute.into(), "no_such_reference")]
        }
        C::EraseSubject(mut erasure) => SubjectId::new("somebody else").map_or_else(
            |_| Spoilt::new(),
            |subject| {
                erasure.subject = subject;
                vec![(erasure.into(), "unknown_subject")]
            },
        ),
        _ => Spoilt::new(),
    }
}
