//! Profiles of a VROOM problem: its matrices, or great circles where it has none.

use std::collections::BTreeMap;

use serde_json::Value;

use super::value::Fields;
use crate::formats::FormatError;
use crate::problem::{Haversine, Matrix, Profile, Travel};

/// Road metres per metre as the crow flies, for files without a matrix.
const DETOUR: f64 = 1.35;

/// Speed by the name of the profile, for files without a matrix: city traffic.
fn speed_kmh(profile: &str) -> f64 {
    match profile {
        "foot" | "walking" | "pedestrian" => 5.0,
        "bike" | "bicycle" | "cycling" | "motorcycle" | "scooter" => 18.0,
        _ => 15.0,
    }
}

pub(super) fn great_circle(profile: &str) -> Travel {
    Travel::Haversine(Haversine { detour: DETOUR, speed_kmh: speed_kmh(profile) })
}

/// A profile of the file: its number once it is in the problem, and its tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) profile: Profile,
    pub(super) has_costs: bool,
    pub(super) has_distances: bool,
}

/// Profiles by name.
pub(super) type Profiles = BTreeMap<String, Known>;

/// Reads `matrices`; costs are multiplied by `scale`.
pub(super) fn read(
    value: &Value,
    scale: i64,
    mut add: impl FnMut(Travel) -> Profile,
) -> Result<Profiles, FormatError> {
    let Value::Object(map) = value else {
        return Err(FormatError::field("matrices", "an object"));
    };
    let mut profiles = Profiles::new();
    for (name, value) in map {
        let mut fields = Fields::new(format!("matrices.{name}"), value)?;
        let durations = table(&mut fields, "durations", 1)?;
        let distances = table(&mut fields, "distances", 1)?;
        let costs = table(&mut fields, "costs", scale)?;
        if durations.is_none() {
            return Err(FormatError::field(fields.path("durations"), "a matrix"));
        }
        fields.finish()?;
        let (has_costs, has_distances) = (costs.is_some(), distances.is_some());
        let profile = add(Travel::Matrices { durations, distances, costs });
        profiles.insert(name.clone(), Known { profile, has_costs, has_distances });
    }
    Ok(profiles)
}

fn table(
    fields: &mut Fields<'_>,
    name: &'static str,
    scale: i64,
) -> Result<Option<Matrix>, FormatError> {
    let field = fields.path(name);
    if fields.get(name).is_none() {
        return Ok(None);
    }
    let wrong = || FormatError::field(&field, "rows of whole numbers");
    let rows: Option<Vec<Vec<i64>>> = fields
        .list(name)?
        .iter()
        .map(|row| {
            let cells = row.as_array()?.iter();
            cells.map(|cell| cell.as_i64().map(|cell| cell.saturating_mul(scale))).collect()
        })
        .collect();
    let rows = rows.ok_or_else(wrong)?;
    super::super::vrplib::table_fits(rows.len())?;
    Matrix::from_rows(&rows).map(Some).map_err(|source| FormatError::Matrix { field, source })
}
