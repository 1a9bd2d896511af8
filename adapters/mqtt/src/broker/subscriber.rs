//! A session that receives what devices say, and acknowledges it when the host has it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use rumqttc::{
    AsyncClient, ConnAck, Event, Incoming, Outgoing, Publish, QoS, SubscribeFilter,
    SubscribeReasonCode,
};
use tokio::sync::watch;

use super::intake::Intake;
use super::link::{Life, Shared};
use crate::host::{Disposition, told};
use crate::link::{Broken, Talk, serve};

/// Why a connection is ended in order.
#[derive(Clone, Copy)]
enum End {
    /// The process stops.
    Stopped,
    /// The host could not store something: what is not acknowledged comes again.
    HostUnavailable,
    /// The broker does not let us subscribe.
    Refused,
}

/// Receives until stopped.
pub(super) async fn run(shared: Arc<Shared>, client_id: String) {
    let mut retry = shared.retry();
    let mut has_subscribed = false;
    loop {
        let (client, events) = shared.open(&client_id);
        let mut session = Session::new(&shared, &client_id, client, has_subscribed);
        let ended = serve(&mut session, events).await;
        has_subscribed = session.has_subscribed;
        let pause = retry.after(session.life.time_up(), &client_id);
        drop(session);
        let broken = match ended {
            Ok(End::Stopped) => return,
            Ok(End::HostUnavailable) => Broken::Given("the host cannot store messages"),
            Ok(End::Refused) => Broken::Given("a subscription is refused"),
            Err(broken) => broken,
        };
        if !shared.pause(&client_id, pause, &broken).await {
            return;
        }
    }
}

/// One connection.
struct Session<'a> {
    shared: &'a Arc<Shared>,
    client_id: &'a str,
    client: AsyncClient,
    life: Life,
    intake: Intake,
    stop: watch::Receiver<bool>,
    /// Whether the broker has confirmed this process's subscriptions, now or before.
    has_subscribed: bool,
    /// When SUBSCRIBE went out, until it is answered.
    subscribing: Option<Instant>,
    end: End,
}

impl<'a> Session<'a> {
    fn new(
        shared: &'a Arc<Shared>,
        client_id: &'a str,
        client: AsyncClient,
        has_subscribed: bool,
    ) -> Self {
        Self {
            shared,
            client_id,
            client,
            life: Life::begin(shared),
            intake: Intake::new(shared, client_id),
            stop: shared.stop.clone(),
            has_subscribed,
            subscribing: None,
            end: End::Stopped,
        }
    }

    /// What the host does not take now comes again on another connection.
    fn published(&mut self, publish: Publish) {
        if !self.intake.take(publish, &self.client) {
            self.close(End::HostUnavailable);
            self.say_goodbye_if_done();
        }
    }

    /// The broker remembers subscriptions with the session. The first time we subscribe in any case:
    /// an earlier process may have wanted others.
    fn welcome(&mut self, connack: &ConnAck) {
        self.life.up();
        if self.has_subscribed && !connack.session_present {
            // Until it is subscribed anew, even if that takes another connection.
            self.has_subscribed = false;
            self.shared.stats.sessions_lost.up();
            tracing::warn!(client_id = self.client_id, "the broker has forgotten the session");
        }
        if !self.has_subscribed {
            let filters = self.shared.config.filters();
            let filters = filters.map(|filter| SubscribeFilter::new(filter, QoS::AtLeastOnce));
            self.subscribing = Some(Instant::now());
            if let Err(error) = self.client.try_subscribe_many(filters) {
                tracing::error!(%error, "cannot subscribe");
            }
        } else {
            self.ready();
        }
    }

    fn ready(&mut self) {
        self.life.ready();
        tracing::info!(client_id = self.client_id, "receiving from the broker");
    }

    fn subscribed(&mut self, codes: &[SubscribeReasonCode]) {
        self.subscribing = None;
        self.has_subscribed = !codes.contains(&SubscribeReasonCode::Failure);
        if self.has_subscribed {
            self.ready();
        } else {
            self.shared.stats.subscriptions_refused.up();
            tracing::error!(client_id = self.client_id, "the broker refuses a subscription");
            self.close(End::Refused);
            self.say_goodbye_if_done();
        }
    }

    fn settle(&mut self, disposition: Disposition) {
        self.life.active = Instant::now();
        self.intake.answered(disposition, &self.client);
        if disposition == Disposition::Unavailable {
            self.close(End::HostUnavailable);
        }
        self.say_goodbye_if_done();
    }

    fn close(&mut self, end: End) {
        self.end = end;
        self.life.close();
    }

    /// What the host has not answered yet is acknowledged before.
    fn say_goodbye_if_done(&self) {
        if self.life.is_closing()
            && self.life.is_up()
            && self.intake.is_empty()
            && let Err(error) = self.client.try_disconnect()
        {
            tracing::debug!(%error, "cannot say goodbye");
        }
    }
}

impl Talk for Session<'_> {
    type End = End;

    async fn attend(&mut self) {
        tokio::select! {
            disposition = self.intake.answer() => self.settle(disposition),
            () = told(&mut self.stop), if !self.life.is_closing() => {
                self.life.close();
                self.say_goodbye_if_done();
            }
        }
    }

    fn is_full(&self) -> bool {
        self.intake.is_full() && !self.life.is_closing()
    }

    fn deadline(&self) -> Instant {
        self.life.deadline(self.subscribing)
    }

    fn take(&mut self, event: Event) -> ControlFlow<End> {
        self.life.active = Instant::now();
        match event {
            Event::Incoming(Incoming::ConnAck(connack)) => self.welcome(&connack),
            Event::Incoming(Incoming::SubAck(ack)) => self.subscribed(&ack.return_codes),
            // What comes while the session closes stays with the broker.
            Event::Incoming(Incoming::Publish(publish)) if !self.life.is_closing() => {
                self.published(publish);
            }
            Event::Outgoing(Outgoing::Disconnect) => return ControlFlow::Break(self.end),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
