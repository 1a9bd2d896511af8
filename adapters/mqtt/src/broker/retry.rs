//! When to connect again.

use std::time::Duration;

use crate::link::Backoff;

/// Counts failures: a connection that lives longer than the pause before it has done well.
#[derive(Debug)]
pub(super) struct Retry {
    backoff: Backoff,
    failures: u32,
    pause: Duration,
}

impl Retry {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self { backoff, failures: 0, pause: Duration::ZERO }
    }

    /// The pause after a connection of this client that was up for so long.
    pub(super) fn after(&mut self, up: Duration, client_id: &str) -> Duration {
        let did_well = !up.is_zero() && up > self.pause;
        self.failures = if did_well { 1 } else { self.failures.saturating_add(1) };
        self.pause = self.backoff.pause(self.failures, client_id);
        self.pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_at_once_is_tried_less_and_less_often() {
        let backoff =
            Backoff { min: Duration::from_millis(100), max: Duration::from_millis(1_000) };
        let mut retry = Retry::new(backoff);
        let mut pauses = (0..9).map(|_| retry.after(Duration::ZERO, "a")).collect::<Vec<_>>();
        assert!(pauses[0] < Duration::from_millis(150) && pauses[8] > Duration::from_millis(700));
        pauses.push(retry.after(Duration::from_millis(10), "a"));
        assert!(pauses[9] > Duration::from_millis(700), "it was up, and yet not for long");
        assert!(retry.after(Duration::from_secs(60), "a") < Duration::from_millis(150));
    }
}
