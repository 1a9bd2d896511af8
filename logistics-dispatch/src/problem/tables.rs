//! The tables of every profile, from what the caller gave.

use geo_types::Point;

use super::error::{Owner, ProblemError};
use super::limits::{MAX_LOCATIONS, MAX_MATRIX_CELLS};
use super::range::at_most;
use super::travel::{Legs, Matrix, Travel};

/// How many places there are, and the tables between them.
pub(super) fn tables(
    points: &[Point<f64>],
    travels: Vec<Travel>,
) -> Result<(usize, Vec<Legs>), ProblemError> {
    for (index, point) in points.iter().enumerate() {
        let usable = (-180.0..=180.0).contains(&point.x()) && (-90.0..=90.0).contains(&point.y());
        if !usable {
            let owner = Owner::Location(index);
            return Err(ProblemError::NotUsable { owner, field: "coordinates" });
        }
    }
    let from_tables = travels.iter().find_map(|travel| match travel {
        Travel::Matrices { durations, distances, costs } => {
            [durations, distances, costs].into_iter().flatten().map(Matrix::size).next()
        }
        Travel::Haversine(_) => None,
    });
    let locations = if points.is_empty() { from_tables.unwrap_or(0) } else { points.len() };
    at_most(Owner::Problem, "locations", locations, MAX_LOCATIONS)?;
    let cells = locations.saturating_mul(locations).saturating_mul(travels.len());
    at_most(Owner::Problem, "matrix cells", cells, MAX_MATRIX_CELLS)?;
    let mut profiles = Vec::with_capacity(travels.len());
    for (profile, travel) in travels.into_iter().enumerate() {
        profiles.push(legs(profile, travel, points, locations)?);
    }
    Ok((locations, profiles))
}

fn legs(
    profile: usize,
    travel: Travel,
    points: &[Point<f64>],
    locations: usize,
) -> Result<Legs, ProblemError> {
    match travel {
        Travel::Haversine(haversine) => {
            if !haversine.is_valid() {
                let owner = Owner::Profile(profile);
                return Err(ProblemError::NotUsable { owner, field: "detour or speed" });
            }
            if points.len() < locations {
                return Err(ProblemError::NoCoordinates(points.len()));
            }
            haversine.legs(points).map_err(|source| ProblemError::Table { profile, source })
        }
        Travel::Matrices { durations, distances, costs } => {
            let wrong = |table| ProblemError::TableSize { profile, table, expected: locations };
            for (table, name) in
                [(&durations, "duration"), (&distances, "distance"), (&costs, "cost")]
            {
                if table.as_ref().is_some_and(|table| table.size() != locations) {
                    return Err(wrong(name));
                }
            }
            if durations.is_none() && distances.is_none() {
                return Err(wrong("duration"));
            }
            Ok(Legs { durations, distances, costs })
        }
    }
}
