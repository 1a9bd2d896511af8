//! The session that publishes manifests. A client of its own: one that publishes can wedge, and
//! must not take the receiving ones with it.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use logistics_core::PartnerId;
use rumqttc::{AsyncClient, ConnAck, Event, Incoming, Outgoing, QoS};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::link::{Life, Shared};
use super::manifests::{Manifests, Turn};
use crate::host::{LookupFailed, Manifest, told};
use crate::link::{Outbox, Talk, serve};
use crate::topics::{Channel, PartnerTopic};

/// Publishes until stopped.
pub(super) async fn run(shared: Arc<Shared>, manifests: Arc<Manifests>) {
    let client_id = shared.config.publishing_id();
    let mut retry = shared.retry();
    // At most one: a new one takes the place of the old.
    let mut gathering = JoinSet::new();
    gathering.spawn(gather(Arc::clone(&shared), Arc::clone(&manifests)));
    let mut has_connected = false;
    loop {
        let (client, events) = shared.open(&client_id);
        let mut session = Session {
            shared: &shared,
            manifests: &manifests,
            client,
            life: Life::begin(&shared),
            outbox: Outbox::new(),
            progress: Instant::now(),
            stop: shared.stop.clone(),
            gathering: &mut gathering,
            has_connected,
        };
        let ended = serve(&mut session, events).await;
        has_connected = session.has_connected;
        session.outbox.drain().for_each(|turn| manifests.put_back(turn));
        let pause = retry.after(session.life.time_up(), &client_id);
        drop(session);
        match ended {
            Ok(()) => return,
            Err(broken) if shared.pause(&client_id, pause, &broken).await => {}
            Err(_) => break,
        }
    }
    let left = manifests.len();
    if left > 0 {
        tracing::warn!(left, "manifests are not published; the next start publishes them");
    }
}

/// Queues everybody's current manifest: the broker may have none of them.
async fn gather(shared: Arc<Shared>, manifests: Arc<Manifests>) {
    let mut retry = shared.retry();
    let mut failed = async || {
        shared.stats.lookups_failed.up();
        let pause = retry.after(Duration::ZERO, "manifests");
        tracing::warn!(?pause, "no manifests from the host; it is asked again");
        sleep(pause).await;
    };
    let mut partners: VecDeque<_> = loop {
        match shared.handler.manifest_holders().await {
            Ok(partners) => break partners.into(),
            Err(LookupFailed) => failed().await,
        }
    };
    while let Some(partner) = partners.pop_front() {
        match shared.handler.manifest(&partner).await {
            Ok(Some(manifest)) => drop(queue(&shared, &manifests, &partner, manifest)),
            Ok(None) => {}
            Err(LookupFailed) => {
                partners.push_back(partner);
                failed().await;
            }
        }
    }
}

/// Queues a manifest that is not too large; false when a newer one is known, or it is.
pub(super) fn queue(
    shared: &Shared,
    manifests: &Manifests,
    partner: &PartnerId,
    manifest: Manifest,
) -> bool {
    let (bytes, version) = (manifest.payload.len(), manifest.version);
    if bytes > shared.config.manifest_bytes_max {
        shared.stats.manifests_too_large.up();
        tracing::error!(%partner, version, bytes, "a manifest is too large to publish");
        return false;
    }
    let is_queued = manifests.put(partner, manifest);
    if !is_queued {
        shared.stats.manifests_stale.up();
    }
    is_queued
}

/// One connection.
struct Session<'a> {
    shared: &'a Arc<Shared>,
    manifests: &'a Arc<Manifests>,
    client: AsyncClient,
    life: Life,
    outbox: Outbox<Turn>,
    /// When the last one was acknowledged, or the first one handed over.
    progress: Instant,
    stop: watch::Receiver<bool>,
    gathering: &'a mut JoinSet<()>,
    /// Whether the broker has let this process in, now or before.
    has_connected: bool,
}

impl Session<'_> {
    /// A broker that has forgotten the session may have forgotten the manifests, too.
    fn welcome(&mut self, connack: &ConnAck) {
        self.life.up();
        self.life.ready();
        if self.has_connected && !connack.session_present {
            self.shared.stats.sessions_lost.up();
            self.gathering.abort_all();
            self.gathering.spawn(gather(Arc::clone(self.shared), Arc::clone(self.manifests)));
        }
        self.has_connected = true;
    }

    fn next(&self) -> Option<Turn> {
        let window = usize::from(self.shared.config.manifests_in_flight.clamp(1, 1_000));
        let has_room = self.life.is_up() && self.outbox.len() < window;
        has_room.then(|| self.manifests.take(&self.outbox)).flatten()
    }

    fn publish(&mut self, turn: Turn) {
        let topic = PartnerTopic::new(turn.partner.clone(), Channel::Manifest).to_string();
        let payload = turn.manifest.payload.to_vec();
        if let Err(error) = self.client.try_publish(topic, QoS::AtLeastOnce, true, payload) {
            tracing::error!(%error, partner = %turn.partner, "a manifest is not handed over");
        }
        if self.outbox.is_empty() {
            self.progress = Instant::now();
        }
        self.outbox.push(turn);
    }

    fn say_goodbye_if_done(&self) {
        let is_done = self.outbox.is_empty() && self.manifests.len() == 0;
        if self.life.is_closing()
            && self.life.is_up()
            && is_done
            && let Err(error) = self.client.try_disconnect()
        {
            tracing::debug!(%error, "cannot say goodbye");
        }
    }
}

impl Talk for Session<'_> {
    type End = ();

    async fn attend(&mut self) {
        if let Some(turn) = self.next() {
            return self.publish(turn);
        }
        tokio::select! {
            () = self.manifests.more() => {}
            () = told(&mut self.stop), if !self.life.is_closing() => {
                self.life.close();
                self.say_goodbye_if_done();
            }
        }
    }

    fn deadline(&self) -> Instant {
        // Neither may one wait for ever, nor all: `rumqttc` may hold back what it was given.
        let waiting = (!self.outbox.is_empty()).then_some(self.progress);
        self.life.deadline(waiting.map(|all| self.outbox.oldest().map_or(all, |one| one.min(all))))
    }

    fn take(&mut self, event: Event) -> ControlFlow<()> {
        self.life.active = Instant::now();
        match event {
            Event::Incoming(Incoming::ConnAck(connack)) => self.welcome(&connack),
            Event::Outgoing(Outgoing::Publish(id)) => self.outbox.sent(id, Instant::now()),
            Event::Incoming(Incoming::PubAck(ack)) => {
                if self.outbox.acknowledged(ack.pkid).is_some() {
                    self.progress = Instant::now();
                    self.shared.stats.manifests_published.up();
                }
                self.say_goodbye_if_done();
            }
            Event::Outgoing(Outgoing::Disconnect) => return ControlFlow::Break(()),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
