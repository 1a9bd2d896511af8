//! Reads one framed packet with the `mqtt-proto` codec, and refuses what the codec lets through.

mod odd_topic;
mod v311;
mod v5;

use mqtt_proto::{Error, QosPid};

use super::fault::Fault;
use super::frame::Frame;
use super::packet::Packet;
use crate::host::ProtocolVersion;

const CONNECT: u8 = 1;
const PUBLISH: u8 = 3;
const PUBACK: u8 = 4;
const SUBSCRIBE: u8 = 8;
const UNSUBSCRIBE: u8 = 10;
const PINGREQ: u8 = 12;
const DISCONNECT: u8 = 14;

/// The version a CONNECT asks for, from its protocol name and level.
pub(super) fn version(frame: Frame, body: &[u8]) -> Result<ProtocolVersion, Fault> {
    if frame.kind() != CONNECT {
        return Err(Fault::Protocol("the first packet is not a CONNECT"));
    }
    match body {
        [0, 4, b'M', b'Q', b'T', b'T', 4, ..] => Ok(ProtocolVersion::V311),
        [0, 4, b'M', b'Q', b'T', b'T', 5, ..] => Ok(ProtocolVersion::V5),
        [0, 4, b'M', b'Q', b'T', b'T', level, ..] => {
            Err(Fault::Version { v5_or_later: *level > 5 })
        }
        [0, 6, b'M', b'Q', b'I', b's', b'd', b'p', ..] => {
            Err(Fault::Version { v5_or_later: false })
        }
        _ => Err(Fault::Malformed("CONNECT without the protocol's name")),
    }
}

/// Reads one packet; `body` holds exactly the bytes after the fixed header.
pub(super) fn packet(version: ProtocolVersion, frame: Frame, body: &[u8]) -> Result<Packet, Fault> {
    match frame.kind() {
        PINGREQ if frame.control != PINGREQ << 4 || !body.is_empty() => {
            Err(Fault::Malformed("PINGREQ with flags or a body"))
        }
        PINGREQ => Ok(Packet::Pingreq),
        PUBLISH if frame.control & 0b110 == 0b110 => Err(Fault::Malformed("quality of service 3")),
        PUBLISH if frame.control & 0b110 == 0b100 => Err(Fault::Qos2),
        PUBLISH if frame.control & 0b1110 == 0b1000 => {
            Err(Fault::Malformed("duplicate flag on quality of service 0"))
        }
        DISCONNECT if body.is_empty() && frame.control == DISCONNECT << 4 => {
            Ok(Packet::Disconnect { with_will: false, session_expiry_s: None })
        }
        DISCONNECT if version == ProtocolVersion::V311 => {
            Err(Fault::Malformed("DISCONNECT with flags or a body"))
        }
        CONNECT | PUBLISH | PUBACK | SUBSCRIBE | UNSUBSCRIBE | DISCONNECT => match version {
            ProtocolVersion::V311 => v311::packet(frame, body),
            ProtocolVersion::V5 => v5::packet(frame, body),
        },
        _ => Err(Fault::Protocol("a packet that only a server sends, or a QoS 2 handshake")),
    }
}

/// The codec's header wants 32-bit lengths; the packet limit keeps frames far below.
fn lengths(frame: Frame) -> Result<(u32, u32), Fault> {
    match (u32::try_from(frame.body_bytes), u32::try_from(frame.bytes())) {
        (Ok(body), Ok(total)) => Ok((body, total)),
        _ => Err(Fault::TooLarge { bytes: frame.bytes() }),
    }
}

fn qos1_id(qos: QosPid) -> Result<Option<u16>, Fault> {
    match qos {
        QosPid::Level0 => Ok(None),
        QosPid::Level1(id) => Ok(Some(id.value())),
        QosPid::Level2(_) => Err(Fault::Qos2),
    }
}

fn fault(error: &Error) -> Fault {
    Fault::Malformed(match error {
        Error::InvalidRemainingLength | Error::InvalidVarByteInt => "a length that cannot be",
        Error::EmptySubscription => "no topic filter",
        Error::ZeroPid => "packet identifier 0",
        Error::InvalidQos(_) => "quality of service 3",
        Error::InvalidConnectFlags(_) => "CONNECT flags",
        Error::InvalidHeader => "packet type or flags",
        Error::InvalidTopicName(_) => "topic name",
        Error::InvalidTopicFilter(_) => "topic filter",
        Error::InvalidString => "a string that is not UTF-8",
        Error::IoError(_) => "the packet ends early",
        _ => "packet",
    })
}
