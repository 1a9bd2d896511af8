//! The one predicate everything rests on: on which side of a line a point lies, exactly,
//! for every finite double.
//!
//! Three steps, each taken only when the one before cannot decide: a floating-point filter;
//! Shewchuk's adaptive expansion (`robust::orient2d`), exact as long as nothing under- or
//! overflows; whole numbers of any length, always exact.
//!
//! References: J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust
//! Geometric Predicates", Discrete & Computational Geometry 18 (1997),
//! <https://doi.org/10.1007/PL00009321>.

use std::cmp::Ordering;

use geo_types::Coord;
use num_bigint::BigInt;

/// Relative error of the plain determinant: (3 + 16ε)ε with ε = 2⁻⁵³.
const FILTER: f64 = 3.330_669_073_875_471_6e-16;
/// Below this sum of magnitudes the error of underflow is no longer negligible.
const TINY: f64 = 1e-280;

/// A determinant in floating point with a bound on its error (infinite when nothing is known).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

/// The determinant of [`side`] with its error bound.
#[inline]
pub(crate) fn estimate(a: Coord, b: Coord, p: Coord) -> Estimate {
    let left = (a.x - p.x) * (b.y - p.y);
    let right = (a.y - p.y) * (b.x - p.x);
    let sum = left.abs() + right.abs();
    let value = left - right;
    // A NaN fails the comparison too.
    let error = if sum > TINY && sum < f64::MAX { FILTER * sum } else { f64::INFINITY };
    Estimate { value, error }
}

/// `Greater` when `p` lies to the left of the directed line a→b, `Less` to the right, `Equal` on
/// it (or when a = b). Exact for finite coordinates.
#[inline]
pub(crate) fn side(a: Coord, b: Coord, p: Coord) -> Ordering {
    let det = estimate(a, b, p);
    if det.value > det.error {
        Ordering::Greater
    } else if det.value < -det.error {
        Ordering::Less
    } else {
        side_in_doubt(a, b, p)
    }
}

#[cold]
fn side_in_doubt(a: Coord, b: Coord, p: Coord) -> Ordering {
    if [a, b, p].iter().all(|c| in_range(c.x) && in_range(c.y)) {
        let det = robust::orient2d(
            robust::Coord { x: a.x, y: a.y },
            robust::Coord { x: b.x, y: b.y },
            robust::Coord { x: p.x, y: p.y },
        );
        det.partial_cmp(&0.0).unwrap_or(Ordering::Equal)
    } else {
        whole_determinant(a, b, p, lowest_exponent(&[a, b, p])).cmp(&BigInt::ZERO)
    }
}

/// Where the adaptive expansion can neither underflow nor overflow: differences are multiples of
/// 2⁻⁴⁵², their products of 2⁻⁹⁰⁴, and no product passes 2¹⁰⁰⁴.
fn in_range(v: f64) -> bool {
    // 2⁻⁴⁰⁰ and 2⁵⁰⁰.
    v == 0.0 || (v.abs() >= 3.872_591_914_849_318_3e-121 && v.abs() <= 3.273_390_607_896_142e150)
}

/// Compares d(a₁,b₁,p)·|d(a₂,b₂,q)| with d(a₂,b₂,p)·|d(a₁,b₁,q)| without any rounding, where d is
/// the determinant of [`side`]: the order in which the segment p→q meets two lines it crosses.
#[cold]
pub(crate) fn compare_crossings(
    [a1, b1]: [Coord; 2],
    [a2, b2]: [Coord; 2],
    p: Coord,
    q: Coord,
) -> Ordering {
    let exponent = lowest_exponent(&[a1, b1, a2, b2, p, q]);
    let det = |a, b, c| whole_determinant(a, b, c, exponent);
    let magnitude = |v: BigInt| if v < BigInt::ZERO { -v } else { v };
    let first = det(a1, b1, p) * magnitude(det(a2, b2, q));
    let second = det(a2, b2, p) * magnitude(det(a1, b1, q));
    first.cmp(&second)
}

/// Where the segment p→q crosses the line a→b, from 0 to 1: an exact quotient, rounded once. It has
/// to cross it.
#[cold]
pub(crate) fn crossing([a, b]: [Coord; 2], p: Coord, q: Coord) -> f64 {
    /// More bits than the quotient's 53.
    const BITS: u32 = 62;
    let exponent = lowest_exponent(&[a, b, p, q]);
    let before = whole_determinant(a, b, p, exponent);
    let span = &before - whole_determinant(a, b, q, exponent);
    if span == BigInt::ZERO {
        return 0.0;
    }
    let share = i64::try_from((before << BITS) / span).unwrap_or(0);
    #[allow(clippy::cast_precision_loss, reason = "a parameter has 53 bits")]
    let share = share as f64 / (1_u64 << BITS) as f64;
    share
}

/// The determinant of [`side`] in units of 2^(2·exponent).
fn whole_determinant(a: Coord, b: Coord, p: Coord, exponent: i32) -> BigInt {
    let [ax, ay, bx, by, px, py] = [a.x, a.y, b.x, b.y, p.x, p.y].map(|v| whole(v, exponent));
    (&ax - &px) * (&by - &py) - (&ay - &py) * (&bx - &px)
}

/// `v` in units of 2^exponent; `exponent` is at most that of `v`.
fn whole(v: f64, exponent: i32) -> BigInt {
    let (mantissa, own) = parts(v);
    BigInt::from(mantissa) << own.saturating_sub(exponent).max(0)
}

fn lowest_exponent(coords: &[Coord]) -> i32 {
    coords.iter().flat_map(|c| [parts(c.x).1, parts(c.y).1]).min().unwrap_or(0)
}

/// `v` = mantissa · 2^exponent, exactly.
fn parts(v: f64) -> (i64, i32) {
    let bits = v.to_bits();
    let fraction = i64::try_from(bits & ((1 << 52) - 1)).unwrap_or(0);
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let (mantissa, exponent) =
        if biased == 0 { (fraction, -1074) } else { (fraction | (1 << 52), biased - 1075) };
    (if v.is_sign_negative() { -mantissa } else { mantissa }, exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c(x: f64, y: f64) -> Coord {
        Coord { x, y }
    }

    #[test]
    fn parts_give_the_value_back() {
        for v in [0.0, 1.0, -1.5, 5e-324, -2.2250738585072014e-308, f64::MAX, 78.4524303] {
            let (mantissa, exponent) = parts(v);
            #[allow(clippy::cast_precision_loss, reason = "a mantissa has 53 bits")]
            let back =
                (mantissa as f64) * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2);
            assert_eq!(back.to_bits(), v.to_bits(), "{v:e}");
        }
    }

    #[test]
    fn extreme_magnitudes_are_decided_exactly() {
        let cases = [
            (c(0.0, 0.0), c(5e-324, 5e-324), c(5e-324, 0.0), Ordering::Less),
            (c(0.0, 0.0), c(5e-324, 5e-324), c(0.0, 5e-324), Ordering::Greater),
            (c(0.0, 0.0), c(5e-324, 5e-324), c(1e308, 1e308), Ordering::Equal),
            (c(-f64::MAX, 0.0), c(f64::MAX, 0.0), c(0.0, 5e-324), Ordering::Greater),
            (c(-f64::MAX, 0.0), c(f64::MAX, 0.0), c(1.0, 0.0), Ordering::Equal),
            (
                c(-f64::MAX, -f64::MAX),
                c(f64::MAX, f64::MAX),
                c(1.0, 1.0 + 2e-16),
                Ordering::Greater,
            ),
            (c(-f64::MAX, -f64::MAX), c(f64::MAX, f64::MAX), c(3.5, 3.5), Ordering::Equal),
        ];
        for (a, b, p, expected) in cases {
            assert_eq!(side(a, b, p), expected, "{a:?} {b:?} {p:?}");
            assert_eq!(side(b, a, p), expected.reverse(), "{b:?} {a:?} {p:?}");
        }
    }

    #[test]
    fn one_ulp_decides() {
        let (a, b) = (c(12.0, 12.0), c(24.0, 24.0));
        let on = c(0.5, 0.5);
        assert_eq!(side(a, b, on), Ordering::Equal);
        assert_eq!(side(a, b, c(0.5, 0.5f64.next_up())), Ordering::Greater);
        assert_eq!(side(a, b, c(0.5, 0.5f64.next_down())), Ordering::Less);
    }

    #[test]
    fn the_three_steps_agree() {
        let values = [-3.0, -0.1, 0.0, 0.3, 1.0 / 3.0, 7.0];
        for &ax in &values {
            for &by in &values {
                for &px in &values {
                    let (a, b, p) = (c(ax, 0.1), c(0.3, by), c(px, 1.0 / 3.0));
                    let exact = whole_determinant(a, b, p, lowest_exponent(&[a, b, p]));
                    assert_eq!(side(a, b, p), exact.cmp(&BigInt::ZERO));
                    assert_eq!(side_in_doubt(a, b, p), exact.cmp(&BigInt::ZERO));
                }
            }
        }
    }
}
