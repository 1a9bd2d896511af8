//! Which command is legal in which phase of a manifest, as data.

use super::command::ManifestCommandKind;
use super::state::ManifestPhase::{self, Planned, Unplanned};
use crate::transitions::{Rule, Table};

/// Every legal transition of a manifest. What is not here is refused.
pub const TABLE: Table<ManifestPhase, ManifestCommandKind> = Table(&[
    Rule {
        command: ManifestCommandKind::Plan,
        from: &[Unplanned, Planned],
        event: "ManifestPlanned",
        to: Some(Planned),
        again: &[],
    },
    Rule {
        command: ManifestCommandKind::Override,
        from: &[Planned],
        event: "ManifestOverridden",
        to: Some(Planned),
        again: &[],
    },
]);
