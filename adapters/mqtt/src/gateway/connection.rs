//! One connection's task: moves bytes between the socket and the [`Session`], and does what the
//! session asks for.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::{Sleep, sleep_until, timeout};

use super::committer::{Answer, Commit, Reply};
use super::handler::{Access, ConnectionIdentity, DeviceMessage, Hello, Refusal};
use super::mailbox::{Coverage, Grant, Mailbox};
use super::packet::{Connect, Fault, Publish, Subscribe, reason};
use super::registry::{Arrival, Signal};
use super::server::{Shared, told};
use super::session::{Action, Ending, Limits, Session};

/// Bytes read at once.
const READ_BYTES: usize = 2_048;
/// Bytes written at once, at most one packet more.
const WRITE_BYTES: usize = 64 * 1_024;

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
}

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
                read = self.stream.read(&mut chunk), if self.session.wants_input() => match read {
                    Ok(0) | Err(_) => return Ending::PeerGone,
                    Ok(bytes) => self.session.receive(&chunk[..bytes], Instant::now()),
                },
                Some(answer) = self.answers.1.recv() => self.settle(answer),
                () = self.signal.wake.notified() => self.mail = true,
                () = &mut alarm.sleep, if alarm.is_set => {
                    self.session.tick(Instant::now());
                    alarm.is_set = false;
                }
                () = told(&mut stop), if !stopping => {
                    stopping = true;
                    self.session.drain();
                }
            }
            if self.signal.taken_over.load(Ordering::Acquire) {
                self.session.end(Ending::TakenOver);
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

    async fn flush(&mut self) -> Result<(), Ending> {
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

    fn settle(&mut self, answer: Answer) {
        let Answer { id, disposition, forbidden } = answer;
        if self.session.settled(id, disposition, forbidden, Instant::now()) {
            self.shared.stats.acks.up();
        }
    }

    async fn perform(&mut self, action: Action) {
        match action {
            Action::Connect(connect) => self.connect(*connect).await,
            Action::Publish(publish) => self.publish(publish).await,
            Action::Subscribe(subscribe) => self.subscribe(&subscribe).await,
            Action::Unsubscribe(id, filters) => {
                let forget = |mailbox: &mut Mailbox| {
                    filters.iter().map(|filter| mailbox.unsubscribe(filter)).collect::<Vec<_>>()
                };
                if let Some(existed) = self.with_mailbox(forget) {
                    self.session.unsubscribed(id, &existed);
                }
            }
            Action::ManifestConfirmed(id) => {
                if self.with_mailbox(|mailbox| mailbox.settle(id)) == Some(true) {
                    self.shared.stats.manifests_acked.up();
                    self.mail = true;
                }
            }
            Action::SessionExpiry(expiry_s) => {
                if let Some(member) = &self.member {
                    let (id, epoch) = (&member.client_id, member.epoch);
                    self.shared.registry.set_expiry(id, epoch, self.capped(expiry_s));
                }
            }
        }
    }

    fn capped(&self, expiry_s: u32) -> u32 {
        let max = self.shared.config.session_expiry_max.as_secs();
        u32::try_from(max).unwrap_or(u32::MAX).min(expiry_s)
    }

    fn with_mailbox<R>(&self, work: impl FnOnce(&mut Mailbox) -> R) -> Option<R> {
        let member = self.member.as_ref()?;
        self.shared.registry.with(&member.client_id, member.epoch, work)
    }

    async fn connect(&mut self, connect: Connect) {
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

    async fn publish(&mut self, publish: Publish) {
        let Some(member) = &self.member else { return };
        self.shared.stats.publishes.up();
        let client_id = Arc::clone(&member.client_id);
        let message = DeviceMessage {
            duplicate: publish.duplicate,
            ..DeviceMessage::new(publish.topic, publish.payload, client_id, &member.access)
        };
        let reply = Some(Reply { to: self.answers.0.clone(), id: publish.id });
        if self.shared.commits.send(Commit { message, reply }).await.is_err() {
            self.session.end(Ending::ShuttingDown);
        }
    }

    async fn send_will(&self, message: DeviceMessage) {
        self.shared.stats.wills.up();
        if self.shared.commits.send(Commit { message, reply: None }).await.is_err() {
            tracing::warn!("a last will came after the gateway's end");
        }
    }

    async fn subscribe(&mut self, subscribe: &Subscribe) {
        let Some(member) = &self.member else { return };
        let limit = self.shared.config.subscriptions_max;
        let decide = |mailbox: &mut Mailbox| -> Vec<Grant> {
            let grant = |request| mailbox.subscribe(&member.access, request, limit);
            subscribe.filters.iter().map(grant).collect()
        };
        let grants = if subscribe.wants_identifier {
            let code = reason::SUBSCRIPTION_IDENTIFIER;
            vec![Grant { code, retained: None }; subscribe.filters.len()]
        } else {
            let Some(grants) = self.with_mailbox(decide) else { return };
            grants
        };
        for grant in &grants {
            let stats = &self.shared.stats;
            if grant.code < 0x80 { stats.subscribed.up() } else { stats.subscriptions_refused.up() }
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
    async fn look_up(&self, coverage: &Coverage, acknowledged: bool) {
        let handler = &self.shared.handler;
        let partners = match coverage {
            Coverage::One(partner) => vec![partner.clone()],
            Coverage::All => handler.manifest_holders().await,
        };
        for partner in partners {
            if let Some(found) = handler.manifest(&partner).await {
                self.with_mailbox(|mailbox| mailbox.put_retained(&partner, &found, acknowledged));
            }
        }
    }

    /// Writes queued manifests, as many as the client and one write take.
    fn collect_mail(&mut self) {
        if !std::mem::take(&mut self.mail) || !self.session.is_online() {
            return;
        }
        let window = self.session.window();
        while let Some(outgoing) = self.with_mailbox(|mailbox| mailbox.next(window)).flatten() {
            if self.session.deliver(&outgoing) {
                self.shared.stats.manifests_sent.up();
            } else {
                self.shared.stats.manifests_too_large.up();
                if let Some(id) = outgoing.id {
                    self.with_mailbox(|mailbox| mailbox.settle(id));
                }
            }
            if self.session.output().len() > WRITE_BYTES {
                self.mail = true;
                return;
            }
        }
    }

    async fn finish(&mut self, ending: Ending) {
        let stats = &self.shared.stats;
        match ending {
            Ending::Silent => stats.refused_silent.up(),
            Ending::KeepAlive => stats.keep_alive_expired.up(),
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
    async fn close(&mut self) {
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

/// The connection's one timer. Deadlines mostly move away, so it is set anew only when it has gone
/// off, or when the deadline has come nearer.
struct Alarm {
    sleep: Pin<Box<Sleep>>,
    is_set: bool,
}

impl Alarm {
    fn at(deadline: Option<Instant>) -> Self {
        let at = deadline.unwrap_or_else(Instant::now);
        Self { sleep: Box::pin(sleep_until(at.into())), is_set: deadline.is_some() }
    }

    fn follow(&mut self, deadline: Option<Instant>) {
        let Some(deadline) = deadline.map(tokio::time::Instant::from) else { return };
        if !self.is_set || deadline < self.sleep.deadline() {
            self.sleep.as_mut().reset(deadline);
            self.is_set = true;
        }
    }
}
