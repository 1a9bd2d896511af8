//! Solomon's files (Solomon 1987, doi:10.1287/opre.35.2.254), also those of Gehring and
//! Homberger: legs, windows and service in tenths, legs truncated, distance only.

use super::numbers::{count, euclidean, float, integer};
use super::{FormatError, Instance, Notation};
use crate::problem::{Job, Location, Matrix, Problem, Travel, TravelCost, Vehicle, whole};
use crate::units::Seconds;

/// Cost units and seconds per unit of the file.
const TENTHS: i64 = 10;

struct Row {
    at: (f64, f64),
    demand: i64,
    ready: i64,
    due: i64,
    service: i64,
}

pub(super) fn parse(text: &str) -> Result<Instance, FormatError> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let name = lines.next().map(|(_, line)| line.trim().to_owned()).unwrap_or_default();
    let mut fleet = None;
    let mut rows = Vec::new();
    for (number, line) in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_data = words[0].starts_with(|c: char| c.is_ascii_digit() || c == '-');
        match (is_data, &fleet) {
            (false, _) => heading(number, line)?,
            (true, None) => {
                let [vehicles, capacity] = words[..] else {
                    return Err(FormatError::line(number, "vehicles and capacity", line));
                };
                fleet = Some((count(vehicles, number)?, integer(capacity, number)?));
            }
            (true, Some(_)) => rows.push(row(number, &words, rows.len())?),
        }
    }
    let fleet = fleet.ok_or(FormatError::Missing("the number of vehicles"))?;
    build(name, fleet, &rows)
}

fn heading(number: usize, line: &str) -> Result<(), FormatError> {
    const WORDS: [&str; 4] = ["VEHICLE", "NUMBER", "CUSTOMER", "CUST"];
    let first = line.split_whitespace().next().unwrap_or_default();
    if WORDS.contains(&first) {
        return Ok(());
    }
    Err(FormatError::line(number, "a row of numbers or a known heading", line))
}

fn row(line: usize, words: &[&str], expected: usize) -> Result<Row, FormatError> {
    let [id, x, y, demand, ready, due, service] = *words else {
        return Err(FormatError::line(line, "seven numbers", &words.join(" ")));
    };
    if count(id, line)? != expected {
        return Err(FormatError::line(line, "customers numbered from 0 in order", id));
    }
    let tenths = |word| float(word, line).map(|value| whole(value * 10.0));
    Ok(Row {
        at: (float(x, line)?, float(y, line)?),
        demand: integer(demand, line)?,
        ready: tenths(ready)?,
        due: tenths(due)?,
        service: tenths(service)?,
    })
}

fn build(
    name: String,
    (vehicles, capacity): (usize, i64),
    rows: &[Row],
) -> Result<Instance, FormatError> {
    let (depot, customers) = rows.split_first().ok_or(FormatError::Missing("the depot"))?;
    super::vrplib::table_fits(rows.len())?;
    let legs =
        Matrix::from_fn(rows.len(), |i, j| whole(euclidean(rows[i].at, rows[j].at, 10.0).floor()))
            .map_err(|source| FormatError::Matrix { field: "the distances".into(), source })?;
    let mut problem = Problem::builder();
    let profile = problem.add_profile(Travel::durations(legs));
    for (index, row) in customers.iter().enumerate() {
        problem.add_job(
            Job::new((index + 1).to_string(), Location::new(index + 1))
                .delivery([row.demand])
                .window(Seconds(row.ready), Seconds(row.due))
                .service(Seconds(row.service)),
        );
    }
    super::vrplib::fleet_fits(vehicles)?;
    let home = Location::new(0);
    for index in 0..vehicles {
        problem.add_vehicle(
            Vehicle::new((index + 1).to_string(), profile)
                .start(home)
                .end(home)
                .shift(Seconds(depot.ready), Seconds(depot.due))
                .capacity([capacity])
                .travel_cost(TravelCost::default()),
        );
    }
    let problem = problem.build()?;
    let places = rows.iter().map(|row| row.at).collect();
    let notation = Notation::Sol { numbered: false, places };
    Ok(Instance { name, problem, notation, cost_scale: TENTHS })
}
