//! A plan as a picture: SVG, for any browser.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use geo_types::Point;
use logistics_dispatch::formats::Instance;
use logistics_dispatch::{BreakTime, Location, Route, Vehicle, schedule};
use svg::Document;
use svg::node::element::{Circle, Group, Path as Stroke, Polyline, Rectangle, Text, Title};

use crate::report::Line;

/// Width and height of the map, its margin, and the strip above it, in pixels.
const MAP: f64 = 1000.0;
const MARGIN: f64 = 20.0;
const HEAD: f64 = 60.0;
/// Neighbouring routes are coloured by steps of the golden angle: no two are alike.
const GOLDEN_DEG: f64 = 137.508;

/// Draws the plan of a line into a file.
pub(crate) fn plot(line: &Line<'_>, file: &Path) -> anyhow::Result<()> {
    let map = Map::new(line.instance)?;
    let problem = &line.instance.problem;
    let mut picture = Document::new()
        .set("viewBox", (0.0, 0.0, MAP, MAP + HEAD))
        .set("font-family", "sans-serif")
        .add(Rectangle::new().set("width", "100%").set("height", "100%").set("fill", "white"));
    let driven = line.plan.routes.iter().filter(|route| !route.jobs.is_empty());
    for (number, route) in (0_u32..).zip(driven) {
        picture = picture.add(drawn(&map, line.instance, route, number)?);
    }
    let vehicles = problem.vehicles().iter();
    let places = |v: &Vehicle| [v.start, v.end, v.reload.map(|reload| reload.location)];
    let mut ends: Vec<Location> = vehicles.flat_map(places).flatten().collect();
    ends.sort_unstable();
    ends.dedup();
    for end in ends {
        picture = picture.add(square(map.at(end)?));
    }
    for job in line.plan.unassigned.iter().filter_map(|&job| problem.job(job)) {
        let what = format!("job {} is left out", job.id);
        picture = picture.add(cross(map.at(job.location)?).add(Title::new(what)));
    }
    let rests = problem.vehicles().iter().any(|vehicle| !vehicle.breaks.is_empty());
    picture = picture.add(heading(line)).add(legend(rests));
    svg::save(file, &picture).with_context(|| file.display().to_string())
}

/// From the coordinates of a file to those of the picture.
struct Map {
    places: Vec<Option<Point<f64>>>,
    /// How much shorter a degree of longitude is than one of latitude.
    narrow: f64,
    west: f64,
    north: f64,
    scale: f64,
}

impl Map {
    fn new(instance: &Instance) -> anyhow::Result<Self> {
        let places = instance.coordinates();
        let bounds = |along: fn(Point<f64>) -> f64| {
            places
                .iter()
                .flatten()
                .map(|&place| along(place))
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                    (low.min(value), high.max(value))
                })
        };
        let ((west, east), (south, north)) = (bounds(Point::x), bounds(Point::y));
        if west > east {
            return Err(anyhow!("the file has no coordinates to draw a plan by"));
        }
        let middle = ((south + north) / 2.0).to_radians();
        let narrow = if instance.is_geographic() { middle.cos() } else { 1.0 };
        let extent = ((east - west) * narrow).max(north - south).max(f64::MIN_POSITIVE);
        let scale = ((MAP - 2.0 * MARGIN) / extent).min(f64::MAX);
        Ok(Self { places, narrow, west, north, scale })
    }

    fn at(&self, location: Location) -> anyhow::Result<(f64, f64)> {
        let place = self.places.get(location.index()).copied().flatten();
        let place = place.with_context(|| {
            format!("the file has no coordinates for place number {}", location.index())
        })?;
        let tenth = |value: f64| (value * 10.0).round() / 10.0;
        let x = (place.x() - self.west) * self.narrow * self.scale + MARGIN;
        let y = (self.north - place.y()) * self.scale + MARGIN + HEAD;
        Ok((tenth(x), tenth(y)))
    }
}

/// A route's line through its stops, trip by trip; the ways from its start and to its end,
/// and those to load again, are thin, for at a depot they all meet. Breaks are rings.
fn drawn(map: &Map, instance: &Instance, route: &Route, number: u32) -> anyhow::Result<Group> {
    let problem = &instance.problem;
    let vehicle = problem.vehicle(route.vehicle);
    let place = |at: Option<Location>| at.map(|at| map.at(at)).transpose();
    let start = place(vehicle.and_then(|vehicle| vehicle.start))?;
    let finish = place(vehicle.and_then(|vehicle| vehicle.end))?;
    let depot = place(vehicle.and_then(|vehicle| vehicle.reload).map(|reload| reload.location))?;
    let (mut stops, mut trips) = (Vec::new(), vec![Vec::new()]);
    for (position, job) in route.jobs.iter().enumerate() {
        if depot.is_some() && route.reloads.contains(&position) {
            trips.push(Vec::new());
        }
        let Some(job) = problem.job(*job) else { continue };
        stops.push(map.at(job.location)?);
        trips.last_mut().into_iter().for_each(|trip: &mut Vec<_>| trip.extend(stops.last()));
    }
    let colour = format!("hsl({:.0}, 75%, 40%)", (f64::from(number) * GOLDEN_DEG) % 360.0);
    let name = vehicle.map_or("unknown", |vehicle| &vehicle.id);
    let mut group = Group::new().set("class", "route").set("stroke", colour.clone());
    group = group.add(Title::new(format!("vehicle {name}: {} stops", stops.len())));
    let last = trips.len() - 1;
    for (number, trip) in trips.into_iter().enumerate() {
        let from = if number == 0 { start } else { depot };
        let to = if number == last { finish } else { depot };
        for (from, to) in
            [from.zip(trip.first().copied()), trip.last().copied().zip(to)].into_iter().flatten()
        {
            let leg = Polyline::new().set("points", vec![from, to]).set("fill", "none");
            group = group.add(leg.set("stroke-opacity", 0.25));
        }
        let path = Polyline::new().set("points", trip).set("fill", "none");
        group = group.add(path.set("stroke-width", 2));
    }
    for &(x, y) in &stops {
        let stop = Circle::new().set("cx", x).set("cy", y).set("r", 3.5);
        group = group.add(stop.set("fill", colour.clone()));
    }
    let Some(vehicle) = vehicle.filter(|_| stops.len() == route.jobs.len()) else {
        return Ok(group);
    };
    for rest in schedule(problem, route).breaks {
        let from = rest.position.checked_sub(1).and_then(|at| stops.get(at)).copied().or(start);
        let to = stops.get(rest.position).copied().or(finish);
        if let Some(at) = from.or(to) {
            group = group.add(ring(at, vehicle, &rest));
        }
    }
    Ok(group)
}

/// A break, around the last place before it.
fn ring(at: (f64, f64), vehicle: &Vehicle, rest: &BreakTime) -> Circle {
    let name = vehicle.breaks.get(rest.number).map_or("", |known| known.id.as_str());
    let title = Title::new(format!("break {name} from {} to {}", rest.start, rest.end));
    circle(at).set("class", "break").add(title)
}

fn circle((x, y): (f64, f64)) -> Circle {
    let circle = Circle::new().set("cx", x).set("cy", y).set("r", 8);
    circle.set("fill", "none").set("stroke-width", 2)
}

fn square((x, y): (f64, f64)) -> Rectangle {
    let corner = Rectangle::new().set("x", x - 5.0).set("y", y - 5.0);
    corner.set("width", 10).set("height", 10).set("fill", "black")
}

fn cross((x, y): (f64, f64)) -> Group {
    let path = format!("M{} {}l12 12m0 -12l-12 12", x - 6.0, y - 6.0);
    let stroke = Stroke::new().set("d", path).set("stroke", "red").set("stroke-width", 3.5);
    Group::new().set("class", "left-out").add(stroke)
}

fn heading(line: &Line<'_>) -> Text {
    let (vehicles, left_out) = (line.vehicles(), line.verdict.score.unserved_jobs);
    let broken = if line.verdict.is_feasible() { "" } else { ", infeasible" };
    let noun = if vehicles == 1 { "vehicle" } else { "vehicles" };
    let text = format!(
        "{}: cost {}, {vehicles} {noun}, {left_out} left out{broken}",
        line.name,
        line.cost()
    );
    Text::new(text).set("x", MARGIN).set("y", 30).set("font-size", 22)
}

/// What the signs mean; `rests`: some vehicle has a break.
fn legend(rests: bool) -> Group {
    let text = Text::new("start, end or depot").set("x", 36).set("y", 55);
    let left_out = Text::new("left out").set("x", 208).set("y", 55);
    let legend = Group::new()
        .set("font-size", 14)
        .add(square((25.0, 50.0)))
        .add(text)
        .add(cross((195.0, 50.0)).set("class", "legend"))
        .add(left_out);
    if !rests {
        return legend;
    }
    let text = Text::new("a break after this stop").set("x", 298).set("y", 55);
    legend.add(circle((282.0, 50.0)).set("stroke", "black")).add(text)
}
