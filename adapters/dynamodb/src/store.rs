//! The store itself: its table, and what its calls share.

use std::collections::HashSet;
use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::Client;
use tokio::task::JoinSet;

use crate::config::DynamoConfig;
use crate::crowd::Crowd;
use crate::error::Failure;
use crate::events::PageEnds;

/// All storage ports of `logistics-core` in one DynamoDB table.
///
/// Cheap to clone; clones are the same store. Any number of processes may use the same table.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    config: DynamoConfig,
    /// The last stamp that was given.
    stamp: AtomicU64,
    crowd: Crowd,
    page_ends: PageEnds,
    /// Partners that are known to be on the list of those with fixes.
    listed: Mutex<HashSet<String>>,
}

impl DynamoStore {
    /// The store in the table that `config` names, which must be there: see
    /// [`create_table`](Self::create_table).
    ///
    /// The client's own retries are welcome: DynamoDB takes a transaction that is sent again once.
    #[must_use]
    pub fn new(client: Client, config: DynamoConfig) -> Self {
        let (stamp, crowd, page_ends, listed) = Default::default();
        Self { inner: Arc::new(Inner { client, config, stamp, crowd, page_ends, listed }) }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.inner.client
    }

    pub(crate) fn config(&self) -> &DynamoConfig {
        &self.inner.config
    }

    pub(crate) fn crowd(&self) -> &Crowd {
        &self.inner.crowd
    }

    pub(crate) fn page_ends(&self) -> &PageEnds {
        &self.inner.page_ends
    }

    pub(crate) fn listed(&self) -> &Mutex<HashSet<String>> {
        &self.inner.listed
    }

    pub(crate) fn table(&self) -> &str {
        &self.inner.config.table
    }

    /// Now in microseconds, and later than what this store was given before.
    pub(crate) fn stamp(&self) -> u64 {
        let now = u64::try_from(since_1970().as_micros()).unwrap_or(u64::MAX);
        let next = |last: u64| now.max(last + 1);
        let advance = |last| Some(next(last));
        let stamped = self.inner.stamp.fetch_update(Ordering::Relaxed, Ordering::Relaxed, advance);
        stamped.map_or(now, next)
    }

    /// Pauses between attempts.
    pub(crate) fn backoff(&self) -> Backoff {
        Backoff { attempts: 1, attempts_max: self.config().attempts_max }
    }

    /// Runs `calls`, some of them at a time; answers in their order. The first failure ends it.
    pub(crate) async fn side_by_side<T, F>(
        &self,
        calls: impl IntoIterator<Item = F>,
    ) -> Result<Vec<T>, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let mut calls = calls.into_iter().enumerate();
        // What is still running when this ends goes with it.
        let mut running = JoinSet::new();
        let mut answers: Vec<Option<T>> = Vec::new();
        loop {
            while running.len() < self.config().requests_max.max(1)
                && let Some((at, call)) = calls.next()
            {
                answers.push(None);
                running.spawn(async move { (at, call.await) });
            }
            let Some(done) = running.join_next().await else { break };
            let (at, answer) = done.map_err(Failure::stopped)?;
            let answer = answer?;
            if let Some(place) = answers.get_mut(at) {
                *place = Some(answer);
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

/// The time by this machine's clock.
pub(crate) fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// A random part of `longest`: so that those who met do not meet again.
pub(crate) fn some_of(longest: Duration) -> Duration {
    let random = RandomState::new().hash_one(longest) % 1_000;
    longest * u32::try_from(random).unwrap_or(0) / 1_000
}

/// Pauses between attempts: longer each time, and random.
#[derive(Debug)]
pub(crate) struct Backoff {
    attempts: u32,
    attempts_max: u32,
}

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_millis(500);

impl Backoff {
    /// Waits; false when there have been enough attempts.
    pub(crate) async fn pause(&mut self) -> bool {
        if self.attempts >= self.attempts_max {
            return false;
        }
        let longest = PAUSE_MAX.min(Duration::from_millis(4) * (1 << self.attempts.min(10)));
        tokio::time::sleep(some_of(longest)).await;
        self.attempts += 1;
        true
    }
}
