//! Writes the packets a server sends. Small enough by hand, and right where the codec is not: a
//! refused filter is 0x80 in 3.1.1.

use super::handler::ProtocolVersion;
use super::packet::{PacketId, reason};

/// What a CONNACK tells the client of the gateway's limits; sent in MQTT 5 only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Welcome<'a> {
    pub(super) session_present: bool,
    pub(super) receive_max: u16,
    pub(super) packet_bytes_max: usize,
    /// The session's life, when it is shorter than the client asked for.
    pub(super) session_expiry_s: Option<u32>,
    /// The client id, when the client left it to the gateway.
    pub(super) assigned_client_id: Option<&'a str>,
}

/// A manifest on its way to a device.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivery<'a> {
    /// Present for QoS 1.
    pub(super) id: Option<PacketId>,
    pub(super) duplicate: bool,
    pub(super) retain: bool,
    pub(super) topic: &'a str,
    pub(super) payload: &'a [u8],
}

impl Delivery<'_> {
    fn body_bytes(&self, version: ProtocolVersion) -> usize {
        let properties = usize::from(version == ProtocolVersion::V5);
        let id = if self.id.is_some() { 2 } else { 0 };
        2 + self.topic.len() + id + properties + self.payload.len()
    }

    /// The whole packet's length.
    pub(super) fn bytes(&self, version: ProtocolVersion) -> usize {
        let body = self.body_bytes(version);
        1 + length_bytes(body) + body
    }
}

fn length_bytes(length: usize) -> usize {
    match length {
        0..128 => 1,
        128..16_384 => 2,
        16_384..2_097_152 => 3,
        _ => 4,
    }
}

/// Variable byte integer: MQTT 5, section 1.5.5.
fn push_length(out: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = u8::try_from(length & 0x7F).unwrap_or(0x7F);
        length >>= 7;
        if length == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// A text with its 16-bit length. Ours are topics and assigned ids, far below the limit.
fn push_text(out: &mut Vec<u8>, text: &str) {
    out.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(text.as_bytes());
}

fn push(out: &mut Vec<u8>, control: u8, body: &[u8]) {
    out.push(control);
    push_length(out, body.len());
    out.extend(body);
}

/// CONNACK with success.
pub(super) fn welcome(out: &mut Vec<u8>, version: ProtocolVersion, welcome: &Welcome<'_>) {
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
pub(super) fn refused(out: &mut Vec<u8>, version: ProtocolVersion, code: u8) {
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

/// PUBACK; 3.1.1 has no room for a reason.
pub(super) fn puback(out: &mut Vec<u8>, version: ProtocolVersion, id: PacketId, code: u8) {
    let [high, low] = id.to_be_bytes();
    if version == ProtocolVersion::V5 && code != reason::SUCCESS {
        push(out, 0x40, &[high, low, code]);
    } else {
        push(out, 0x40, &[high, low]);
    }
}

/// SUBACK; codes above 0x7F refuse, and 3.1.1 knows only 0x80 of them.
pub(super) fn suback(out: &mut Vec<u8>, version: ProtocolVersion, id: PacketId, codes: &[u8]) {
    let mut body = id.to_be_bytes().to_vec();
    match version {
        ProtocolVersion::V5 => {
            body.push(0);
            body.extend(codes);
        }
        ProtocolVersion::V311 => body.extend(codes.iter().map(|&code| code.min(0x80))),
    }
    push(out, 0x90, &body);
}

/// UNSUBACK.
pub(super) fn unsuback(out: &mut Vec<u8>, version: ProtocolVersion, id: PacketId, codes: &[u8]) {
    let mut body = id.to_be_bytes().to_vec();
    if version == ProtocolVersion::V5 {
        body.push(0);
        body.extend(codes);
    }
    push(out, 0xB0, &body);
}

/// PINGRESP.
pub(super) fn pingresp(out: &mut Vec<u8>) {
    out.extend([0xD0, 0]);
}

/// DISCONNECT; a 3.1.1 server has none and just closes.
pub(super) fn disconnect(out: &mut Vec<u8>, version: ProtocolVersion, code: u8) {
    if version == ProtocolVersion::V5 {
        push(out, 0xE0, &[code]);
    }
}

/// PUBLISH.
pub(super) fn publish(out: &mut Vec<u8>, version: ProtocolVersion, delivery: &Delivery<'_>) {
    let qos = u8::from(delivery.id.is_some()) << 1;
    let duplicate = u8::from(delivery.duplicate) << 3;
    out.push(0x30 | duplicate | qos | u8::from(delivery.retain));
    push_length(out, delivery.body_bytes(version));
    push_text(out, delivery.topic);
    if let Some(id) = delivery.id {
        out.extend(id.to_be_bytes());
    }
    if version == ProtocolVersion::V5 {
        out.push(0);
    }
    out.extend(delivery.payload);
}
