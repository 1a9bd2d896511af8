//! PUBLISH: a manifest to a device.

use super::super::packet::PacketId;
use super::{length_bytes, push_length, push_text};
use crate::host::ProtocolVersion;

/// A manifest on its way to a device.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Delivery<'a> {
    /// Present for QoS 1.
    pub(in super::super) id: Option<PacketId>,
    pub(in super::super) duplicate: bool,
    pub(in super::super) retain: bool,
    pub(in super::super) topic: &'a str,
    pub(in super::super) payload: &'a [u8],
}

impl Delivery<'_> {
    fn body_bytes(&self, version: ProtocolVersion) -> usize {
        let properties = usize::from(version == ProtocolVersion::V5);
        let id = if self.id.is_some() { 2 } else { 0 };
        2 + self.topic.len() + id + properties + self.payload.len()
    }

    /// The whole packet's length.
    pub(in super::super) fn bytes(&self, version: ProtocolVersion) -> usize {
        let body = self.body_bytes(version);
        1 + length_bytes(body) + body
    }
}

/// PUBLISH.
pub(in super::super) fn publish(
    out: &mut Vec<u8>,
    version: ProtocolVersion,
    delivery: &Delivery<'_>,
) {
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
