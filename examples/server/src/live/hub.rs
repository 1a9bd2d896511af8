//! Fan-out of live messages: numbered, kept for a while so that a session can resume.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::broadcast;
use tokio_util::sync::{CancellationToken, WaitForCancellationFuture};

use super::message::{Live, Scope};

/// Messages kept for sessions that resume.
const KEPT: usize = 5_000;
/// Messages that a session may lag behind before it is dropped.
const LAG_MAX: usize = 8_192;

/// What a session receives.
pub(super) type Messages = broadcast::Receiver<Arc<Numbered>>;

/// A numbered message.
#[derive(Debug)]
pub(super) struct Numbered {
    pub(super) rev: u64,
    pub(super) scope: Scope,
    /// Coalesce by this: a newer message with the same key makes an older one pointless.
    pub(super) coalesce: Option<String>,
    /// The message as JSON.
    pub(super) json: String,
}

#[derive(Debug)]
struct Log {
    rev: u64,
    kept: VecDeque<Arc<Numbered>>,
}

/// Where live messages go in and sessions take them out.
#[derive(Debug)]
pub(crate) struct Hub {
    log: Mutex<Log>,
    sender: broadcast::Sender<Arc<Numbered>>,
    closing: CancellationToken,
}

#[derive(Serialize)]
struct WithRevision<'a> {
    rev: u64,
    #[serde(flatten)]
    message: &'a Live,
}

impl Hub {
    /// An empty hub. Revisions begin at `first_rev`: a start later in time must give a greater
    /// one, so that no session resumes into the numbers of an earlier process.
    pub(crate) fn new(first_rev: u64) -> Self {
        let log = Log { rev: first_rev, kept: VecDeque::new() };
        Self {
            log: Mutex::new(log),
            sender: broadcast::channel(LAG_MAX).0,
            closing: CancellationToken::new(),
        }
    }

    /// Sends `message` to every session that may see it.
    pub(crate) fn send(&self, scope: Scope, message: &Live) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let rev = log.rev + 1;
        let json = match serde_json::to_string(&WithRevision { rev, message }) {
            Ok(json) => json,
            Err(error) => {
                tracing::error!(%error, "a live message cannot be written as JSON");
                return;
            }
        };
        let coalesce = match message {
            Live::Pos { partner, .. } => Some(partner.to_string()),
            _ => None,
        };
        let numbered = Arc::new(Numbered { rev, scope, coalesce, json });
        log.rev = rev;
        if log.kept.len() == KEPT {
            log.kept.pop_front();
        }
        log.kept.push_back(Arc::clone(&numbered));
        // Sending under the lock keeps the order of revisions; nobody listening is no error.
        let _ = self.sender.send(numbered);
    }

    /// Ends every session.
    pub(crate) fn close(&self) {
        self.closing.cancel();
    }

    /// Resolves when sessions are to end.
    pub(super) fn closed(&self) -> WaitForCancellationFuture<'_> {
        self.closing.cancelled()
    }

    /// Subscribes from now on; gives the revision that the subscription follows.
    pub(super) fn subscribe(&self) -> (u64, Messages) {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        (log.rev, self.sender.subscribe())
    }

    /// Subscribes and gives all messages after `from_rev`; `None` when they are not kept any more
    /// or are not of this process.
    pub(super) fn resume(&self, from_rev: u64) -> Option<(Vec<Arc<Numbered>>, Messages)> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = log.kept.front().map_or(log.rev, |first| first.rev - 1);
        if from_rev < oldest || from_rev > log.rev {
            return None;
        }
        let missed = log.kept.iter().filter(|message| message.rev > from_rev).cloned().collect();
        Some((missed, self.sender.subscribe()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(version: u64) -> Live {
        Live::Zones { city: "pune".to_owned(), version }
    }

    #[test]
    fn a_session_resumes_where_it_was() {
        let hub = Hub::new(100);
        for version in 1..=3 {
            hub.send(Scope::Everyone, &zones(version));
        }
        let (missed, _) = hub.resume(101).expect("kept");
        let revs: Vec<u64> = missed.iter().map(|message| message.rev).collect();
        assert_eq!(revs, [102, 103]);
        assert_eq!(missed[0].json, r#"{"rev":102,"t":"zones","city":"pune","version":2}"#);
        assert!(hub.resume(99).is_none(), "before this process");
        assert!(hub.resume(104).is_none(), "never sent");
    }
}
