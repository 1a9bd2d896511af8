//! Reads a device's message: one fix, or a batch of them in which each fix stands for itself.
//!
//! One fix is `{"lat","lon","acc","spd","brg","bat","ts"}`: degrees WGS 84, metres, metres a second,
//! degrees, 0..1, epoch milliseconds or RFC 3339. The names `latitude`, `longitude`, `accuracy`,
//! `speed`, `bearing`, `battery` and `timestamp` mean the same; `lat`, `lon` and `ts` are needed,
//! null is absent, other fields are ignored. A batch is `{"v":1,"fixes":[…]}`.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::fix::Fix;
use super::payload_error::PayloadError;
use super::reading::Reading;
use crate::ids::PartnerId;

/// Longest message read, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Most fixes in one batch.
pub const BATCH_FIXES_MAX: usize = 200;

/// A message that could be read as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Message<'a> {
    /// A batch, not a fix by itself.
    pub batch: bool,
    /// Its fixes, in its order: one exactly when it is not a batch.
    pub items: Vec<Item<'a>>,
}

/// One fix of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Item<'a> {
    /// Its bytes in the message.
    pub raw: &'a [u8],
    /// What they say.
    pub fix: Result<Fix, PayloadError>,
}

/// Reads the message `payload` of `partner`'s device; `assumed_accuracy_m` takes the place of an
/// accuracy that is not given.
///
/// # Errors
/// [`PayloadError`] when nothing of the message can be read. A fault of one fix is in its
/// [`Item`].
pub fn parse_payload<'a>(
    partner: &PartnerId,
    payload: &'a [u8],
    assumed_accuracy_m: f64,
) -> Result<Message<'a>, PayloadError> {
    if payload.len() > MESSAGE_BYTES_MAX {
        return Err(PayloadError::TooLarge { bytes: payload.len(), bytes_max: MESSAGE_BYTES_MAX });
    }
    let to_fix = |fields: &Fields<'_>| {
        fields.reading().and_then(|reading| reading.to_fix(partner, assumed_accuracy_m))
    };
    let fields = Fields::read(payload, 0)?;
    if let Some(version) = fields.v.filter(|version| version.get() != "1") {
        return Err(PayloadError::UnknownVersion { found: cut(version.get()) });
    }
    let Some(fixes) = fields.fixes else {
        let item = Item { raw: payload, fix: to_fix(&fields) };
        return Ok(Message { batch: false, items: vec![item] });
    };
    let items = split(fixes)?.into_iter().map(|raw| {
        let raw = raw.get().as_bytes();
        let at = raw.as_ptr().addr().saturating_sub(payload.as_ptr().addr());
        Item { raw, fix: Fields::read(raw, at).and_then(|fields| to_fix(&fields)) }
    });
    Ok(Message { batch: true, items: items.collect() })
}

/// The elements of the list `fixes`, unread: what is wrong with one stays with it.
fn split(fixes: &RawValue) -> Result<Vec<&RawValue>, PayloadError> {
    let fixes: Vec<&RawValue> = serde_json::from_str(fixes.get())
        .map_err(|_| PayloadError::WrongType { field: "fixes", expected: "a list" })?;
    if fixes.len() > BATCH_FIXES_MAX {
        return Err(PayloadError::TooManyFixes { count: fixes.len(), count_max: BATCH_FIXES_MAX });
    }
    Ok(fixes)
}

/// The fields of a message or of one fix, each still as it was written: so a number that has no
/// `f64` is that field's fault and not the whole message's.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    v: Option<&'a RawValue>,
    #[serde(borrow)]
    fixes: Option<&'a RawValue>,
    #[serde(borrow, alias = "latitude")]
    lat: Option<&'a RawValue>,
    #[serde(borrow, alias = "longitude")]
    lon: Option<&'a RawValue>,
    #[serde(borrow, alias = "accuracy")]
    acc: Option<&'a RawValue>,
    #[serde(borrow, alias = "speed")]
    spd: Option<&'a RawValue>,
    #[serde(borrow, alias = "bearing")]
    brg: Option<&'a RawValue>,
    #[serde(borrow, alias = "battery")]
    bat: Option<&'a RawValue>,
    #[serde(borrow, alias = "timestamp")]
    ts: Option<&'a RawValue>,
}

impl<'a> Fields<'a> {
    /// Reads `json`, which stands at byte `at` of its message.
    fn read(json: &'a [u8], at: usize) -> Result<Self, PayloadError> {
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

    fn reading(&self) -> Result<Reading, PayloadError> {
        let required =
            |field, value: Option<&'a RawValue>| value.ok_or(PayloadError::MissingField { field });
        let optional =
            |field, value: Option<&'a RawValue>| value.map(|raw| number(field, raw)).transpose();
        Ok(Reading {
            lat_deg: number("lat", required("lat", self.lat)?)?,
            lon_deg: number("lon", required("lon", self.lon)?)?,
            ts_ms: time_ms(required("ts", self.ts)?)?,
            accuracy_m: optional("acc", self.acc)?,
            speed_mps: optional("spd", self.spd)?,
            bearing_deg: optional("brg", self.brg)?,
            battery: optional("bat", self.bat)?,
        })
    }
}

fn is_number(json: &str) -> bool {
    json.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

fn number(field: &'static str, raw: &RawValue) -> Result<f64, PayloadError> {
    let wrong = PayloadError::WrongType { field, expected: "a number" };
    // A JSON number is also one of Rust's, and read with correct rounding.
    if is_number(raw.get()) { raw.get().parse().map_err(|_| wrong) } else { Err(wrong) }
}

/// Epoch milliseconds of a `ts`; a fraction of one is cut off.
fn time_ms(raw: &RawValue) -> Result<i64, PayloadError> {
    let json = raw.get();
    if is_number(json) {
        return match json.parse() {
            Ok(ms) => Ok(ms),
            Err(_) => whole_ms(number("ts", raw)?),
        };
    }
    let Ok(text) = serde_json::from_str::<String>(json) else {
        let expected = "epoch milliseconds or RFC 3339";
        return Err(PayloadError::WrongType { field: "ts", expected });
    };
    match DateTime::parse_from_rfc3339(&text) {
        Ok(time) => Ok(time.timestamp_millis()),
        Err(_) => Err(PayloadError::BadTimestamp { found: cut(&text) }),
    }
}

fn whole_ms(ms: f64) -> Result<i64, PayloadError> {
    if ms.abs() < 1e15 {
        #[allow(clippy::cast_possible_truncation, reason = "below 2^53, and cutting is meant")]
        return Ok(ms as i64);
    }
    Err(PayloadError::OutOfRange { field: "ts", found: ms, range: "milliseconds since 1970" })
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

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}
