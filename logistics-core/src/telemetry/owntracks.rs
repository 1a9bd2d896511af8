//! Messages of the app OwnTracks: `{"_type":"location","lat","lon","acc","vel","cog","batt","tst"}`.
//!
//! Degrees, metres, km/h, degrees, percent, epoch seconds; a negative value is unknown. Other types
//! are no positions. The form is described at <https://owntracks.org/booklet/tech/json/>.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json;
use super::message::{Ignored, Item, Message};
use super::payload_error::PayloadError;
use super::reading::{Reading, known};
use super::timestamp;
use crate::ids::{IdError, PartnerId};

/// Where a phone publishes: `owntracks/{user}/{device}`, and one level below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OwnTracksTopic<'a> {
    /// The user as set in the app.
    pub user: &'a str,
    /// The device as set in the app.
    pub device: &'a str,
}

impl<'a> OwnTracksTopic<'a> {
    /// Reads a topic name; `None` when it is no phone's.
    #[must_use]
    pub fn parse(name: &'a str) -> Option<Self> {
        let (user, rest) = name.strip_prefix("owntracks/")?.split_once('/')?;
        let (device, below) = rest.split_once('/').unwrap_or((rest, ""));
        let is_phone = !user.is_empty() && !device.is_empty() && !below.contains('/');
        is_phone.then_some(Self { user, device })
    }

    /// The partner whose phone this is where nothing else says it: `{user}.{device}`.
    ///
    /// # Errors
    /// [`IdError`] when that is no partner's id.
    pub fn partner(&self) -> Result<PartnerId, IdError> {
        PartnerId::new(format!("{}.{}", self.user, self.device))
    }
}

/// Reads a message.
pub(super) fn parse<'a>(
    partner: &PartnerId,
    payload: &'a [u8],
    assumed_accuracy_m: f64,
) -> Result<Message<'a>, PayloadError> {
    json::check_size(payload)?;
    let fields: Fields<'_> = json::object(payload, 0)?;
    match json::text("_type", json::required("_type", fields.kind)?)?.as_str() {
        "location" => {}
        "encrypted" => return Ok(Message::without_position(Ignored::Encrypted)),
        _ => return Ok(Message::without_position(Ignored::NotALocation)),
    }
    let fix = fields.reading().and_then(|reading| reading.to_fix(partner, assumed_accuracy_m));
    Ok(Message::one(Item { raw: payload, fix, mock: false }))
}

/// The partner that the message names by its topic, which phones put there over HTTP.
pub(super) fn named(payload: &[u8]) -> Option<String> {
    json::check_size(payload).ok()?;
    let fields: Fields<'_> = json::object(payload, 0).ok()?;
    let topic = json::text("topic", fields.topic?).ok()?;
    OwnTracksTopic::parse(&topic)?.partner().ok().map(|partner| partner.as_str().to_owned())
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, rename = "_type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    topic: Option<&'a RawValue>,
    #[serde(borrow)]
    lat: Option<&'a RawValue>,
    #[serde(borrow)]
    lon: Option<&'a RawValue>,
    #[serde(borrow)]
    acc: Option<&'a RawValue>,
    #[serde(borrow)]
    vel: Option<&'a RawValue>,
    #[serde(borrow)]
    cog: Option<&'a RawValue>,
    #[serde(borrow)]
    batt: Option<&'a RawValue>,
    #[serde(borrow)]
    tst: Option<&'a RawValue>,
}

impl Fields<'_> {
    fn reading(&self) -> Result<Reading, PayloadError> {
        Ok(Reading {
            lat_deg: json::number("lat", json::required("lat", self.lat)?)?,
            lon_deg: json::number("lon", json::required("lon", self.lon)?)?,
            ts_ms: timestamp::seconds("tst", json::required("tst", self.tst)?)?,
            accuracy_m: known(json::optional("acc", self.acc)?),
            speed_mps: json::optional("vel", self.vel)?.map(|km_per_h| km_per_h / 3.6),
            bearing_deg: json::optional("cog", self.cog)?,
            battery: known(json::optional("batt", self.batt)?).map(|percent| percent / 100.0),
        })
    }
}
