//! One connection's task: moves bytes between the socket and the [`Session`], and does what the
//! session asks for.

mod actions;
mod admission;
mod alarm;
mod closing;
mod lookup;
mod manifests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::sync::mpsc;

use self::alarm::Alarm;
use self::lookup::Lookup;
use super::registry::Signal;
use super::server::Shared;
use super::session::{Ending, Limits, Session};
use crate::host::{Access, Answer, ConnectionIdentity, told};

/// Bytes read at once.
const READ_BYTES: usize = 2_048;

/// Serves one peer until either side ends the connection.
pub(super) async fn serve<S>(
    stream: S,
    peer: SocketAddr,
    identity: Option<ConnectionIdentity>,
    shared: Arc<Shared>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut connection = Connection::new(stream, peer, identity, shared);
    let ending = connection.run().await;
    connection.finish(ending).await;
}

/// The session this connection speaks for.
struct Member {
    client_id: Arc<str>,
    epoch: u64,
    access: Access,
}

struct Connection<S> {
    stream: S,
    peer: SocketAddr,
    identity: Option<ConnectionIdentity>,
    shared: Arc<Shared>,
    session: Session,
    signal: Arc<Signal>,
    answers: (mpsc::Sender<Answer>, mpsc::Receiver<Answer>),
    member: Option<Member>,
    /// There may be manifests to send.
    mail: bool,
    lookup: Lookup,
    /// It has reached for what is not its own; said once for each connection.
    has_trespassed: bool,
}

impl<S> Connection<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    fn new(
        stream: S,
        peer: SocketAddr,
        identity: Option<ConnectionIdentity>,
        shared: Arc<Shared>,
    ) -> Self {
        shared.stats.connections.up();
        let config = &shared.config;
        let expiry = config.session_expiry_max.as_secs();
        let limits = Limits {
            connect_timeout: config.connect_timeout,
            packet_bytes_max: config.packet_bytes_max,
            in_flight_max: config.in_flight_max.max(1),
            session_expiry_max_s: u32::try_from(expiry).unwrap_or(u32::MAX),
        };
        Self {
            stream,
            peer,
            identity,
            session: Session::new(limits, Instant::now()),
            signal: Arc::default(),
            answers: mpsc::channel(limits.in_flight_max.into()),
            member: None,
            mail: false,
            lookup: Lookup::default(),
            has_trespassed: false,
            shared,
        }
    }

    async fn run(&mut self) -> Ending {
        let mut chunk = vec![0; READ_BYTES];
        let mut stop = self.shared.stop.clone();
        let mut stopping = false;
        let mut alarm = Alarm::at(self.session.deadline());
        loop {
            if let Some(ending) = self.catch_up().await {
                return ending;
            }
            alarm.follow(self.session.deadline());
            tokio::select! {
                biased;
                () = told(&mut stop), if !stopping => {
                    stopping = true;
                    self.session.drain();
                }
                Some(answer) = self.answers.1.recv() => self.settle(answer),
                () = self.signal.wake.notified() => self.mail = true,
                (owed, found) = self.lookup.answered() => self.looked_up(&owed, found),
                read = self.stream.read(&mut chunk), if self.session.wants_input() => match read {
                    Ok(0) | Err(_) => return Ending::PeerGone,
                    Ok(bytes) => self.session.receive(&chunk[..bytes], Instant::now()),
                },
                // After the input: while we were busy the peer may have spoken in time.
                () = &mut alarm.sleep, if alarm.is_set => {
                    self.session.tick(Instant::now());
                    alarm.is_set = false;
                }
            }
            if self.signal.taken_over.load(Ordering::Acquire) {
                self.session.end(Ending::TakenOver);
            }
            if self.signal.shut_out.load(Ordering::Acquire) {
                self.session.end(Ending::ShutOut);
            }
            while let Ok(answer) = self.answers.1.try_recv() {
                self.settle(answer);
            }
        }
    }

    /// Does all that is to be done before waiting again; the ending, if that is where it led.
    async fn catch_up(&mut self) -> Option<Ending> {
        loop {
            while let Some(action) = self.session.next_action() {
                self.perform(action).await;
            }
            self.collect_mail();
            let more = self.mail || !self.session.output().is_empty();
            if let Err(ending) = self.flush().await {
                return Some(ending);
            }
            if let Some(ending) = self.session.ending() {
                return self.session_done(ending).await;
            }
            if !more {
                return None;
            }
        }
    }

    /// The session's last word may still be unsaid.
    async fn session_done(&mut self, ending: Ending) -> Option<Ending> {
        self.session.end(ending);
        Some(self.flush().await.err().unwrap_or(ending))
    }

    fn settle(&mut self, answer: Answer) {
        let Answer { id, disposition, forbidden } = answer;
        if self.session.settled(id, disposition, forbidden, Instant::now()) {
            self.shared.stats.acks.up();
        }
    }
}
