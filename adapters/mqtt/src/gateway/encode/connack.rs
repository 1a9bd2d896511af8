//! CONNACK: let in, with the gateway's limits, or not.

use super::super::fault::reason;
use super::{push, push_length, push_text};
use crate::host::ProtocolVersion;

/// What a CONNACK tells the client of the gateway's limits; sent in MQTT 5 only.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Welcome<'a> {
    pub(in super::super) session_present: bool,
    pub(in super::super) receive_max: u16,
    pub(in super::super) packet_bytes_max: usize,
    /// The session's life, when it is shorter than the client asked for.
    pub(in super::super) session_expiry_s: Option<u32>,
    /// The client id, when the client left it to the gateway.
    pub(in super::super) assigned_client_id: Option<&'a str>,
}

/// CONNACK with success.
pub(in super::super) fn welcome(
    out: &mut Vec<u8>,
    version: ProtocolVersion,
    welcome: &Welcome<'_>,
) {
    let mut body = vec![u8::from(welcome.session_present), reason::SUCCESS];
    if version == ProtocolVersion::V5 {
        let mut properties = Vec::with_capacity(32);
        if let Some(expiry) = welcome.session_expiry_s {
            properties.push(0x11);
            properties.extend(expiry.to_be_bytes());
        }
        if let Some(client_id) = welcome.assigned_client_id {
            properties.push(0x12);
            push_text(&mut properties, client_id);
        }
        properties.push(0x21);
        properties.extend(welcome.receive_max.to_be_bytes());
        properties.extend([0x24, 1]); // QoS 1 at most
        properties.push(0x27);
        properties
            .extend(u32::try_from(welcome.packet_bytes_max).unwrap_or(u32::MAX).to_be_bytes());
        properties.extend([0x29, 0, 0x2A, 0]); // no subscription identifiers, nothing shared
        push_length(&mut body, properties.len());
        body.extend(properties);
    }
    push(out, 0x20, &body);
}

/// CONNACK with a refusal, given as a reason code of MQTT 5.
pub(in super::super) fn refused(out: &mut Vec<u8>, version: ProtocolVersion, code: u8) {
    match version {
        ProtocolVersion::V5 => push(out, 0x20, &[0, code, 0]),
        ProtocolVersion::V311 => {
            let code = match code {
                reason::VERSION => 1,
                reason::CLIENT_ID => 2,
                reason::UNAVAILABLE | reason::BUSY => 3,
                _ => 5,
            };
            push(out, 0x20, &[0, code]);
        }
    }
}
