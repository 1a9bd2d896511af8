//! Lines as text, in Google's encoded polyline format with five decimals.
//!
//! <https://developers.google.com/maps/documentation/utilities/polylinealgorithm>

use geo_types::Point;

/// Steps of a degree: five decimals, about a metre.
const STEPS: f64 = 1e5;

/// `points` as text.
#[must_use]
pub fn encode(points: &[Point<f64>]) -> String {
    let mut text = String::new();
    let (mut lat, mut lon) = (0, 0);
    for point in points {
        let (next_lat, next_lon) = (steps(point.y()), steps(point.x()));
        push(&mut text, next_lat - lat);
        push(&mut text, next_lon - lon);
        (lat, lon) = (next_lat, next_lon);
    }
    text
}

fn steps(degrees: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "at most 18 million; NaN becomes 0")]
    let steps = (degrees * STEPS).round() as i64;
    steps
}

/// Appends one number: zigzag, then groups of five bits, the lowest first.
fn push(text: &mut String, value: i64) {
    let mut rest = (value << 1) ^ (value >> 63);
    loop {
        let more = if rest >= 0x20 { 0x20 } else { 0 };
        let letter = u8::try_from(((rest & 0x1f) | more) + 63).unwrap_or(b'?');
        text.push(char::from(letter));
        rest >>= 5;
        if more == 0 {
            return;
        }
    }
}

/// Why a text is not an encoded polyline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolylineError {
    /// A byte that the format does not use, or a number longer than any coordinate's.
    #[error("not an encoded polyline from byte {at} on")]
    Malformed {
        /// Its offset.
        at: usize,
    },
    /// The text ends in the middle of a point: it was cut.
    #[error("the encoded polyline ends inside a point")]
    Cut,
}

/// The points of `text`.
///
/// # Errors
/// [`PolylineError`] when it is not an encoded polyline.
pub fn decode(text: &str) -> Result<Vec<Point<f64>>, PolylineError> {
    let mut points = Vec::new();
    let (mut lat, mut lon) = (0_i32, 0_i32);
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some(&(at, _)) = bytes.peek() {
        let malformed = PolylineError::Malformed { at };
        lat = lat.checked_add(pull(&mut bytes)?).ok_or(malformed)?;
        lon = lon.checked_add(pull(&mut bytes)?).ok_or(malformed)?;
        points.push(Point::new(f64::from(lon) / STEPS, f64::from(lat) / STEPS));
    }
    Ok(points)
}

fn pull(bytes: &mut impl Iterator<Item = (usize, u8)>) -> Result<i32, PolylineError> {
    let mut value = 0_u32;
    for shift in (0..30).step_by(5) {
        let (at, byte) = bytes.next().ok_or(PolylineError::Cut)?;
        let group = byte.checked_sub(63).filter(|&group| group < 0x40);
        let group = u32::from(group.ok_or(PolylineError::Malformed { at })?);
        value |= (group & 0x1f) << shift;
        if group & 0x20 == 0 {
            let half = i32::try_from(value >> 1).unwrap_or(i32::MAX);
            return Ok(if value & 1 == 0 { half } else { !half });
        }
        if shift == 25 {
            return Err(PolylineError::Malformed { at });
        }
    }
    Err(PolylineError::Cut)
}
