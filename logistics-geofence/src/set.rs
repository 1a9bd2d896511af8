//! A set of zones: immutable, versioned, indexed. Lookups by point and along a segment.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use geo_types::{Coord, Line, Point, Rect};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::along::{Passages, Scratch};
use crate::boundary::BoundaryRule;
use crate::index::{Index, join};
use crate::load::{LoadError, LoadOptions, Loaded};
use crate::locate::{LocateError, Position, check_finite};
use crate::zone::{Zone, ZoneId, bbox};

/// The place of a zone in its [`ZoneSet`]: the order of the file it was loaded from. It means
/// nothing in another set or version; keep a [`ZoneId`] for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneIndex(u32);

impl ZoneIndex {
    pub(crate) const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The index as a number from 0.
    #[must_use]
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

/// A zone that covers a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneHit {
    /// The zone.
    pub zone: ZoneIndex,
    /// [`Position::Interior`] or [`Position::Boundary`], never exterior; boundary under either
    /// [`BoundaryRule`], as long as the zone covers the point.
    pub at: Position,
}

/// SHA-256 over the zones of a set: ids, names, properties and every bit of every coordinate, and the
/// boundary rule where it is not the default; not the version. Written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// The 32 bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}

/// A string that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a content hash is 64 hexadecimal digits")]
pub struct ContentHashError;

impl TryFrom<String> for ContentHash {
    type Error = ContentHashError;

    fn try_from(text: String) -> Result<Self, ContentHashError> {
        text.parse()
    }
}

impl FromStr for ContentHash {
    type Err = ContentHashError;

    fn from_str(text: &str) -> Result<Self, ContentHashError> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ContentHashError);
        }
        for (k, byte) in hash.iter_mut().enumerate() {
            let digits = text.get(2 * k..2 * k + 2).ok_or(ContentHashError)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| ContentHashError)?;
        }
        Ok(Self(hash))
    }
}

/// A set of zones, immutable and ready for lookups. Share it in an `Arc`; to change zones, load a
/// new set with a new version and swap the `Arc`.
///
/// A zone covers a point when the point is in its interior or on its boundary, in lookups and along
/// segments alike. So a point on a border that two zones share is in both, unless the set was loaded
/// with [`BoundaryRule::HalfOpen`]: then it is in exactly one.
///
/// # Units
/// Degrees, longitude first. The meridians 180 and −180 are one: a place on either is looked up
/// on both.
pub struct ZoneSet {
    version: u64,
    content_hash: ContentHash,
    zones: Vec<Zone>,
    by_id: BTreeMap<ZoneId, ZoneIndex>,
    boundary: BoundaryRule,
    index: Index,
    bbox: Option<Rect<f64>>,
}

impl fmt::Debug for ZoneSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZoneSet")
            .field("version", &self.version)
            .field("content_hash", &self.content_hash)
            .field("zones", &self.zones.len())
            .finish_non_exhaustive()
    }
}

impl ZoneSet {
    /// Loads the features of a GeoJSON FeatureCollection (RFC 7946): Polygons and MultiPolygons,
    /// overlaps allowed, third coordinates dropped, winding ignored.
    ///
    /// # Errors
    /// [`LoadError`]: broken JSON, a limit passed, or features that `options.policy` does not
    /// accept, all of them listed.
    pub fn from_geojson(bytes: &[u8], options: &LoadOptions) -> Result<Loaded, LoadError> {
        crate::load::from_geojson(bytes, options)
    }

    /// Makes a set of zones from elsewhere, with the same checks as [`ZoneSet::from_geojson`].
    ///
    /// # Errors
    /// [`LoadError`]: a limit passed, or zones that `options.policy` does not accept.
    pub fn from_zones(
        zones: impl IntoIterator<Item = Zone>,
        options: &LoadOptions,
    ) -> Result<Loaded, LoadError> {
        crate::load::from_zones(zones, options)
    }

    /// Indexes zones that have been checked: unique ids, coordinates in range.
    pub(crate) fn index(zones: Vec<Zone>, version: u64, boundary: BoundaryRule) -> Self {
        let indexes = (0..).map(ZoneIndex);
        let by_id = zones.iter().zip(indexes).map(|(zone, index)| (zone.id().clone(), index));
        let corners = zones.iter().filter_map(Zone::bbox).flat_map(|b| [b.min(), b.max()]);
        Self {
            version,
            content_hash: content_hash(&zones, boundary),
            boundary,
            bbox: bbox(corners),
            by_id: by_id.collect(),
            index: Index::new(&zones),
            zones,
        }
    }

    /// The version the caller gave this set; every event of a
    /// [`Tracker`](crate::Tracker) names it.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The same zones under another version.
    #[must_use]
    pub fn with_version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// The hash of what the set holds: equal for equal zones, whatever the version.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        self.content_hash
    }

    /// Which places on their boundaries the zones cover.
    #[must_use]
    pub fn boundary_rule(&self) -> BoundaryRule {
        self.boundary
    }

    /// The smallest box in degrees that holds all zones; nothing for a set without zones.
    #[must_use]
    pub fn bbox(&self) -> Option<Rect<f64>> {
        self.bbox
    }

    /// Memory that the index takes, in bytes: all but the zones themselves. At most about twelve
    /// times that of the vertices (16 bytes each) and a mebibyte.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        self.index.bytes()
    }

    /// All zones, in the order of their [`ZoneIndex`].
    #[must_use]
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The zone at an index; nothing when the index is of a larger set.
    #[must_use]
    pub fn zone(&self, index: ZoneIndex) -> Option<&Zone> {
        self.zones.get(index.get())
    }

    /// The index of the zone with an id.
    #[must_use]
    pub fn find(&self, id: &ZoneId) -> Option<ZoneIndex> {
        self.by_id.get(id).copied()
    }

    /// Replaces `hits` by the zones that cover a point, in the order of their index. Allocates
    /// nothing once `hits` has grown.
    ///
    /// # Errors
    /// [`LocateError`] when the point is not finite or not on earth; `hits` is then empty.
    pub fn zones_at(&self, point: Point<f64>, hits: &mut Vec<ZoneHit>) -> Result<(), LocateError> {
        hits.clear();
        check_on_earth(point.0)?;
        self.add_hits(point.0, hits);
        Ok(())
    }

    fn add_hits(&self, c: Coord, hits: &mut Vec<ZoneHit>) {
        let mut add = |c| self.index.hits(self.index.place(c), c, self.boundary, hits);
        add(c);
        if let Some(twin) = on_other_side_of_seam(c) {
            // Under the half-open rule, a step east of 180 is beyond every zone there.
            add(twin);
            join(hits);
        }
    }

    /// Replaces `passages` by the stretches of a segment that zones cover, in the order of where
    /// they begin. Allocates nothing once `passages` has grown.
    ///
    /// A segment that spans more than 180° of longitude is taken the short way round, across the
    /// antimeridian. One that only touches it, or runs along it, is swept on its own side of it.
    ///
    /// # Errors
    /// [`LocateError`] when an end is not finite or not on earth; `passages` is then empty.
    pub fn zones_along(
        &self,
        segment: Line<f64>,
        passages: &mut Passages,
    ) -> Result<(), LocateError> {
        passages.clear();
        check_on_earth(segment.start)?;
        check_on_earth(segment.end)?;
        let (from, to) = (segment.start, segment.end);
        let east = |c: Coord, degrees: f64| Coord { x: c.x + degrees, y: c.y };
        if to.x - from.x > 180.0 {
            self.add_passages(from, east(to, -360.0), passages);
            self.add_passages(east(from, 360.0), to, passages);
        } else if from.x - to.x > 180.0 {
            self.add_passages(from, east(to, 360.0), passages);
            self.add_passages(east(from, -360.0), to, passages);
        } else {
            self.add_passages(from, to, passages);
        }
        passages.finish();
        Ok(())
    }

    fn add_passages(&self, from: Coord, to: Coord, passages: &mut Passages) {
        let start = self.index.place(from);
        let mut hits = std::mem::take(&mut passages.hits);
        hits.clear();
        self.index.hits(start, from, self.boundary, &mut hits);
        let mut met = std::mem::take(&mut passages.met);
        met.clear();
        self.index.edges_met([from, to], [start, self.index.place(to)], &mut met);
        for hit in hits.iter().filter(|hit| met.iter().all(|met| met.zone != hit.zone)) {
            passages.add_whole(hit.zone);
        }
        if !met.is_empty() {
            let mut scratch = Scratch::new(passages, [from, to], self.boundary);
            for of_zone in met.chunk_by(|a, b| a.zone == b.zone) {
                self.index.add_zone(start, from, of_zone, &mut scratch);
            }
            scratch.finish();
        }
        (passages.hits, passages.met) = (hits, met);
    }

    /// Whether no border is on the straight way between two places, as far as the index knows without
    /// looking closely.
    #[inline]
    pub(crate) fn are_joined(&self, a: Coord, b: Coord) -> bool {
        let on_seam = a.x.abs() >= 180.0 || b.x.abs() >= 180.0 || (a.x - b.x).abs() > 180.0;
        !on_seam && self.index.is_free([a, b], [a, b].map(|c| self.index.place(c)))
    }

    /// Distance in metres of a place to the border of a zone; infinite when it is more than `reach_m`.
    pub(crate) fn distance_m(&self, zone: ZoneIndex, at: Coord, reach_m: f64) -> f64 {
        self.index.distance_m(zone, at, reach_m)
    }
}

#[inline]
pub(crate) fn check_on_earth(c: Coord) -> Result<(), LocateError> {
    // What is not a number fails the comparison, too.
    if c.x.abs() <= 180.0 && c.y.abs() <= 90.0 { Ok(()) } else { Err(not_on_earth(c)) }
}

#[cold]
fn not_on_earth(c: Coord) -> LocateError {
    let out_of_range = LocateError::OutOfRange { lon_deg: c.x, lat_deg: c.y };
    check_finite(c).err().unwrap_or(out_of_range)
}

fn on_other_side_of_seam(c: Coord) -> Option<Coord> {
    (c.x.abs() >= 180.0).then_some(Coord { x: -c.x, y: c.y })
}

fn content_hash(zones: &[Zone], boundary: BoundaryRule) -> ContentHash {
    let mut hash = Sha256::new();
    if boundary == BoundaryRule::HalfOpen {
        hash.update(b"half-open");
    }
    let text = |hash: &mut Sha256, text: &str| {
        hash.update(length(text.len()));
        hash.update(text.as_bytes());
    };
    let mut bytes = Vec::new();
    for zone in zones {
        text(&mut hash, zone.id().as_str());
        hash.update([u8::from(zone.name().is_some())]);
        text(&mut hash, zone.name().unwrap_or_default());
        let properties = serde_json::Value::Object(zone.properties().clone());
        text(&mut hash, &properties.to_string());
        let parts = &zone.geometry().0;
        hash.update(length(parts.len()));
        for part in parts {
            hash.update(length(part.interiors().len()));
            for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
                bytes.clear();
                bytes.extend(length(ring.0.len()));
                bytes.extend(ring.0.iter().flat_map(|c| [c.x, c.y]).flat_map(f64::to_le_bytes));
                hash.update(&bytes);
            }
        }
    }
    ContentHash(hash.finalize().into())
}

/// A length in the same eight bytes on every machine.
fn length(n: usize) -> [u8; 8] {
    u64::try_from(n).unwrap_or(u64::MAX).to_le_bytes()
}
