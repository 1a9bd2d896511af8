//! One connection's protocol, without sockets and without a clock: bytes and times go in, bytes
//! and [`Action`]s come out.

mod answers;
mod intake;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

pub(super) use vocabulary::{Action, Ending, Limits};

use super::encode;
use super::fault::reason;
use crate::host::ProtocolVersion;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing but a CONNECT is welcome.
    Greeting,
    /// The host is being asked.
    Deciding,
    Online,
    /// No more is read; what is in flight may still be acknowledged.
    Draining,
    Ended(Ending),
}

/// The state machine of one connection.
#[derive(Debug)]
pub(super) struct Session {
    limits: Limits,
    stage: Stage,
    version: ProtocolVersion,
    input: Vec<u8>,
    output: Vec<u8>,
    actions: VecDeque<Action>,
    deadline: Option<Instant>,
    silence_max: Option<Duration>,
    /// Messages handed out that the host has not answered.
    in_flight: u16,
    /// Manifests the client takes unconfirmed.
    window: u16,
    /// Largest packet the client takes.
    peer_packet_bytes_max: usize,
    asked_expiry_s: u32,
}

impl Session {
    pub(super) fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            stage: Stage::Greeting,
            version: ProtocolVersion::V311,
            input: Vec::new(),
            output: Vec::new(),
            actions: VecDeque::new(),
            deadline: now.checked_add(limits.connect_timeout),
            silence_max: None,
            in_flight: 0,
            window: limits.in_flight_max,
            peer_packet_bytes_max: usize::MAX,
            asked_expiry_s: 0,
        }
    }

    /// Takes bytes from the peer.
    pub(super) fn receive(&mut self, bytes: &[u8], now: Instant) {
        if self.stage == Stage::Online {
            self.listen_from(now);
        }
        self.input.extend_from_slice(bytes);
        self.advance();
    }

    /// The next thing to do. What came before the connection's end is still to be done.
    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Bytes for the peer, emptied by the caller.
    pub(super) fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// Why the connection is to be closed, once what is in [`Self::output`] is written.
    pub(super) fn ending(&self) -> Option<Ending> {
        match self.stage {
            Stage::Ended(ending) => Some(ending),
            Stage::Draining if self.in_flight == 0 => Some(Ending::ShuttingDown),
            _ => None,
        }
    }

    /// Whether more may be read from the peer. When not, its bytes wait in the network.
    pub(super) fn wants_input(&self) -> bool {
        match self.stage {
            Stage::Greeting => true,
            Stage::Online => self.in_flight < self.limits.in_flight_max,
            Stage::Deciding | Stage::Draining | Stage::Ended(_) => false,
        }
    }

    /// Whether the client is let in and manifests may be sent to it.
    pub(super) fn is_online(&self) -> bool {
        self.stage == Stage::Online
    }

    /// When to call [`Self::tick`] if nothing else happens.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Greeting => self.deadline,
            // A client that is not read cannot be blamed for its silence.
            Stage::Online if self.wants_input() => self.deadline,
            _ => None,
        }
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Instant) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        let ending = if self.is_online() { Ending::KeepAlive } else { Ending::Silent };
        self.end(ending);
    }

    /// Ends the connection; a v5 client that is online is told why.
    pub(super) fn end(&mut self, ending: Ending) {
        if matches!(self.stage, Stage::Ended(_)) {
            return;
        }
        let code = match ending {
            Ending::KeepAlive => Some(reason::KEEP_ALIVE),
            Ending::Fault(fault) => Some(fault.reason()),
            Ending::ShutOut => Some(reason::NOT_AUTHORISED),
            Ending::TakenOver => Some(reason::TAKEN_OVER),
            Ending::Unavailable => Some(reason::BUSY),
            Ending::ShuttingDown => Some(reason::SHUTTING_DOWN),
            _ => None,
        };
        if let (Stage::Online | Stage::Draining, Some(code)) = (self.stage, code) {
            encode::disconnect(&mut self.output, self.version, code);
        }
        self.stage = Stage::Ended(ending);
        self.input = Vec::new();
    }

    /// Reads no more, and ends when everything in flight is answered.
    pub(super) fn drain(&mut self) {
        if self.stage == Stage::Online && self.in_flight > 0 {
            self.stage = Stage::Draining;
        } else {
            self.end(Ending::ShuttingDown);
        }
    }

    fn listen_from(&mut self, now: Instant) {
        self.deadline = self.silence_max.and_then(|silence| now.checked_add(silence));
    }
}
