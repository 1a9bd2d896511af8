//! Which command is legal in which phase: the shipment's transition table, as data.

mod rules;

pub use rules::TABLE;

use super::command::CommandKind;
use super::phase::Phase;

/// One row of the table: a command, the phases it is legal in, what it records and where that leads.
///
/// A row says what may be asked in a phase. Guards on the content, such as the assigned partner or
/// the cash that is due, come after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The command.
    pub command: CommandKind,
    /// The phases in which it is legal.
    pub from: &'static [Phase],
    /// The phases in which it is legal only while the shipment is on hold.
    pub from_hold: &'static [Phase],
    /// Whether a hold stops it.
    pub stopped_by_hold: bool,
    /// What it can record, and where each leads. It records one of them, or several in this order,
    /// of which the last says where it ends.
    pub outcomes: &'static [Outcome],
    /// What is checked beside phase and hold, in words.
    pub guard: &'static str,
    /// The tag and subtag of [AfterShip](https://www.aftership.com/docs/tracking/enum) that tell
    /// the same.
    pub aftership: &'static str,
    /// The business step or disposition of EPCIS 2.0's Core Business Vocabulary that tells the same.
    pub epcis: &'static str,
}

/// What a command can record, and where it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The event.
    pub event: &'static str,
    /// The phases in which this can come of the command; all in which it is legal, where this is
    /// empty.
    pub from: &'static [Phase],
    /// The phase after it.
    pub to: Target,
}

/// The phase after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// This one.
    Phase(Phase),
    /// The one before it.
    Same,
    /// The one before the event that is retracted, or the same.
    Before,
}

/// The row of `command`.
fn rule(command: CommandKind) -> Option<&'static Rule> {
    TABLE.iter().find(|rule| rule.command == command)
}

impl Rule {
    /// Whether the command is legal in `phase`, on hold or not.
    #[must_use]
    pub fn allows(&self, phase: Phase, on_hold: bool) -> bool {
        if on_hold {
            !self.stopped_by_hold && (self.from.contains(&phase) || self.from_hold.contains(&phase))
        } else {
            self.from.contains(&phase)
        }
    }

    /// What can come of the command in `phase`.
    fn outcomes_in(&self, phase: Phase) -> impl Iterator<Item = &'static Outcome> {
        let outcomes = self.outcomes.iter();
        outcomes.filter(move |outcome| outcome.from.is_empty() || outcome.from.contains(&phase))
    }
}

/// Whether `command` is legal in `phase`, on hold or not.
#[must_use]
pub fn is_legal(phase: Phase, on_hold: bool, command: CommandKind) -> bool {
    rule(command).is_some_and(|rule| rule.allows(phase, on_hold))
}

/// The phases that `command` can lead to from `phase`, where it is legal. What a retraction leads to
/// depends on what is retracted: of that it names only `phase`.
#[must_use]
pub fn next_phases(phase: Phase, on_hold: bool, command: CommandKind) -> Vec<Phase> {
    let legal = rule(command).filter(|rule| rule.allows(phase, on_hold));
    let mut phases: Vec<Phase> = legal
        .into_iter()
        .flat_map(|rule| rule.outcomes_in(phase))
        .map(|outcome| match outcome.to {
            Target::Phase(to) => to,
            Target::Same | Target::Before => phase,
        })
        .collect();
    phases.sort_unstable();
    phases.dedup();
    phases
}

/// The phases in which `command` is legal.
pub(super) fn sources(command: CommandKind) -> &'static [Phase] {
    rule(command).map_or(&[], |rule| rule.from)
}

/// The commands that are legal in `phase`, on hold or not, in the order of a shipment's life.
pub fn legal_commands(phase: Phase, on_hold: bool) -> impl Iterator<Item = CommandKind> {
    TABLE.iter().filter(move |rule| rule.allows(phase, on_hold)).map(|rule| rule.command)
}

/// The table as a Mermaid state diagram: what leads from phase to phase. Commands that leave a
/// shipment where it is are not drawn, nor are retractions.
#[must_use]
pub fn mermaid() -> String {
    let name = |phase: Phase| if phase == Phase::Unknown { "[*]" } else { phase.as_str() };
    let mut lines = vec!["stateDiagram-v2".to_owned()];
    for rule in TABLE {
        for &from in rule.from.iter().chain(rule.from_hold) {
            for outcome in rule.outcomes_in(from) {
                let Target::Phase(to) = outcome.to else { continue };
                let held = if rule.from.contains(&from) { "" } else { " (on hold)" };
                let command = rule.command.as_str();
                lines.push(format!("    {} --> {}: {command}{held}", name(from), name(to)));
            }
        }
    }
    let ends = Phase::ALL.iter().filter(|phase| phase.is_terminal());
    lines.extend(ends.map(|phase| format!("    {} --> [*]", phase.as_str())));
    lines.join("\n") + "\n"
}
