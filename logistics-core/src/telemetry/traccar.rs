//! Messages of Traccar Client from version 9 on, and of other apps with the same location plugin:
//! `{"device_id","location":{"coords":{…},"timestamp","battery":{"level"},"mock"}}`.
//!
//! `coords` holds `latitude`, `longitude`, `accuracy` in metres, `speed` in metres a second and
//! `heading` in degrees; the level is 0..1; a negative value is unknown. `location` may be a list.
//! Without `coords` a location is a sign of life. An element of the list can be read by itself.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json;
use super::message::{Ignored, Item, Message};
use super::payload_error::PayloadError;
use super::reading::{Reading, known};
use super::timestamp;
use crate::ids::PartnerId;

/// Reads a message.
pub(super) fn parse<'a>(
    partner: &PartnerId,
    payload: &'a [u8],
    assumed_accuracy_m: f64,
) -> Result<Message<'a>, PayloadError> {
    json::check_size(payload)?;
    let fields: Fields<'_> = json::object(payload, 0)?;
    let mut message = Message::default();
    // What has coordinates itself is a location, whatever else is in it.
    let parts = match fields.location.filter(|_| fields.coords.is_none()) {
        None => vec![payload],
        Some(list) if list.get().starts_with('[') => {
            message.batch = true;
            json::list("location", list)?.into_iter().map(|raw| raw.get().as_bytes()).collect()
        }
        Some(one) => vec![one.get().as_bytes()],
    };
    for raw in parts {
        let at = raw.as_ptr().addr().saturating_sub(payload.as_ptr().addr());
        let (reading, mock) = match json::object::<Fields<'_>>(raw, at) {
            Ok(Fields { coords: None, .. }) => {
                message.ignored.push(Ignored::NoPosition);
                continue;
            }
            Ok(location) => (location.reading(payload), json::is_true(location.mock)),
            Err(error) => (Err(error), false),
        };
        let fix = reading.and_then(|reading| reading.to_fix(partner, assumed_accuracy_m));
        message.items.push(Item::new(raw, fix, mock));
    }
    Ok(message)
}

/// The device that the message names.
pub(super) fn named(payload: &[u8]) -> Option<String> {
    json::check_size(payload).ok()?;
    let fields: Fields<'_> = json::object(payload, 0).ok()?;
    json::text("device_id", fields.device_id?).ok()
}

/// The fields of a message and of a location: one can stand for the other.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    device_id: Option<&'a RawValue>,
    #[serde(borrow)]
    location: Option<&'a RawValue>,
    #[serde(borrow)]
    coords: Option<&'a RawValue>,
    #[serde(borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(borrow)]
    battery: Option<&'a RawValue>,
    #[serde(borrow)]
    mock: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Coords<'a> {
    #[serde(borrow)]
    latitude: Option<&'a RawValue>,
    #[serde(borrow)]
    longitude: Option<&'a RawValue>,
    #[serde(borrow)]
    accuracy: Option<&'a RawValue>,
    #[serde(borrow)]
    speed: Option<&'a RawValue>,
    #[serde(borrow)]
    heading: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Battery<'a> {
    #[serde(borrow)]
    level: Option<&'a RawValue>,
}

impl Fields<'_> {
    /// What this says as a location, which stands in `message`.
    fn reading(&self, message: &[u8]) -> Result<Reading, PayloadError> {
        let coords = json::required("coords", self.coords)?;
        let coords: Coords<'_> =
            json::object(coords.get().as_bytes(), json::place(coords, message))?;
        let battery = self.battery.map(|raw| {
            json::object::<Battery<'_>>(raw.get().as_bytes(), json::place(raw, message))
        });
        let level = battery.transpose()?.and_then(|battery| battery.level);
        let latitude = json::required("latitude", coords.latitude)?;
        let longitude = json::required("longitude", coords.longitude)?;
        let time = json::required("timestamp", self.timestamp)?;
        Ok(Reading {
            lat_deg: json::number("latitude", latitude)?,
            lon_deg: json::number("longitude", longitude)?,
            ts_ms: if json::is_number(time) {
                timestamp::loose(time.get())?
            } else {
                timestamp::loose(&json::text("timestamp", time)?)?
            },
            accuracy_m: known(json::optional("accuracy", coords.accuracy)?),
            speed_mps: json::optional("speed", coords.speed)?,
            bearing_deg: json::optional("heading", coords.heading)?,
            battery: known(json::optional("level", level)?),
        })
    }
}
