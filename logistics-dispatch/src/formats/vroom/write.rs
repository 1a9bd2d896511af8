//! A plan as a VROOM solution.

use serde_json::{Map, Value, json};

use super::{Echo, Names};
use crate::check::check;
use crate::formats::Instance;
use crate::loads::{Loads, loads};
use crate::problem::{Job, JobIndex, Location, VehicleIndex};
use crate::schedule::{Schedule, schedule};
use crate::solution::{Route, Solution};
use crate::units::Seconds;

pub(in crate::formats) fn write(instance: &Instance, names: &Names, plan: &Solution) -> String {
    let writer = Writer { instance, names };
    let routes: Vec<Value> = plan
        .routes
        .iter()
        .filter(|route| !route.jobs.is_empty())
        .map(|route| Value::Object(writer.route(route)))
        .collect();
    let unassigned: Vec<Value> = plan.unassigned.iter().map(|&job| writer.left_out(job)).collect();
    let mut summary = Map::new();
    let cost = check(&instance.problem, plan).cost();
    summary.insert("cost".into(), instance.rounded(cost).into());
    summary.insert("routes".into(), routes.len().into());
    summary.insert("unassigned".into(), unassigned.len().into());
    for key in TOTALS {
        summary.insert(key.into(), total(&routes, key));
    }
    if names.distances {
        summary.insert("distance".into(), total(&routes, "distance"));
    }
    for key in ["delivery", "pickup"] {
        summary.insert(key.into(), total_amount(&routes, key, instance.problem.dimensions()));
    }
    summary.insert("violations".into(), json!([]));
    let answer = json!({"code": 0, "summary": summary, "unassigned": unassigned, "routes": routes});
    answer.to_string() + "\n"
}

/// Figures that a summary adds up over its routes.
const TOTALS: [&str; 5] = ["setup", "service", "duration", "waiting_time", "priority"];

fn total(routes: &[Value], key: &str) -> Value {
    routes.iter().filter_map(|route| route[key].as_i64()).sum::<i64>().into()
}

fn total_amount(routes: &[Value], key: &str, dimensions: usize) -> Value {
    let at = |d: usize| routes.iter().filter_map(move |route| route[key][d].as_i64()).sum::<i64>();
    (0..dimensions).map(at).collect()
}

struct Writer<'a> {
    instance: &'a Instance,
    names: &'a Names,
}

impl Writer<'_> {
    fn job(&self, index: JobIndex) -> &Job {
        &self.instance.problem.jobs()[index.index()]
    }

    fn left_out(&self, job: JobIndex) -> Value {
        let mut step = Map::new();
        step.insert("id".into(), self.names.jobs[job.index()].id.into());
        step.insert("type".into(), self.names.jobs[job.index()].kind.name().into());
        self.place(&mut step, Some(self.job(job).location), &self.names.jobs[job.index()]);
        Value::Object(step)
    }

    fn place(&self, step: &mut Map<String, Value>, location: Option<Location>, echo: &Echo) {
        if let (Some(location), true) = (location, self.names.indexed) {
            step.insert("location_index".into(), location.index().into());
        }
        if let Some(coordinates) = &echo.location {
            step.insert("location".into(), coordinates.clone());
        }
        if let Some(description) = &echo.description {
            step.insert("description".into(), description.clone());
        }
    }

    fn route(&self, route: &Route) -> Map<String, Value> {
        let problem = &self.instance.problem;
        let echo = &self.names.vehicles[route.vehicle.index()];
        let times = schedule(problem, route);
        let amount = |of: fn(&Job, usize) -> i64| -> Value {
            let total = |d| route.jobs.iter().map(|&job| of(self.job(job), d)).sum::<i64>();
            (0..problem.dimensions()).map(total).collect()
        };
        let sum =
            |of: fn(&Job) -> i64| -> i64 { route.jobs.iter().map(|&job| of(self.job(job))).sum() };
        let alone = Solution { routes: vec![route.clone()], unassigned: Vec::new() };
        let cost = check(problem, &alone).cost();
        let waits = times.stops.iter().map(|stop| stop.wait);
        let wait: Seconds = waits.chain(times.breaks.iter().map(|rest| rest.wait)).sum();
        let rests: Seconds = times.breaks.iter().map(|rest| rest.end - rest.start).sum();
        let mut object = Map::new();
        object.insert("vehicle".into(), echo.id.into());
        object.insert("cost".into(), self.instance.rounded(cost).into());
        object.insert("delivery".into(), amount(Job::delivered));
        object.insert("pickup".into(), amount(Job::picked_up));
        object.insert("setup".into(), 0.into());
        let service = sum(|job| job.service.get()) + rests.get();
        object.insert("service".into(), service.into());
        object.insert("duration".into(), times.travel_time.get().into());
        object.insert("waiting_time".into(), wait.get().into());
        object.insert("priority".into(), sum(|job| i64::from(job.priority)).into());
        if self.names.distances {
            object.insert("distance".into(), times.distance.get().into());
        }
        if let Some(description) = &echo.description {
            object.insert("description".into(), description.clone());
        }
        object.insert("steps".into(), self.steps(route, &times));
        object.insert("violations".into(), json!([]));
        object
    }

    fn steps(&self, route: &Route, times: &Schedule) -> Value {
        let problem = &self.instance.problem;
        let vehicle = &problem.vehicles()[route.vehicle.index()];
        let loads: Vec<Loads> =
            (0..problem.dimensions()).map(|dimension| loads(problem, route, dimension)).collect();
        let on_board = |leg: usize| -> Vec<i64> {
            let load = |load: &Loads| match leg.checked_sub(1) {
                Some(stop) => load.stops[stop],
                None => load.first(),
            };
            loads.iter().map(load).collect()
        };
        let mut driven = (0, 0);
        let mut at = vehicle.start;
        let mut steps = Vec::new();
        if vehicle.start.is_some() {
            let load = on_board(0);
            steps.push(self.terminal(route.vehicle, "start", times.departure, &load, driven));
        }
        for (index, stop) in times.stops.iter().enumerate() {
            let job = self.job(stop.job);
            let to = (index, Some(job.location));
            self.breaks(route, times, to, (at, driven), &on_board(index), &mut steps);
            if let Some(from) = at {
                driven.0 += problem.duration(vehicle.profile, from, job.location).get();
                driven.1 += problem.distance(vehicle.profile, from, job.location).get();
            }
            at = Some(job.location);
            let echo = &self.names.jobs[stop.job.index()];
            let mut step = self.step(echo.kind.name(), stop.arrival, &on_board(index + 1), driven);
            step.insert("id".into(), echo.id.into());
            step.insert("service".into(), job.service.get().into());
            step.insert("waiting_time".into(), stop.wait.get().into());
            self.place(&mut step, at, echo);
            steps.push(Value::Object(step));
        }
        let load = on_board(route.jobs.len());
        self.breaks(route, times, (route.jobs.len(), vehicle.end), (at, driven), &load, &mut steps);
        if vehicle.end.is_some() {
            let driven = (times.travel_time.get(), times.distance.get());
            steps.push(self.terminal(route.vehicle, "end", times.finish, &load, driven));
        }
        Value::Array(steps)
    }

    /// The breaks on the way to a stop: how far the vehicle has driven is told as its share
    /// of the leg's time.
    fn breaks(
        &self,
        route: &Route,
        times: &Schedule,
        (position, to): (usize, Option<Location>),
        (from, mut driven): (Option<Location>, (i64, i64)),
        loads: &[i64],
        steps: &mut Vec<Value>,
    ) {
        let problem = &self.instance.problem;
        let profile = problem.vehicles()[route.vehicle.index()].profile;
        let (time, distance) = match (from, to) {
            (Some(from), Some(to)) => {
                let time = problem.duration(profile, from, to).get();
                (time, problem.distance(profile, from, to).get())
            }
            _ => (0, 0),
        };
        let (begun, mut share) = (driven, 0);
        for rest in times.breaks.iter().filter(|rest| rest.position == position) {
            let echo = &self.names.breaks[route.vehicle.index()][rest.number];
            share += rest.driven.get();
            let distance_m = i128::from(distance) * i128::from(share) / i128::from(time.max(1));
            driven = (begun.0 + share, begun.1 + i64::try_from(distance_m).unwrap_or(distance));
            let mut step = self.step("break", rest.arrival, loads, driven);
            step.insert("id".into(), echo.id.into());
            step.insert("service".into(), (rest.end - rest.start).get().into());
            step.insert("waiting_time".into(), rest.wait.get().into());
            self.place(&mut step, None, echo);
            steps.push(Value::Object(step));
        }
    }

    fn step(
        &self,
        kind: &str,
        arrival: Seconds,
        loads: &[i64],
        (travel_s, distance_m): (i64, i64),
    ) -> Map<String, Value> {
        let mut step = Map::new();
        step.insert("type".into(), kind.into());
        step.insert("arrival".into(), arrival.get().into());
        step.insert("duration".into(), travel_s.into());
        step.insert("setup".into(), 0.into());
        step.insert("service".into(), 0.into());
        step.insert("waiting_time".into(), 0.into());
        step.insert("load".into(), loads.into());
        if self.names.distances {
            step.insert("distance".into(), distance_m.into());
        }
        step.insert("violations".into(), json!([]));
        step
    }

    fn terminal(
        &self,
        vehicle: VehicleIndex,
        kind: &str,
        arrival: Seconds,
        loads: &[i64],
        driven: (i64, i64),
    ) -> Value {
        let index = vehicle.index();
        let spec = &self.instance.problem.vehicles()[index];
        let (location, coordinates) = if kind == "start" {
            (spec.start, &self.names.starts[index])
        } else {
            (spec.end, &self.names.ends[index])
        };
        let mut step = self.step(kind, arrival, loads, driven);
        let echo = Echo { location: coordinates.clone(), ..Echo::default() };
        self.place(&mut step, location, &echo);
        Value::Object(step)
    }
}
