//! MQTT 3.1.1 packets from the codec's form into ours.

use std::sync::Arc;

use mqtt_proto::{Error, PollHeader as _, Protocol, QoS, v3};

use super::super::fault::Fault;
use super::super::frame::Frame;
use super::super::packet::{
    Connect, FilterRequest, Packet, Publish, RetainedAtSubscribe, Subscribe, Will,
};
use super::{PUBLISH, fault, lengths, odd_topic, qos1_id};
use crate::host::ProtocolVersion;

pub(super) fn packet(frame: Frame, body: &[u8]) -> Result<Packet, Fault> {
    let (remaining, total) = lengths(frame)?;
    let header = v3::Header::new_with(frame.control, remaining, total).map_err(|e| fault(&e))?;
    let mut read = 0;
    let packet = match header.decode_buffer(body, &mut read) {
        Ok(packet) => packet,
        Err(Error::InvalidTopicName(_)) if frame.kind() == PUBLISH => {
            return odd_topic::publish(ProtocolVersion::V311, frame, body);
        }
        Err(error) => return Err(fault(&error)),
    };
    if read != body.len() {
        return Err(Fault::Malformed("bytes after the packet's end"));
    }
    match packet {
        v3::Packet::Connect(connect) => Ok(Packet::Connect(Box::new(read_connect(&connect)?))),
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

fn read_connect(connect: &v3::Connect) -> Result<Connect, Fault> {
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
