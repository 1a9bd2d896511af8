//! How long to wait before the next connection.

use std::time::Duration;

/// Pauses that double with every failure, and differ between names: a fleet that lost its server
/// must not come back in one instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    pub(crate) min: Duration,
    pub(crate) max: Duration,
}

impl Backoff {
    /// The pause after this many failures in a row, for whoever bears this name.
    pub(crate) fn pause(self, failures: u32, name: &str) -> Duration {
        let doubled = self.min.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let pause = doubled.min(self.max);
        let scatter = name
            .bytes()
            .fold(failures, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        pause * (75 + scatter % 50) / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_differ_between_names() {
        let backoff = Backoff { min: Duration::from_millis(100), max: Duration::from_secs(10) };
        for name in ["DP-1", "DP-2", "platform"] {
            for (failures, whole) in
                [(0, 100), (1, 100), (2, 200), (5, 1_600), (8, 10_000), (99, 10_000)]
            {
                let pause = backoff.pause(failures, name);
                let whole = Duration::from_millis(whole);
                assert!(pause >= whole * 3 / 4 && pause < whole * 5 / 4, "{failures}: {pause:?}");
            }
        }
        assert_ne!(backoff.pause(3, "DP-1"), backoff.pause(3, "DP-2"));
    }
}
