//! Which command is legal in which phase: the shipment's transition table, as data.

use super::command::CommandKind;
use super::state::Phase;

/// One row of the table: a command, the phases it is legal in, what it records and where it leads.
///
/// A row says what may be asked in a phase. Guards on the content, such as the assigned partner or
/// the cash that is due, come after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The command.
    pub command: CommandKind,
    /// The phases in which it is legal.
    pub from: &'static [Phase],
    /// The event it records.
    pub event: &'static str,
    /// The phase after it.
    pub to: Phase,
}

/// Every legal transition of a shipment. What is not here is refused.
pub const TABLE: [Rule; 10] = [
    Rule {
        command: CommandKind::CreateShipment,
        from: &[Phase::Unknown],
        event: "ShipmentCreated",
        to: Phase::Created,
    },
    Rule {
        command: CommandKind::ConfirmPickup,
        from: &[Phase::Created],
        event: "PickupConfirmed",
        to: Phase::PickedUp,
    },
    Rule {
        // From AttemptFailed: the partner brought it back.
        command: CommandKind::ScanInbound,
        from: &[Phase::PickedUp, Phase::InTransit, Phase::AtHub, Phase::AttemptFailed],
        event: "HubArrived",
        to: Phase::AtHub,
    },
    Rule {
        // Not only from AtHub: a hub that missed the inbound scan must not be stuck.
        command: CommandKind::ScanOutbound,
        from: &[Phase::PickedUp, Phase::InTransit, Phase::AtHub],
        event: "HubDeparted",
        to: Phase::InTransit,
    },
    Rule {
        command: CommandKind::AssignToPartner,
        from: &[Phase::AtHub, Phase::Assigned],
        event: "AssignedToPartner",
        to: Phase::Assigned,
    },
    Rule {
        command: CommandKind::Unassign,
        from: &[Phase::Assigned],
        event: "UnassignedFromPartner",
        to: Phase::AtHub,
    },
    Rule {
        command: CommandKind::StartDelivery,
        from: &[Phase::Assigned],
        event: "OutForDelivery",
        to: Phase::OutForDelivery,
    },
    Rule {
        command: CommandKind::RecordAttempt,
        from: &[Phase::OutForDelivery],
        event: "DeliveryAttempted",
        to: Phase::AttemptFailed,
    },
    Rule {
        // From AttemptFailed: a delivery whose report came late overrules the failed attempt.
        command: CommandKind::ConfirmDelivery,
        from: &[Phase::OutForDelivery, Phase::AttemptFailed],
        event: "DeliveryConfirmed",
        to: Phase::Delivered,
    },
    Rule {
        command: CommandKind::Cancel,
        from: &[Phase::Created, Phase::PickedUp, Phase::InTransit, Phase::AtHub],
        event: "Cancelled",
        to: Phase::Cancelled,
    },
];

/// The row of `command`.
fn rule(command: CommandKind) -> Option<&'static Rule> {
    TABLE.iter().find(|rule| rule.command == command)
}

/// The phase that `command` leads to from `phase`; `None` where it is illegal.
#[must_use]
pub fn next_phase(phase: Phase, command: CommandKind) -> Option<Phase> {
    rule(command).filter(|rule| rule.from.contains(&phase)).map(|rule| rule.to)
}

/// The phases in which `command` is legal.
pub(super) fn sources(command: CommandKind) -> &'static [Phase] {
    rule(command).map_or(&[], |rule| rule.from)
}

/// The commands that are legal in `phase`, in the order of a shipment's life.
pub fn legal_commands(phase: Phase) -> impl Iterator<Item = CommandKind> {
    TABLE.iter().filter(move |rule| rule.from.contains(&phase)).map(|rule| rule.command)
}

/// The table as a Mermaid state diagram.
#[must_use]
pub fn mermaid() -> String {
    let name = |phase: Phase| if phase == Phase::Unknown { "[*]" } else { phase.as_str() };
    let transitions = TABLE.iter().flat_map(|rule| {
        rule.from.iter().map(move |&from| {
            format!("    {} --> {}: {}\n", name(from), name(rule.to), rule.command.as_str())
        })
    });
    let ends = Phase::ALL
        .iter()
        .filter(|phase| phase.is_terminal())
        .map(|phase| format!("    {} --> [*]\n", phase.as_str()));
    std::iter::once("stateDiagram-v2\n".to_owned()).chain(transitions).chain(ends).collect()
}
