//! Loading zones: limits, policy, diagnostics. Reading JSON is in `read`, judging geometry in
//! `validate`; nothing here repairs anything.

mod diagnostic;
mod feature;
mod pairs;
mod read;
mod rings;
mod validate;

use std::collections::BTreeMap;

pub use diagnostic::{Diagnostic, DiagnosticCode, Severity};
pub use feature::{GeometryError, geometry_from_geojson};

use crate::boundary::BoundaryRule;
use crate::set::ZoneSet;
use crate::zone::{Zone, ZoneId};
use diagnostic::Report;
use pairs::Effort;

/// What to do with a ring or polygon that is not valid in the sense of OGC Simple Features but
/// still has a defined even-odd answer (see [`classify`](crate::classify)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Refuse the whole set.
    #[default]
    Reject,
    /// Take it as it is, with a warning. What has no defined answer is refused all the same.
    EvenOdd,
}

/// Most vertices that an index can number: 70 bytes of squares and leaves for each.
const VERTICES_MAX: usize = 1 << 24;

/// How to load zones.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoadOptions {
    /// Version of the set; default 1. Give every change of zones a new one.
    pub version: u64,
    /// Property that holds a feature's id. A feature without it falls back to its GeoJSON `id`,
    /// then to the property `id`, then to `#` and its position in the file.
    pub id_property: Option<String>,
    /// What to do with invalid geometry; default [`Policy::Reject`].
    pub policy: Policy,
    /// Which places on their boundaries the zones cover; default [`BoundaryRule::Covers`].
    pub boundary: BoundaryRule,
    /// Longest input in bytes; default 64 MiB.
    pub max_bytes: usize,
    /// Most features; default 100,000.
    pub max_features: usize,
    /// Most vertices over all features; default 4 million. More than 16 million are never taken: the
    /// index numbers what it keeps in 30 bits.
    pub max_vertices: usize,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            version: 1,
            id_property: None,
            policy: Policy::default(),
            boundary: BoundaryRule::default(),
            max_bytes: 64 << 20,
            max_features: 100_000,
            max_vertices: 4_000_000,
        }
    }
}

/// A loaded set with what was worth a warning.
#[derive(Debug)]
pub struct Loaded {
    /// The zones.
    pub set: ZoneSet,
    /// Warnings, in the order of features. Empty under [`Policy::Reject`].
    pub diagnostics: Vec<Diagnostic>,
}

/// Why no set was loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The input is longer than [`LoadOptions::max_bytes`].
    #[error("{bytes} bytes of zones, more than {limit}")]
    TooManyBytes {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// More features than [`LoadOptions::max_features`].
    #[error("more than {limit} features")]
    TooManyFeatures {
        /// The limit.
        limit: usize,
    },
    /// More vertices than [`LoadOptions::max_vertices`].
    #[error("more than {limit} vertices, passed in feature {index}")]
    TooManyVertices {
        /// The limit.
        limit: usize,
        /// The feature at which it was passed.
        index: usize,
    },
    /// The input is not JSON. The position is where reading stopped; look just before it.
    #[error("broken JSON at byte {byte_offset}")]
    Syntax {
        /// Offset of the byte at which reading stopped, from 0.
        byte_offset: usize,
        /// The feature being read, from 0, when the features had begun and not ended.
        index: Option<usize>,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// The collection or some of its features are not accepted; nothing was loaded.
    #[error("{}", refused(.diagnostics))]
    Rejected {
        /// Everything found, in the order of features, warnings included.
        diagnostics: Vec<Diagnostic>,
    },
}

impl LoadError {
    /// What was found, feature by feature; empty for errors that are not about features.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Rejected { diagnostics } => diagnostics,
            _ => &[],
        }
    }
}

/// How many features are refused, and the first reason.
fn refused(diagnostics: &[Diagnostic]) -> String {
    let errors = || diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let mut features: Vec<_> = errors().filter_map(|d| d.index).collect();
    features.dedup();
    let first = errors().next().map(ToString::to_string).unwrap_or_default();
    match features.len() {
        0 => format!("collection refused; {first}"),
        1 => format!("1 feature refused; {first}"),
        n => format!("{n} features refused; {first}"),
    }
}

/// Counts what comes in against the limits and keeps what is wrong with it.
pub(crate) struct Loader<'a> {
    options: &'a LoadOptions,
    report: Report,
    zones: Vec<Zone>,
    seen: BTreeMap<ZoneId, usize>,
    vertices: usize,
    effort: Effort,
}

impl<'a> Loader<'a> {
    fn new(options: &'a LoadOptions) -> Self {
        Self {
            options,
            report: Report::new(options.policy),
            zones: Vec::new(),
            seen: BTreeMap::new(),
            vertices: 0,
            effort: Effort::default(),
        }
    }

    /// Takes the zone of the feature at `index`, checked.
    fn add(&mut self, index: usize, zone: Zone) -> Result<(), LoadError> {
        let parts = &zone.geometry().0;
        let rings = parts.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        self.vertices += rings.map(|ring| ring.0.len()).sum::<usize>();
        let limit = self.options.max_vertices.min(VERTICES_MAX);
        if self.vertices > limit {
            return Err(LoadError::TooManyVertices { limit, index });
        }
        let mut about = self.report.about(index, Some(zone.id()));
        if let Some(earlier) = self.seen.get(zone.id()) {
            about.add(DiagnosticCode::DuplicateId, format!("feature {earlier} has the same id"));
        }
        validate::check(zone.geometry(), &mut self.effort, &mut about);
        self.seen.entry(zone.id().clone()).or_insert(index);
        self.zones.push(zone);
        Ok(())
    }

    fn finish(self) -> Result<Loaded, LoadError> {
        let diagnostics = self.report.diagnostics;
        if diagnostics.iter().any(|d| d.severity == Severity::Error) {
            return Err(LoadError::Rejected { diagnostics });
        }
        Ok(Loaded {
            set: ZoneSet::index(self.zones, self.options.version, self.options.boundary),
            diagnostics,
        })
    }
}

pub(crate) fn from_geojson(bytes: &[u8], options: &LoadOptions) -> Result<Loaded, LoadError> {
    if bytes.len() > options.max_bytes {
        return Err(LoadError::TooManyBytes { bytes: bytes.len(), limit: options.max_bytes });
    }
    let mut loader = Loader::new(options);
    read::read(bytes, &mut loader)?;
    loader.finish()
}

pub(crate) fn from_zones(
    zones: impl IntoIterator<Item = Zone>,
    options: &LoadOptions,
) -> Result<Loaded, LoadError> {
    let mut loader = Loader::new(options);
    for (index, zone) in zones.into_iter().enumerate() {
        if index >= options.max_features {
            return Err(LoadError::TooManyFeatures { limit: options.max_features });
        }
        loader.add(index, zone)?;
    }
    loader.finish()
}
