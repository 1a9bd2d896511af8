//! Reading JSON field by field: each still as it was written, so that a number that has no `f64` is
//! that field's fault and not the whole message's.

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::message::{BATCH_FIXES_MAX, MESSAGE_BYTES_MAX};
use super::payload_error::PayloadError;

/// Refuses a message that is too long to be looked at.
pub(super) fn check_size(payload: &[u8]) -> Result<(), PayloadError> {
    if payload.len() > MESSAGE_BYTES_MAX {
        return Err(PayloadError::TooLarge { bytes: payload.len(), bytes_max: MESSAGE_BYTES_MAX });
    }
    Ok(())
}

/// The fields of the object `json`, which stands at byte `at` of its message.
pub(super) fn object<'a, T: Deserialize<'a>>(json: &'a [u8], at: usize) -> Result<T, PayloadError> {
    // Looked at first because serde takes a list for a struct, too.
    let is_object = json.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let error = match serde_json::from_slice(json) {
        Ok(fields) if is_object => return Ok(fields),
        Ok(_) => return Err(PayloadError::NotAnObject),
        Err(error) => error,
    };
    let at = at + offset(json, error.line(), error.column());
    Err(match error.classify() {
        Category::Data if is_object => PayloadError::DuplicateField { at },
        Category::Data => PayloadError::NotAnObject,
        _ => PayloadError::BadJson { at, reason: reason(&error) },
    })
}

/// The elements of the list `raw`, unread: what is wrong with one stays with it.
pub(super) fn list<'a>(
    field: &'static str,
    raw: &'a RawValue,
) -> Result<Vec<&'a RawValue>, PayloadError> {
    let elements: Vec<&RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| PayloadError::WrongType { field, expected: "a list" })?;
    if elements.len() > BATCH_FIXES_MAX {
        let (count, count_max) = (elements.len(), BATCH_FIXES_MAX);
        return Err(PayloadError::TooManyFixes { count, count_max });
    }
    Ok(elements)
}

/// Where `part` of `message` begins in it, in bytes.
pub(super) fn place(part: &RawValue, message: &[u8]) -> usize {
    part.get().as_ptr().addr().saturating_sub(message.as_ptr().addr())
}

/// Is the field there, and `true`?
pub(super) fn is_true(value: Option<&RawValue>) -> bool {
    value.is_some_and(|value| value.get() == "true")
}

pub(super) fn required<'a>(
    field: &'static str,
    value: Option<&'a RawValue>,
) -> Result<&'a RawValue, PayloadError> {
    value.ok_or(PayloadError::MissingField { field })
}

pub(super) fn number(field: &'static str, raw: &RawValue) -> Result<f64, PayloadError> {
    let wrong = PayloadError::WrongType { field, expected: "a number" };
    // A JSON number is also one of Rust's, and read with correct rounding.
    if is_number(raw) { raw.get().parse().map_err(|_| wrong) } else { Err(wrong) }
}

pub(super) fn optional(
    field: &'static str,
    value: Option<&RawValue>,
) -> Result<Option<f64>, PayloadError> {
    value.map(|raw| number(field, raw)).transpose()
}

pub(super) fn is_number(raw: &RawValue) -> bool {
    raw.get().starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

pub(super) fn text(field: &'static str, raw: &RawValue) -> Result<String, PayloadError> {
    let wrong = |_| PayloadError::WrongType { field, expected: "a text" };
    serde_json::from_str(raw.get()).map_err(wrong)
}

/// `text`, cut to a length that fits an error.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Where a line and column of serde's (from 1, columns in bytes) are in `json`.
fn offset(json: &[u8], line: usize, column: usize) -> usize {
    let line_start = match line {
        0 | 1 => 0,
        _ => json
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(line - 2)
            .map_or(0, |(at, _)| at + 1),
    };
    (line_start + column.saturating_sub(1)).min(json.len())
}

/// What the JSON reader says, without its place, which the error bears in bytes.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}
