//! One GeoJSON feature to a zone: its id, name, properties and coordinates, as written.

use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use serde_json::{Map, Value};

use super::diagnostic::{About, DiagnosticCode as Code};
use crate::zone::{Zone, ZoneId};

/// Names under which WGS 84 longitude/latitude is known, in lower case.
const WGS84: [&str; 9] = [
    "urn:ogc:def:crs:ogc:1.3:crs84",
    "urn:ogc:def:crs:ogc::crs84",
    "urn:ogc:def:crs:ogc:2:84",
    "ogc:crs84",
    "crs84",
    "http://www.opengis.net/def/crs/ogc/1.3/crs84",
    "epsg:4326",
    "urn:ogc:def:crs:epsg::4326",
    "http://www.opengis.net/def/crs/epsg/0/4326",
];

/// Accepts the obsolete member `crs` (GeoJSON 2008) when it names WGS 84.
pub(crate) fn check_crs(crs: &Value) -> Result<(), String> {
    match crs.pointer("/properties/name").and_then(Value::as_str) {
        Some(name) if WGS84.contains(&name.to_ascii_lowercase().as_str()) => Ok(()),
        Some(name) => Err(format!("crs {name:?} is not WGS 84 longitude, latitude")),
        None => Err("crs is not a named one".to_owned()),
    }
}

/// The zone of the feature at `index`, or nothing after saying why.
pub(crate) fn zone(
    index: usize,
    mut feature: Value,
    id_property: Option<&str>,
    about: &mut About<'_>,
) -> Option<Zone> {
    let mut wrong = |message: String| {
        about.add(Code::WrongType, message);
        None
    };
    let Some(members) = feature.as_object_mut() else {
        return wrong(format!("{} instead of a Feature", kind(&feature)));
    };
    if members.get("type").and_then(Value::as_str) != Some("Feature") {
        return wrong("\"type\" is not \"Feature\"".to_owned());
    }
    let properties = match members.remove("properties") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(properties)) => properties,
        Some(other) => return wrong(format!("properties are {}", kind(&other))),
    };
    let id = match id_of(index, members.get("id"), &properties, id_property) {
        Ok(id) => id,
        Err(message) => {
            about.add(Code::InvalidId, message);
            return None;
        }
    };
    about.name(&id);
    let geometry = match members.remove("geometry") {
        None => Err((Code::WrongType, "no member \"geometry\"".to_owned())),
        Some(geometry) => multi_polygon(&geometry),
    };
    match geometry {
        Ok(geometry) => {
            let zone = Zone::new(id, geometry);
            let zone = match properties.get("name").and_then(Value::as_str) {
                Some(name) => zone.with_name(name),
                None => zone,
            };
            Some(zone.with_properties(properties))
        }
        Err((code, message)) => {
            about.add(code, message);
            None
        }
    }
}

fn id_of(
    index: usize,
    member: Option<&Value>,
    properties: &Map<String, Value>,
    id_property: Option<&str>,
) -> Result<ZoneId, String> {
    let named = id_property.and_then(|name| properties.get(name));
    let given = [named, member, properties.get("id")];
    match given.into_iter().flatten().find(|value| !value.is_null()) {
        None => Ok(ZoneId::from_index(index)),
        Some(Value::String(id)) => ZoneId::new(id.as_str()).map_err(|error| error.to_string()),
        Some(Value::Number(id)) => ZoneId::new(id.to_string()).map_err(|error| error.to_string()),
        Some(other) => Err(format!("id is {}, not a string or number", kind(other))),
    }
}

/// Why a GeoJSON geometry is no multipolygon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct GeometryError {
    /// What kind of thing is wrong.
    pub code: Code,
    /// What and where, for people.
    pub message: String,
}

/// Reads a GeoJSON geometry of type Polygon or MultiPolygon as it is drawn: planar, any finite
/// coordinates, nothing judged, third coordinates dropped. For [`classify`](crate::classify) and
/// [`segment_relation`](crate::segment_relation), which have an answer for all of these: a ring
/// that does not end where it began is closed by one more edge; rings of few positions or without
/// area are the edges they draw; a polygon without rings, or a ring without positions, is empty.
/// Loading a [`ZoneSet`](crate::ZoneSet) refuses them.
///
/// # Errors
/// [`GeometryError`] for another type, a missing member, a coordinate that is no number.
pub fn geometry_from_geojson(geometry: &Value) -> Result<MultiPolygon<f64>, GeometryError> {
    drawn(geometry).map(close).map_err(|(code, message)| GeometryError { code, message })
}

type Read<T> = Result<T, (Code, String)>;

/// The rings of one polygon as they are written, closed or not; the shell, if any, is the first.
type Rings = Vec<LineString<f64>>;

fn multi_polygon(geometry: &Value) -> Read<MultiPolygon<f64>> {
    let parts = drawn(geometry)?;
    check_closed(&parts, geometry["type"] == "Polygon")?;
    Ok(close(parts))
}

/// Polygons of closed rings: a polygon appends the first position where the last is another.
fn close(parts: Vec<Rings>) -> MultiPolygon<f64> {
    let polygons = parts.into_iter().map(|rings| {
        let mut rings = rings.into_iter();
        let shell = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Polygon::new(shell, rings.collect())
    });
    MultiPolygon::new(polygons.collect())
}

fn check_closed(parts: &[Rings], lone: bool) -> Read<()> {
    if parts.is_empty() {
        return Err((Code::EmptyGeometry, "no polygon".to_owned()));
    }
    for (k, rings) in parts.iter().enumerate() {
        let place = place(k, lone);
        if rings.is_empty() {
            return Err((Code::EmptyGeometry, format!("{place} has no ring")));
        }
        for (k, LineString(positions)) in rings.iter().enumerate() {
            if positions.is_empty() {
                return Err((Code::EmptyGeometry, format!("{place}, ring {k} has no position")));
            }
            if positions.first() != positions.last() {
                let message = format!("{place}, ring {k} does not end where it began");
                return Err((Code::UnclosedRing, message));
            }
        }
    }
    Ok(())
}

fn drawn(geometry: &Value) -> Read<Vec<Rings>> {
    let wrong = |message| Err((Code::WrongType, message));
    if geometry.is_null() {
        return Err((Code::NullGeometry, "geometry is null".to_owned()));
    }
    let coordinates = geometry.get("coordinates");
    match (geometry.get("type").and_then(Value::as_str), coordinates) {
        (Some("Polygon"), Some(rings)) => Ok(vec![polygon(rings, &place(0, true))?]),
        (Some("MultiPolygon"), Some(parts)) => list(parts, "coordinates")?
            .enumerate()
            .map(|(k, rings)| polygon(rings, &place(k, false)))
            .collect(),
        (Some("Polygon" | "MultiPolygon"), None) => wrong("no coordinates".to_owned()),
        (Some(other), _) => {
            wrong(format!("geometry is a {other:?}, not a Polygon or MultiPolygon"))
        }
        (None, _) => wrong("geometry has no type".to_owned()),
    }
}

/// What messages call the polygon at `k`, which may be the only one.
fn place(k: usize, lone: bool) -> String {
    if lone { "polygon".to_owned() } else { format!("polygon {k}") }
}

fn polygon(rings: &Value, place: &str) -> Read<Rings> {
    let rings = list(rings, place)?.enumerate();
    rings.map(|(k, positions)| ring(positions, &format!("{place}, ring {k}"))).collect()
}

fn ring(positions: &Value, place: &str) -> Read<LineString<f64>> {
    let positions = list(positions, place)?.enumerate();
    let coords = positions.map(|(k, at)| {
        position(at).map_err(|(code, what)| (code, format!("{what} at {place}, position {k}")))
    });
    coords.collect::<Read<Vec<Coord>>>().map(LineString::new)
}

/// A position. Not a number is also what JSON cannot hold: beyond the largest double.
fn position(at: &Value) -> Read<Coord> {
    match at.as_array().map(Vec::as_slice) {
        Some([x, y, ..]) => match (x.as_f64(), y.as_f64()) {
            (Some(x), Some(y)) if x.is_finite() && y.is_finite() => Ok(Coord { x, y }),
            _ => Err((Code::NotANumber, format!("{x}, {y} are not two numbers"))),
        },
        Some(_) => Err((Code::WrongType, "fewer than two coordinates".to_owned())),
        None => Err((Code::WrongType, format!("{} instead of a position", kind(at)))),
    }
}

fn list<'a>(value: &'a Value, place: &str) -> Read<std::slice::Iter<'a, Value>> {
    match value.as_array() {
        Some(items) => Ok(items.iter()),
        None => Err((Code::WrongType, format!("{place} is {}, not an array", kind(value)))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
