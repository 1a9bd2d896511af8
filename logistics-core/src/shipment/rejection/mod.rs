//! Why a command to a shipment is refused.

mod words;

use chrono::{DateTime, Utc};

use self::words::{Collected, Legal, Sources, Words, transition_code};
use super::command::CommandKind;
use super::custody::Custody;
use super::phase::Phase;
use super::proof::ProofKind;
use crate::ids::{CarrierId, PartnerId, Waybill};
use crate::values::Money;

/// Why a command to a shipment is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShipmentRejection {
    /// The command is not legal in this phase: see the message for what is.
    #[error(
        "{} is legal only {}; the shipment is {}, where {} is legal",
        .command.as_str(), Sources(*.command), Words(*.phase), Legal(*.phase)
    )]
    IllegalTransition {
        /// Where the shipment stands.
        phase: Phase,
        /// What was asked.
        command: CommandKind,
    },
    /// A hold stops the command: release the shipment first.
    #[error("{} is not possible while the shipment is on hold: {reason}", .command.as_str())]
    OnHold {
        /// What was asked.
        command: CommandKind,
        /// Why it is on hold.
        reason: String,
    },
    /// It is in other hands than the command needs: scan it where it is first.
    #[error("{} is not possible while {holder} has the shipment", .command.as_str())]
    NotInHand {
        /// What was asked.
        command: CommandKind,
        /// Who has it.
        holder: Custody,
    },
    /// Another partner has it: only the assigned one may report on it.
    #[error("the shipment is assigned to partner {assigned}, not to {found}")]
    WrongPartner {
        /// Who has it.
        assigned: PartnerId,
        /// Who reported.
        found: PartnerId,
    },
    /// All attempts are used up: bring it back to a hub.
    #[error("{used} of {max} attempts are used up")]
    AttemptsExhausted {
        /// How many attempts counted.
        used: u32,
        /// How many are allowed.
        max: u32,
    },
    /// Attempts are left, so that this cannot be why it goes back: give another cause.
    #[error("only {used} of {max} attempts are used up")]
    AttemptsLeft {
        /// How many attempts counted.
        used: u32,
        /// How many are allowed.
        max: u32,
    },
    /// No reattempt is scheduled.
    #[error("no reattempt is scheduled")]
    NoReattempt,
    /// It failed or was to be returned too long ago for a delivery to be reported for it.
    #[error("it could not be handed over, and a late report that it was had to come until {until}")]
    LateReportClosed {
        /// Until when it would have been taken.
        until: DateTime<Utc>,
    },
    /// The cash that was collected is not what is due: collect exactly that.
    #[error("cash on delivery of {due} is due, {} was collected", Collected(.collected))]
    CodNotSettled {
        /// What is due.
        due: Money,
        /// What was collected, if anything.
        collected: Option<Money>,
    },
    /// Cash was collected though none is due.
    #[error("no cash on delivery is due, {collected} was collected")]
    CodNotDue {
        /// What was collected.
        collected: Money,
    },
    /// More cash was collected than is due, or another currency.
    #[error("cash on delivery of {due} is due, {collected} is not a part of it")]
    CodExceedsDue {
        /// What is due.
        due: Money,
        /// What was collected.
        collected: Money,
    },
    /// The payment was reported before with another amount: give each payment its own name.
    #[error("payment {reference:?} was reported before as {found}")]
    PaymentReused {
        /// The payment's name.
        reference: String,
        /// What it was then.
        found: Money,
    },
    /// Nothing is due that could be waived.
    #[error("no cash on delivery is due")]
    NothingDue,
    /// The client demands another proof: deliver with it.
    #[error("the client demands proof by {}, with its digest", .kind.as_str())]
    ProofMissing {
        /// What is demanded.
        kind: ProofKind,
    },
    /// The one-time password is not the one that the consignee was given.
    #[error("the one-time password does not match")]
    OtpMismatch,
    /// Not all pieces were scanned: look for the others.
    #[error("{ordered} pieces were ordered, {found} were scanned")]
    PiecesMismatch {
        /// How many there are.
        ordered: u32,
        /// How many were scanned.
        found: u32,
    },
    /// So many pieces are not a part of those that are left: confirm the delivery when all are.
    #[error("{found} pieces are not a part of the {left} that are left")]
    NotAPart {
        /// How many are left.
        left: u32,
        /// How many were handed over.
        found: u32,
    },
    /// The new promise ends in the past.
    #[error("the promise ended at {end}")]
    PromisePast {
        /// When.
        end: DateTime<Utc>,
    },
    /// No carrier is allocated: allocate one first.
    #[error("no carrier is allocated")]
    NoCarrier,
    /// A carrier is to have it: reject the handover before it is assigned to a partner.
    #[error("carrier {carrier} is to have it")]
    CarrierAllocated {
        /// The carrier.
        carrier: CarrierId,
    },
    /// The report is of another carrier or another waybill.
    #[error("waybill {waybill} of carrier {carrier} is not the shipment's")]
    WrongWaybill {
        /// The carrier that reported.
        carrier: CarrierId,
        /// Its waybill.
        waybill: Waybill,
    },
    /// Nothing shows it: give the digest of something that does.
    #[error("no evidence is given")]
    EvidenceMissing,
    /// There is no such event in the stream.
    #[error("there is no event {version}, the last one is {last}")]
    NoSuchEvent {
        /// The version that was given.
        version: u64,
        /// The version of the last event.
        last: u64,
    },
    /// What this event says cannot be taken back.
    #[error("{event_type} cannot be retracted")]
    NotRetractable {
        /// The event's name.
        event_type: String,
    },
    /// Nobody asked to retract this event: ask first.
    #[error("nobody asked to retract that event")]
    NoRetractionRequested,
    /// Who asked cannot approve: let another operator do so.
    #[error("{by} asked for the retraction, another operator must approve it")]
    SameOperator {
        /// The operator.
        by: String,
    },
    /// There is no such legal hold or dispute.
    #[error("there is no {what} {reference:?}")]
    NoSuchReference {
        /// `legal hold` or `dispute`.
        what: &'static str,
        /// What was given.
        reference: String,
    },
    /// It must be kept as evidence: erase when the last legal hold is lifted.
    #[error("a legal hold forbids to erase: {reference}")]
    UnderLegalHold {
        /// The file.
        reference: String,
    },
    /// It is disputed: erase when the last dispute is closed.
    #[error("a dispute is open: {reference}")]
    Disputed {
        /// The dispute.
        reference: String,
    },
    /// The shipment holds no data of this person.
    #[error("the shipment holds nothing of that person")]
    UnknownSubject,
    /// There are as many of these as are kept.
    #[error("there are {max} {what} already")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are kept.
        max: usize,
    },
    /// A number is out of its range.
    #[error("{field} is {found}, not within {min} and {max}")]
    OutOfRange {
        /// Which number.
        field: &'static str,
        /// What was given.
        found: u64,
        /// The least that is accepted.
        min: u64,
        /// The most that is accepted.
        max: u64,
    },
    /// A text is empty or too long.
    #[error("{field} has {bytes} bytes, not within 1 and {bytes_max}")]
    TextLength {
        /// Which text.
        field: &'static str,
        /// Its length in bytes of UTF-8.
        bytes: usize,
        /// The most that is accepted.
        bytes_max: usize,
    },
}

impl ShipmentRejection {
    /// A stable word for the reason, such as `not_out_for_delivery`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::IllegalTransition { phase, command } => transition_code(*phase, *command),
            Self::OnHold { .. } => "on_hold",
            Self::NotInHand { .. } => "not_in_hand",
            Self::WrongPartner { .. } => "wrong_partner",
            Self::AttemptsExhausted { .. } => "attempts_exhausted",
            Self::AttemptsLeft { .. } => "attempts_left",
            Self::NoReattempt => "no_reattempt",
            Self::LateReportClosed { .. } => "late_report_closed",
            Self::CodNotSettled { .. } => "cod_not_settled",
            Self::CodNotDue { .. } | Self::NothingDue => "cod_not_due",
            Self::CodExceedsDue { .. } => "cod_exceeds_due",
            Self::PaymentReused { .. } => "payment_reused",
            Self::ProofMissing { .. } => "proof_missing",
            Self::OtpMismatch => "otp_mismatch",
            Self::PiecesMismatch { .. } => "pieces_mismatch",
            Self::NotAPart { .. } => "not_a_part",
            Self::PromisePast { .. } => "promise_past",
            Self::NoCarrier => "no_carrier",
            Self::CarrierAllocated { .. } => "carrier_allocated",
            Self::WrongWaybill { .. } => "wrong_waybill",
            Self::EvidenceMissing => "evidence_missing",
            Self::NoSuchEvent { .. } => "no_such_event",
            Self::NotRetractable { .. } => "not_retractable",
            Self::NoRetractionRequested => "no_retraction_requested",
            Self::SameOperator { .. } => "same_operator",
            Self::NoSuchReference { .. } => "no_such_reference",
            Self::UnderLegalHold { .. } => "under_legal_hold",
            Self::Disputed { .. } => "disputed",
            Self::UnknownSubject => "unknown_subject",
            Self::TooMany { .. } => "too_many",
            Self::OutOfRange { .. } => "out_of_range",
            Self::TextLength { .. } => "text_length",
        }
    }

    /// The field of the command that is to blame, where one is.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::OutOfRange { field, .. } | Self::TextLength { field, .. } => Some(field),
            Self::WrongPartner { .. } => Some("partner"),
            Self::CodNotSettled { .. } | Self::CodNotDue { .. } => Some("cod_collected"),
            Self::CodExceedsDue { .. } => Some("amount"),
            Self::PaymentReused { .. } | Self::NoSuchReference { .. } => Some("reference"),
            Self::ProofMissing { .. } | Self::OtpMismatch => Some("proof"),
            Self::PiecesMismatch { .. } | Self::NotAPart { .. } => Some("pieces"),
            Self::PromisePast { .. } => Some("promise"),
            Self::AttemptsLeft { .. } => Some("cause"),
            Self::WrongWaybill { .. } => Some("waybill"),
            Self::EvidenceMissing => Some("evidence"),
            Self::NoSuchEvent { .. } => Some("version"),
            Self::NotRetractable { .. } => Some("event_type"),
            Self::NoRetractionRequested => Some("event_id"),
            Self::SameOperator { .. } => Some("by"),
            Self::UnknownSubject => Some("subject"),
            _ => None,
        }
    }

    /// Whether the command is wrong in itself, in any state.
    #[must_use]
    pub const fn is_invalid_input(&self) -> bool {
        matches!(self, Self::OutOfRange { .. } | Self::TextLength { .. } | Self::EvidenceMissing)
    }
}
