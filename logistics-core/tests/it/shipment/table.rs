//! Deciding and the table, against the matrix; the diagram; what refusals say.

use std::collections::{BTreeMap, BTreeSet};

use logistics_core::eventsourcing::{Decider, DomainEvent};
use logistics_core::shipment::{
    CommandKind, Phase, Rule, Shipment, ShipmentRejection, TABLE, Target, is_legal, legal_commands,
    mermaid, next_phases,
};

use super::commands::command;
use super::matrix::{Verdict, cells};
use super::places::decide;

fn rule(kind: CommandKind) -> &'static Rule {
    TABLE.iter().find(|rule| rule.command == kind).unwrap()
}

/// Every event that a command can record.
pub(crate) fn event_names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|rule| rule.outcomes).map(|outcome| outcome.event)
}

#[test]
fn every_cell_is_decided_as_the_matrix_says() {
    for (place, on_hold, kind, expected) in cells() {
        let state = if on_hold { place.on_hold() } else { place.state() };
        let (phase, before) = (state.phase, state.clone());
        let decision = decide(&state, &command(kind, &state));
        assert_eq!(state, before);
        let found = match decision {
            Err(ShipmentRejection::IllegalTransition { phase: at, command }) => {
                assert_eq!((at, command), (phase, kind));
                Verdict::Illegal
            }
            Err(ShipmentRejection::OnHold { .. }) => Verdict::OnHold,
            Err(rejection) => Verdict::Refused(rejection.code()),
            Ok(events) if events.is_empty() => Verdict::Nothing,
            Ok(events) => {
                for event in &events {
                    let known = rule(kind).outcomes.iter().map(|outcome| outcome.event);
                    assert!(known.clone().any(|name| name == event.event_type()), "{kind:?}");
                }
                let after = events.iter().fold(state, Shipment::evolve);
                match expected {
                    Verdict::To(_) => Verdict::To(after.phase),
                    _ if after.phase == phase => Verdict::Stays,
                    _ => Verdict::To(after.phase),
                }
            }
        };
        assert_eq!(found, expected, "{place:?} × {kind:?}, on hold: {on_hold}");
    }
}

#[test]
fn the_table_says_what_the_matrix_says() {
    let mut reached: BTreeMap<(Phase, bool, CommandKind), BTreeSet<Phase>> = BTreeMap::new();
    for (place, on_hold, kind, expected) in cells() {
        let phase = place.state().phase;
        let legal = !matches!(expected, Verdict::Illegal | Verdict::OnHold);
        assert_eq!(is_legal(phase, on_hold, kind), legal, "{place:?} × {kind:?}");
        assert_eq!(legal_commands(phase, on_hold).any(|listed| listed == kind), legal);
        let next = next_phases(phase, on_hold, kind);
        assert_eq!(next.is_empty(), !legal, "{place:?} × {kind:?}");
        let to = match expected {
            Verdict::To(to) => to,
            Verdict::Stays => phase,
            _ => continue,
        };
        let back = rule(kind).outcomes.iter().any(|outcome| outcome.to == Target::Before);
        assert!(back || next.contains(&to), "{place:?} × {kind:?}: {to:?} is not in {next:?}");
        reached.entry((phase, on_hold, kind)).or_default().insert(to);
    }
    // What a carrier tells, and a part that ends an attempt, lead to more than one cell can say.
    let more = [CommandKind::IngestCarrierEvent, CommandKind::DeliverPartially];
    for (&(phase, on_hold, kind), found) in &reached {
        if more.contains(&kind) {
            continue;
        }
        let outcomes: BTreeSet<Phase> = next_phases(phase, on_hold, kind).into_iter().collect();
        // Of several events of one decision the last says where it ends.
        let extra: Vec<_> = outcomes.difference(found).filter(|&&to| to != phase).collect();
        assert!(extra.is_empty(), "{phase:?} × {kind:?} never leads to {extra:?}");
    }
    assert!(TABLE.iter().map(|rule| rule.command).eq(CommandKind::ALL.iter().copied()));
}

#[test]
fn refusals_say_where_it_stands_and_what_is_legal() {
    let rejection = ShipmentRejection::IllegalTransition {
        phase: Phase::RtoInTransit,
        command: CommandKind::DepartRto,
    };
    assert_eq!(rejection.code(), "not_returning");
    assert_eq!(
        rejection.to_string(),
        "depart_rto is legal only from rto_pending; the shipment is rto_in_transit, where \
         scan_inbound, hold, release, ingest_carrier_event, confirm_rto, declare_lost, \
         declare_damaged, retract_event, place_legal_hold, lift_legal_hold, open_dispute, \
         close_dispute, erase_subject is legal"
    );
    let words: BTreeSet<_> = cells()
        .filter(|(.., expected)| *expected == Verdict::Illegal)
        .map(|(place, _, command, _)| {
            let phase = place.state().phase;
            ShipmentRejection::IllegalTransition { phase, command }.code()
        })
        .collect();
    let expected = [
        "already_cancelled",
        "already_created",
        "already_delivered",
        "already_picked_up",
        "already_returned",
        "already_returning",
        "damaged",
        "lost",
        "no_failed_attempt",
        "no_promise_to_move",
        "no_retraction_requested",
        "not_assigned",
        "not_at_hub",
        "not_cancellable",
        "not_in_network",
        "not_lost",
        "not_out_for_delivery",
        "not_picked_up",
        "not_returnable",
        "not_returning",
        "not_with_carrier",
        "unknown_shipment",
    ];
    assert!(words.iter().eq(expected.iter()), "{words:?}");
}

#[test]
fn the_diagram_draws_what_leads_from_phase_to_phase() {
    let diagram = mermaid();
    let name = |phase: Phase| if phase == Phase::Unknown { "[*]" } else { phase.as_str() };
    let drawn: BTreeSet<&str> = diagram.lines().map(str::trim).collect();
    for (place, on_hold, kind, expected) in cells() {
        let Verdict::To(to) = expected else { continue };
        if matches!(kind, CommandKind::RetractEvent | CommandKind::ApproveRetraction) {
            continue;
        }
        let from = place.state().phase;
        let held = if on_hold && !is_legal(from, false, kind) { " (on hold)" } else { "" };
        let line = format!("{} --> {}: {}{held}", name(from), name(to), kind.as_str());
        assert!(drawn.contains(line.as_str()), "{line}");
    }
    for phase in Phase::ALL.iter().filter(|phase| phase.is_terminal()) {
        assert!(drawn.contains(format!("{} --> [*]", phase.as_str()).as_str()));
    }
    assert_eq!(drawn.len(), diagram.lines().count(), "a line is drawn twice");
}
