//! Reads a FeatureCollection feature by feature, so that memory holds one parsed feature at a time
//! and an error knows which one it is in.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::diagnostic::DiagnosticCode;
use super::{LoadError, Loader, feature};

/// Parses the collection and hands its features to the loader.
pub(crate) fn read(bytes: &[u8], loader: &mut Loader<'_>) -> Result<(), LoadError> {
    let state = State { at: Cell::new(None), failed: RefCell::new(None) };
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let parsed = Collection { loader, state: &state }.deserialize(&mut parser);
    if let Some(error) = state.failed.into_inner() {
        return Err(error);
    }
    if let Err(source) = parsed {
        let byte_offset = offset(bytes, source.line(), source.column());
        return Err(LoadError::Syntax { byte_offset, index: state.at.get(), source });
    }
    if let Err(trailing) = parser.end() {
        let byte_offset = offset(bytes, trailing.line(), trailing.column());
        let message = format!("something follows the end of the document at byte {byte_offset}");
        loader.report.about_file().add(DiagnosticCode::TrailingData, message);
    }
    Ok(())
}

/// The byte at a position that serde_json gives: line from 1, column the number of bytes read of it.
fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let start_of_line = match line.checked_sub(2) {
        None => 0,
        Some(breaks) => bytes
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(breaks)
            .map_or(bytes.len(), |(k, _)| k + 1),
    };
    (start_of_line + column.saturating_sub(1)).min(bytes.len())
}

/// What the visitors know when parsing stops.
struct State {
    /// The feature being read.
    at: Cell<Option<usize>>,
    /// An error that is not the parser's.
    failed: RefCell<Option<LoadError>>,
}

struct Collection<'a, 'b> {
    loader: &'a mut Loader<'b>,
    state: &'a State,
}

impl<'de> DeserializeSeed<'de> for Collection<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl Collection<'_, '_> {
    fn wrong(self, what: &str) {
        let message = format!("{what} instead of a FeatureCollection");
        self.loader.report.about_file().add(DiagnosticCode::WrongType, message);
    }
}

impl<'de> Visitor<'de> for Collection<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON FeatureCollection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut kind, mut features) = (None, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => kind = Some(map.next_value::<Value>()?),
                "crs" => {
                    let crs = map.next_value::<Value>()?;
                    if let Err(message) = feature::check_crs(&crs) {
                        let mut about = self.loader.report.about_file();
                        about.add(DiagnosticCode::UnknownCrs, message);
                    }
                }
                "features" if features => return Err(A::Error::duplicate_field("features")),
                "features" => {
                    features = true;
                    let (loader, state) = (&mut *self.loader, self.state);
                    map.next_value_seed(Features { loader, state })?;
                    self.state.at.set(None);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match kind.as_ref().map(Value::as_str) {
            Some(Some("FeatureCollection")) if features => {}
            Some(Some("FeatureCollection")) => self.wrong("no member \"features\""),
            Some(Some(other)) => self.wrong(&format!("type {other:?}")),
            Some(None) => self.wrong("a \"type\" that is no string"),
            None => self.wrong("an object without \"type\""),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        self.wrong("an array");
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.wrong("a string");
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.wrong("a number");
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.wrong("a number");
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.wrong("a number");
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.wrong("a boolean");
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.wrong("null");
        Ok(())
    }
}

struct Features<'a, 'b> {
    loader: &'a mut Loader<'b>,
    state: &'a State,
}

impl<'de> DeserializeSeed<'de> for Features<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let fail = |error| {
            self.state.failed.replace(Some(error));
            A::Error::custom("stopped")
        };
        for index in 0.. {
            self.state.at.set(Some(index));
            let Some(value) = seq.next_element::<Value>()? else { break };
            let limit = self.loader.options.max_features;
            if index >= limit {
                return Err(fail(LoadError::TooManyFeatures { limit }));
            }
            let mut about = self.loader.report.about(index, None);
            let id_property = self.loader.options.id_property.as_deref();
            if let Some(zone) = feature::zone(index, value, id_property, &mut about) {
                self.loader.add(index, zone).map_err(fail)?;
            }
        }
        Ok(())
    }
}
