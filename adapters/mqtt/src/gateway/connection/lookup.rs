//! Manifests that subscriptions are still to find: asked of the host one after another, beside the
//! traffic, and again when the host does not answer.

use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use logistics_core::PartnerId;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};

use super::super::filter::Coverage;
use super::super::owed::Owed;
use super::super::server::Shared;
use super::Connection;
use crate::host::{LookupFailed, Manifest};

/// Longest pause before the host is asked again.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// What the host answered.
pub(super) enum Found {
    Manifest(PartnerId, Option<Manifest>),
    Holders(Vec<PartnerId>),
}

type Asked = Pin<Box<dyn Future<Output = Result<Found, LookupFailed>> + Send>>;

/// The question under way, if any, and how often in a row it has failed.
#[derive(Default)]
pub(super) struct Lookup {
    asked: Option<(Owed, Asked)>,
    failures: u32,
}

impl Lookup {
    /// The answer to the question under way; never, when there is none.
    pub(super) async fn answered(&mut self) -> (Owed, Result<Found, LookupFailed>) {
        let Some((_, asked)) = &mut self.asked else { return pending().await };
        let found = asked.as_mut().await;
        match self.asked.take() {
            Some((owed, _)) => (owed, found),
            None => pending().await,
        }
    }

    /// Twice as long each time, from the time that an answer may take.
    fn pause(&self, shared: &Shared) -> Duration {
        match self.failures.checked_sub(1) {
            None => Duration::ZERO,
            Some(doubled) => {
                shared.config.lookup_timeout.saturating_mul(1 << doubled.min(16)).min(PAUSE_MAX)
            }
        }
    }
}

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    /// Asks for the next manifest that the client is still to get, unless a question is under way.
    pub(super) fn look_up(&mut self) {
        if self.lookup.asked.is_some() {
            return;
        }
        let Some(owed) = self.with_mailbox(|mailbox| mailbox.owed.next()).flatten() else { return };
        let (shared, pause) = (Arc::clone(&self.shared), self.lookup.pause(&self.shared));
        let coverage = owed.coverage.clone();
        let asked = async move {
            if !pause.is_zero() {
                sleep(pause).await;
            }
            let answer = timeout(shared.config.lookup_timeout, ask(&shared, coverage)).await;
            answer.unwrap_or(Err(LookupFailed))
        };
        self.lookup.asked = Some((owed, Box::pin(asked)));
    }

    /// Queues what was found; what was not is asked for again.
    pub(super) fn looked_up(&mut self, owed: &Owed, found: Result<Found, LookupFailed>) {
        let Some(member) = &self.member else { return };
        match found {
            Ok(Found::Manifest(partner, manifest)) => {
                self.lookup.failures = 0;
                self.with_mailbox(|mailbox| mailbox.pay(owed, &partner, manifest));
                self.mail = true;
            }
            Ok(Found::Holders(partners)) => {
                self.lookup.failures = 0;
                self.with_mailbox(|mailbox| mailbox.owed.divide(owed, partners));
            }
            Err(LookupFailed) => {
                self.lookup.failures = self.lookup.failures.saturating_add(1);
                self.shared.stats.lookups_failed.up();
                tracing::warn!(client = %member.client_id, coverage = ?owed.coverage,
                    failures = self.lookup.failures, "no manifest from the host; it is asked again");
                self.with_mailbox(|mailbox| mailbox.owed.postpone(owed));
            }
        }
        self.look_up();
    }
}

async fn ask(shared: &Shared, coverage: Coverage) -> Result<Found, LookupFailed> {
    match coverage {
        Coverage::One(partner) => {
            let manifest = shared.handler.manifest(&partner).await?;
            Ok(Found::Manifest(partner, manifest))
        }
        Coverage::All => shared.handler.manifest_holders().await.map(Found::Holders),
        Coverage::Nobody => Ok(Found::Holders(Vec::new())),
    }
}
