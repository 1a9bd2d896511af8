//! Which command is legal in which phase of a shift, as data.

use super::command::ShiftCommandKind::{
    self, End, RecordCrossing, ReportBackOnRoute, ReportHeard, ReportOffRoute, ReportSilence, Start,
};
use super::state::ShiftPhase::{self, Ended, NotStarted, Silent, Started};
use crate::transitions::{Rule, Table};

/// Every legal transition of a shift. What is not here is refused.
pub const TABLE: Table<ShiftPhase, ShiftCommandKind> = Table(&[
    Rule {
        command: Start,
        from: &[NotStarted],
        event: "ShiftStarted",
        to: Some(Started),
        again: &[Started, Silent],
    },
    Rule {
        command: End,
        from: &[Started, Silent],
        event: "ShiftEnded",
        to: Some(Ended),
        again: &[Ended],
    },
    Rule {
        // In any phase: a device reports when it has a connection.
        command: RecordCrossing,
        from: &[NotStarted, Started, Silent, Ended],
        event: "GeofenceBreached",
        to: None,
        again: &[],
    },
    Rule {
        command: ReportSilence,
        from: &[Started],
        event: "PartnerSilent",
        to: Some(Silent),
        again: &[Silent],
    },
    Rule {
        command: ReportHeard,
        from: &[Silent],
        event: "PartnerHeard",
        to: Some(Started),
        again: &[Started],
    },
    Rule {
        // Also while silent: the fix that shows it may be told before it ends the silence.
        command: ReportOffRoute,
        from: &[Started, Silent],
        event: "PartnerWentOffRoute",
        to: None,
        again: &[],
    },
    Rule {
        command: ReportBackOnRoute,
        from: &[Started, Silent],
        event: "PartnerBackOnRoute",
        to: None,
        again: &[],
    },
]);
