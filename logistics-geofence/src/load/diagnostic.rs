//! What can be wrong with a feature, and the list of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Policy;
use crate::zone::ZoneId;

/// One thing wrong with a feature or with the collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Position of the feature in the file, from 0; nothing when it is about the whole file.
    pub index: Option<usize>,
    /// The feature's id, once it is known.
    pub id: Option<ZoneId>,
    /// What kind of thing.
    pub code: DiagnosticCode,
    /// Whether it refuses the set.
    pub severity: Severity,
    /// What and where, for people.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.index {
            write!(f, "feature {index}")?;
            if let Some(id) = &self.id {
                write!(f, " ({id})")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

/// Whether a diagnostic refuses the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The set is refused.
    Error,
    /// The zone is taken as it is.
    Warning,
}

/// What can be wrong with a feature or with the collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiagnosticCode {
    /// A member is missing or of another type than RFC 7946 wants, or the geometry is neither a
    /// Polygon nor a MultiPolygon.
    WrongType,
    /// The geometry is null.
    NullGeometry,
    /// The geometry has no polygon, or a polygon no ring, or a ring no position.
    EmptyGeometry,
    /// A coordinate is not a finite number.
    NotANumber,
    /// A longitude beyond ±180° or a latitude beyond ±90°.
    OutOfRange,
    /// Out of range, and in range the other way round: latitude was written first.
    SwappedLatLon,
    /// An edge spans more than 180° of longitude. Cut the polygon at the antimeridian
    /// (RFC 7946, 3.1.9).
    AntimeridianSpan,
    /// A ring does not end where it began.
    UnclosedRing,
    /// The id is no legal zone id.
    InvalidId,
    /// An earlier feature has the same id.
    DuplicateId,
    /// The coordinates refer to a system other than WGS 84 longitude and latitude.
    UnknownCrs,
    /// Something follows the end of the JSON document.
    TrailingData,
    /// Too tangled to check: too many edges share each other's bounding boxes.
    TooComplex,
    /// A ring has fewer than four positions. *Invalid geometry.*
    TooFewPositions,
    /// A ring encloses nothing: all its positions are on one line. *Invalid geometry.*
    ZeroArea,
    /// A ring crosses or touches itself, doubles back on itself, or crosses another ring of its
    /// polygon. *Invalid geometry.*
    SelfIntersection,
    /// A hole, or some of it, lies outside its shell. *Invalid geometry.*
    HoleOutsideShell,
    /// A hole lies in another hole of its polygon. *Invalid geometry.*
    NestedHoles,
    /// Two polygons of a multipolygon overlap or share more than points. *Invalid geometry.*
    OverlappingParts,
}

impl DiagnosticCode {
    /// The code as in JSON: `self_intersection`, `duplicate_id`, …
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongType => "wrong_type",
            Self::NullGeometry => "null_geometry",
            Self::EmptyGeometry => "empty_geometry",
            Self::NotANumber => "not_a_number",
            Self::OutOfRange => "out_of_range",
            Self::SwappedLatLon => "swapped_lat_lon",
            Self::AntimeridianSpan => "antimeridian_span",
            Self::UnclosedRing => "unclosed_ring",
            Self::InvalidId => "invalid_id",
            Self::DuplicateId => "duplicate_id",
            Self::UnknownCrs => "unknown_crs",
            Self::TrailingData => "trailing_data",
            Self::TooComplex => "too_complex",
            Self::TooFewPositions => "too_few_positions",
            Self::ZeroArea => "zero_area",
            Self::SelfIntersection => "self_intersection",
            Self::HoleOutsideShell => "hole_outside_shell",
            Self::NestedHoles => "nested_holes",
            Self::OverlappingParts => "overlapping_parts",
        }
    }

    /// Whether the geometry is invalid but has a defined even-odd answer.
    fn has_even_odd_answer(self) -> bool {
        matches!(
            self,
            Self::TooFewPositions
                | Self::ZeroArea
                | Self::SelfIntersection
                | Self::HoleOutsideShell
                | Self::NestedHoles
                | Self::OverlappingParts
        )
    }
}

/// The diagnostics so far, judged by the policy.
pub(crate) struct Report {
    policy: Policy,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Takes diagnostics about one feature.
pub(crate) struct About<'a> {
    report: &'a mut Report,
    index: Option<usize>,
    id: Option<ZoneId>,
}

impl Report {
    pub(crate) fn new(policy: Policy) -> Self {
        Self { policy, diagnostics: Vec::new() }
    }

    pub(crate) fn about(&mut self, index: usize, id: Option<&ZoneId>) -> About<'_> {
        About { report: self, index: Some(index), id: id.cloned() }
    }

    pub(crate) fn about_file(&mut self) -> About<'_> {
        About { report: self, index: None, id: None }
    }
}

impl About<'_> {
    /// From here on the feature has an id.
    pub(crate) fn name(&mut self, id: &ZoneId) {
        self.id = Some(id.clone());
    }

    pub(crate) fn add(&mut self, code: DiagnosticCode, message: impl Into<String>) {
        let lenient = self.report.policy == Policy::EvenOdd && code.has_even_odd_answer();
        self.report.diagnostics.push(Diagnostic {
            index: self.index,
            id: self.id.clone(),
            code,
            severity: if lenient { Severity::Warning } else { Severity::Error },
            message: message.into(),
        });
    }
}
