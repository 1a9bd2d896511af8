//! The last bytes of a connection, and what it leaves behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::super::fault::Fault;
use super::super::session::Ending;
use super::{Connection, READ_BYTES};
use crate::host::Commit;

impl<S> Drop for Connection<S> {
    /// Reached with a member only when the task was cut off or panicked.
    fn drop(&mut self) {
        self.shared.stats.connections.down();
        if let Some(member) = self.member.take() {
            let ending =
                if *self.shared.stop.borrow() { Ending::ShuttingDown } else { Ending::PeerGone };
            let (id, epoch) = (&member.client_id, member.epoch);
            if let Some(message) = self.shared.registry.detach(id, epoch, ending, Instant::now()) {
                let lost = self.shared.commits.try_send(Commit { message, reply: None }).is_err();
                tracing::error!(client = %id, lost, "connection task broke off");
            }
        }
    }
}

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    pub(super) async fn flush(&mut self) -> Result<(), Ending> {
        let output = std::mem::take(self.session.output());
        if output.is_empty() {
            return Ok(());
        }
        match timeout(self.shared.config.write_timeout, self.stream.write_all(&output)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ending::PeerGone),
            Err(_) => Err(Ending::WriteTimeout),
        }
    }

    pub(super) async fn finish(&mut self, ending: Ending) {
        let stats = &self.shared.stats;
        match ending {
            Ending::Silent => stats.refused_silent.up(),
            Ending::KeepAlive => stats.keep_alive_expired.up(),
            Ending::ShutOut => stats.shut_out.up(),
            Ending::WriteTimeout => stats.write_timeouts.up(),
            Ending::Fault(Fault::TooLarge { .. }) => stats.oversized.up(),
            Ending::Fault(Fault::Qos2) => stats.qos2_refused.up(),
            Ending::Fault(_) => stats.protocol_errors.up(),
            _ => {}
        }
        let client = self.member.as_ref().map(|member| Arc::clone(&member.client_id));
        tracing::debug!(peer = %self.peer, ?client, ?ending, "device connection ends");
        if let Some(member) = self.member.take() {
            let (id, epoch) = (&member.client_id, member.epoch);
            if let Some(will) = self.shared.registry.detach(id, epoch, ending, Instant::now()) {
                self.send_will(will).await;
            }
        }
        if !matches!(ending, Ending::PeerGone | Ending::WriteTimeout) {
            self.close().await;
        }
    }

    /// Closes so that the peer can still read the last packet: a socket closed with unread input
    /// resets, and takes along what was written last.
    pub(super) async fn close(&mut self) {
        const LINGER: Duration = Duration::from_millis(500);
        let discard = async {
            let mut waste = vec![0; READ_BYTES];
            let _ = self.stream.shutdown().await;
            for _ in 0..512 {
                if !matches!(self.stream.read(&mut waste).await, Ok(1..)) {
                    return;
                }
            }
        };
        let _ = timeout(LINGER, discard).await;
    }
}
