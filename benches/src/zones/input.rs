//! Zone files and CSV columns, with errors that say which file, line and column.

use std::io::Write;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, anyhow};
use logistics_geofence::{LoadOptions, ZoneSet};

/// Loads a GeoJSON file; warnings go to standard error.
pub(crate) fn load_zones(path: &Path, options: &LoadOptions) -> anyhow::Result<ZoneSet> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let loaded =
        ZoneSet::from_geojson(&bytes, options).with_context(|| path.display().to_string())?;
    for warning in &loaded.diagnostics {
        writeln!(std::io::stderr(), "zones: warning: {warning}")?;
    }
    Ok(loaded.set)
}

/// A CSV file and where its columns are.
pub(crate) struct Table {
    path: String,
    header: csv::StringRecord,
    reader: csv::Reader<std::fs::File>,
}

impl Table {
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .flexible(true)
            .from_path(path)
            .with_context(|| name.clone())?;
        let header = reader.headers().with_context(|| name.clone())?.clone();
        Ok(Self { path: name, header, reader })
    }

    /// Where the column of a name is, if there is one.
    pub(crate) fn find(&self, column: &str) -> Option<usize> {
        // Spreadsheets put a byte order mark in front.
        self.header.iter().position(|name| name.trim_start_matches('\u{feff}') == column)
    }

    /// Where the column of a name is.
    pub(crate) fn column(&self, column: &str) -> anyhow::Result<usize> {
        self.find(column).ok_or_else(|| anyhow!("{}: no column {column:?}", self.path))
    }

    /// All rows, each through `read`.
    pub(crate) fn rows<T>(
        mut self,
        read: impl Fn(&csv::StringRecord) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<T>> {
        let mut rows = Vec::new();
        for record in self.reader.records() {
            let record = record.with_context(|| self.path.clone())?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push(read(&record).with_context(|| format!("{}, line {line}", self.path))?);
        }
        Ok(rows)
    }
}

/// The value in a column.
pub(crate) fn value<T: FromStr>(record: &csv::StringRecord, column: usize) -> anyhow::Result<T> {
    let text = record.get(column).unwrap_or_default();
    text.parse().map_err(|_| anyhow!("column {}: cannot read {text:?}", column + 1))
}
