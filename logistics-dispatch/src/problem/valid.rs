//! What one job or one vehicle must be by itself.

use super::error::{Owner, ProblemError};
use super::lateness::check_lateness;
use super::limits::{
    MAX_AMOUNT, MAX_COST, MAX_PREFERENCE, MAX_PRIORITY, MAX_SKILLS, MAX_TIME, MAX_VEHICLES,
    MAX_WINDOWS,
};
use super::range::{at_most, check_window, known, within};
use super::reload::check_reload;
use super::rest::check_breaks;
use super::travel::{Legs, Matrix};
use super::{Job, Location, TravelCost, Vehicle};
use crate::units::Seconds;

pub(super) fn check_job(
    job: &Job,
    locations: usize,
    dimensions: usize,
) -> Result<(), ProblemError> {
    let owner = || Owner::Job(job.id.clone());
    known(owner, "location", job.location.index(), locations)?;
    within(owner, "service", job.service.get(), MAX_TIME)?;
    at_most(owner(), "time windows", job.windows.len(), MAX_WINDOWS)?;
    at_most(owner(), "skills", job.skills.len(), MAX_SKILLS)?;
    for &window in &job.windows {
        check_window(owner, "time window", window)?;
    }
    if job.windows.windows(2).any(|pair| pair[1].start <= pair[0].end) {
        return Err(ProblemError::WindowOrder(owner()));
    }
    check_lateness(job)?;
    for dimension in 0..dimensions {
        within(owner, "delivery", job.delivered(dimension), MAX_AMOUNT)?;
        within(owner, "pickup", job.picked_up(dimension), MAX_AMOUNT)?;
    }
    within(owner, "priority", i64::from(job.priority), i64::from(MAX_PRIORITY))?;
    let confidence = job.geocode_confidence_pct.unwrap_or(0);
    within(owner, "geocode confidence", i64::from(confidence), 100)
}

/// Preferences and what leaving the job out costs.
pub(super) fn check_wishes(job: &Job, vehicles: usize) -> Result<(), ProblemError> {
    let owner = || Owner::Job(job.id.clone());
    within(owner, "cost of leaving it out", job.optional.unwrap_or_default().get(), MAX_COST)?;
    at_most(owner(), "preferences", job.preferences.len(), MAX_VEHICLES)?;
    for preference in &job.preferences {
        known(owner, "preferred vehicle", preference.vehicle.index(), vehicles)?;
        within(owner, "preference", preference.cost.get().saturating_abs(), MAX_PREFERENCE)?;
    }
    Ok(())
}

pub(super) fn check_vehicle(
    vehicle: &Vehicle,
    locations: usize,
    dimensions: usize,
    profiles: &[Legs],
) -> Result<(), ProblemError> {
    let owner = || Owner::Vehicle(vehicle.id.clone());
    known(owner, "profile", vehicle.profile.index(), profiles.len())?;
    for (place, field) in [(vehicle.start, "start"), (vehicle.end, "end")] {
        known(owner, field, place.map_or(0, Location::index), locations.max(1))?;
    }
    check_window(owner, "shift", vehicle.shift)?;
    at_most(owner(), "skills", vehicle.skills.len(), MAX_SKILLS)?;
    for &capacity in vehicle.capacity.iter().take(dimensions) {
        within(owner, "capacity", capacity, MAX_AMOUNT)?;
    }
    within(owner, "fixed cost", vehicle.fixed_cost.get(), MAX_COST)?;
    within(owner, "max travel time", vehicle.max_travel_time.unwrap_or_default().get(), MAX_TIME)?;
    within(owner, "max distance", vehicle.max_distance.unwrap_or_default().get(), MAX_TIME)?;
    within(owner, "position age", vehicle.position_age.unwrap_or(Seconds::ZERO).get(), MAX_TIME)?;
    check_breaks(vehicle)?;
    check_reload(vehicle, locations)?;
    check_rates(vehicle, &profiles[vehicle.profile.index()])
}

/// Every cost and limit of the vehicle has the table it needs, and no leg of it costs
/// more than the solver's 32 bits.
fn check_rates(vehicle: &Vehicle, legs: &Legs) -> Result<(), ProblemError> {
    let owner = || Owner::Vehicle(vehicle.id.clone());
    let needs = |field, table, found: bool| {
        if found {
            return Ok(());
        }
        Err(ProblemError::MissingTable { owner: owner(), field, table })
    };
    needs("max distance", "distances", vehicle.max_distance.is_none() || legs.distances.is_some())?;
    let no_limit = vehicle.max_travel_time.is_none();
    needs("max travel time", "durations", no_limit || legs.durations.is_some())?;
    let TravelCost::PerUnit { per_second, per_meter } = vehicle.travel_cost else {
        return needs("travel cost", "costs", legs.costs.is_some());
    };
    let max = i64::from(i32::MAX);
    within(owner, "cost per second", per_second, max)?;
    within(owner, "cost per meter", per_meter, max)?;
    needs("cost per second", "durations", per_second == 0 || legs.durations.is_some())?;
    needs("cost per meter", "distances", per_meter == 0 || legs.distances.is_some())?;
    let longest = |table: &Option<Matrix>| table.as_ref().map_or(0, Matrix::max);
    let dearest = per_second
        .saturating_mul(longest(&legs.durations))
        .saturating_add(per_meter.saturating_mul(longest(&legs.distances)));
    within(owner, "cost of the longest leg", dearest, max)
}
