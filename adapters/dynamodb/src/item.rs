//! Items: between Rust's values and DynamoDB's attributes.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Duration, Utc};

use crate::keys::{Key, PK, SK};

/// An item, or a part of one.
pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn number(number: impl fmt::Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn bytes(bytes: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(bytes.into().into())
}

/// Microseconds since 1970.
pub(crate) fn time(at: DateTime<Utc>) -> AttributeValue {
    number(at.timestamp_micros())
}

/// `at` as it will be read back.
pub(crate) fn whole_micros(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// The first whole microsecond that is not before `at`: a timer must not fire early.
pub(crate) fn micros_up(at: DateTime<Utc>) -> DateTime<Utc> {
    let down = whole_micros(at);
    if down == at { at } else { down + Duration::microseconds(1) }
}

/// An item with `key` and `attributes`; those that are `None` are left out.
pub(crate) fn item<const N: usize>(
    key: &Key,
    attributes: [(&'static str, Option<AttributeValue>); N],
) -> Item {
    let mut item = key_item(key);
    let present = attributes.into_iter().filter_map(|(name, value)| Some((name, value?)));
    item.extend(present.map(|(name, value)| (name.to_owned(), value)));
    item
}

/// The attributes of a key alone.
pub(crate) fn key_item(key: &Key) -> Item {
    Item::from([(PK.to_owned(), text(&*key.pk)), (SK.to_owned(), text(&*key.sk))])
}

/// What an item occupies, as DynamoDB counts it for its limits, in bytes. Numbers are counted
/// somewhat high.
pub(crate) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len() / 2 + 2,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::L(values) => 3 + values.iter().map(|v| 1 + value_size(v)).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.len() + size(map),
        _ => 1,
    }
}

/// What is stored is not what this program writes.
#[derive(Debug, thiserror::Error)]
#[error("{place} has no readable {attribute}")]
pub(crate) struct Unreadable {
    /// The item's key.
    place: String,
    attribute: &'static str,
}

/// Reads the attributes of an item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a Item);

impl<'a> Reader<'a> {
    /// `value` where there is one.
    pub(crate) fn need<T>(
        self,
        attribute: &'static str,
        value: Option<T>,
    ) -> Result<T, Unreadable> {
        value.ok_or_else(|| {
            let part = |name| self.find_text(name).unwrap_or_default();
            Unreadable { place: format!("{} / {}", part(PK), part(SK)), attribute }
        })
    }

    pub(crate) fn key(self) -> Result<Key, Unreadable> {
        Ok(Key::new(self.text(PK)?, self.text(SK)?))
    }

    pub(crate) fn find_text(self, attribute: &str) -> Option<&'a str> {
        self.0.get(attribute)?.as_s().ok().map(String::as_str)
    }

    pub(crate) fn text(self, attribute: &'static str) -> Result<&'a str, Unreadable> {
        self.need(attribute, self.find_text(attribute))
    }

    pub(crate) fn find_number<T: std::str::FromStr>(self, attribute: &str) -> Option<T> {
        self.0.get(attribute)?.as_n().ok()?.parse().ok()
    }

    pub(crate) fn number<T: std::str::FromStr>(
        self,
        attribute: &'static str,
    ) -> Result<T, Unreadable> {
        self.need(attribute, self.find_number(attribute))
    }

    pub(crate) fn find_bytes(self, attribute: &str) -> Option<&'a [u8]> {
        self.0.get(attribute)?.as_b().ok().map(AsRef::as_ref)
    }

    pub(crate) fn bytes(self, attribute: &'static str) -> Result<&'a [u8], Unreadable> {
        self.need(attribute, self.find_bytes(attribute))
    }

    pub(crate) fn array<const N: usize>(
        self,
        attribute: &'static str,
    ) -> Result<[u8; N], Unreadable> {
        self.need(attribute, self.find_bytes(attribute).and_then(|bytes| bytes.try_into().ok()))
    }

    pub(crate) fn time(self, attribute: &'static str) -> Result<DateTime<Utc>, Unreadable> {
        let micros = self.number(attribute)?;
        self.need(attribute, DateTime::from_timestamp_micros(micros))
    }

    pub(crate) fn flag(self, attribute: &'static str) -> Result<bool, Unreadable> {
        self.need(attribute, self.0.get(attribute).and_then(|value| value.as_bool().ok()).copied())
    }

    pub(crate) fn list(self, attribute: &'static str) -> Result<&'a [AttributeValue], Unreadable> {
        let list = self.0.get(attribute).and_then(|value| value.as_l().ok());
        self.need(attribute, list.map(Vec::as_slice))
    }

    /// A list of texts.
    pub(crate) fn texts(self, attribute: &'static str) -> Result<Vec<&'a str>, Unreadable> {
        let texts = self.list(attribute)?.iter().map(|v| v.as_s().ok().map(String::as_str));
        self.need(attribute, texts.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_attribute_is_named_with_its_place() {
        let item = item(&Key::new("SHP#1", "METADATA"), [("v", Some(text("one"))), ("x", None)]);
        let error = Reader(&item).number::<u64>("v").unwrap_err();
        assert_eq!(error.to_string(), "SHP#1 / METADATA has no readable v");
        assert!(!item.contains_key("x"));
    }

    #[test]
    fn sizes_count_names_and_values() {
        let item = item(&Key::new("a", "bc"), [("payload", Some(bytes(vec![0; 100])))]);
        assert_eq!(size(&item), 2 + 1 + 2 + 2 + 7 + 100);
        let list = AttributeValue::L(vec![text("abc"), number(7)]);
        assert_eq!(value_size(&list), 3 + 1 + 3 + 1 + 2);
    }

    #[test]
    fn times_are_cut_down_and_timers_rounded_up() {
        for (seconds, nanos, down, up) in
            [(0, 0, 0, 0), (1, 1_500, 1_000_001, 1_000_002), (-1, 999_999_001, -1, 0)]
        {
            let at = DateTime::from_timestamp(seconds, nanos).unwrap();
            let found = (whole_micros(at).timestamp_micros(), micros_up(at).timestamp_micros());
            assert_eq!(found, (down, up), "{at:?}");
        }
    }
}
