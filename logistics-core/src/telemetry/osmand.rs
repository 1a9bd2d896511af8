//! Messages of the app OsmAnd, of Traccar Client before version 9 and of many trackers: the query of
//! a URL, `id=…&lat=…&lon=…&timestamp=…`.
//!
//! `accuracy` is in metres, `speed` in knots, `bearing` or `heading` in degrees, `batt` in percent; a
//! negative value is unknown. `location=lat,lon` stands for `lat` and `lon`, `deviceid` for `id`. Of a
//! name that is there twice the last counts; a name without a value counts as not there.

use std::borrow::Cow;

use super::json;
use super::message::{Ignored, Item, Message};
use super::payload_error::PayloadError;
use super::reading::{Reading, known};
use super::timestamp;
use crate::ids::PartnerId;

/// Metres a second of a knot.
const KNOT_MPS: f64 = 0.514_444;

/// Reads a message.
pub(super) fn parse<'a>(
    partner: &PartnerId,
    payload: &'a [u8],
    assumed_accuracy_m: f64,
) -> Result<Message<'a>, PayloadError> {
    json::check_size(payload)?;
    let fields = Fields::of(payload);
    if fields.valid.as_deref().is_some_and(|valid| !is_true(valid)) {
        return Ok(Message::without_position(Ignored::NotValid));
    }
    let fix = fields.reading().and_then(|reading| reading.to_fix(partner, assumed_accuracy_m));
    let mock = fields.mock.as_deref().is_some_and(is_true);
    Ok(Message::one(Item::new(payload, fix, mock)))
}

/// The device that the message names.
pub(super) fn named(payload: &[u8]) -> Option<String> {
    json::check_size(payload).ok()?;
    Fields::of(payload).id.map(Cow::into_owned)
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text == "1"
}

#[derive(Default)]
struct Fields<'a> {
    id: Option<Cow<'a, str>>,
    valid: Option<Cow<'a, str>>,
    mock: Option<Cow<'a, str>>,
    lat: Option<Cow<'a, str>>,
    lon: Option<Cow<'a, str>>,
    location: Option<Cow<'a, str>>,
    timestamp: Option<Cow<'a, str>>,
    accuracy: Option<Cow<'a, str>>,
    speed: Option<Cow<'a, str>>,
    bearing: Option<Cow<'a, str>>,
    batt: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> {
    fn of(query: &'a [u8]) -> Self {
        let mut fields = Self::default();
        for (name, value) in form_urlencoded::parse(query).filter(|(_, value)| !value.is_empty()) {
            let field = match &*name {
                "id" | "deviceid" => &mut fields.id,
                "valid" => &mut fields.valid,
                "mock" => &mut fields.mock,
                "lat" => &mut fields.lat,
                "lon" => &mut fields.lon,
                "location" => &mut fields.location,
                "timestamp" => &mut fields.timestamp,
                "accuracy" => &mut fields.accuracy,
                "speed" => &mut fields.speed,
                "bearing" | "heading" => &mut fields.bearing,
                "batt" => &mut fields.batt,
                _ => continue,
            };
            *field = Some(value);
        }
        fields
    }

    fn reading(&self) -> Result<Reading, PayloadError> {
        let pair = self.location.as_deref().map(|pair| pair.split_once(',').unwrap_or((pair, "")));
        let lat = self.lat.as_deref().or(pair.map(|(lat, _)| lat));
        let lon = self.lon.as_deref().or(pair.map(|(_, lon)| lon));
        let speed = optional("speed", self.speed.as_deref())?;
        let batt = known(optional("batt", self.batt.as_deref())?);
        Ok(Reading {
            lat_deg: number("lat", lat.ok_or(PayloadError::MissingField { field: "lat" })?)?,
            lon_deg: number("lon", lon.ok_or(PayloadError::MissingField { field: "lon" })?)?,
            ts_ms: match self.timestamp.as_deref() {
                Some(time) => timestamp::loose(time)?,
                None => return Err(PayloadError::MissingField { field: "timestamp" }),
            },
            accuracy_m: known(optional("accuracy", self.accuracy.as_deref())?),
            speed_mps: speed.map(|knots| knots * KNOT_MPS),
            bearing_deg: optional("bearing", self.bearing.as_deref())?,
            battery: batt.map(|percent| percent / 100.0),
        })
    }
}

fn number(field: &'static str, text: &str) -> Result<f64, PayloadError> {
    text.trim().parse().map_err(|_| PayloadError::WrongType { field, expected: "a number" })
}

fn optional(field: &'static str, text: Option<&str>) -> Result<Option<f64>, PayloadError> {
    text.map(|text| number(field, text)).transpose()
}
