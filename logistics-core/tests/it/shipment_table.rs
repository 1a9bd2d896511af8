//! Every phase against every command: what is legal, and that deciding agrees with the table.

use logistics_core::eventsourcing::{DecideContext, Decider, DomainEvent, Occurred};
use logistics_core::shipment::{
    AssignToPartner, AttemptReason, Cancel, CommandKind, ConfirmDelivery, ConfirmPickup,
    CreateShipment, Phase, RecordAttempt, ScanInbound, ScanOutbound, Shipment, ShipmentCommand,
    ShipmentPolicy, ShipmentRejection, ShipmentState, StartDelivery, TABLE, Unassign,
    legal_commands, mermaid, next_phase,
};

use crate::fixtures::{day, hub, minute, order, partner, proof};

/// Rows are phases, columns commands in the order of `CommandKind::ALL`; `-` is refused, a letter
/// is the phase that follows (see `follows`).
const EXPECTED: &[(Phase, &str)] = &[
    //                       create pickup in out assign unassign start attempt deliver cancel
    (Phase::Unknown, "c---------"),
    (Phase::Created, "-p-------x"),
    (Phase::PickedUp, "--ht-----x"),
    (Phase::InTransit, "--ht-----x"),
    (Phase::AtHub, "--hta----x"),
    (Phase::Assigned, "----aho---"),
    (Phase::OutForDelivery, "-------fd-"),
    (Phase::AttemptFailed, "--h-----d-"),
    (Phase::Delivered, "----------"),
    (Phase::Cancelled, "----------"),
];

fn follows(letter: char) -> Option<Phase> {
    Some(match letter {
        'c' => Phase::Created,
        'p' => Phase::PickedUp,
        't' => Phase::InTransit,
        'h' => Phase::AtHub,
        'a' => Phase::Assigned,
        'o' => Phase::OutForDelivery,
        'f' => Phase::AttemptFailed,
        'd' => Phase::Delivered,
        'x' => Phase::Cancelled,
        _ => return None,
    })
}

/// Every cell: phase, command, the phase that follows.
fn cells() -> impl Iterator<Item = (Phase, CommandKind, Option<Phase>)> {
    EXPECTED.iter().flat_map(|&(phase, row)| {
        CommandKind::ALL
            .iter()
            .zip(row.chars())
            .map(move |(&command, c)| (phase, command, follows(c)))
    })
}

/// A command whose content no guard objects to.
fn command(kind: CommandKind) -> ShipmentCommand {
    match kind {
        CommandKind::CreateShipment => {
            let order = order();
            CreateShipment {
                id: order.id,
                client: order.client,
                reference: None,
                pieces: 1,
                weight_g: None,
                demand: 1,
                service_s: 180,
                destination: order.destination,
                hub: None,
                promise: None,
                cod: None,
                tracking_token_hash: None,
            }
            .into()
        }
        CommandKind::ConfirmPickup => ConfirmPickup::default().into(),
        CommandKind::ScanInbound => ScanInbound { hub: hub("HUB-1") }.into(),
        CommandKind::ScanOutbound => ScanOutbound { hub: hub("HUB-1"), to: None }.into(),
        CommandKind::AssignToPartner => AssignToPartner {
            partner: partner("DP-2"),
            date: day(),
            manifest_version: None,
            run: None,
        }
        .into(),
        CommandKind::Unassign => Unassign::default().into(),
        CommandKind::StartDelivery => StartDelivery::default().into(),
        CommandKind::RecordAttempt => {
            let reason = AttemptReason::Unavailable;
            RecordAttempt { reason, partner: None, position: None }.into()
        }
        CommandKind::ConfirmDelivery => {
            ConfirmDelivery { proof: proof(), partner: None, position: None, cod_collected: None }
                .into()
        }
        CommandKind::Cancel => Cancel { reason: "ordered twice".into() }.into(),
    }
}

#[test]
fn the_matrix_covers_every_cell() {
    assert_eq!(EXPECTED.iter().map(|&(phase, _)| phase).collect::<Vec<_>>(), Phase::ALL);
    assert!(EXPECTED.iter().all(|(_, row)| row.len() == CommandKind::ALL.len()));
    assert_eq!(TABLE.map(|rule| rule.command).as_slice(), CommandKind::ALL);
}

#[test]
fn every_cell_is_decided_as_the_table_says() {
    let policy = ShipmentPolicy::default();
    let context =
        DecideContext { now: minute(0), occurred: Occurred::observed(minute(0)), policy: &policy };
    for (phase, kind, expected) in cells() {
        assert_eq!(next_phase(phase, kind), expected, "{phase:?} × {kind:?}");
        let listed = legal_commands(phase).any(|legal| legal == kind);
        assert_eq!(listed, expected.is_some(), "{phase:?} × {kind:?}");

        let state =
            ShipmentState { phase, partner: Some(partner("DP-1")), ..ShipmentState::default() };
        let before = state.clone();
        let decision = Shipment::decide(&state, &command(kind), &context);
        assert_eq!(state, before);
        match (decision, expected) {
            (Ok(events), Some(to)) => {
                let rule = TABLE.iter().find(|rule| rule.command == kind).unwrap();
                assert_eq!(events.last().unwrap().event_type(), rule.event);
                let after = events.iter().fold(state, Shipment::evolve);
                assert_eq!(after.phase, to, "{phase:?} × {kind:?}");
            }
            (Err(ShipmentRejection::IllegalTransition { phase: found, command }), None) => {
                assert_eq!((found, command), (phase, kind));
            }
            (decision, _) => panic!("{phase:?} × {kind:?}: {decision:?}"),
        }
    }
}

#[test]
fn refusals_say_where_it_stands_and_what_is_legal() {
    let rejection = ShipmentRejection::IllegalTransition {
        phase: Phase::AtHub,
        command: CommandKind::ConfirmDelivery,
    };
    assert_eq!(rejection.code(), "not_out_for_delivery");
    assert_eq!(
        rejection.to_string(),
        "confirm_delivery is legal only from out_for_delivery, attempt_failed; the shipment is \
         at_hub, where scan_inbound, scan_outbound, assign_to_partner, cancel is legal"
    );
    let words: std::collections::BTreeSet<_> = cells()
        .filter(|(.., next)| next.is_none())
        .map(|(phase, command, _)| ShipmentRejection::IllegalTransition { phase, command }.code())
        .collect();
    let expected = [
        "already_cancelled",
        "already_created",
        "already_delivered",
        "already_picked_up",
        "not_assigned",
        "not_at_hub",
        "not_cancellable",
        "not_in_network",
        "not_out_for_delivery",
        "not_picked_up",
        "unknown_shipment",
    ];
    assert!(words.iter().eq(expected.iter()), "{words:?}");
}

#[test]
fn the_diagram_draws_every_legal_cell_and_no_other() {
    let diagram = mermaid();
    let name = |phase: Phase| if phase == Phase::Unknown { "[*]" } else { phase.as_str() };
    let mut expected: Vec<String> = cells()
        .filter_map(|(from, command, to)| {
            Some(format!("    {} --> {}: {}", name(from), name(to?), command.as_str()))
        })
        .collect();
    expected.extend(["delivered", "cancelled"].map(|end| format!("    {end} --> [*]")));
    expected.push("stateDiagram-v2".into());
    expected.sort();
    let mut drawn: Vec<_> = diagram.lines().map(str::to_owned).collect();
    drawn.sort();
    assert_eq!(drawn, expected);
}

#[test]
fn the_documentation_shows_the_diagram_as_it_is() {
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&format!("```mermaid\n{}```\n", mermaid())), "{}", mermaid());
}
