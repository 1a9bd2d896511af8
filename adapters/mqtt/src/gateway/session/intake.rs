//! Packets off the input, and what each of them leads to.

use std::time::Duration;

use super::super::decode;
use super::super::encode;
use super::super::fault::{Fault, reason};
use super::super::frame::Frame;
use super::super::packet::{Connect, Packet};
use super::{Action, Ending, Session, Stage};
use crate::host::ProtocolVersion;

/// Longest client id accepted: room for every partner id.
const CLIENT_ID_BYTES_MAX: usize = 256;

impl Session {
    /// Takes packets off the input for as long as they may be taken.
    pub(super) fn advance(&mut self) {
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
