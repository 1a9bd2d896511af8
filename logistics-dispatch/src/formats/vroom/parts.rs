//! Jobs and vehicles of a VROOM problem.

use std::collections::BTreeSet;

use geo_types::Point;
use serde_json::Value;

use super::value::Fields;
use super::{Echo, Kind};
use crate::formats::FormatError;
use crate::problem::{Job, Location, ProblemBuilder, TimeWindow};
use crate::units::Seconds;

/// How places are named in a file.
pub(super) enum Places<'b> {
    /// By the rows of its matrices.
    Rows,
    /// By coordinates, which become locations of the problem.
    Points(&'b mut ProblemBuilder),
}

impl Places<'_> {
    /// The place of a step, under either of its names.
    pub(super) fn read(
        &mut self,
        fields: &mut Fields<'_>,
        index: &'static str,
        coordinates: &'static str,
    ) -> Result<(Option<Location>, Option<Value>), FormatError> {
        let row = fields.index(index)?;
        let given = fields.get(coordinates);
        let point = given.map(|value| point(&fields.path(coordinates), value)).transpose()?;
        let location = match self {
            Self::Rows if row.is_none() && given.is_some() => {
                return Err(FormatError::field(fields.path(index), "a row of the matrices"));
            }
            Self::Rows => row.map(Location::new),
            Self::Points(builder) => match (point, row) {
                (Some(point), _) => Some(builder.add_point(point)),
                (None, None) => None,
                (None, Some(_)) => {
                    let path = fields.path(coordinates);
                    return Err(FormatError::field(path, "coordinates, as there is no matrix"));
                }
            },
        };
        Ok((location, given.cloned()))
    }
}

fn point(path: &str, value: &Value) -> Result<Point<f64>, FormatError> {
    let wrong = || FormatError::field(path, "[longitude, latitude]");
    match value.as_array().map(Vec::as_slice) {
        Some([lon, lat]) => {
            Ok(Point::new(lon.as_f64().ok_or_else(wrong)?, lat.as_f64().ok_or_else(wrong)?))
        }
        _ => Err(wrong()),
    }
}

pub(super) fn window(path: &str, value: &Value) -> Result<TimeWindow, FormatError> {
    let wrong = || FormatError::field(path, "[start, end] in seconds");
    match value.as_array().map(Vec::as_slice) {
        Some([start, end]) => Ok(TimeWindow::new(
            Seconds(start.as_i64().ok_or_else(wrong)?),
            Seconds(end.as_i64().ok_or_else(wrong)?),
        )),
        _ => Err(wrong()),
    }
}

pub(super) fn skills(fields: &mut Fields<'_>) -> Result<BTreeSet<u32>, FormatError> {
    let path = fields.path("skills");
    let skills = fields.numbers("skills")?.into_iter();
    skills
        .map(|skill| u32::try_from(skill).map_err(|_| FormatError::field(&path, "numbers from 0")))
        .collect()
}

pub(super) fn echo(fields: &mut Fields<'_>) -> Result<Echo, FormatError> {
    let id = fields.u64("id")?;
    let id = id.ok_or_else(|| FormatError::field(fields.path("id"), "a whole number from 0"))?;
    fields.text("description")?;
    Ok(Echo { id, description: fields.get("description").cloned(), ..Echo::default() })
}

pub(super) fn job(
    path: String,
    value: &Value,
    places: &mut Places<'_>,
) -> Result<(Job, Echo), FormatError> {
    let mut fields = Fields::new(path, value)?;
    let (mut job, echo) = visit(&mut fields, Kind::Job, places)?;
    job.delivery = fields.numbers("delivery")?;
    job.pickup = fields.numbers("pickup")?;
    job.skills = skills(&mut fields)?;
    job.priority = priority(&mut fields)?;
    fields.finish()?;
    Ok((job, echo))
}

/// Both stops of a shipment: pickup, delivery.
pub(super) fn shipment(
    path: String,
    value: &Value,
    places: &mut Places<'_>,
) -> Result<[(Job, Echo); 2], FormatError> {
    let mut fields = Fields::new(path, value)?;
    let (amount, skills) = (fields.numbers("amount")?, skills(&mut fields)?);
    let priority = priority(&mut fields)?;
    let mut stop = |kind: Kind| -> Result<(Job, Echo), FormatError> {
        let path = fields.path(kind.name());
        let missing = || FormatError::field(&path, "an object");
        let mut stop = Fields::new(&path, fields.get(kind.name()).ok_or_else(missing)?)?;
        let (mut job, echo) = visit(&mut stop, kind, places)?;
        stop.finish()?;
        (job.skills, job.priority) = (skills.clone(), priority);
        Ok((job, echo))
    };
    let (mut pickup, mut delivery) = (stop(Kind::Pickup)?, stop(Kind::Delivery)?);
    pickup.0.pickup.clone_from(&amount);
    delivery.0.delivery = amount;
    fields.finish()?;
    Ok([pickup, delivery])
}

/// What every stop has: an id, a place, a time.
fn visit(
    fields: &mut Fields<'_>,
    kind: Kind,
    places: &mut Places<'_>,
) -> Result<(Job, Echo), FormatError> {
    let mut echo = echo(fields)?;
    echo.kind = kind;
    let (location, coordinates) = places.read(fields, "location_index", "location")?;
    let location = location.ok_or_else(|| {
        FormatError::field(fields.path("location"), "a location or location_index")
    })?;
    echo.location = coordinates;
    let mut job = Job::new(kind.job_id(echo.id), location);
    job.service = Seconds(fields.i64("service")?.unwrap_or(0));
    let path = fields.path("time_windows");
    for value in fields.list("time_windows")? {
        job.windows.push(window(&path, value)?);
    }
    job.windows.sort_unstable();
    Ok((job, echo))
}

fn priority(fields: &mut Fields<'_>) -> Result<u8, FormatError> {
    let priority = fields.i64("priority")?.unwrap_or(0);
    u8::try_from(priority).map_err(|_| FormatError::field(fields.path("priority"), "0 to 100"))
}
