//! Why a file was refused: which line or field, and what is wrong there.

use thiserror::Error;

use crate::problem::{MatrixError, ProblemError};

/// Why a text cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// Longer than the limit.
    #[error("text of {bytes} bytes is longer than {limit}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A line that is not what the format has there.
    #[error("line {line}: expected {expected}, found {found:?}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Something that must be in the file is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Something of the format that this crate does not honour.
    #[error("{field} is not supported{}", at_line(*.line))]
    Unsupported {
        /// The keyword, section or field, with its place.
        field: String,
        /// Which line, from 1, if known.
        line: Option<usize>,
    },
    /// Not JSON.
    #[error("not JSON")]
    Json(#[source] serde_json::Error),
    /// A JSON field that is not what the format has there.
    #[error("{field}: expected {expected}")]
    Field {
        /// Its path, for example `jobs[3].service`.
        field: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A matrix that cannot be used.
    #[error("{field} is not a usable matrix")]
    Matrix {
        /// Which one.
        field: String,
        /// What is wrong with it.
        source: MatrixError,
    },
    /// The file can be read, but it is no consistent problem.
    #[error("inconsistent problem")]
    Problem(#[from] ProblemError),
}

fn at_line(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" (line {line})"))
}

impl FormatError {
    pub(super) fn line(line: usize, expected: &'static str, found: &str) -> Self {
        let found = found.chars().take(60).collect();
        Self::Line { line, expected, found }
    }

    pub(super) fn field(field: impl Into<String>, expected: &'static str) -> Self {
        Self::Field { field: field.into(), expected }
    }
}
