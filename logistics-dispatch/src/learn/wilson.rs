//! How sure a share of a few trials is.

/// Lower end of the score interval for a share (Wilson 1927,
/// doi:10.1080/01621459.1927.10502953), from 0 to 1; 0 without trials.
///
/// `z` is the quantile of the normal distribution: 1.96 for an interval that holds the
/// true share 95 times in a hundred.
///
/// ```
/// use logistics_dispatch::learn::wilson_lower_bound;
///
/// assert!(wilson_lower_bound(5, 5, 1.96) < 0.57, "five of five is not certain");
/// assert!(wilson_lower_bound(500, 500, 1.96) > 0.99);
/// ```
#[must_use]
pub fn wilson_lower_bound(successes: usize, trials: usize, z: f64) -> f64 {
    let count = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let (yes, all) = (count(successes.min(trials)), count(trials));
    if trials == 0 {
        return 0.0;
    }
    let (share, z2) = (yes / all, z * z);
    let centre = share + z2 / (2.0 * all);
    let spread = z * (share * (1.0 - share) / all + z2 / (4.0 * all * all)).sqrt();
    ((centre - spread) / (1.0 + z2 / all)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The score test inverted: at the bound, the share seen is exactly z standard errors
    /// above.
    #[test]
    fn the_bound_is_where_the_score_test_turns() {
        for trials in 1..40 {
            for successes in 1..=trials {
                for z in [1.0, 1.96, 2.576] {
                    let bound = wilson_lower_bound(successes, trials, z);
                    let n = f64::from(u32::try_from(trials).unwrap());
                    let seen = f64::from(u32::try_from(successes).unwrap()) / n;
                    let score = (seen - bound) / (bound * (1.0 - bound) / n).sqrt();
                    assert!((score - z).abs() < 1e-9, "{successes} of {trials}: {score}");
                }
            }
        }
        assert!(wilson_lower_bound(0, 9, 1.96).abs() < 1e-12);
        assert!(wilson_lower_bound(0, 0, 1.96).abs() < 1e-12);
    }
}
