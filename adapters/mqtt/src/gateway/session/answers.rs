//! What the shell has found out, told to the client.

use std::time::Instant;

use super::super::encode::{self, Delivery, Welcome};
use super::super::fault::reason;
use super::super::packet::PacketId;
use super::super::queue::Outgoing;
use super::super::subscriptions::Grant;
use super::{Ending, Session, Stage};
use crate::host::{Disposition, Rejection};

impl Session {
    /// The host lets the client in. `assigned` is the client id the gateway chose for it.
    pub(in super::super) fn admit(
        &mut self,
        session_present: bool,
        assigned: Option<&str>,
        now: Instant,
    ) {
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
    pub(in super::super) fn refuse(&mut self, code: u8) {
        if self.stage == Stage::Deciding {
            encode::refused(&mut self.output, self.version, code);
            self.end(Ending::Refused(code));
        }
    }

    /// The host answered a message; `forbidden` overrules what it said. Whether a PUBACK went out.
    pub(in super::super) fn settled(
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
    pub(in super::super) fn subscribed(&mut self, id: PacketId, grants: &[Grant]) {
        if self.is_online() {
            let codes: Vec<u8> = grants.iter().map(|grant| grant.code).collect();
            encode::suback(&mut self.output, self.version, id, &codes);
        }
    }

    /// The filters are forgotten; whether each existed, in the order they were named.
    pub(in super::super) fn unsubscribed(&mut self, id: PacketId, existed: &[bool]) {
        if self.is_online() {
            let code =
                |&existed: &bool| if existed { reason::SUCCESS } else { reason::NO_SUBSCRIPTION };
            let codes: Vec<u8> = existed.iter().map(code).collect();
            encode::unsuback(&mut self.output, self.version, id, &codes);
        }
    }

    /// Manifests that may be unconfirmed at once.
    pub(in super::super) fn window(&self) -> u16 {
        self.window
    }

    /// Writes a manifest; `false` when the client's packet limit is too small for it.
    pub(in super::super) fn deliver(&mut self, outgoing: &Outgoing) -> bool {
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
}
