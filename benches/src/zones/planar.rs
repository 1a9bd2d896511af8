//! `classify` and `segments`: one question a line on standard input, one answer a line, in order.
//! Planar: no longitude, no latitude, any finite numbers, rings of any shape. What is no geometry,
//! no point or no JSON gets an answer that says so.

use std::io::{BufRead, Write};

use geo_types::{Coord, Line, MultiPolygon, Point};
use logistics_geofence::{GeometryError, Position, SegmentRelation};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Answer<T> {
    name: Value,
    #[serde(flatten)]
    outcome: Outcome<T>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome<T> {
    Known(T),
    Unknown { error: Failure },
}

#[derive(Serialize)]
struct Failure {
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Classified {
    position: Position,
}

pub(crate) fn classify_lines(input: impl BufRead, out: &mut impl Write) -> anyhow::Result<()> {
    answer_lines(input, out, |question| {
        let (geometry, point) = (geometry(question)?, position(question, "point")?);
        let position = logistics_geofence::classify(&geometry, Point(point));
        position.map(|position| Classified { position }).map_err(not_finite)
    })
}

pub(crate) fn segment_lines(input: impl BufRead, out: &mut impl Write) -> anyhow::Result<()> {
    answer_lines(input, out, |question| -> Result<SegmentRelation, Failure> {
        let segment = Line::new(position(question, "from")?, position(question, "to")?);
        logistics_geofence::segment_relation(&geometry(question)?, segment).map_err(not_finite)
    })
}

fn answer_lines<T: Serialize>(
    mut input: impl BufRead,
    out: &mut impl Write,
    ask: impl Fn(&Value) -> Result<T, Failure>,
) -> anyhow::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        if !line.trim_ascii().is_empty() {
            let (name, answer) = match serde_json::from_slice::<Value>(&line) {
                Ok(mut question) => {
                    let answer = ask(&question);
                    (question.get_mut("name").map(Value::take).unwrap_or_default(), answer)
                }
                Err(error) => (Value::Null, Err(failure("broken_json", error.to_string()))),
            };
            let outcome = match answer {
                Ok(known) => Outcome::Known(known),
                Err(error) => Outcome::Unknown { error },
            };
            serde_json::to_writer(&mut *out, &Answer { name, outcome })?;
            out.write_all(b"\n")?;
        }
        line.clear();
    }
    Ok(())
}

fn geometry(question: &Value) -> Result<MultiPolygon<f64>, Failure> {
    logistics_geofence::geometry_from_geojson(&question["geometry"])
        .map_err(|GeometryError { code, message, .. }| failure(code.as_str(), message))
}

fn position(question: &Value, member: &str) -> Result<Coord, Failure> {
    match question[member].as_array().map(Vec::as_slice) {
        Some([x, y, ..]) => match (x.as_f64(), y.as_f64()) {
            (Some(x), Some(y)) => Ok(Coord { x, y }),
            _ => Err(failure("not_a_number", format!("{member:?} holds {x}, {y}"))),
        },
        _ => Err(failure("wrong_type", format!("{member:?} is no array of two numbers"))),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn not_finite(error: logistics_geofence::LocateError) -> Failure {
    failure("not_a_number", error.to_string())
}

fn failure(code: &'static str, message: String) -> Failure {
    Failure { code, message }
}
