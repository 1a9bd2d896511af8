//! Clients that come and go: takeover, kept sessions, last wills, presence.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::super::packet::Will;
use super::super::session::Ending;
use super::{Client, Live, Registry, Signal};
use crate::host::{Access, ConnectionIdentity, DeviceMessage, Presence};

/// A client that was let in and now gets its session.
#[derive(Debug)]
pub(in super::super) struct Arrival {
    pub(in super::super) client_id: Arc<str>,
    pub(in super::super) access: Access,
    pub(in super::super) identity: Option<ConnectionIdentity>,
    pub(in super::super) clean: bool,
    pub(in super::super) expiry_s: u32,
    pub(in super::super) will: Option<Will>,
    pub(in super::super) signal: Arc<Signal>,
}

#[derive(Debug)]
pub(in super::super) struct Attached {
    /// Names this connection among all of the same client.
    pub(in super::super) epoch: u64,
    pub(in super::super) session_present: bool,
    /// The last will of the connection that this one replaces.
    pub(in super::super) displaced_will: Option<DeviceMessage>,
    pub(in super::super) took_over: bool,
}

impl Registry {
    /// Gives the client its session, and ends its older connection if there is one.
    pub(in super::super) fn attach(&self, arrival: Arrival, now: Instant) -> Attached {
        let mut state = self.state();
        state.epoch += 1;
        let epoch = state.epoch;
        let old = state.clients.remove(&arrival.client_id).map(|mut old| {
            let live = old.live.take();
            (old, live)
        });
        let (old, displaced) = match old {
            Some((old, live)) => (Some(old), live),
            None => (None, None),
        };
        let took_over = displaced.is_some();
        let displaced_will = displaced.and_then(|live| {
            live.signal.taken_over.store(true, Ordering::Release);
            live.signal.wake.notify_one();
            let access = old.as_ref().map(|old| &old.access)?;
            live.will.map(|will| will_message(will, &arrival.client_id, access))
        });
        let kept = old.filter(|old| {
            let usable = took_over || !old.is_over(now);
            !arrival.clean && usable && old.access == arrival.access
        });
        let session_present = kept.is_some();
        let mut mailbox = kept.map(|old| old.mailbox).unwrap_or_default();
        mailbox.queue.resume();
        self.tell(&arrival.access, Presence::Connected);
        let live =
            Live { epoch, identity: arrival.identity, signal: arrival.signal, will: arrival.will };
        state.clients.insert(
            arrival.client_id,
            Client {
                access: arrival.access,
                mailbox,
                expiry_s: arrival.expiry_s,
                live: Some(live),
                absent_since: now,
            },
        );
        Attached { epoch, session_present, displaced_will, took_over }
    }

    /// The connection `epoch` of the client is over. Gives back the will that is due.
    pub(in super::super) fn detach(
        &self,
        client_id: &Arc<str>,
        epoch: u64,
        ending: Ending,
        now: Instant,
    ) -> Option<DeviceMessage> {
        let mut state = self.state();
        let client = state.clients.get_mut(client_id)?;
        let live = client.live.take_if(|live| live.epoch == epoch)?;
        if ending != Ending::ShuttingDown {
            let goodbye = matches!(ending, Ending::Goodbye { .. });
            let presence = if goodbye { Presence::Disconnected } else { Presence::Lost };
            self.tell(&client.access, presence);
        }
        let will = live.will.filter(|_| ending.sends_will());
        let will = will.map(|will| will_message(will, client_id, &client.access));
        if client.expiry_s == 0 {
            state.clients.remove(client_id);
        } else {
            client.absent_since = now;
            client.mailbox.suspend();
        }
        will
    }

    /// Ends the live connections of these certificates; how many.
    pub(in super::super) fn shut_out(
        &self,
        is_over: impl Fn(&ConnectionIdentity) -> bool,
    ) -> usize {
        let state = self.state();
        let live = state.clients.values().filter_map(|client| client.live.as_ref());
        let over = live.filter(|live| live.identity.as_ref().is_some_and(&is_over));
        let signals = over.map(|live| {
            live.signal.shut_out.store(true, Ordering::Release);
            live.signal.wake.notify_one();
        });
        signals.count()
    }
}

fn will_message(will: Will, client_id: &Arc<str>, access: &Access) -> DeviceMessage {
    let client_id = Arc::clone(client_id);
    DeviceMessage { will: true, ..DeviceMessage::new(will.topic, will.payload, client_id, access) }
}
