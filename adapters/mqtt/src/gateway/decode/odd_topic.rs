//! The one packet read by hand: a PUBLISH to a topic that no topic may be.

use bytes::Bytes;

use super::super::fault::Fault;
use super::super::frame::Frame;
use super::super::packet::{Packet, Publish};
use crate::host::ProtocolVersion;

/// Reads a PUBLISH whose topic holds a wildcard or NUL. It is taken like any other unknown topic:
/// closing the connection would make the client resend the same packet for ever.
pub(super) fn publish(
    version: ProtocolVersion,
    frame: Frame,
    body: &[u8],
) -> Result<Packet, Fault> {
    const SHORT: Fault = Fault::Malformed("PUBLISH ends early");
    let (length, rest) = body.split_first_chunk::<2>().ok_or(SHORT)?;
    let (topic, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(SHORT)?;
    let topic = std::str::from_utf8(topic).map_err(|_| Fault::Malformed("topic is not UTF-8"))?;
    let (id, mut payload) = if frame.control & 0b110 == 0 {
        (None, rest)
    } else {
        let (id, rest) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
        let id = u16::from_be_bytes(*id);
        if id == 0 {
            return Err(Fault::Malformed("packet identifier 0"));
        }
        (Some(id), rest)
    };
    if version == ProtocolVersion::V5 {
        // The properties' length is coded like the remaining length of a fixed header.
        let properties = Frame::read(&[&[0], payload].concat(), usize::MAX)?.ok_or(SHORT)?;
        payload = payload.get(properties.bytes() - 1..).ok_or(SHORT)?;
    }
    Ok(Packet::Publish(Publish {
        id,
        duplicate: frame.control & 0b1000 != 0,
        topic: topic.into(),
        payload: Bytes::copy_from_slice(payload),
    }))
}
