//! Commits of one stream that are under way at once in this process: all but one will lose, and
//! would all come back at once to lose again. A loser waits a little before it is told, the longer
//! the more there are.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use logistics_core::eventsourcing::StreamId;

use crate::store::some_of;

/// How long a loser waits at most, for each other commit that is under way.
const PAUSE: Duration = Duration::from_millis(8);
/// How many others count.
const OTHERS_MAX: u32 = 64;

/// How many commits are under way on each stream.
#[derive(Debug, Default)]
pub(crate) struct Crowd(Mutex<HashMap<StreamId, u32>>);

/// One commit that is under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay<'a> {
    crowd: &'a Crowd,
    stream: &'a StreamId,
}

impl Crowd {
    pub(crate) fn enter<'a>(&'a self, stream: &'a StreamId) -> UnderWay<'a> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(stream.clone()).or_default() += 1;
        UnderWay { crowd: self, stream }
    }
}

impl UnderWay<'_> {
    fn others(&self) -> u32 {
        let all = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(self.stream).map_or(0, |count| count - 1)
    }

    /// Lets the others go on first. Alone it does not wait.
    pub(crate) async fn step_back(&self) {
        let others = self.others();
        if others > 0 {
            tokio::time::sleep(some_of(PAUSE * others.min(OTHERS_MAX))).await;
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut all = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(self.stream) {
            *count -= 1;
            if *count == 0 {
                all.remove(self.stream);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_counted_while_commits_are_under_way() {
        let (crowd, stream) = (Crowd::default(), StreamId::new("SHP", "1").unwrap());
        let other = StreamId::new("SHP", "2").unwrap();
        let first = crowd.enter(&stream);
        assert_eq!(first.others(), 0);
        let second = crowd.enter(&stream);
        assert_eq!((first.others(), crowd.enter(&other).others()), (1, 0));
        drop(first);
        assert_eq!(second.others(), 0);
        drop(second);
        assert!(crowd.0.lock().unwrap().is_empty());
    }
}
