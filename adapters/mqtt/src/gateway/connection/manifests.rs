//! SUBSCRIBE, and the manifests that follow from it.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::super::fault::reason;
use super::super::filter::Coverage;
use super::super::mailbox::Mailbox;
use super::super::packet::Subscribe;
use super::super::subscriptions::Grant;
use super::Connection;

/// Bytes written at once, at most one packet more.
const WRITE_BYTES: usize = 64 * 1_024;

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    pub(super) async fn subscribe(&mut self, subscribe: &Subscribe) {
        let Some(member) = &self.member else { return };
        let limit = self.shared.config.subscriptions_max;
        let decide = |mailbox: &mut Mailbox| -> Vec<Grant> {
            let grant = |request| mailbox.subscriptions.subscribe(&member.access, request, limit);
            subscribe.filters.iter().map(grant).collect()
        };
        let grants = if subscribe.wants_identifier {
            let code = reason::SUBSCRIPTION_IDENTIFIER;
            vec![Grant { code, retained: None }; subscribe.filters.len()]
        } else {
            let Some(grants) = self.with_mailbox(decide) else { return };
            grants
        };
        for (grant, request) in grants.iter().zip(&subscribe.filters) {
            let stats = &self.shared.stats;
            if grant.code < 0x80 {
                stats.subscribed.up()
            } else {
                stats.subscriptions_refused.up()
            }
            if grant.code == reason::NOT_AUTHORISED {
                self.trespasses(&request.filter);
            }
        }
        self.session.subscribed(subscribe.id, &grants);
        for (coverage, acknowledged) in grants.into_iter().filter_map(|grant| grant.retained) {
            let lookup = self.look_up(&coverage, acknowledged);
            if timeout(self.shared.config.lookup_timeout, lookup).await.is_err() {
                tracing::warn!(?coverage, "the host did not find a manifest in time");
            }
        }
        self.mail = true;
    }

    /// Queues the manifests that a new subscription finds.
    pub(super) async fn look_up(&self, coverage: &Coverage, acknowledged: bool) {
        let handler = &self.shared.handler;
        let partners = match coverage {
            Coverage::One(partner) => vec![partner.clone()],
            Coverage::All => handler.manifest_holders().await,
            Coverage::Nobody => Vec::new(),
        };
        for partner in partners {
            if let Some(found) = handler.manifest(&partner).await {
                self.with_mailbox(|mailbox| mailbox.offer_retained(&partner, &found, acknowledged));
            }
        }
    }

    /// Writes queued manifests, as many as the client and one write take.
    pub(super) fn collect_mail(&mut self) {
        if !std::mem::take(&mut self.mail) || !self.session.is_online() {
            return;
        }
        let window = self.session.window();
        while let Some(outgoing) = self.with_mailbox(|mailbox| mailbox.queue.next(window)).flatten()
        {
            if self.session.deliver(&outgoing) {
                self.shared.stats.manifests_sent.up();
            } else {
                self.shared.stats.manifests_too_large.up();
                if let Some(id) = outgoing.id {
                    self.with_mailbox(|mailbox| mailbox.queue.settle(id));
                }
            }
            if self.session.output().len() > WRITE_BYTES {
                self.mail = true;
                return;
            }
        }
    }
}
