//! JSON objects read field by field, with the path in every error and no field unread.

use serde_json::{Map, Value};

use crate::formats::FormatError;

/// An object, where it stands, and which of its fields have been asked for.
pub(super) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(path: impl Into<String>, value: &'a Value) -> Result<Self, FormatError> {
        let path = path.into();
        match value {
            Value::Object(map) => Ok(Self { path, map, asked: Vec::new() }),
            _ => Err(FormatError::field(path, "an object")),
        }
    }

    pub(super) fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A field's value; `null` counts as absent.
    pub(super) fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn u64(&mut self, name: &'static str) -> Result<Option<u64>, FormatError> {
        self.map_field(name, "a whole number from 0", Value::as_u64)
    }

    /// A whole number that fits 63 bits.
    pub(super) fn i64(&mut self, name: &'static str) -> Result<Option<i64>, FormatError> {
        self.map_field(name, "a whole number", Value::as_i64)
    }

    pub(super) fn index(&mut self, name: &'static str) -> Result<Option<usize>, FormatError> {
        self.map_field(name, "an index", |value| {
            value.as_u64().and_then(|index| usize::try_from(index).ok())
        })
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<&'a str>, FormatError> {
        self.map_field(name, "a string", Value::as_str)
    }

    pub(super) fn list(&mut self, name: &'static str) -> Result<&'a [Value], FormatError> {
        let list = self.map_field(name, "a list", Value::as_array)?;
        Ok(list.map_or(&[], Vec::as_slice))
    }

    /// A list of whole numbers.
    pub(super) fn numbers(&mut self, name: &'static str) -> Result<Vec<i64>, FormatError> {
        let path = self.path(name);
        let list = self.list(name)?.iter().map(Value::as_i64);
        list.map(|number| number.ok_or_else(|| FormatError::field(&path, "whole numbers")))
            .collect()
    }

    fn map_field<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, FormatError> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => {
                let value = read(value);
                value.map(Some).ok_or_else(|| FormatError::field(self.path(name), expected))
            }
        }
    }

    /// Refuses fields that were not asked for, unless they ask for nothing.
    pub(super) fn finish(self) -> Result<(), FormatError> {
        let idle = |value: &Value| match value {
            Value::Null => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            Value::Number(number) => number.as_u64() == Some(0),
            _ => false,
        };
        let unread = self
            .map
            .iter()
            .find(|(name, value)| !self.asked.contains(&name.as_str()) && !idle(value));
        match unread {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = name.chars().take(60).collect();
                Err(FormatError::Unsupported { field: self.path(&name), line: None })
            }
        }
    }
}
