//! One connection's protocol, without sockets and without a clock: bytes and times go in, bytes
//! and [`Action`]s come out.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::decode;
use super::encode::{self, Delivery, Welcome};
use super::frame::Frame;
use super::handler::{Disposition, ProtocolVersion, Rejection};
use super::mailbox::{Grant, Outgoing};
use super::packet::{Connect, Fault, Packet, PacketId, Publish, Subscribe, reason};

/// What the gateway's configuration means for one connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) connect_timeout: Duration,
    pub(super) packet_bytes_max: usize,
    pub(super) in_flight_max: u16,
    pub(super) session_expiry_max_s: u32,
}

/// What the connection's shell must do, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Ask the host, then call [`Session::admit`] or [`Session::refuse`].
    Connect(Box<Connect>),
    /// Have it stored, then call [`Session::settled`].
    Publish(Publish),
    /// Grant or refuse the filters, then call [`Session::subscribed`].
    Subscribe(Subscribe),
    /// Forget the filters, then call [`Session::unsubscribed`].
    Unsubscribe(PacketId, Vec<Arc<str>>),
    /// The device confirmed a manifest.
    ManifestConfirmed(PacketId),
    /// The client changed how long its session outlives the connection.
    SessionExpiry(u32),
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client said DISCONNECT, with or without asking for its will to be sent.
    Goodbye { with_will: bool },
    /// The stream ended or broke.
    PeerGone,
    /// No CONNECT in time.
    Silent,
    /// Nothing heard for 1.5 keep-alive intervals.
    KeepAlive,
    /// The peer is not understood.
    Fault(Fault),
    /// The host, or the gateway, does not let this client in; the reason code.
    Refused(u8),
    /// A newer connection of the same client.
    TakenOver,
    /// The host could not store a message.
    Unavailable,
    /// The peer does not read what is written to it.
    WriteTimeout,
    /// The gateway stops.
    ShuttingDown,
}

impl Ending {
    /// Whether the client's last will is sent.
    pub(super) fn sends_will(self) -> bool {
        !matches!(self, Self::Goodbye { with_will: false } | Self::ShuttingDown)
    }
}

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

    /// The host lets the client in. `assigned` is the client id the gateway chose for it.
    pub(super) fn admit(&mut self, session_present: bool, assigned: Option<&str>, now: Instant) {
        if self.stage != Stage::Deciding {
            return;
        }
        let expiry = self.asked_expiry_s.min(self.limits.session_expiry_max_s);
        let welcome = Welcome {
            session_present,
            receive_max: self.limits.in_flight_max,
            packet_bytes_max: self.limits.packet_bytes_max,
            session_expiry_s: (expiry < self.asked_expiry_s).then_some(expiry),
            assigned_client_id: assigned,
        };
        encode::welcome(&mut self.output, self.version, &welcome);
        self.stage = Stage::Online;
        self.listen_from(now);
        self.advance();
    }

    /// The client is not let in; `code` is a reason code of MQTT 5.
    pub(super) fn refuse(&mut self, code: u8) {
        if self.stage == Stage::Deciding {
            encode::refused(&mut self.output, self.version, code);
            self.end(Ending::Refused(code));
        }
    }

    /// The host answered a message; `forbidden` overrules what it said. Whether a PUBACK went out.
    pub(super) fn settled(
        &mut self,
        id: Option<PacketId>,
        disposition: Disposition,
        forbidden: bool,
        now: Instant,
    ) -> bool {
        let was_full = !self.wants_input();
        self.in_flight = self.in_flight.saturating_sub(1);
        if matches!(self.stage, Stage::Ended(_)) {
            return false;
        }
        let code = match disposition {
            Disposition::Unavailable if id.is_some() => {
                self.end(Ending::Unavailable);
                return false;
            }
            _ if forbidden => reason::NOT_AUTHORISED,
            Disposition::Stored | Disposition::Unavailable => reason::SUCCESS,
            Disposition::Rejected(rejection) => match rejection {
                Rejection::Malformed => reason::PAYLOAD,
                Rejection::NotAuthorised => reason::NOT_AUTHORISED,
                Rejection::UnknownTopic => reason::TOPIC_INVALID,
                Rejection::QuotaExceeded => reason::QUOTA,
                Rejection::Other => reason::OTHER,
            },
        };
        if let Some(id) = id {
            encode::puback(&mut self.output, self.version, id, code);
        }
        if was_full && self.wants_input() {
            self.listen_from(now);
        }
        self.advance();
        id.is_some()
    }

    /// The filters are granted or refused, in the order they were asked for.
    pub(super) fn subscribed(&mut self, id: PacketId, grants: &[Grant]) {
        if self.is_online() {
            let codes: Vec<u8> = grants.iter().map(|grant| grant.code).collect();
            encode::suback(&mut self.output, self.version, id, &codes);
        }
    }

    /// The filters are forgotten; whether each existed, in the order they were named.
    pub(super) fn unsubscribed(&mut self, id: PacketId, existed: &[bool]) {
        if self.is_online() {
            let code =
                |&existed: &bool| if existed { reason::SUCCESS } else { reason::NO_SUBSCRIPTION };
            let codes: Vec<u8> = existed.iter().map(code).collect();
            encode::unsuback(&mut self.output, self.version, id, &codes);
        }
    }

    /// Manifests that may be unconfirmed at once.
    pub(super) fn window(&self) -> u16 {
        self.window
    }

    /// Writes a manifest; `false` when the client's packet limit is too small for it.
    pub(super) fn deliver(&mut self, outgoing: &Outgoing) -> bool {
        let delivery = Delivery {
            id: outgoing.id,
            duplicate: outgoing.duplicate,
            retain: outgoing.retain,
            topic: &outgoing.topic,
            payload: &outgoing.manifest.payload,
        };
        if delivery.bytes(self.version) > self.peer_packet_bytes_max {
            return false;
        }
        encode::publish(&mut self.output, self.version, &delivery);
        true
    }

    fn listen_from(&mut self, now: Instant) {
        self.deadline = self.silence_max.and_then(|silence| now.checked_add(silence));
    }

    /// Takes packets off the input for as long as they may be taken.
    fn advance(&mut self) {
        let mut taken = 0;
        while self.wants_input() {
            let rest = self.input.get(taken..).unwrap_or_default();
            match Frame::read(rest, self.limits.packet_bytes_max) {
                Ok(Some(frame)) if rest.len() >= frame.bytes() => {
                    let packet = self.read(frame, &rest[frame.header_bytes..frame.bytes()]);
                    taken += frame.bytes();
                    self.handle(packet);
                }
                Ok(_) => break,
                Err(fault) => self.end(Ending::Fault(fault)),
            }
        }
        self.input.drain(..taken.min(self.input.len()));
        // A burst must not pin its memory to an idle connection.
        if self.input.is_empty() && self.input.capacity() > 4_096 {
            self.input = Vec::new();
        }
    }

    fn read(&self, frame: Frame, body: &[u8]) -> Result<Packet, Fault> {
        let version = match self.stage {
            Stage::Greeting => decode::version(frame, body)?,
            _ => self.version,
        };
        decode::packet(version, frame, body)
    }

    fn handle(&mut self, packet: Result<Packet, Fault>) {
        match (self.stage, packet) {
            (Stage::Greeting, Ok(Packet::Connect(connect))) => self.greet(connect),
            (Stage::Greeting, Err(fault)) => self.refuse_greeting(fault),
            (Stage::Greeting, Ok(_)) => {
                self.end(Ending::Fault(Fault::Protocol("the first packet is not a CONNECT")));
            }
            (_, Ok(packet)) => self.take(packet),
            (_, Err(fault)) => self.end(Ending::Fault(fault)),
        }
    }

    fn greet(&mut self, connect: Box<Connect>) {
        self.version = connect.version;
        self.silence_max = (connect.keep_alive_s > 0)
            .then(|| Duration::from_millis(1_500 * u64::from(connect.keep_alive_s)));
        self.window = connect.receive_max.min(self.limits.in_flight_max);
        let limit = connect.packet_bytes_max.and_then(|bytes| usize::try_from(bytes).ok());
        self.peer_packet_bytes_max = limit.unwrap_or(usize::MAX);
        self.asked_expiry_s = connect.session_expiry_s;
        self.stage = Stage::Deciding;
        let id = &connect.client_id;
        let nameless = id.is_empty() && !connect.clean && self.version == ProtocolVersion::V311;
        if nameless || id.len() > CLIENT_ID_BYTES_MAX || id.chars().any(char::is_control) {
            self.refuse(reason::CLIENT_ID);
        } else {
            self.actions.push_back(Action::Connect(connect));
        }
    }

    /// Answers a CONNECT that is understood as one, but not further. The version it is answered in
    /// is the one the peer seems to speak.
    fn refuse_greeting(&mut self, fault: Fault) {
        let version = match fault {
            Fault::Version { v5_or_later: false } => Some(ProtocolVersion::V311),
            Fault::Version { v5_or_later: true } | Fault::Authentication | Fault::Qos2 => {
                Some(ProtocolVersion::V5)
            }
            _ => None,
        };
        if let Some(version) = version {
            encode::refused(&mut self.output, version, fault.reason());
        }
        self.end(Ending::Fault(fault));
    }

    fn take(&mut self, packet: Packet) {
        match packet {
            Packet::Connect(_) => self.end(Ending::Fault(Fault::Protocol("a second CONNECT"))),
            Packet::Publish(publish) => {
                self.in_flight += 1;
                self.actions.push_back(Action::Publish(publish));
            }
            Packet::Puback(id) => self.actions.push_back(Action::ManifestConfirmed(id)),
            Packet::Subscribe(subscribe) => self.actions.push_back(Action::Subscribe(subscribe)),
            Packet::Unsubscribe { id, filters } => {
                self.actions.push_back(Action::Unsubscribe(id, filters));
            }
            Packet::Pingreq => encode::pingresp(&mut self.output),
            Packet::Disconnect { with_will, session_expiry_s } => {
                self.say_goodbye(with_will, session_expiry_s);
            }
        }
    }

    fn say_goodbye(&mut self, with_will: bool, session_expiry_s: Option<u32>) {
        match session_expiry_s {
            Some(asked) if asked > 0 && self.asked_expiry_s == 0 => {
                self.end(Ending::Fault(Fault::Protocol("a session expiry where there was none")));
            }
            expiry => {
                self.actions.extend(expiry.map(Action::SessionExpiry));
                self.end(Ending::Goodbye { with_will });
            }
        }
    }
}

/// Longest client id accepted: room for every partner id.
const CLIENT_ID_BYTES_MAX: usize = 256;
