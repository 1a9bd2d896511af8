//! A VROOM problem.

use serde_json::Value;

use super::breaks::breaks;
use super::matrices::{self, Profiles, great_circle};
use super::parts::{Places, echo, job, shipment, skills, window};
use super::value::Fields;
use super::{Echo, Names};
use crate::formats::{FormatError, Instance, Notation};
use crate::problem::{Problem, ProblemBuilder, TravelCost, Vehicle};
use crate::units::{Cost, Meters, Seconds};

/// VROOM's default: an hour of driving costs 3600.
const PER_HOUR: i64 = 3600;
/// Cost units per VROOM unit where rates are not whole units per second and metre: the
/// least number that makes 1/3600 and 1/1000 whole.
const FINE: i64 = 18_000;

pub(in crate::formats) fn parse(text: &str) -> Result<Instance, FormatError> {
    let value: Value = serde_json::from_str(text).map_err(FormatError::Json)?;
    let mut fields = Fields::new("", &value)?;
    let vehicles = fields.list("vehicles")?;
    let jobs = fields.list("jobs")?;
    let shipments = fields.list("shipments")?;
    let rates = (0..).zip(vehicles).map(|(index, value)| rates(index, value));
    let rates: Vec<Rates> = rates.collect::<Result<_, _>>()?;
    let scale = if rates.iter().all(Rates::is_whole) { 1 } else { FINE };
    let mut problem = Problem::builder();
    let mut names = Names::default();
    let profiles = match fields.get("matrices") {
        Some(value) => {
            names.indexed = true;
            matrices::read(value, scale, |travel| problem.add_profile(travel))?
        }
        None => Profiles::new(),
    };
    fields.finish()?;
    for (index, value) in jobs.iter().enumerate() {
        let mut places = places(&mut problem, names.indexed);
        let (job, echo) = job(format!("jobs[{index}]"), value, &mut places)?;
        problem.add_job(job);
        names.jobs.push(echo);
    }
    for (index, value) in shipments.iter().enumerate() {
        let mut places = places(&mut problem, names.indexed);
        let stops = shipment(format!("shipments[{index}]"), value, &mut places)?;
        let [pickup, delivery] = stops.map(|(job, echo)| {
            names.jobs.push(echo);
            problem.add_job(job)
        });
        problem.pair(pickup, delivery);
    }
    let mut reader = Reader { problem, names, profiles, scale };
    for ((index, value), rates) in vehicles.iter().enumerate().zip(&rates) {
        reader.vehicle(format!("vehicles[{index}]"), value, rates)?;
    }
    reader.amounts_agree(jobs.len() + shipments.len())?;
    let Reader { problem, mut names, profiles, .. } = reader;
    names.distances = !names.indexed || profiles.values().all(|known| known.has_distances);
    Ok(Instance {
        name: String::new(),
        problem: problem.build()?,
        notation: Notation::Vroom(names),
        cost_scale: scale,
    })
}

fn places(problem: &mut ProblemBuilder, indexed: bool) -> Places<'_> {
    if indexed { Places::Rows } else { Places::Points(problem) }
}

/// A vehicle's `costs`.
struct Rates {
    fixed: i64,
    per_hour: Option<i64>,
    per_km: i64,
}

impl Rates {
    fn is_whole(&self) -> bool {
        self.per_hour.unwrap_or(PER_HOUR) % 3600 == 0 && self.per_km % 1000 == 0
    }
}

fn rates(index: usize, vehicle: &Value) -> Result<Rates, FormatError> {
    let mut vehicle = Fields::new(format!("vehicles[{index}]"), vehicle)?;
    let path = vehicle.path("costs");
    let Some(value) = vehicle.get("costs") else {
        return Ok(Rates { fixed: 0, per_hour: None, per_km: 0 });
    };
    let mut fields = Fields::new(path, value)?;
    let rates = Rates {
        fixed: fields.i64("fixed")?.unwrap_or(0),
        per_hour: fields.i64("per_hour")?,
        per_km: fields.i64("per_km")?.unwrap_or(0),
    };
    fields.finish()?;
    Ok(rates)
}

struct Reader {
    problem: ProblemBuilder,
    names: Names,
    profiles: Profiles,
    scale: i64,
}

impl Reader {
    fn vehicle(&mut self, path: String, value: &Value, rates: &Rates) -> Result<(), FormatError> {
        let mut fields = Fields::new(path, value)?;
        let echo: Echo = echo(&mut fields)?;
        let name = fields.text("profile")?.unwrap_or("car");
        // Read by `rates`; `type` only names rows of tables that are refused.
        fields.get("costs");
        fields.text("type")?;
        let indexed = self.names.indexed;
        let known = self.profile(name, &fields)?;
        let mut places = places(&mut self.problem, indexed);
        let (start, from) = places.read(&mut fields, "start_index", "start")?;
        let (end, to) = places.read(&mut fields, "end_index", "end")?;
        let mut vehicle = Vehicle::new(echo.id.to_string(), known.profile);
        (vehicle.start, vehicle.end) = (start, end);
        self.names.starts.push(from);
        self.names.ends.push(to);
        self.names.vehicles.push(echo);
        if let Some(value) = fields.get("time_window") {
            vehicle.shift = window(&fields.path("time_window"), value)?;
        }
        let (breaks, rests) = breaks(&mut fields)?;
        vehicle.breaks = breaks;
        self.names.breaks.push(rests);
        vehicle.capacity = fields.numbers("capacity")?;
        vehicle.skills = skills(&mut fields)?;
        vehicle.max_jobs = fields.index("max_tasks")?;
        vehicle.max_travel_time = fields.i64("max_travel_time")?.map(Seconds);
        vehicle.max_distance = fields.i64("max_distance")?.map(Meters);
        vehicle.fixed_cost = Cost(rates.fixed.saturating_mul(self.scale));
        vehicle.travel_cost = self.travel_cost(rates, known.has_costs, &fields)?;
        if fields.get("speed_factor").is_some_and(|factor| factor.as_f64() != Some(1.0)) {
            let field = fields.path("speed_factor");
            return Err(FormatError::Unsupported { field, line: None });
        }
        fields.finish()?;
        self.problem.add_vehicle(vehicle);
        Ok(())
    }

    fn profile(&mut self, name: &str, fields: &Fields<'_>) -> Result<matrices::Known, FormatError> {
        if let Some(&known) = self.profiles.get(name) {
            return Ok(known);
        }
        if self.names.indexed {
            return Err(FormatError::field(fields.path("profile"), "a profile of matrices"));
        }
        let profile = self.problem.add_profile(great_circle(name));
        let known = matrices::Known { profile, has_costs: false, has_distances: true };
        self.profiles.insert(name.to_owned(), known);
        Ok(known)
    }

    fn travel_cost(
        &self,
        rates: &Rates,
        has_costs: bool,
        fields: &Fields<'_>,
    ) -> Result<TravelCost, FormatError> {
        let per_hour = rates.per_hour.unwrap_or(PER_HOUR);
        if has_costs {
            if per_hour != PER_HOUR || rates.per_km != 0 {
                let field = format!("{} beside a matrix of costs", fields.path("costs"));
                return Err(FormatError::Unsupported { field, line: None });
            }
            return Ok(TravelCost::Matrix);
        }
        let (per_second, per_meter) = if self.scale == 1 {
            (per_hour / 3600, rates.per_km / 1000)
        } else {
            let scaled = |rate: i64, parts: i64| rate.saturating_mul(self.scale / parts);
            (scaled(per_hour, 3600), scaled(rates.per_km, 1000))
        };
        Ok(TravelCost::PerUnit { per_second, per_meter })
    }

    /// VROOM demands amounts of one length everywhere; a vehicle without `capacity`
    /// could otherwise be read as unlimited here and as empty there.
    fn amounts_agree(&self, jobs: usize) -> Result<(), FormatError> {
        let loaded = self.problem.carries_anything();
        match self.problem.first_unlimited() {
            Some(vehicle) if loaded && jobs > 0 => Err(FormatError::field(
                format!("vehicles[{vehicle}].capacity"),
                "as many quantities as the jobs have",
            )),
            _ => Ok(()),
        }
    }
}
