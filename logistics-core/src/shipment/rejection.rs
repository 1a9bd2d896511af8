//! Why a command to a shipment is refused.

use std::fmt;

use chrono::{DateTime, Utc};

use super::command::CommandKind;
use super::state::Phase;
use super::table;
use crate::ids::PartnerId;
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
    /// The attempt failed too long ago for a delivery to be reported for it.
    #[error(
        "the attempt failed, and a late report of its delivery was possible only until {until}"
    )]
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
            Self::WrongPartner { .. } => "wrong_partner",
            Self::AttemptsExhausted { .. } => "attempts_exhausted",
            Self::LateReportClosed { .. } => "late_report_closed",
            Self::CodNotSettled { .. } => "cod_not_settled",
            Self::CodNotDue { .. } => "cod_not_due",
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
            _ => None,
        }
    }

    /// Whether the command is wrong in itself, in any state.
    #[must_use]
    pub const fn is_invalid_input(&self) -> bool {
        matches!(self, Self::OutOfRange { .. } | Self::TextLength { .. })
    }
}

/// Says what is missing for the command, or why nothing can be done any more.
const fn transition_code(phase: Phase, command: CommandKind) -> &'static str {
    match (phase, command) {
        (_, CommandKind::CreateShipment) => "already_created",
        (Phase::Unknown, _) => "unknown_shipment",
        (Phase::Delivered, _) => "already_delivered",
        (Phase::Cancelled, _) => "already_cancelled",
        (_, CommandKind::ConfirmPickup) => "already_picked_up",
        (Phase::Created, CommandKind::ScanInbound | CommandKind::ScanOutbound) => "not_picked_up",
        (_, CommandKind::ScanInbound | CommandKind::ScanOutbound) => "not_in_network",
        (_, CommandKind::AssignToPartner) => "not_at_hub",
        (_, CommandKind::Unassign | CommandKind::StartDelivery) => "not_assigned",
        (_, CommandKind::RecordAttempt | CommandKind::ConfirmDelivery) => "not_out_for_delivery",
        (_, CommandKind::Cancel) => "not_cancellable",
    }
}

struct Words(Phase);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

struct Sources(CommandKind);

impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match table::sources(self.0) {
            [Phase::Unknown] => f.write_str("for a new shipment"),
            phases => {
                f.write_str("from ")?;
                join(f, phases.iter().map(|phase| phase.as_str()))
            }
        }
    }
}

struct Legal(Phase);

impl fmt::Display for Legal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_terminal() {
            return f.write_str("nothing");
        }
        join(f, table::legal_commands(self.0).map(CommandKind::as_str))
    }
}

struct Collected<'a>(&'a Option<Money>);

impl fmt::Display for Collected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(money) => fmt::Display::fmt(money, f),
            None => f.write_str("nothing"),
        }
    }
}

fn join<'a>(f: &mut fmt::Formatter<'_>, words: impl Iterator<Item = &'a str>) -> fmt::Result {
    for (i, word) in words.enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        f.write_str(word)?;
    }
    Ok(())
}
