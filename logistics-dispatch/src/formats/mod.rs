//! Standard files in and out, as pure functions over text: VRPLIB, Solomon (also
//! Gehring and Homberger) and VROOM's JSON.
//!
//! What the problem model cannot honour is refused by name, never passed over.

mod error;
mod numbers;
mod sol;
mod solomon;
mod vroom;
mod vrplib;

pub use error::FormatError;

use geo_types::Point;

use crate::problem::Problem;
use crate::solution::Solution;
use crate::units::Cost;

/// Largest text that is read, in bytes.
pub const MAX_TEXT_BYTES: usize = 256 << 20;

/// Whose notation a file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// VRPLIB: CVRP with `EUC_2D` or explicit matrices, HFVRP in the dialect of PyVRP.
    Vrplib,
    /// Solomon's VRPTW files; legs times ten and truncated, as in the 12th DIMACS
    /// challenge.
    Solomon,
    /// The JSON problem of VROOM.
    Vroom,
}

impl Format {
    /// The notation that a text looks like.
    #[must_use]
    pub fn detect(text: &str) -> Option<Self> {
        if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
            return Some(Self::Vroom);
        }
        let mut lines = text.lines().take(200).map(str::trim);
        lines.find_map(|line| {
            if line.starts_with("DIMENSION") {
                Some(Self::Vrplib)
            } else if line == "CUSTOMER" || line == "VEHICLE" {
                Some(Self::Solomon)
            } else {
                None
            }
        })
    }
}

/// A problem read from a file, with what it takes to answer in the file's notation.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The name that the file gives itself; empty if it does not.
    pub name: String,
    /// The problem.
    pub problem: Problem,
    notation: Notation,
    /// Cost units of the problem per unit of the file.
    cost_scale: i64,
}

/// What writing an answer takes.
#[derive(Clone, Debug)]
enum Notation {
    /// `.sol` files. `numbered`: a route's number is its vehicle's; `places`: where the
    /// locations are, if the file says so.
    Sol {
        numbered: bool,
        places: Vec<(f64, f64)>,
    },
    Vroom(vroom::Names),
}

impl Instance {
    /// Reads a problem.
    ///
    /// # Errors
    /// When the text is not such a file, or asks for what the model cannot honour;
    /// the error says which line or field.
    ///
    /// ```
    /// use logistics_dispatch::formats::{Format, Instance};
    ///
    /// let text = r#"{"vehicles": [{"id": 1, "start": [73.85, 18.52]}],
    ///                "jobs": [{"id": 5, "location": [73.86, 18.53], "service": 120}]}"#;
    /// let instance = Instance::parse(text, Format::Vroom)?;
    /// assert_eq!(instance.problem.jobs()[0].id, "5");
    /// # Ok::<(), logistics_dispatch::formats::FormatError>(())
    /// ```
    pub fn parse(text: &str, format: Format) -> Result<Self, FormatError> {
        bounded(text)?;
        match format {
            Format::Vrplib => vrplib::parse(text),
            Format::Solomon => solomon::parse(text),
            Format::Vroom => vroom::parse(text),
        }
    }

    /// Reads a plan for this problem: a `.sol` file, or VROOM's JSON. Customers that it
    /// does not name are unassigned in it.
    ///
    /// # Errors
    /// When the text is not such a file; a plan that breaks constraints is a plan.
    pub fn parse_solution(&self, text: &str) -> Result<Solution, FormatError> {
        bounded(text)?;
        match &self.notation {
            Notation::Sol { numbered, .. } => sol::parse(&self.problem, *numbered, text),
            Notation::Vroom(_) => vroom::parse_solution(&self.problem, text),
        }
    }

    /// Writes a plan for this problem: a `.sol` file, or VROOM's JSON.
    #[must_use]
    pub fn write_solution(&self, plan: &Solution) -> String {
        match &self.notation {
            Notation::Sol { numbered, .. } => sol::write(self, *numbered, plan),
            Notation::Vroom(names) => vroom::write(self, names, plan),
        }
    }

    /// A cost in the file's unit, as a decimal number.
    #[must_use]
    pub fn display_cost(&self, cost: Cost) -> String {
        if let Notation::Vroom(_) = self.notation {
            return self.rounded(cost).to_string();
        }
        numbers::decimal(cost.get(), self.cost_scale)
    }

    /// Where each location of the problem is, as the file has it: x and y of a plane, or
    /// longitude and latitude; `None` where it only names rows of a matrix. For pictures;
    /// what driving costs is the problem's to say.
    ///
    /// ```
    /// use geo_types::Point;
    /// use logistics_dispatch::formats::{Format, Instance};
    ///
    /// let text = r#"{"vehicles": [{"id": 1, "start": [73.85, 18.52]}],
    ///                "jobs": [{"id": 5, "location": [73.86, 18.53]}]}"#;
    /// let instance = Instance::parse(text, Format::Vroom)?;
    /// let door = instance.problem.jobs()[0].location;
    /// assert_eq!(instance.coordinates()[door.index()], Some(Point::new(73.86, 18.53)));
    /// # Ok::<(), logistics_dispatch::formats::FormatError>(())
    /// ```
    #[must_use]
    pub fn coordinates(&self) -> Vec<Option<Point<f64>>> {
        match &self.notation {
            Notation::Sol { places, .. } => {
                let place = |index| places.get(index).map(|&place: &(f64, f64)| place.into());
                (0..self.problem.locations()).map(place).collect()
            }
            Notation::Vroom(names) => names.coordinates(&self.problem),
        }
    }

    /// Are the coordinates longitudes and latitudes in degrees, not x and y of a plane?
    #[must_use]
    pub fn is_geographic(&self) -> bool {
        matches!(self.notation, Notation::Vroom(_))
    }

    /// Does the format demand that every customer be served?
    #[must_use]
    pub fn must_serve_all(&self) -> bool {
        matches!(self.notation, Notation::Sol { .. })
    }

    fn rounded(&self, cost: Cost) -> i64 {
        (cost.get() + self.cost_scale / 2) / self.cost_scale
    }
}

fn bounded(text: &str) -> Result<(), FormatError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(FormatError::TooLong { bytes: text.len(), limit: MAX_TEXT_BYTES });
    }
    Ok(())
}
