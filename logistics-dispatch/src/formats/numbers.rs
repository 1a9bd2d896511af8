//! Numbers in text files: read with the line they stand on, written exactly.

use super::FormatError;

/// A number, possibly with a fraction or exponent.
pub(super) fn float(word: &str, line: usize) -> Result<f64, FormatError> {
    match word.parse::<f64>() {
        Ok(value) if value.is_finite() && value.abs() <= 1e12 => Ok(value),
        _ => Err(FormatError::line(line, "a number", word)),
    }
}

/// A whole number; `12.0` is one.
pub(super) fn integer(word: &str, line: usize) -> Result<i64, FormatError> {
    if let Ok(value) = word.parse::<i64>() {
        return Ok(value);
    }
    let value = float(word, line)?;
    let whole = crate::problem::whole(value);
    if value.fract().abs() > 0.0 {
        return Err(FormatError::line(line, "a whole number", word));
    }
    Ok(whole)
}

/// A count or number from 1.
pub(super) fn count(word: &str, line: usize) -> Result<usize, FormatError> {
    integer(word, line).and_then(|value| {
        usize::try_from(value).map_err(|_| FormatError::line(line, "a count", word))
    })
}

/// Straight distance between two points, times `scale`, unrounded.
pub(super) fn euclidean(a: (f64, f64), b: (f64, f64), scale: f64) -> f64 {
    ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).sqrt() * scale
}

/// `value / scale` as a decimal number; `scale` is a power of ten.
pub(super) fn decimal(value: i64, scale: i64) -> String {
    if scale <= 1 {
        return value.to_string();
    }
    let digits = scale.ilog10() as usize;
    let sign = if value < 0 { "-" } else { "" };
    let (value, scale) = (value.unsigned_abs(), scale.unsigned_abs());
    format!("{sign}{}.{:0digits$}", value / scale, value % scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal(9715, 10), "971.5");
        assert_eq!(decimal(1_585_934_293, 100_000), "15859.34293");
        assert_eq!(decimal(5, 100), "0.05");
        assert_eq!(decimal(42, 1), "42");
    }

    #[test]
    fn whole_numbers_may_have_a_point() {
        assert_eq!(integer("12.0", 1).unwrap(), 12);
        assert!(integer("12.5", 1).is_err());
        assert!(integer("inf", 1).is_err());
        assert!(count("-1", 1).is_err());
    }
}
