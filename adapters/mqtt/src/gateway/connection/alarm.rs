//! One timer per connection, seldom set.

use std::pin::Pin;
use std::time::Instant;

use tokio::time::{Sleep, sleep_until};

/// The connection's one timer. Deadlines mostly move away, so it is set anew only when it has gone
/// off, or when the deadline has come nearer.
pub(super) struct Alarm {
    pub(super) sleep: Pin<Box<Sleep>>,
    pub(super) is_set: bool,
}

impl Alarm {
    pub(super) fn at(deadline: Option<Instant>) -> Self {
        let at = deadline.unwrap_or_else(Instant::now);
        Self { sleep: Box::pin(sleep_until(at.into())), is_set: deadline.is_some() }
    }

    pub(super) fn follow(&mut self, deadline: Option<Instant>) {
        let Some(deadline) = deadline.map(tokio::time::Instant::from) else { return };
        if !self.is_set || deadline < self.sleep.deadline() {
            self.sleep.as_mut().reset(deadline);
            self.is_set = true;
        }
    }
}
