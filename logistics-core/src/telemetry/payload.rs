//! The platform's own form of a device's message: one fix, or a batch of them in which each fix
//! stands for itself.
//!
//! One fix is `{"lat","lon","acc","spd","brg","bat","ts"}`: degrees WGS 84, metres, metres a second,
//! degrees, 0..1, epoch milliseconds or RFC 3339. The names `latitude`, `longitude`, `accuracy`,
//! `speed`, `bearing`, `battery` and `timestamp` mean the same; `lat`, `lon` and `ts` are needed,
//! null is absent, other fields are ignored. `"mock":true` marks a position that a program made up. A
//! batch is `{"v":1,"fixes":[…]}`; a fix in it cannot be a batch itself.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json;
use super::message::{Item, Message};
use super::payload_error::PayloadError;
use super::reading::Reading;
use super::timestamp;
use crate::ids::PartnerId;

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
    json::check_size(payload)?;
    let item = |raw, fields: Result<Fields<'_>, PayloadError>| {
        let mock = fields.as_ref().is_ok_and(|fields| json::is_true(fields.mock));
        let reading = fields.and_then(|fields| fields.reading());
        let fix = reading.and_then(|reading| reading.to_fix(partner, assumed_accuracy_m));
        Item::new(raw, fix, mock)
    };
    let fields: Fields<'_> = json::object(payload, 0)?;
    fields.check_version()?;
    let Some(fixes) = fields.fixes else {
        return Ok(Message::one(item(payload, Ok(fields))));
    };
    let items = json::list("fixes", fixes)?.into_iter().map(|raw| {
        let bytes = raw.get().as_bytes();
        let fields = json::object(bytes, json::place(raw, payload));
        item(bytes, fields.and_then(Fields::check_within_batch))
    });
    Ok(Message { batch: true, items: items.collect(), ignored: Vec::new() })
}

/// The fields of a message or of one fix.
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
    #[serde(borrow)]
    mock: Option<&'a RawValue>,
}

impl Fields<'_> {
    fn check_version(&self) -> Result<(), PayloadError> {
        match self.v.filter(|version| version.get() != "1") {
            Some(version) => Err(PayloadError::UnknownVersion { found: json::cut(version.get()) }),
            None => Ok(()),
        }
    }

    /// Read by itself, as from the dead letters, a fix of a batch must say the same.
    fn check_within_batch(self) -> Result<Self, PayloadError> {
        self.check_version()?;
        if self.fixes.is_some() { Err(PayloadError::BatchInBatch) } else { Ok(self) }
    }

    fn reading(&self) -> Result<Reading, PayloadError> {
        Ok(Reading {
            lat_deg: json::number("lat", json::required("lat", self.lat)?)?,
            lon_deg: json::number("lon", json::required("lon", self.lon)?)?,
            ts_ms: timestamp::millis(json::required("ts", self.ts)?)?,
            accuracy_m: json::optional("acc", self.acc)?,
            speed_mps: json::optional("spd", self.spd)?,
            bearing_deg: json::optional("brg", self.brg)?,
            battery: json::optional("bat", self.bat)?,
        })
    }
}
