//! Reads one framed packet with the `mqtt-proto` codec, and refuses what the codec lets through.

use std::sync::Arc;

use bytes::Bytes;
use mqtt_proto::{Error, PollHeader as _, Protocol, QoS, QosPid, v3, v5};

use super::frame::Frame;
use super::handler::ProtocolVersion;
use super::packet::{
    Connect, Fault, FilterRequest, Packet, Publish, RetainedAtSubscribe, Subscribe, Will,
};

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
            ProtocolVersion::V311 => packet_v311(frame, body),
            ProtocolVersion::V5 => packet_v5(frame, body),
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

fn packet_v311(frame: Frame, body: &[u8]) -> Result<Packet, Fault> {
    let (remaining, total) = lengths(frame)?;
    let header = v3::Header::new_with(frame.control, remaining, total).map_err(|e| fault(&e))?;
    let mut read = 0;
    let packet = match header.decode_buffer(body, &mut read) {
        Ok(packet) => packet,
        Err(Error::InvalidTopicName(_)) if frame.kind() == PUBLISH => {
            return publish_with_bad_topic(ProtocolVersion::V311, frame, body);
        }
        Err(error) => return Err(fault(&error)),
    };
    if read != body.len() {
        return Err(Fault::Malformed("bytes after the packet's end"));
    }
    match packet {
        v3::Packet::Connect(connect) => Ok(Packet::Connect(Box::new(connect_v311(&connect)?))),
        v3::Packet::Publish(publish) => Ok(Packet::Publish(Publish {
            id: qos1_id(publish.qos_pid)?,
            duplicate: publish.dup,
            topic: Arc::from(&*publish.topic_name),
            payload: publish.payload,
        })),
        v3::Packet::Puback(id) => Ok(Packet::Puback(id.value())),
        v3::Packet::Subscribe(subscribe) => Ok(Packet::Subscribe(Subscribe {
            id: subscribe.pid.value(),
            wants_identifier: false,
            filters: subscribe
                .topics
                .iter()
                .map(|(filter, qos)| FilterRequest {
                    filter: Arc::from(&**filter),
                    acknowledged: *qos != QoS::Level0,
                    retain_as_published: false,
                    retained: RetainedAtSubscribe::Always,
                })
                .collect(),
        })),
        v3::Packet::Unsubscribe(unsubscribe) => Ok(Packet::Unsubscribe {
            id: unsubscribe.pid.value(),
            filters: unsubscribe.topics.iter().map(|filter| Arc::from(&**filter)).collect(),
        }),
        _ => Err(Fault::Protocol("a packet that only a server sends")),
    }
}

fn connect_v311(connect: &v3::Connect) -> Result<Connect, Fault> {
    if connect.protocol != Protocol::V311 {
        return Err(Fault::Version { v5_or_later: false });
    }
    Ok(Connect {
        version: ProtocolVersion::V311,
        clean: connect.clean_session,
        keep_alive_s: connect.keep_alive,
        client_id: Arc::clone(&connect.client_id),
        will: connect.last_will.as_ref().map(|will| Will {
            topic: Arc::from(&*will.topic_name),
            payload: will.message.clone(),
        }),
        // A session that is not clean has no end of its own in 3.1.1.
        session_expiry_s: if connect.clean_session { 0 } else { u32::MAX },
        receive_max: u16::MAX,
        packet_bytes_max: None,
    })
}

fn packet_v5(frame: Frame, body: &[u8]) -> Result<Packet, Fault> {
    let (remaining, total) = lengths(frame)?;
    let header = v5::Header::new_with(frame.control, remaining, total).map_err(|e| fault_v5(&e))?;
    let mut read = 0;
    let packet = match header.decode_buffer(body, &mut read) {
        Ok(packet) => packet,
        Err(v5::ErrorV5::Common(Error::InvalidTopicName(_))) if frame.kind() == PUBLISH => {
            return publish_with_bad_topic(ProtocolVersion::V5, frame, body);
        }
        Err(error) => return Err(fault_v5(&error)),
    };
    if read != body.len() {
        return Err(Fault::Malformed("bytes after the packet's end"));
    }
    match packet {
        v5::Packet::Connect(connect) => Ok(Packet::Connect(Box::new(connect_v5(&connect)?))),
        v5::Packet::Publish(publish) => publish_v5(publish),
        v5::Packet::Puback(puback) => Ok(Packet::Puback(puback.pid.value())),
        v5::Packet::Subscribe(subscribe) => subscribe_v5(&subscribe),
        v5::Packet::Unsubscribe(unsubscribe) => Ok(Packet::Unsubscribe {
            id: unsubscribe.pid.value(),
            filters: unsubscribe.topics.iter().map(|filter| Arc::from(&**filter)).collect(),
        }),
        v5::Packet::Disconnect(disconnect) => Ok(Packet::Disconnect {
            with_will: disconnect.reason_code != v5::DisconnectReasonCode::NormalDisconnect,
            session_expiry_s: disconnect.properties.session_expiry_interval,
        }),
        _ => Err(Fault::Protocol("a packet that only a server sends")),
    }
}

fn connect_v5(connect: &v5::Connect) -> Result<Connect, Fault> {
    let properties = &connect.properties;
    if properties.auth_method.is_some() || properties.auth_data.is_some() {
        return Err(Fault::Authentication);
    }
    if properties.receive_max == Some(0) || properties.max_packet_size == Some(0) {
        return Err(Fault::Protocol("a receive maximum or packet limit of zero"));
    }
    if connect.last_will.as_ref().is_some_and(|will| will.qos == QoS::Level2) {
        return Err(Fault::Qos2);
    }
    Ok(Connect {
        version: ProtocolVersion::V5,
        clean: connect.clean_start,
        keep_alive_s: connect.keep_alive,
        client_id: Arc::clone(&connect.client_id),
        will: connect.last_will.as_ref().map(|will| Will {
            topic: Arc::from(&*will.topic_name),
            payload: will.payload.clone(),
        }),
        session_expiry_s: properties.session_expiry_interval.unwrap_or(0),
        receive_max: properties.receive_max.unwrap_or(u16::MAX),
        packet_bytes_max: properties.max_packet_size,
    })
}

fn publish_v5(publish: v5::Publish) -> Result<Packet, Fault> {
    if publish.properties.topic_alias.is_some() {
        return Err(Fault::TopicAlias);
    }
    if publish.properties.subscription_id.is_some() {
        return Err(Fault::Protocol("a subscription identifier from a client"));
    }
    Ok(Packet::Publish(Publish {
        id: qos1_id(publish.qos_pid)?,
        duplicate: publish.dup,
        topic: Arc::from(&*publish.topic_name),
        payload: publish.payload,
    }))
}

fn subscribe_v5(subscribe: &v5::Subscribe) -> Result<Packet, Fault> {
    if subscribe.properties.subscription_id.is_some_and(|id| id.value() == 0) {
        return Err(Fault::Protocol("a subscription identifier of zero"));
    }
    Ok(Packet::Subscribe(Subscribe {
        id: subscribe.pid.value(),
        wants_identifier: subscribe.properties.subscription_id.is_some(),
        filters: subscribe
            .topics
            .iter()
            .map(|(filter, options)| FilterRequest {
                filter: Arc::from(&**filter),
                acknowledged: options.max_qos != QoS::Level0,
                retain_as_published: options.retain_as_published,
                retained: match options.retain_handling {
                    v5::RetainHandling::SendAtSubscribe => RetainedAtSubscribe::Always,
                    v5::RetainHandling::SendAtSubscribeIfNotExist => RetainedAtSubscribe::IfNew,
                    v5::RetainHandling::DoNotSend => RetainedAtSubscribe::Never,
                },
            })
            .collect(),
    }))
}

fn qos1_id(qos: QosPid) -> Result<Option<u16>, Fault> {
    match qos {
        QosPid::Level0 => Ok(None),
        QosPid::Level1(id) => Ok(Some(id.value())),
        QosPid::Level2(_) => Err(Fault::Qos2),
    }
}

/// Reads a PUBLISH whose topic holds a wildcard or NUL. It is taken like any other unknown topic:
/// closing the connection would make the client resend the same packet for ever.
fn publish_with_bad_topic(
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

fn fault_v5(error: &v5::ErrorV5) -> Fault {
    match error {
        v5::ErrorV5::Common(error) => fault(error),
        v5::ErrorV5::InvalidReasonCode(..) => Fault::Malformed("reason code"),
        v5::ErrorV5::InvalidSubscriptionOption(_) => Fault::Malformed("subscription options"),
        v5::ErrorV5::InvalidPayloadFormat => Fault::Malformed("payload is not the UTF-8 it says"),
        v5::ErrorV5::DuplicatedProperty(_) => Fault::Protocol("a property given twice"),
        _ => Fault::Malformed("property"),
    }
}
