//! CONNECT: the host is asked, and the client gets its session.

use std::sync::Arc;
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::super::access::{Hello, Refusal};
use super::super::fault::reason;
use super::super::packet::Connect;
use super::super::registry::Arrival;
use super::{Connection, Member};

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    pub(super) async fn connect(&mut self, connect: Connect) {
        let assigned = connect.client_id.is_empty();
        let client_id =
            if assigned { format!("anonymous-{}", self.peer).into() } else { connect.client_id };
        let hello = Hello {
            client_id: Arc::clone(&client_id),
            peer: self.peer,
            identity: self.identity.clone(),
            protocol: connect.version,
        };
        let asked = self.shared.handler.connect(&hello);
        let access = match timeout(self.shared.config.lookup_timeout, asked).await {
            Ok(Ok(access)) => access,
            refused => {
                self.shared.stats.refused_by_host.up();
                return self.session.refuse(match refused {
                    Ok(Err(Refusal::UnknownClient)) => reason::CLIENT_ID,
                    Ok(Err(Refusal::NotAuthorised)) => reason::NOT_AUTHORISED,
                    _ => reason::UNAVAILABLE,
                });
            }
        };
        let arrival = Arrival {
            client_id: Arc::clone(&client_id),
            access: access.clone(),
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
    }
}
