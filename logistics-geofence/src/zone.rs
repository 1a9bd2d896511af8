//! A zone and its id.

use std::fmt;
use std::str::FromStr;

use geo_types::{Coord, MultiPolygon, Rect};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The id of a zone: 1 to 128 bytes, no control characters, no `#`.
///
/// The one exception to the last rule is the form `#<number>`, which a loaded feature without any
/// id gets from its position in the file; see [`ZoneId::from_index`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneId(String);

/// Why a string is no [`ZoneId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ZoneIdError {
    /// The id has no characters.
    #[error("zone id is empty")]
    Empty,
    /// The id is longer than [`ZoneId::MAX_BYTES`].
    #[error("zone id has {bytes} bytes, more than {}", ZoneId::MAX_BYTES)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// A control character or `#`: ids become parts of keys and log lines.
    #[error("zone id has the character {character:?} at byte {offset}")]
    Character {
        /// The character.
        character: char,
        /// Where it starts.
        offset: usize,
    },
}

impl ZoneId {
    /// The longest id, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 128;

    /// Checks an id that was given to a zone.
    ///
    /// # Errors
    /// [`ZoneIdError`] says what is wrong with it.
    pub fn new(id: impl Into<String>) -> Result<Self, ZoneIdError> {
        let id = id.into();
        if id.is_empty() {
            return Err(ZoneIdError::Empty);
        }
        if id.len() > Self::MAX_BYTES {
            return Err(ZoneIdError::TooLong { bytes: id.len() });
        }
        match id.char_indices().find(|(_, c)| c.is_control() || *c == '#') {
            Some((offset, character)) => Err(ZoneIdError::Character { character, offset }),
            None => Ok(Self(id)),
        }
    }

    /// The id of a feature that has none: `#` and its position in the file, from 0.
    #[must_use]
    pub fn from_index(index: usize) -> Self {
        Self(format!("#{index}"))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ZoneId {
    type Error = ZoneIdError;

    fn try_from(id: String) -> Result<Self, ZoneIdError> {
        match id.strip_prefix('#').map(usize::from_str) {
            Some(Ok(index)) if Self::from_index(index).0 == id => Ok(Self(id)),
            _ => Self::new(id),
        }
    }
}

impl FromStr for ZoneId {
    type Err = ZoneIdError;

    fn from_str(id: &str) -> Result<Self, ZoneIdError> {
        Self::try_from(id.to_owned())
    }
}

impl From<ZoneId> for String {
    fn from(id: ZoneId) -> Self {
        id.0
    }
}

/// A named area: one multipolygon in degrees, longitude first, with its properties.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    id: ZoneId,
    name: Option<String>,
    geometry: MultiPolygon<f64>,
    properties: Map<String, Value>,
}

impl Zone {
    /// A zone without name and properties. Its geometry is checked when a
    /// [`ZoneSet`](crate::ZoneSet) is made of it.
    #[must_use]
    pub fn new(id: ZoneId, geometry: MultiPolygon<f64>) -> Self {
        Self { id, name: None, geometry, properties: Map::new() }
    }

    /// The same zone with a name for people.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same zone with the given properties.
    #[must_use]
    pub fn with_properties(mut self, properties: Map<String, Value>) -> Self {
        self.properties = properties;
        self
    }

    /// The id, unique within a set.
    #[must_use]
    pub fn id(&self) -> &ZoneId {
        &self.id
    }

    /// The name for people (the property `name` of a loaded feature); need not be unique.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The area, as given, longitude first.
    #[must_use]
    pub fn geometry(&self) -> &MultiPolygon<f64> {
        &self.geometry
    }

    /// The properties of the feature, all of them.
    #[must_use]
    pub fn properties(&self) -> &Map<String, Value> {
        &self.properties
    }

    /// The smallest box in degrees that holds the zone; nothing when it has no vertex.
    #[must_use]
    pub fn bbox(&self) -> Option<Rect<f64>> {
        let parts = self.geometry.0.iter();
        bbox(parts.flat_map(|part| &part.exterior().0).copied())
    }
}

/// The smallest box around the given places.
pub(crate) fn bbox(mut places: impl Iterator<Item = Coord>) -> Option<Rect<f64>> {
    let first = places.next()?;
    let (min, max) = places.fold((first, first), |(min, max), c| {
        (
            Coord { x: min.x.min(c.x), y: min.y.min(c.y) },
            Coord { x: max.x.max(c.x), y: max.y.max(c.y) },
        )
    });
    Some(Rect::new(min, max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        for legal in ["relation/7848799", "Ward 91", "é", "7", &"x".repeat(128)] {
            assert_eq!(ZoneId::new(legal).unwrap().as_str(), legal);
            assert_eq!(legal.parse::<ZoneId>().unwrap().as_str(), legal);
        }
        assert_eq!(ZoneId::new(""), Err(ZoneIdError::Empty));
        assert_eq!(ZoneId::new("x".repeat(129)), Err(ZoneIdError::TooLong { bytes: 129 }));
        let character = |character, offset| Err(ZoneIdError::Character { character, offset });
        assert_eq!(ZoneId::new("a\nb"), character('\n', 1));
        assert_eq!(ZoneId::new("#7"), character('#', 0));
        assert_eq!("#x".parse::<ZoneId>(), character('#', 0));
        assert_eq!("#07".parse::<ZoneId>(), character('#', 0));
        assert_eq!("#7".parse(), Ok(ZoneId::from_index(7)));
    }
}
