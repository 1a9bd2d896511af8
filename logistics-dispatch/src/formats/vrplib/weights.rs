//! Explicit matrices of VRPLIB files, in the layouts of TSPLIB (Reinelt 1991,
//! doi:10.1287/ijoc.3.4.376).

use super::file::File;
use crate::formats::FormatError;
use crate::problem::{Matrix, MatrixError};

/// Where cell (row, column) of a square table stands among the numbers of the file.
fn place(layout: &str, size: usize, row: usize, column: usize) -> Option<usize> {
    let (low, high) = (row.min(column), row.max(column));
    // Cells of the rows above `low` in an upper triangle without its diagonal.
    let above = low * size - low * (low + 1) / 2;
    match layout {
        "FULL_MATRIX" => Some(row * size + column),
        "LOWER_DIAG_ROW" => Some(high * (high + 1) / 2 + low),
        "UPPER_DIAG_ROW" => Some(above + low + (high - low)),
        _ if row == column => None,
        // The columns of one triangle are the rows of the other.
        "LOWER_ROW" | "UPPER_COL" => Some(high * (high - 1) / 2 + low),
        _ => Some(above + (high - low - 1)),
    }
}

pub(super) fn matrix(file: &File) -> Result<Result<Matrix, MatrixError>, FormatError> {
    let size = file.dimension;
    let layout = file.weight_format.as_str();
    let expected = match layout {
        "FULL_MATRIX" => size * size,
        "LOWER_DIAG_ROW" | "UPPER_DIAG_ROW" => size * (size + 1) / 2,
        "LOWER_ROW" | "UPPER_ROW" | "LOWER_COL" | "UPPER_COL" => size * (size - 1) / 2,
        _ => return Err(FormatError::Missing("an EDGE_WEIGHT_FORMAT of a matrix")),
    };
    if file.weights.len() != expected {
        return Err(FormatError::Missing("an EDGE_WEIGHT_SECTION as long as its format"));
    }
    Ok(Matrix::from_fn(size, |row, column| {
        if row == column {
            // Some files have large numbers on the diagonal; nobody drives there.
            return 0;
        }
        place(layout, size, row, column).map_or(0, |index| file.weights[index])
    }))
}

#[cfg(test)]
mod tests {
    use super::place;

    /// Writes every layout of one symmetric table and reads every cell back.
    #[test]
    fn every_layout_finds_every_cell() {
        let size = 5;
        let cell = |i: usize, j: usize| i.min(j) * 10 + i.max(j);
        let lower = |diagonal: bool| -> Vec<usize> {
            (0..size)
                .flat_map(|i| (0..i + usize::from(diagonal)).map(move |j| cell(i, j)))
                .collect()
        };
        let upper = |diagonal: bool| -> Vec<usize> {
            (0..size)
                .flat_map(|i| (i + usize::from(!diagonal)..size).map(move |j| cell(i, j)))
                .collect()
        };
        let layouts = [
            ("LOWER_ROW", lower(false)),
            ("UPPER_COL", lower(false)),
            ("LOWER_DIAG_ROW", lower(true)),
            ("UPPER_ROW", upper(false)),
            ("LOWER_COL", upper(false)),
            ("UPPER_DIAG_ROW", upper(true)),
        ];
        for (layout, numbers) in layouts {
            for (i, j) in (0..size).flat_map(|i| (0..size).map(move |j| (i, j))) {
                if i != j || layout.contains("DIAG") {
                    let at = place(layout, size, i, j).unwrap();
                    assert_eq!(numbers[at], cell(i, j), "{layout} {i} {j}");
                }
            }
        }
    }
}
