//! SUBSCRIBE, and the manifests on their way to the client.

use tokio::io::{AsyncRead, AsyncWrite};

use super::super::fault::reason;
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
    pub(super) fn subscribe(&mut self, subscribe: &Subscribe) {
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
        self.with_mailbox(|mailbox| {
            grants
                .into_iter()
                .filter_map(|grant| grant.retained)
                .for_each(|owed| mailbox.owed.add(owed));
        });
        self.look_up();
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
