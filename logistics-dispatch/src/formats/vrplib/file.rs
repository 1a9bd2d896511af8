//! The sections of a VRPLIB file, read line by line. Unknown keywords are refused.

use crate::formats::FormatError;
use crate::formats::numbers::{count, float, integer};
use crate::problem::MAX_LOCATIONS;

/// What a file says, not yet what it means.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) dimension: usize,
    pub(super) vehicles: Option<usize>,
    pub(super) capacity: Option<i64>,
    pub(super) max_distance: Option<i64>,
    pub(super) weight_type: String,
    pub(super) weight_format: String,
    pub(super) coordinates: Vec<(f64, f64)>,
    /// Numbers of the matrix, each with its line.
    pub(super) weights: Vec<i64>,
    pub(super) demands: Vec<i64>,
    pub(super) capacities: Vec<i64>,
    pub(super) fixed_costs: Vec<i64>,
    pub(super) unit_costs: Vec<i64>,
    /// Which node is the depot, from 0.
    pub(super) depot: usize,
    depots: Vec<usize>,
}

impl File {
    pub(super) fn parse(text: &str) -> Result<Self, FormatError> {
        let mut file = Self::default();
        let mut section = String::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim().trim_start_matches('\u{feff}');
            if line.is_empty() {
                continue;
            }
            if line == "EOF" {
                break;
            }
            if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let (key, value) = match line.split_once(':') {
                    Some((key, value)) => (key.trim(), value.trim()),
                    None => line.split_once(char::is_whitespace).unwrap_or((line, "")),
                };
                if key.ends_with("_SECTION") {
                    key.clone_into(&mut section);
                    known_section(key, number)?;
                } else {
                    section.clear();
                    file.keyword(key, value.trim().trim_matches('"'), number)?;
                }
            } else {
                let words: Vec<&str> = line.split_whitespace().collect();
                file.row(&section, &words, number, line)?;
            }
        }
        file.complete()
    }

    fn keyword(&mut self, key: &str, value: &str, line: usize) -> Result<(), FormatError> {
        let unsupported = |field: String| FormatError::Unsupported { field, line: Some(line) };
        let one_of = |known: &[&str]| {
            if known.contains(&value) {
                return Ok(value.to_owned());
            }
            Err(unsupported(format!("{key} {value}")))
        };
        match key {
            "NAME" => value.clone_into(&mut self.name),
            "COMMENT" | "DISPLAY_DATA_TYPE" => {}
            "TYPE" => self.kind = one_of(&["CVRP", "ACVRP", "HFVRP"])?,
            "NODE_COORD_TYPE" => drop(one_of(&["TWOD_COORDS", "NO_COORDS"])?),
            "DIMENSION" => self.dimension = count(value, line)?,
            "VEHICLES" => self.vehicles = Some(count(value, line)?),
            "CAPACITY" => self.capacity = Some(integer(value, line)?),
            "DISTANCE" => self.max_distance = Some(integer(value, line)?),
            "SERVICE_TIME" if integer(value, line)? == 0 => {}
            "EDGE_WEIGHT_TYPE" => self.weight_type = one_of(&["EUC_2D", "CEIL_2D", "EXPLICIT"])?,
            "EDGE_WEIGHT_FORMAT" => {
                self.weight_format = one_of(&[
                    "FUNCTION",
                    "FULL_MATRIX",
                    "LOWER_ROW",
                    "LOWER_DIAG_ROW",
                    "LOWER_COL",
                    "UPPER_ROW",
                    "UPPER_DIAG_ROW",
                    "UPPER_COL",
                ])?;
            }
            _ => return Err(unsupported(format!("keyword {key}"))),
        }
        Ok(())
    }

    fn row(
        &mut self,
        section: &str,
        words: &[&str],
        number: usize,
        line: &str,
    ) -> Result<(), FormatError> {
        match (section, words) {
            ("NODE_COORD_SECTION", [id, x, y]) => {
                next(&self.coordinates, id, number)?;
                self.coordinates.push((float(x, number)?, float(y, number)?));
            }
            ("EDGE_WEIGHT_SECTION", _) => {
                for word in words {
                    self.weights.push(integer(word, number)?);
                }
                if self.weights.len() > MAX_LOCATIONS * MAX_LOCATIONS {
                    return Err(FormatError::line(number, "a smaller matrix", line));
                }
            }
            ("DEMAND_SECTION", [id, demand]) => numbered(&mut self.demands, id, demand, number)?,
            ("CAPACITY_SECTION", [id, value]) => {
                numbered(&mut self.capacities, id, value, number)?;
            }
            ("VEHICLES_FIXED_COST_SECTION", [id, value]) => {
                numbered(&mut self.fixed_costs, id, value, number)?;
            }
            ("VEHICLES_UNIT_DISTANCE_COST_SECTION", [id, value]) => {
                numbered(&mut self.unit_costs, id, value, number)?;
            }
            ("DEPOT_SECTION", words) => {
                for word in words.iter().filter(|word| **word != "-1") {
                    self.depots.push(count(word, number)?);
                }
            }
            ("DISPLAY_DATA_SECTION", _) => {}
            ("", _) => return Err(FormatError::line(number, "a keyword", line)),
            _ => return Err(FormatError::line(number, "a row of this section", line)),
        }
        Ok(())
    }

    fn complete(mut self) -> Result<Self, FormatError> {
        let missing =
            |found: bool, what| if found { Ok(()) } else { Err(FormatError::Missing(what)) };
        missing(!self.kind.is_empty(), "TYPE")?;
        missing(self.dimension > 0, "DIMENSION")?;
        missing(!self.weight_type.is_empty(), "EDGE_WEIGHT_TYPE")?;
        missing(self.demands.len() == self.dimension, "a DEMAND_SECTION with a row per node")?;
        if self.weight_type != "EXPLICIT" {
            let rows = self.coordinates.len();
            missing(rows == self.dimension, "a NODE_COORD_SECTION with a row per node")?;
        }
        match self.depots[..] {
            [] => Err(FormatError::Missing("DEPOT_SECTION")),
            [depot] if (1..=self.dimension).contains(&depot) => {
                self.depot = depot - 1;
                Ok(self)
            }
            [depot] => Err(FormatError::field(format!("depot {depot}"), "a node of the file")),
            _ => {
                let field = "more than one depot".to_owned();
                Err(FormatError::Unsupported { field, line: None })
            }
        }
    }
}

fn known_section(key: &str, line: usize) -> Result<(), FormatError> {
    const SECTIONS: [&str; 8] = [
        "NODE_COORD_SECTION",
        "EDGE_WEIGHT_SECTION",
        "DEMAND_SECTION",
        "DEPOT_SECTION",
        "CAPACITY_SECTION",
        "VEHICLES_FIXED_COST_SECTION",
        "VEHICLES_UNIT_DISTANCE_COST_SECTION",
        "DISPLAY_DATA_SECTION",
    ];
    if SECTIONS.contains(&key) {
        return Ok(());
    }
    Err(FormatError::Unsupported { field: key.to_owned(), line: Some(line) })
}

/// Rows are numbered from 1 in order.
fn next<T>(rows: &[T], id: &str, line: usize) -> Result<(), FormatError> {
    if count(id, line)? == rows.len() + 1 {
        return Ok(());
    }
    Err(FormatError::line(line, "rows numbered from 1 in order", id))
}

fn numbered(rows: &mut Vec<i64>, id: &str, value: &str, line: usize) -> Result<(), FormatError> {
    next(rows, id, line)?;
    rows.push(integer(value, line)?);
    Ok(())
}
