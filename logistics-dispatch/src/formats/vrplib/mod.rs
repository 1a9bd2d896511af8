//! VRPLIB files: CVRP (Uchoa et al. 2017, doi:10.1016/j.ejor.2016.08.012) and, in the
//! dialect of PyVRP, HFVRP with a capacity and costs per vehicle.

mod file;
mod weights;

use super::numbers::euclidean;
use super::{FormatError, Instance, Notation};
use crate::problem::{
    Job, Location, MAX_LOCATIONS, MAX_VEHICLES, Matrix, Owner, Problem, ProblemBuilder,
    ProblemError, Profile, Travel, TravelCost, Vehicle, whole,
};
use crate::units::{Cost, Meters};
use file::File;

/// HFVRP: legs are thousandths and the file's costs are hundredths.
const FINE: i64 = 1_000;
const FINE_COST: i64 = 100_000;

pub(super) fn table_fits(size: usize) -> Result<(), FormatError> {
    fits("locations", size, MAX_LOCATIONS)
}

pub(super) fn fleet_fits(size: usize) -> Result<(), FormatError> {
    fits("vehicles", size, MAX_VEHICLES)
}

fn fits(field: &'static str, found: usize, limit: usize) -> Result<(), FormatError> {
    if found > limit {
        return Err(ProblemError::TooMany { owner: Owner::Problem, field, found, limit }.into());
    }
    Ok(())
}

pub(super) fn parse(text: &str) -> Result<Instance, FormatError> {
    let file = File::parse(text)?;
    table_fits(file.dimension)?;
    let mixed = file.kind == "HFVRP";
    let matrix = distances(&file, mixed)?;
    let mut problem = Problem::builder();
    let profile = problem.add_profile(Travel::distances(matrix));
    let nodes = (0..file.dimension).filter(|&node| node != file.depot);
    let mut customers = 0;
    for (index, node) in nodes.enumerate() {
        let job = Job::new((index + 1).to_string(), Location::new(node));
        problem.add_job(job.delivery([file.demands[node]]));
        customers += 1;
    }
    if file.demands[file.depot] != 0 {
        let field = "a demand at the depot".to_owned();
        return Err(FormatError::Unsupported { field, line: None });
    }
    if mixed {
        mixed_fleet(&file, &mut problem, profile)?;
    } else {
        uniform_fleet(&file, &mut problem, profile, customers)?;
    }
    Ok(Instance {
        name: file.name,
        problem: problem.build()?,
        notation: Notation::Sol { numbered: mixed, places: file.coordinates },
        cost_scale: if mixed { FINE_COST } else { 1 },
    })
}

fn distances(file: &File, mixed: bool) -> Result<Matrix, FormatError> {
    let matrix = if file.weight_type == "EXPLICIT" {
        if mixed {
            let field = "an explicit matrix in an HFVRP file".to_owned();
            return Err(FormatError::Unsupported { field, line: None });
        }
        weights::matrix(file)?
    } else {
        let at = &file.coordinates;
        let round = if file.weight_type == "CEIL_2D" { f64::ceil } else { f64::round };
        let scale = if mixed { 1_000.0 } else { 1.0 };
        Matrix::from_fn(file.dimension, |i, j| whole(round(euclidean(at[i], at[j], scale))))
    };
    matrix.map_err(|source| FormatError::Matrix { field: "the distances".into(), source })
}

fn vehicle(file: &File, profile: Profile, index: usize, capacity: i64, rate: i64) -> Vehicle {
    let depot = Location::new(file.depot);
    let vehicle = Vehicle::new((index + 1).to_string(), profile)
        .start(depot)
        .end(depot)
        .capacity([capacity])
        .travel_cost(TravelCost::PerUnit { per_second: 0, per_meter: rate });
    match file.max_distance {
        Some(limit) => vehicle.max_distance(Meters(limit)),
        None => vehicle,
    }
}

fn uniform_fleet(
    file: &File,
    problem: &mut ProblemBuilder,
    profile: Profile,
    customers: usize,
) -> Result<(), FormatError> {
    let capacity = file.capacity.ok_or(FormatError::Missing("CAPACITY"))?;
    let vehicles = file.vehicles.unwrap_or(customers);
    fleet_fits(vehicles)?;
    for index in 0..vehicles {
        problem.add_vehicle(vehicle(file, profile, index, capacity, 1));
    }
    Ok(())
}

fn mixed_fleet(
    file: &File,
    problem: &mut ProblemBuilder,
    profile: Profile,
) -> Result<(), FormatError> {
    let vehicles = file.vehicles.ok_or(FormatError::Missing("VEHICLES"))?;
    fleet_fits(vehicles)?;
    if file.capacities.len() != vehicles {
        return Err(FormatError::Missing("a CAPACITY_SECTION with a row per vehicle"));
    }
    for (rates, name) in [
        (&file.fixed_costs, "a VEHICLES_FIXED_COST_SECTION with a row per vehicle"),
        (&file.unit_costs, "a VEHICLES_UNIT_DISTANCE_COST_SECTION with a row per vehicle"),
    ] {
        if !rates.is_empty() && rates.len() != vehicles {
            return Err(FormatError::Missing(name));
        }
    }
    for index in 0..vehicles {
        // Without a unit cost a unit of distance costs one unit: a hundred hundredths.
        let rate = file.unit_costs.get(index).copied().unwrap_or(100);
        let fixed = file.fixed_costs.get(index).copied().unwrap_or(0).saturating_mul(FINE);
        let vehicle = vehicle(file, profile, index, file.capacities[index], rate);
        problem.add_vehicle(vehicle.fixed_cost(Cost(fixed)));
    }
    Ok(())
}
