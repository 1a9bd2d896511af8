//! CONNECT: the host is asked, and the client gets its session.

use std::sync::Arc;
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::super::fault::reason;
use super::super::packet::Connect;
use super::super::registry::Arrival;
use super::{Connection, Member};
use crate::host::{ConnectionIdentity, Hello, Refusal};

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    pub(super) async fn connect(&mut self, connect: Connect) {
        let assigned = connect.client_id.is_empty();
        let client_id =
            if assigned { format!("anonymous-{}", self.peer).into() } else { connect.client_id };
        if let Err(code) = self.check_client_id(&client_id) {
            return self.session.refuse(code);
        }
        let hello = Hello {
            client_id: Arc::clone(&client_id),
            peer: self.peer,
            identity: self.identity.clone(),
            protocol: connect.version,
        };
        let asked = self.shared.handler.connect(&hello);
        let answer = timeout(self.shared.config.lookup_timeout, asked).await;
        let access = match answer.unwrap_or(Err(Refusal::Unavailable)) {
            Ok(access) => access,
            Err(refusal) => return self.refuse(&client_id, refusal),
        };
        let arrival = Arrival {
            client_id: Arc::clone(&client_id),
            access: access.clone(),
            identity: self.identity.clone(),
            clean: connect.clean,
            expiry_s: self.capped(connect.session_expiry_s),
            will: connect.will,
            signal: Arc::clone(&self.signal),
        };
        let attached = self.shared.registry.attach(arrival, Instant::now());
        self.member =
            Some(Member { client_id: Arc::clone(&client_id), epoch: attached.epoch, access });
        if attached.took_over {
            self.shared.stats.taken_over.up();
        }
        if let Some(will) = attached.displaced_will {
            self.send_will(will).await;
        }
        self.shared.stats.admitted.up();
        let assigned = assigned.then_some(&*client_id);
        self.session.admit(attached.session_present, assigned, Instant::now());
        self.mail = true;
        self.look_up();
    }

    /// A certificate is good for one client id.
    fn check_client_id(&self, client_id: &str) -> Result<(), u8> {
        let Some(identity) = &self.identity else { return Ok(()) };
        if identity.partner.as_str() == client_id {
            return Ok(());
        }
        self.shared.stats.refused_client_id.up();
        let ConnectionIdentity { partner, serial } = identity;
        tracing::info!(peer = %self.peer, client = client_id, %partner, %serial,
            "refused: the client id is not the certificate's");
        Err(reason::CLIENT_ID)
    }

    fn refuse(&mut self, client_id: &str, refusal: Refusal) {
        self.shared.stats.refused_by_host.up();
        tracing::info!(peer = %self.peer, client = client_id, ?refusal, "refused by the host");
        self.session.refuse(match refusal {
            Refusal::UnknownClient => reason::CLIENT_ID,
            Refusal::NotAuthorised => reason::NOT_AUTHORISED,
            Refusal::Unavailable => reason::UNAVAILABLE,
        });
    }
}
